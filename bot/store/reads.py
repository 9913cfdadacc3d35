"""One read in flight; what is asked for meanwhile rides the next: many who come at once cost the database and its driver one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from bot.errors import LaporError, StoreUnavailable
from bot.store.connection import Document, translated

TOGETHER_AT_MOST = 200

Fetch = Callable[[list[str]], Awaitable[Mapping[str, Document]]]


class Reads:
    """Documents of one collection by id."""

    def __init__(self, fetch: Fetch) -> None:
        """`fetch`: ids to documents by id, of those that are there."""
        self._fetch = fetch
        self._asked: dict[str, list[asyncio.Future[Document | None]]] = {}
        self._runner: asyncio.Task[None] | None = None

    async def get(self, id_: str) -> Document | None:
        """The document as it is no earlier than now; None when there is none. Raises StoreUnavailable."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Document | None] = loop.create_future()
        self._asked.setdefault(id_, []).append(found)
        if self._runner is None or self._runner.done():
            self._runner = loop.create_task(self._run())
        return await found

    async def _run(self) -> None:
        while self._asked:
            ids = list(self._asked)[:TOGETHER_AT_MOST]
            waiting = {id_: self._asked.pop(id_) for id_ in ids}
            try:
                with translated():
                    documents = await self._fetch(ids)
            except Exception as error:  # noqa: BLE001  # whatever it was, nobody may wait for ever
                failure = error if isinstance(error, LaporError) else StoreUnavailable(type(error).__name__)
                for future in _still_there(waiting.values()):
                    future.set_exception(failure)
            else:
                for id_, futures in waiting.items():
                    for future in _still_there([futures]):
                        future.set_result(documents.get(id_))


def _still_there(waiting: Iterable[list[asyncio.Future[Document | None]]]) -> Iterator[asyncio.Future[Document | None]]:
    return (future for futures in waiting for future in futures if not future.done())
