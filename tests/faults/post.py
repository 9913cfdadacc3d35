"""The providers' way to our webhooks: again until 2xx, in order or in many copies at once."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import aiohttp

from tests.faults.ledger import Ledger

FIRST_WAIT, LONGEST_WAIT = 0.05, 0.5
"""Seconds between attempts."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One webhook call."""

    conversation: str
    id: str
    """The dedupe key."""
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Post:
    """Delivers letters over connections of its own."""

    def __init__(
        self,
        ledger: Ledger,
        chance: random.Random,
        *,
        copies: tuple[int, int] = (1, 1),
        spread: float = 0.0,
        patience: float = 15.0,
        alternate: bool = False,
    ) -> None:
        """See `stage.Conditions`."""
        self._ledger = ledger
        self._chance = chance
        self._copies = copies
        self._spread = spread
        self._patience = patience
        self._alternate = alternate
        self._late: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=200, force_close=self._alternate)
        self._http = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=self._patience))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self._http.close()

    async def deliver(self, letter: Letter) -> None:
        """Until it is accepted. Half of its further copies go out beside the first one, the others later."""
        further = self._chance.randint(*self._copies) - 1
        for _ in range(further):
            self._own(self._repeat(letter, 0.0 if self._chance.random() < 0.5 else self._chance.uniform(0.0, self._spread)))
        await self._until_accepted(letter)

    async def tries(self, letter: Letter) -> bool:
        """Once. Whether it was accepted. A letter without an id is no message of a citizen."""
        accepted = await self._attempt(letter)
        if accepted and letter.id:
            self._ledger.accept(letter.conversation, letter.id, 1)
        return accepted

    async def finished(self, seconds: float) -> None:
        """Wait until every copy has been delivered, but no longer than this."""
        if self._late:
            await asyncio.wait(self._late, timeout=seconds)

    def _own(self, work) -> None:
        task = asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _repeat(self, letter: Letter, wait: float) -> None:
        await asyncio.sleep(wait)
        await self._until_accepted(letter)

    async def _until_accepted(self, letter: Letter) -> None:
        wait, attempts = FIRST_WAIT, 1
        while not await self._attempt(letter):
            attempts += 1
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
        self._ledger.accept(letter.conversation, letter.id, attempts)

    async def _attempt(self, letter: Letter) -> bool:
        began = time.monotonic()
        try:
            async with self._http.request(letter.method, letter.url, data=letter.body, headers=letter.headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._ledger.calls["none"] += 1
            return False
        finally:
            self._ledger.took.append(time.monotonic() - began)
        self._ledger.calls[str(status)] += 1
        return 200 <= status < 300
