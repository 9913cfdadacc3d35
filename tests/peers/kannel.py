"""A real Kannel, started by the test on free ports, and the phone's end of its fake SMSC.

`async with kannel(tmp_path, mo_url) as gateway, gateway.phone() as phone:` then `await phone.send("LAPOR")`, `await phone.receive()`.
"""

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from tests.ports import free_port

USERNAME, PASSWORD, SENDER = "bot", "botpw", "1708"
CITIZEN = "+6281234567890"
CONFIGURATION = "kannel.conf"
READY_SECONDS = 20.0
_QUIET_SECONDS = 0.05
"""A message is written at once: what comes later begins another one."""
MO_QUERY = "from=%p&to=%P&text=%b&ts=%T&id=%I&smsc=%i&coding=%c&charset=%C&udh=%u"
"""What operators put behind the get-url."""
MO_QUERY_POST = "id=%I"
"""The same for a post-url: the rest comes in headers, the text as the body."""

_CONFIGURATION = """\
group = core
admin-port = {admin_port}
admin-interface = 127.0.0.1
admin-password = adm
smsbox-port = {smsbox_port}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
store-type = file
store-location = {directory}/store
dlr-storage = internal
sms-combine-concatenated-mo = true
sms-combine-concatenated-mo-timeout = 2
log-file = {directory}/bearerbox.log
log-level = 0

group = smsc
smsc = fake
smsc-id = FAKE
port = {smsc_port}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox_port}
sendsms-port = {send_port}
sendsms-interface = 127.0.0.1
mo-recode = {mo_recode}
http-request-retry = 100
http-queue-delay = 1
log-file = {directory}/smsbox.log
log-level = 0

group = sendsms-user
username = {username}
password = {password}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
name = intake
catch-all = true
max-messages = 0
omit-empty = true
{service}
"""


@dataclass(frozen=True, slots=True)
class Sms:
    """A message as a phone shows it: put together when it came in parts."""

    sender: str
    receiver: str
    text: str
    parts: int
    wide: bool
    """It came as UCS-2."""


@dataclass(frozen=True, slots=True)
class _Part:
    sender: str
    receiver: str
    udh: bytes
    payload: bytes
    wide: bool

    @property
    def place(self) -> tuple[int, int, int]:
        """(reference, parts in all, number of this one), from the concatenation header."""
        return (self.udh[3], self.udh[4], self.udh[5]) if self.udh else (0, 1, 1)


_HEAD = re.compile(rb"(\S+) (\S+) (text|data|ucs-2|udh (\S+) data) (.*)", re.DOTALL)
_CONTROLS = re.compile(rb"[\x00-\x09\x0b\x0e-\x1f]")


@dataclass(slots=True)
class Phone:
    """A citizen's phone. Kannel's fake SMSC takes one connection at a time, so there is one phone with any number of numbers."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: str = CITIZEN
    _ahead: bytes = b""
    """A line read while looking for the end of the message before."""

    async def send(self, text: str, *, sender: str | None = None) -> None:
        """An SMS as the network would carry it: as text where that holds it, in UCS-2 otherwise."""
        if text.isascii() and "\n" not in text:
            await self.send_raw("text", text.encode(), sender=sender)
        else:
            await self.send_raw("ucs2", quote_from_bytes(text.encode("utf-16-be"), safe="").encode(), sender=sender)

    async def send_data(self, data: bytes, *, sender: str | None = None) -> None:
        """An SMS of 8-bit data."""
        await self.send_raw("data", quote_from_bytes(data, safe="").encode(), sender=sender)

    async def send_parts(self, parts: Sequence[str], *, of: int | None = None, reference: int = 7, sender: str | None = None) -> None:
        """A long SMS in parts, each with its concatenation header; `of`: how many there would be, when some are lost."""
        for place, part in enumerate(parts, start=1):
            udh = quote_from_bytes(bytes([5, 0, 3, reference, of or len(parts), place]), safe="")
            await self.send_raw("udh-text", f"{udh} {part}".encode(), sender=sender)

    async def send_raw(self, kind: str, content: bytes, *, sender: str | None = None) -> None:
        """One line of the fake SMSC's protocol."""
        self.writer.write(f"{sender or self.number} {SENDER} {kind} ".encode() + content + b"\n")
        await self.writer.drain()

    async def receive(self, seconds: float = 10.0) -> Sms:
        """The next message that reaches the phone, all its parts; TimeoutError when it does not come in time."""
        async with asyncio.timeout(seconds):
            first = await self._part()
            parts = {first.place[2]: first}
            while len(parts) < first.place[1]:
                part = await self._part()
                assert first.place[:2] == part.place[:2], "parts of two messages are mixed"
                parts[part.place[2]] = part
        payload = b"".join(parts[number].payload for number in sorted(parts))
        # The fake SMSC does not say how the parts of a long message are encoded. Only UCS-2 has bytes that would be control characters.
        wide = first.wide or _CONTROLS.search(payload) is not None
        return Sms(first.sender, first.receiver, payload.decode("utf-16-be" if wide else "utf-8"), len(parts), wide)

    async def _part(self) -> _Part:
        found = _HEAD.fullmatch((await self._record()).removesuffix(b"\n"))
        assert found, "a line of the fake SMSC's protocol"
        sender, receiver, kind, udh, content = found.groups()
        return _Part(
            sender=sender.decode(),
            receiver=receiver.decode(),
            udh=unquote_to_bytes(udh or b""),
            payload=content if kind == b"text" else unquote_to_bytes(content.replace(b"+", b" ")),
            wide=kind == b"ucs-2",
        )

    async def _record(self) -> bytes:
        """A line, and the lines after it that continue its text: the protocol does not mark line breaks in a text."""
        record = self._ahead or await self.reader.readline()
        self._ahead = b""
        if not record:
            raise ConnectionResetError("the gateway hung up")
        with contextlib.suppress(TimeoutError):
            while line := await asyncio.wait_for(self.reader.readline(), _QUIET_SECONDS):
                if _HEAD.match(line):
                    self._ahead = line
                    break
                record += line
        return record


