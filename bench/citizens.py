"""Who talks: each posts a message, waits for the 200 and for the reply, and goes on. What they say is eight messages long."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench.standin import StandIn
from bench.wire import Connection, request
from bot.channels import callback
from bot.model import Pick

PATIENCE_SECONDS = 20
MESSAGES = 8
"""What a guided report takes, and what is said to the floors."""
_WHAT = (
    "Lampu jalan mati",
    "Sampah menumpuk",
    "Jalan berlubang",
    "Saluran air mampet",
    "Pohon tumbang",
    "Trotoar rusak",
    "Air PDAM mati",
    "Parkir liar",
)
_WHERE = ("di depan SDN {}", "di samping masjid blok {}", "di gang {} dekat balai RW", "di tikungan RT {}")
_SINCE = ("sejak kemarin", "sejak tadi pagi", "dari semalam")
_NUMBERS = 29
PLACES = (
    "Kec Cibodas Kota Tangerang",
    "Kec Coblong Kota Bandung",
    "Kec Tegalsari Kota Surabaya",
    "Kec Lowokwaru Kota Malang",
    "Kec Banyumanik Kota Semarang",
    "Kec Medan Baru Kota Medan",
    "Kec Panakkukang Kota Makassar",
    "Kec Abepura Kota Jayapura",
)
TAPS = {"consent": "ya", "kind": "pengaduan", "when": "kemarin", "visibility": "terbuka", "summary": "kirim"}
"""What is chosen, by question; of any other the last button, which skips or ends."""

Lines = asyncio.Queue[Connection]

_chats = itertools.count(1_000_000)


@dataclass(frozen=True, slots=True)
class Server:
    """One that is measured: where messages are posted, and where its replies come out."""

    name: str
    port: int
    path: str
    headers: Mapping[str, str]
    standin: StandIn
    pids: tuple[int, ...]
    replies: bool = True
    """Whether it says anything to the citizen."""


@dataclass(slots=True)
class Timings:
    """In seconds, one a message, in no order."""

    answered: list[float] = field(default_factory=list)
    """From the post to the 200."""
    turned: list[float] = field(default_factory=list)
    """From the post until the 200 and the reply are both there: what a citizen waits for."""


class Unanswered(Exception):
    """No 200, or no reply, while a citizen was patient."""


class Citizen:
    """One person with a new chat. `lines`: the connections that are free for their messages."""

    def __init__(self, server: Server, lines: Lines, timings: Timings) -> None:
        self.chat = next(_chats)
        self._server = server
        self._lines = lines
        self._timings = timings
        self._said = 0

    async def says(self, text: str) -> bytes:
        """A text; the reply."""
        message = {"message_id": self._said, "date": 1, "chat": self._chat, "from": self._person, "text": text}
        return await self._turn({"message": message})

    async def taps(self, data: str) -> bytes:
        """A button; the reply."""
        message = {"message_id": 1, "date": 1, "chat": self._chat, "text": "x"}
        query = {"id": f"{self.chat}-{self._said}", "from": self._person, "chat_instance": "1", "data": data, "message": message}
        return await self._turn({"callback_query": query})

    @property
    def _chat(self) -> dict[str, Any]:
        return {"id": self.chat, "type": "private", "first_name": "Warga"}

    @property
    def _person(self) -> dict[str, Any]:
        return {"id": self.chat, "is_bot": False, "first_name": "Warga"}

    @asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        """Raises Unanswered when it is at its end."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                yield
        except TimeoutError:
            raise Unanswered(f"{self._server.name}: message {self._said} of {self.chat}") from None

    async def _turn(self, content: dict[str, Any]) -> bytes:
        self._said += 1
        update = orjson.dumps({"update_id": self.chat * 1000 + self._said, **content})
        whole = request(self._server.path, update, dict(self._server.headers))
        reply = b""
        began = time.perf_counter()
        async with self._patience():
            line = await self._lines.get()
            status = await line.post(whole)
            self._lines.put_nowait(line)
            self._timings.answered.append(time.perf_counter() - began)
            if status != 200:
                raise RuntimeError(f"{self._server.name} answered {status}")
            if self._server.replies:
                reply = await self._server.standin.heard(self.chat)
        self._timings.turned.append(time.perf_counter() - began)
        return reply


def story(chat: int) -> str:
    """What this citizen reports: of 2,784 one, so that no server answers from what it has read before."""
    where = _WHERE[chat // 8 % len(_WHERE)].format(chat % _NUMBERS + 1)
    return f"{_WHAT[chat % len(_WHAT)]} {where} {_SINCE[chat // 32 % len(_SINCE)]}"


Talk = Callable[[Citizen], Awaitable[None]]


async def floor_talk(citizen: Citizen) -> None:
    """As many messages as a guided report has."""
    for _ in range(MESSAGES):
        await citizen.says(story(citizen.chat))


async def guided_report(citizen: Citizen) -> None:
    """Answers what the bot asks until the receipt. Raises RuntimeError when that takes twice as long as it should."""
    heard = orjson.loads(await citizen.says(story(citizen.chat)))
    for _ in range(2 * MESSAGES):
        if picks := _picks(heard):
            wanted = TAPS.get(picks[0].question.partition(".")[0])
            chosen = next((pick for pick in picks if pick.value == wanted), picks[-1])
            heard = orjson.loads(await citizen.taps(callback.encode(chosen.question, chosen.value)))
        elif "STATUS" in heard["text"]:
            return
        else:
            heard = orjson.loads(await citizen.says(PLACES[citizen.chat % len(PLACES)]))
    raise RuntimeError("the report came to no end")


def _picks(heard: Mapping[str, Any]) -> list[Pick]:
    """What the buttons under a reply stand for."""
    markup = heard.get("reply_markup") or {}
    decoded = orjson.loads(markup) if isinstance(markup, str) else markup
    return [callback.decode(button["callback_data"]) for row in decoded.get("inline_keyboard", []) for button in row]
