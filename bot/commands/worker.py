"""`python -m bot worker`: carry out what is due."""

from collections.abc import Sequence

from bot.commands import running


def main(argv: Sequence[str]) -> int:
    """Until SIGTERM."""
    running.parse("worker", "Carry out what is due: replies left over, forwarding, reconciliation, clearing up.", argv)
    return running.run(_work)


async def _work() -> int:
    from bot import ending
    from bot.app import opened

    ended = running.ending(at_most=ending.AT_MOST_SECONDS)
    async with opened(running.loaded()) as app, app.working():
        running.started()
        await ended.wait()
    return 0
