"""Ending what runs by itself, in the time there is."""

import asyncio
from collections.abc import Collection

JOBS_SECONDS = 2.0
"""For a job that repeats to come to the end of its round; all of them may be cut off anywhere, as by a crash."""
SENDS_SECONDS = 2.0
"""For what is due to be carried out."""
CALLS_SECONDS = 1.5
"""Then for calls to providers that have begun; those that have not ended are left to the lease."""
AT_MOST_SECONDS = 9.5
"""For all of it: supervisors kill after ten."""


async def jobs(tasks: Collection["asyncio.Task[None]"], seconds: float = JOBS_SECONDS) -> None:
    """Wait for tasks that have been told to stop; cut off those that do not."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
