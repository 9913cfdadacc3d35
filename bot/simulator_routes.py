"""The simulated phones' side of the simulator: messages in, and the outbox read. Mounted in demo and tests only, behind a token.

POST /sim/messages   {address, id?, text?, pick?: {question, value}, pin?: {lat, lon}, files?: [{name, mime, data: base64}], album?,
     ref?, edits?} -> {id}
GET  /sim/messages?address=A[&after=SEQUENCE][&wait=SECONDS][&later=1]
     -> {messages: [{sequence, text, question, choices: [{value, label}]}], next, pending}

`next` is the `after` of the next call. `pending` tells whether more is about to be said; with later=1 also whether anything is scheduled
for later, or a report of theirs is still on its way.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson
from aiohttp import web

from bot.channels.simulator import CAPABILITIES, NAME, UPLOAD
from bot.clock import Now
from bot.errors import Forbidden, Malformed
from bot.model import Address, FileRef, Inbound, Pick, Pin
from bot.pausing import pause
from bot.ports import Marks, Outbox, OutboxItem

PATH = "/sim/messages"
BODY_AT_MOST = 32_000_000
"""Bytes: the largest file of any medium, in base64, and some."""
LONGEST_WAIT = 60.0
PAGE = 50
_POLL_SECONDS = 0.1


class Pending(Protocol):
    """Whether work is left for a conversation."""

    async def __call__(self, address: Address, *, later: bool) -> bool:
        """What is due now; `later`: also what is due later, and what its reports wait for."""


Receive = Callable[[Sequence[Inbound]], Awaitable[None]]
SaveUpload = Callable[[str, bytes], Awaitable[None]]
"""(upload id, bytes); the same id again keeps the first."""


def routes(
    receive: Receive,
    outbox: Outbox,
    save_upload: SaveUpload,
    pending: Pending,
    *,
    marks: Marks,
    stopping: asyncio.Event,
    token: str,
    now: Now,
) -> list[web.RouteDef]:
    """The routes. They raise Forbidden without the token, Malformed for what cannot be read, and StoreUnavailable.

    `marks` remember how far each address has read. Once `stopping` is set nobody is kept waiting for news.
    """

    async def post(request: web.Request) -> web.Response:
        check(request.headers, token)
        message, uploads = read_message(await request.clone(client_max_size=BODY_AT_MOST).read())
        for upload, data in uploads.items():
            await save_upload(upload, data)
        await outbox.add(said(message, now()))
        await receive((message,))
        return _json({"id": message.id})

    async def get(request: web.Request) -> web.Response:
        check(request.headers, token)
        address = _address(request.query.get("address"))
        wait = _number(request.query.get("wait", "0"))
        after = await _read_to(marks, address, request.query.get("after"))
        later = request.query.get("later") == "1"
        deadline = asyncio.get_running_loop().time() + min(wait, LONGEST_WAIT)
        while asyncio.get_running_loop().time() < deadline and not (stopping.is_set() or _is_gone(request)):
            if await outbox.after(str(address), after, 1):
                break
            await pause(stopping, _POLL_SECONDS)
        # Asked before the outbox is read: what was said before the answer "nothing pending" is then in it.
        more = await pending(address, later=later)
        items = await outbox.after(str(address), after, PAGE)
        return _json(_page(items, after, pending=more or len(items) == PAGE))

    return [web.post(PATH, post), web.get(PATH, get)]


def check(headers: Mapping[str, str], token: str) -> None:
    """Raises Forbidden without the token; `headers` are without regard to case, or in lower case."""
    given = headers.get("authorization", "").encode(errors="replace")
    if not token or not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise Forbidden


async def _read_to(marks: Marks, address: Address, told: str | None) -> int:
    """What an address says it has, which is remembered for when it comes again without saying."""
    mark = f"read by {address}"
    known = int(await marks.get(mark) or 0)
    if told is None:
        return known
    after = int(_number(told))
    if after > known:
        await marks.put(mark, str(after))
    return after


def _is_gone(request: web.Request) -> bool:
    """Whether nobody waits for the answer any more."""
    return request.transport is None or request.transport.is_closing()


def _page(items: Sequence[OutboxItem], after: int, *, pending: bool) -> Mapping[str, Any]:
    messages = [
        {
            "sequence": item.sequence,
            "text": item.text,
            "question": item.question,
            "choices": [{"value": value, "label": label} for value, label in item.choices],
        }
        for item in items
    ]
    return {"messages": messages, "next": items[-1].sequence if items else after, "pending": pending}


def read_message(body: bytes) -> tuple[Inbound, Mapping[str, bytes]]:
    """The message, and the bytes of its files by upload id. Pure but for the id drawn where none is given. Raises Malformed."""
    try:
        given = orjson.loads(body)
        address = _address(given.get("address"))
    except (TypeError, ValueError, AttributeError):
        raise Malformed("not a message of the simulator's form") from None
    return compose(given, address)


def compose(given: Mapping[str, Any], address: Address) -> tuple[Inbound, Mapping[str, bytes]]:
    """The message of a simulated citizen, and the bytes of its files by upload id. Raises Malformed."""
    try:
        message_id = str(given.get("id") or secrets.token_hex(12))
        files, uploads = _files(given.get("files") or (), f"{address} {message_id}")
        pick, pin, album = given.get("pick"), given.get("pin"), given.get("album")
        message = Inbound(
            id=message_id,
            address=address,
            text=str(given.get("text") or ""),
            pick=Pick(str(pick["question"]), str(pick["value"])) if pick else None,
            pin=_pin(pin) if pin else None,
            files=files,
            album=str(album) if album else None,
            ref=str(given.get("ref") or ""),
            edits=str(given["edits"]) if given.get("edits") else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Malformed("not a message of the simulator's form") from None
    return message, uploads


def said(message: Inbound, at: datetime) -> OutboxItem:
    """What a simulated citizen's phone shows of their own message. It also keeps WhatsApp open for a day."""
    more: dict[str, Any] = {}
    if message.files:
        files = [{"upload": file.ref.removeprefix(UPLOAD), "name": file.name, "mime": file.mime} for file in message.files]
        more["files"] = files
    if message.pin:
        more["pin"] = {"lat": message.pin.lat, "lon": message.pin.lon}
    if message.pick:
        more["pick"] = {"question": message.pick.question, "value": message.pick.value}
    if message.edits:
        more["edits"] = message.edits
    return OutboxItem(
        id=message.id, to=str(message.address), channel=message.address.medium, text=message.text, at=at, said=True, more=more
    )


