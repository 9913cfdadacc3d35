"""Telegram's end, as cheap as it can be: takes what the servers say, and hands it to the citizen it is for."""

import asyncio
import re
from collections import defaultdict, deque
from typing import Self

import orjson

from bench.wire import HOST, Listener, answer

TOKEN = "1708:bench-token-of-thirty-characters-or-more"

_CHAT = re.compile(rb'chat_id(?:"?:\s*"?|=|"(?:\r\n[^\r]+)*\r\n\r\n)([0-9]+)')
"""In JSON, in a form, and in a form of parts: each server's library has its own way."""
_ME = answer(orjson.dumps({"ok": True, "result": {"id": 1708, "is_bot": True, "first_name": "LAPOR", "username": "bench_bot"}}))
_BACKLOG = 1_024
"""With fewer, a server that opens all its connections at once is refused some, and waits for seconds before it tries again."""
_TRUE = answer(b'{"ok":true,"result":true}')
_SENT = answer(orjson.dumps({"ok": True, "result": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}}))


class StandIn:
    """One server of the Bot API; `async with` it."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._unheard: defaultdict[int, deque[bytes]] = defaultdict(deque)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(lambda: Listener(self._take), HOST, 0, backlog=_BACKLOG)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def url(self) -> str:
        """Without a path."""
        assert self._server is not None
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def heard(self, chat: int) -> bytes:
        """The next message to this chat, as the body of its call."""
        if unheard := self._unheard.get(chat):
            return unheard.popleft()
        self._waiting[chat] = asyncio.get_running_loop().create_future()
        return await self._waiting[chat]

    def forget(self) -> None:
        """What nobody listened to."""
        self._unheard.clear()

    def _take(self, head: bytes, body: bytes) -> bytes:
        method = head.split(b" ", 2)[1].rpartition(b"/")[2].lower()
        if method == b"getme":
            return _ME
        if method != b"sendmessage":
            return _TRUE
        found = _CHAT.search(body)
        if found is None:
            raise ValueError(f"no chat_id in {body[:200]!r}")
        chat = int(found[1])
        waiting = self._waiting.pop(chat, None)
        if waiting is None:
            self._unheard[chat].append(body)
        elif not waiting.done():
            waiting.set_result(body)
        return _SENT
