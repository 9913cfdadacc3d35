"""SMS through an HTTP gateway. Kannel is the reference: it calls us for what comes in, we call its sendsms for what goes out.

The gateway signs nothing: a secret in the path it calls is its proof, beside the operator's private network.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote, unquote_to_bytes

import aiohttp

from bot import calling, gsm, logs
from bot.channels import phone_number, report_token
from bot.channels.protocol import Links
from bot.errors import Forbidden, Malformed, MediaUnsupported, Unanswered
from bot.hooks import Hook, RawRequest, Received
from bot.model import Address, Capabilities, Delivered, DeliveryReport, FileRef, Inbound, Medium, Outbound

NAME = "sms"
PATH = "/hooks/sms/"
ALL_REPORTS = 31
"""dlr-mask: delivered, failed, buffered, accepted by the SMSC, rejected."""

CAPABILITIES = Capabilities(medium=Medium.SMS, buttons=False, media=False, pins=False, max_text=670)
"""670: what ten parts of UCS-2 hold, the number of parts Kannel sends at most as operations.md configures it; it cuts off the rest."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gateway:
    """How it is called, and by what secret it calls us."""

    url: str
    username: str
    password: str = field(repr=False)
    sender: str
    secret: bytes = field(repr=False)


class SmsChannel:
    """The channel."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(self, gateway: Gateway, links: Links, http: aiohttp.ClientSession) -> None:
        self._gateway = gateway
        self._links = links
        self._http = http

    @property
    def hooks(self) -> Sequence[Hook]:
        """Messages by GET (Kannel's get-url) or POST (its post-url), and delivery reports."""
        receive = partial(receive_message, secret=self._gateway.secret)
        return (
            Hook("GET", PATH + "{secret}", receive),
            Hook("POST", PATH + "{secret}", receive),
            Hook("GET", PATH + "{secret}/report", partial(receive_report, secret=self._gateway.secret)),
        )

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:
        """Hand it to sendsms. By GET: that is what Kannel takes parameters by (it answers 400 to a form). It tells no message id."""
        parameters = {
            "username": self._gateway.username,
            "password": self._gateway.password,
            "from": self._gateway.sender,
            "to": to.id,
            "text": message.text,
            "charset": "UTF-8",
            "coding": "0" if gsm.is_gsm7(message.text) else "2",
            "dlr-mask": str(ALL_REPORTS),
            "dlr-url": self._report_url(conversation, effect),
        }
        answer = await calling.call(self._http, "GET", self._gateway.url, params=parameters)
        if error := calling.error_for(answer.status, answer.headers):
            raise error
        if answer.status != 202 and not answer.body.startswith((b"0:", b"3:")):
            raise Unanswered(f"status {answer.status} without the gateway's word that it took the message")
        return ""

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:  # noqa: ARG002  # the protocol's
        """SMS carries no files."""
        raise MediaUnsupported

    async def start(self) -> None:
        """The gateway's configuration knows us already."""

    def _report_url(self, conversation: str, effect: str) -> str:
        """Kannel replaces %-escapes in it when the report comes: all but %d are doubled, so that they stay what they are."""
        secret = quote(self._gateway.secret, safe="")
        url = f"{self._links.private}{PATH}{secret}/report?id={report_token.write(conversation, effect)}&st="
        return url.replace("%", "%%") + "%d"


def receive_message(request: RawRequest, *, secret: bytes) -> Received:
    """One message. Empty when its sender cannot be answered: an alphanumeric name or a short code."""
    _check(request.path.removeprefix(PATH), secret)
    fields, body = _read(request)
    message_id, sender = _identifier(fields), fields.get("from", b"")
    if not sender:
        raise Malformed("from is missing")
    number = phone_number.of_sender(sender.decode("ascii", "replace"))
    if number is None:
        log.info("sms_sender_unanswerable", message_id=message_id)
        return ()
    text = _decode(body, _word(fields, "coding"), _word(fields, "charset"))
    return (
        Inbound(
            id=message_id,
            address=Address(NAME, number),
            text=text or "",
            unsupported="binary" if text is None else None,
        ),
    )


_STATES = ((1, Delivered.DELIVERED), (2 | 16, Delivered.FAILED), (4 | 8, Delivered.SENT))
"""Kannel's bits, those that settle it first. Buffered (4) and accepted (8) by the SMSC: it has left the gateway."""


def receive_report(request: RawRequest, *, secret: bytes) -> Received:
    """One delivery report. Empty when its state says nothing about the way of the message."""
    _check(request.path.removeprefix(PATH).removesuffix("/report"), secret)
    fields = _parameters(request.query)
    conversation, effect = report_token.read(_word(fields, "id"))
    state = _word(fields, "st")
    if not (state.isdigit() and len(state) <= 9):
        raise Malformed("st is not a number")
    bits = int(state)
    for mask, delivered in _STATES:
        if bits & mask:
            code = state if delivered is Delivered.FAILED else None
            return (DeliveryReport(conversation, effect, delivered, code),)
    return ()


def _check(given: str, secret: bytes) -> None:
    if not secret or not hmac.compare_digest(given.encode(errors="replace"), secret):
        raise Forbidden


def _read(request: RawRequest) -> tuple[Mapping[str, bytes], bytes]:
    """The fields and the text's bytes. Kannel's POST has the text as body and the rest in headers, but no id: that stands in the URL."""
    fields = _parameters(request.query)
    if request.method != "POST":
        return fields, fields.get("text", b"")
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        fields = {**_parameters(request.body), **fields}
        return fields, fields.get("text", b"")
    told = {name: request.headers.get(f"x-kannel-{name}", "") for name in ("from", "coding")}
    told["charset"] = content_type.partition("charset=")[2]
    return {**{name: value.encode() for name, value in told.items()}, **fields}, request.body


def _parameters(query: bytes) -> Mapping[str, bytes]:
    """Percent-decoded to bytes, not to text: which charset they are in is said by other parameters. The first of a name counts."""
    fields: dict[str, bytes] = {}
    for pair in query.split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        fields.setdefault(unquote_to_bytes(name).decode("latin-1"), unquote_to_bytes(value))
    return fields


def _word(fields: Mapping[str, bytes], name: str) -> str:
    """A parameter that is ASCII by its nature; what is not becomes no known word."""
    return fields.get(name, b"").decode("ascii", "replace").strip()


def _identifier(fields: Mapping[str, bytes]) -> str:
    identifier = _word(fields, "id")
    if not (identifier.isascii() and identifier.isprintable() and 0 < len(identifier) <= 100):
        raise Malformed("id is missing, or not one of a gateway's")
    return identifier


_CODECS = {
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "US-ASCII": "ascii",
    "ISO-8859-1": "latin-1",
    "LATIN1": "latin-1",
    "WINDOWS-1252": "cp1252",
    "UTF-16BE": "utf-16-be",
    "UTF-16LE": "utf-16-le",
    "UCS-2": "utf-16-be",
}
_CONTROLS = frozenset(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) - frozenset("\t\n\f\r\x1b")


def _decode(raw: bytes, coding: str, charset: str) -> str | None:
    """The text; None when it is 8-bit data that is no text.

    8-bit messages (coding 1) are text when they hold no control characters. UTF-16 with half a character (a lone part of a long message)
    keeps all but that half. Whatever else cannot be read as its charset says is read byte by byte, so that nothing is lost.
    """
    charset = charset.strip('"').upper()
    if coding == "1" or charset == "8-BIT":
        text = _read_as("utf-8", raw)
        return None if _CONTROLS.intersection(text) else text
    default = "utf-16-be" if coding == "2" else "utf-8"
    return _read_as(_CODECS.get(charset, default), raw)


def _read_as(codec: str, raw: bytes) -> str:
    if codec.startswith("utf-16"):
        return raw.decode(codec, "replace")
    for candidate in (codec, "cp1252"):
        try:
            return raw.decode(candidate)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