def _files(given: Sequence[Mapping[str, Any]], message: str) -> tuple[tuple[FileRef, ...], Mapping[str, bytes]]:
    files: list[FileRef] = []
    uploads: dict[str, bytes] = {}
    for place, file in enumerate(given):
        try:
            data = base64.b64decode(file["data"], validate=True)
        except binascii.Error:
            raise ValueError("not base64") from None
        upload = hashlib.sha256(f"{message} {place}".encode()).hexdigest()[:32]
        uploads[upload] = data
        files.append(FileRef(ref=UPLOAD + upload, mime=file.get("mime"), name=file.get("name"), size=len(data)))
    return tuple(files), uploads


def _pin(given: Mapping[str, Any]) -> Pin:
    pin = Pin(float(given["lat"]), float(given["lon"]))
    if not (-90 <= pin.lat <= 90 and -180 <= pin.lon <= 180):
        raise ValueError("not a place on Earth")
    return pin


def _address(text: object) -> Address:
    try:
        address = Address.parse(str(text))
        if address.transport != NAME or address.medium not in CAPABILITIES or not address.id.partition(":")[2]:
            raise Malformed("an address here is sim:<medium>:<name>")
    except (ValueError, KeyError):
        raise Malformed("an address here is sim:<medium>:<name>") from None
    return address


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise Malformed("after and wait are numbers") from None
    if not 0 <= number < 2**53:
        raise Malformed("after and wait are numbers from 0 on")
    return number


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