@dataclass(frozen=True, slots=True)
class Kannel:
    """A running gateway."""

    directory: Path
    smsbox_port: int
    send_port: int
    smsc_port: int
    admin_port: int
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def send_url(self) -> str:
        """For SMS_SEND_URL."""
        return f"http://127.0.0.1:{self.send_port}/cgi-bin/sendsms"

    @property
    def status_url(self) -> str:
        """For SMS_STATUS_URL."""
        return f"http://127.0.0.1:{self.admin_port}/status.txt"

    async def start(self) -> None:
        """Start its two processes; what they had stored is on its way again."""
        await _start(self, "bearerbox", self.smsbox_port)
        await _start(self, "smsbox", self.send_port)

    async def stop(self) -> None:
        """End them, smsbox first."""
        while self.processes:
            await _end(self.processes.pop())

    @contextlib.asynccontextmanager
    async def phone(self) -> AsyncIterator[Phone]:
        """Switch the phone on; off again at the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.smsc_port)
        try:
            yield Phone(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def kannel(directory: Path, mo_url: str, *, post: bool = False, mo_recode: bool = True) -> AsyncIterator[Kannel]:
    """Start bearerbox and smsbox in `directory`; they end with the block. `mo_url`: our /hooks/sms/{secret}, without a query."""
    service = f'post-url = "{mo_url}?{MO_QUERY_POST}"\nsend-sender = true' if post else f'get-url = "{mo_url}?{MO_QUERY}"'
    admin_port, smsbox_port, send_port, smsc_port = free_port(), free_port(), free_port(), free_port()
    (directory / CONFIGURATION).write_text(
        _CONFIGURATION.format(
            directory=directory,
            admin_port=admin_port,
            smsbox_port=smsbox_port,
            send_port=send_port,
            smsc_port=smsc_port,
            username=USERNAME,
            password=PASSWORD,
            mo_recode=str(mo_recode).lower(),
            service=service,
        )
    )
    gateway = Kannel(directory, smsbox_port, send_port, smsc_port, admin_port)
    try:
        await gateway.start()
        yield gateway
    finally:
        await gateway.stop()


def escaped(url: str, secret: str) -> str:
    """The address Kannel calls, whatever characters the secret has: percent-encoded, and doubled against Kannel's own escapes."""
    return url + quote(secret, safe="").replace("%", "%%")


async def _start(gateway: Kannel, program: str, port: int) -> None:
    path = shutil.which(program, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if path is None:
        raise AssertionError(
            f"Kannel's {program} is not installed, and this test needs the real one: "
            "apt-get install --no-install-recommends kannel kannel-extras"
        )
    process = await asyncio.create_subprocess_exec(
        *(path, str(gateway.directory / CONFIGURATION)),
        cwd=gateway.directory,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    gateway.processes.append(process)
    async with asyncio.timeout(READY_SECONDS):
        while not await _listens(port):
            if process.returncode is not None:
                log = (gateway.directory / f"{program}.log").read_text(errors="replace")
                raise AssertionError(f"{program} ended with {process.returncode}:\n{log[-2000:]}")
            await asyncio.sleep(0.02)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(5):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
