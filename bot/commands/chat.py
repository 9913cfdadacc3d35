"""Talk to the bot in the terminal: over the same code path as any citizen, through the simulator's routes of `web`."""

import argparse
import asyncio
import base64
import contextlib
import io
import mimetypes
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import aiohttp
import orjson

from bot import calling
from bot.commands import joining
from bot.commands.joining import DemoInfo
from bot.errors import DeliveryError, LaporError
from bot.model import Medium

PATIENCE = 60.0
"""Seconds to wait for the replies to one message: two leases, should a process have died with them."""
_LONG_POLL = 25.0
_PAUSE = 0.1

Demo = Callable[[], AbstractAsyncContextManager[DemoInfo]]


def main(argv: Sequence[str]) -> int:
    """0: the conversation came to its end, also by Ctrl-C or SIGTERM. Raises NoAnswer, RefusedMessage or SettingsError."""
    options = _parser().parse_args(argv)
    try:
        return asyncio.run(_until_terminated(_run(options)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot chat",
        description="Talk to the bot in the terminal. Joins a running demo, or starts what it needs. Standard input may be a pipe: "
        "one message a line, each sent when the replies to the one before are out. /file PATH sends a file, /pin LAT,LON a place; "
        "where the channel has buttons they are numbered, and a number taps one.",
    )
    parser.add_argument("--channel", choices=[medium.value for medium in Medium], default=Medium.TELEGRAM.value, help="what to feel like")
    parser.add_argument("--as", dest="address", default="citizen", metavar="ADDRESS", help="who to be (default: %(default)s)")
    parser.add_argument(
        "--wait", type=_seconds, default=10.0, metavar="SECONDS", help="how long to wait for pending work at the end (default: 10)"
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise ValueError
    return seconds


async def _until_terminated(running: Coroutine[Any, Any, int]) -> int:
    """SIGTERM ends it as Ctrl-C does, so that a demo of our own is ended too."""
    task = asyncio.ensure_future(running)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


async def _run(options: argparse.Namespace, *, demo: Demo | None = None, stdin: int = 0, out: TextIO | None = None) -> int:
    async with (demo or ensure_demo)() as found, aiohttp.ClientSession() as http:
        prefix = f"sim:{options.channel}:"
        address = prefix + options.address.removeprefix(prefix)
        terminal = Terminal(out or sys.stdout, interactive=os.isatty(stdin))
        await Chat(Line(http, found, address), terminal, wait=options.wait).talk(lines(stdin))
    return 0


@contextlib.asynccontextmanager
async def ensure_demo() -> AsyncIterator[DemoInfo]:
    """The running demo, or one of our own that ends with the block."""
    if found := joining.running_demo():
        yield found
        return
    from bot.commands.demo import private_demo

    async with private_demo() as started:
        yield started


class NoAnswer(LaporError):
    """The bot did not answer in time."""

    code = "no_answer"


class RefusedMessage(LaporError):
    """The bot cannot read this message, or it is too large."""

    code = "refused_message"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the bot."""

    text: str
    question: str
    choices: Sequence[Mapping[str, str]]
    """value and label of each."""


class Line:
    """One address's line to the simulator's routes."""

    def __init__(self, http: aiohttp.ClientSession, demo: DemoInfo, address: str) -> None:
        self._http = http
        self._url = f"{demo.url}/sim/messages"
        self._headers = {"Authorization": f"Bearer {demo.token}"}
        self._address = address
        self._after: int | None = None
        """None: what this address has not read yet, which the bot knows."""

    async def say(self, message: Mapping[str, Any]) -> None:
        """Send it; taken durably when this returns. Raises RefusedMessage or NoAnswer."""
        await self._call("POST", data=io.BytesIO(orjson.dumps({"address": self._address, **message})))

    async def hear(self, *, wait: float = 0.0, later: bool = False) -> tuple[Sequence[Heard], bool]:
        """What is new, waiting up to `wait` seconds for the first, and whether more is pending."""
        parameters = {"address": self._address, "wait": str(wait), "later": str(int(later))}
        if self._after is not None:
            parameters["after"] = str(self._after)
        said = orjson.loads(await self._call("GET", params=parameters, seconds=wait + 15))
        self._after = said["next"]
        return [Heard(each["text"], each["question"], each["choices"]) for each in said["messages"]], said["pending"]

    async def _call(self, method: str, *, seconds: float = 60.0, **request: Any) -> bytes:
        try:
            answer = await calling.call(self._http, method, self._url, seconds=seconds, headers=self._headers, **request)
        except DeliveryError as error:
            raise NoAnswer(f"The bot on {self._url} does not answer ({error}).") from None
        if answer.status in (400, 413):
            raise RefusedMessage
        if answer.status != 200:
            raise NoAnswer(f"The bot on {self._url} answered with status {answer.status}.")
        return answer.body


class Terminal:
    """Where it is shown. On a terminal there is a prompt; into a pipe go the bot's words only."""

    def __init__(self, out: TextIO, *, interactive: bool) -> None:
        self._out = out
        self._interactive = interactive

    def prompt(self) -> None:
        """Ask for the next line."""
        if self._interactive:
            self._write("you> ")

    def show(self, heard: Heard) -> None:
        """A message, its buttons numbered."""
        buttons = "".join(f"\n  [{number}] {choice['label']}" for number, choice in enumerate(heard.choices, start=1))
        clear = "\r     \r" if self._interactive else ""
        self._write(f"{clear}{heard.text}{buttons}\n\n")

    def complain(self, words: str) -> None:
        """Something of the command's own, not the bot's."""
        print(f"chat: {words}", file=sys.stderr)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


class Chat:
    """The conversation: a line is sent when the replies to the one before are out; what arrives meanwhile is shown."""

    def __init__(self, line: Line, terminal: Terminal, *, wait: float) -> None:
        self._line = line
        self._terminal = terminal
        self._wait = wait
        self._buttons: Heard | None = None
        """The last ones offered since the citizen wrote."""

    async def talk(self, written: AsyncIterator[str]) -> None:
        """Until there are no more lines, and pending work is done or `wait` seconds are over. Raises NoAnswer or RefusedMessage.

        First comes what has arrived since the last time. Who has nothing to say and nothing to read waits for news.
        """
        silent = not await self._catch_up()
        self._terminal.prompt()
        while (text := await self._next(written)) is not None:
            if text.strip():
                silent = False
                await self._send(text)
                if not await self._settle(PATIENCE):
                    raise NoAnswer(f"The bot has not answered within {PATIENCE:.0f} seconds.")
            self._terminal.prompt()
        if silent:
            self._show((await self._line.hear(wait=self._wait))[0])
        if not await self._settle(self._wait, later=True):
            self._terminal.complain(f"work is still pending after {self._wait:g} seconds")

    async def _catch_up(self) -> bool:
        """Show what was not read yet; whether there was anything."""
        shown = False
        while heard := (await self._line.hear())[0]:
            self._show(heard)
            shown = True
        return shown

    async def _next(self, written: AsyncIterator[str]) -> str | None:
        """The next line to send, showing what arrives until it is there."""
        listening = asyncio.create_task(self._listen())
        reading = asyncio.ensure_future(anext(written, None))
        try:
            await asyncio.wait({listening, reading}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                listening.result()  # it ends by an error only
            return await reading
        finally:
            reading.cancel()
            listening.cancel()
            await asyncio.gather(listening, reading, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            heard, _ = await self._line.hear(wait=_LONG_POLL)
            self._show(heard)
            if heard:
                self._terminal.prompt()

    async def _settle(self, patience: float, *, later: bool = False) -> bool:
        """Show replies until nothing is pending and all is read; False when `patience` seconds were not enough."""
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            heard, pending = await self._line.hear(later=later)
            self._show(heard)
            if not pending and not heard:
                return True
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(_PAUSE)

    def _show(self, heard: Sequence[Heard]) -> None:
        for each in heard:
            self._terminal.show(each)
            self._buttons = each if each.choices else self._buttons

    async def _send(self, text: str) -> None:
        try:
            message = composed(text, self._buttons)
        except (OSError, ValueError) as error:
            self._terminal.complain(str(error))
            return
        self._buttons = None
        await self._line.say(message)


def composed(text: str, buttons: Heard | None) -> Mapping[str, Any]:
    """What a line means: a file, a place, the tap of a button, or words. Raises OSError (no such file) or ValueError (no such place)."""
    command, _, rest = text.partition(" ")
    if command == "/file":
        path = Path(rest.strip()).expanduser()
        data = base64.b64encode(path.read_bytes()).decode()
        return {"files": [{"name": path.name, "mime": mimetypes.guess_type(path.name)[0], "data": data}]}
    if command == "/pin":
        lat, comma, lon = rest.partition(",")
        if not comma:
            raise ValueError("a place is written /pin LAT,LON, for example /pin -6.2,106.8")
        return {"pin": {"lat": float(lat), "lon": float(lon)}}
    number = text.strip()
    if buttons and number.isascii() and number.isdigit() and 1 <= int(number) <= len(buttons.choices):
        return {"pick": {"question": buttons.question, "value": buttons.choices[int(number) - 1]["value"]}}
    return {"text": text}


async def lines(stdin: int) -> AsyncIterator[str]:
    """Lines of a file descriptor, which may be a terminal, a pipe or a file, without their ends.

    A thread reads it, because a file cannot be waited for; a daemon, because a read from a terminal cannot be ended.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        chunk = b"start"
        while chunk:
            chunk = os.read(stdin, 65536)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(queue.put_nowait, chunk)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    rest = b""
    while chunk := await queue.get():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").removesuffix("\r")
    if rest:
        yield rest.decode(errors="replace")
