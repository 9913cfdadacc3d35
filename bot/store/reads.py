"""One read in flight; what is asked for meanwhile rides the next: many who come at once cost the database and its driver one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from bot.errors import LaporError, StoreUnavailable
from bot.store.connection import translated

TOGETHER_AT_MOST = 200

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")
Fetch = Callable[[list[Key]], Awaitable[Mapping[Key, Found]]]


class Reads(Generic[Key, Found]):
    """One kind of question to one collection: documents by id, or what else is asked by many at once."""

    def __init__(self, fetch: Fetch[Key, Found], *, at_most: int = TOGETHER_AT_MOST) -> None:
        """`fetch`: keys to what is found by key, of those for which there is something. `at_most`: keys in one read."""
        self._fetch = fetch
        self._at_most = at_most
        self._asked: dict[Key, list[asyncio.Future[Found | None]]] = {}
        self._runner: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Found | None:
        """What there is no earlier than now; None when there is nothing. Raises StoreUnavailable."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Found | None] = loop.create_future()
        self._asked.setdefault(key, []).append(found)
        if self._runner is None or self._runner.done():
            self._runner = loop.create_task(self._run())
        return await found

    async def _run(self) -> None:
        while self._asked:
            keys = list(self._asked)[: self._at_most]
            waiting = {key: self._asked.pop(key) for key in keys}
            try:
                with translated():
                    answers = await self._fetch(keys)
            except Exception as error:  # noqa: BLE001  # whatever it was, nobody may wait for ever
                failure = error if isinstance(error, LaporError) else StoreUnavailable(type(error).__name__)
                for future in _still_there(waiting.values()):
                    future.set_exception(failure)
            else:
                for key, futures in waiting.items():
                    for future in _still_there([futures]):
                        future.set_result(answers.get(key))


def _still_there(waiting: Iterable[list[asyncio.Future[Found | None]]]) -> Iterator[asyncio.Future[Found | None]]:
    return (future for futures in waiting for future in futures if not future.done())
