"""Twilio's webhook calls: whether they are Twilio's, and what they say. Pure.

SMS and WhatsApp come by the same routes; the addresses in the form tell them apart.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from multidict import MultiDict
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # the package ships no types

from bot import logs
from bot.channels import callback, report_token
from bot.errors import Forbidden, Malformed
from bot.hooks import RawRequest, Received
from bot.model import Address, Delivered, DeliveryReport, FileRef, Inbound, Pick, Pin

SMS = "sms_twilio"
WHATSAPP = "whatsapp"

WINDOW_CLOSED = 63016
"""The code of free words after the 24 hours, told at once or in a status callback."""

_PREFIX = "whatsapp:"
_FORM = "application/x-www-form-urlencoded"
_PROVED = ("MessageSid", "From", "To", "AccountSid")
"""What every genuine call holds once. The signature runs names and values together, so that it alone does not say where one ends."""

_MAX_FIELDS = 1000
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

_STATES = {
    "accepted": Delivered.ACCEPTED,
    "scheduled": Delivered.ACCEPTED,
    "queued": Delivered.ACCEPTED,
    "sending": Delivered.ACCEPTED,
    "sent": Delivered.SENT,
    "delivered": Delivered.DELIVERED,
    "read": Delivered.READ,
    "undelivered": Delivered.FAILED,
    "failed": Delivered.FAILED,
    "canceled": Delivered.FAILED,
}

_CONTACTS = ("text/vcard", "text/x-vcard", "text/directory")

log = logs.get_logger(__name__)

Form = MultiDict[str]


@dataclass(frozen=True, slots=True)
class Account:
    """Whose calls we take, and which numbers are ours."""

    sid: str
    token: str = field(repr=False)
    public: str
    """The address Twilio calls us by, and signs: PUBLIC_BASE_URL without a trailing slash."""
    numbers: Mapping[str, str]
    """Transport -> our number on it; only those that are on."""


def wire_address(transport: str, number: str) -> str:
    """As Twilio writes it."""
    return _PREFIX + number if transport == WHATSAPP else number


def _read_address(address: str) -> tuple[str, str]:
    """(transport, number)."""
    return (WHATSAPP, address.removeprefix(_PREFIX)) if address.startswith(_PREFIX) else (SMS, address)


def receive_message(request: RawRequest, *, account: Account, path: str) -> Received:
    """One message. Empty when nobody waits for our answer: not our number, not a person's, or Twilio has answered itself."""
    return read_message(_verified(request, account, path), account)


def read_message(form: Form, account: Account) -> tuple[Inbound, ...]:
    """The message of a form that is Twilio's, or was made of Twilio's list."""
    transport, sender = _read_address(form["From"])
    own_transport, own_number = _read_address(form["To"])
    if transport != own_transport or account.numbers.get(transport) != own_number:
        log.warning("twilio_number_not_ours", message_id=form["MessageSid"])
        return ()
    if form.get("OptOutType") or not _E164.fullmatch(sender):
        log.info("twilio_message_unanswerable", message_id=form["MessageSid"])
        return ()
    return (_inbound(form, Address(transport, sender)),)


def receive_status(request: RawRequest, *, account: Account, path: str) -> Received:
    """How far a message of ours came. Empty when we did not ask, or for a state that is not on the way."""
    form = _verified(request, account, path)
    token = parse_qs(request.query.decode("ascii", "replace")).get("c")
    state = _STATES.get(form.get("MessageStatus", ""))
    if token is None or state is None:
        return ()
    conversation, effect = report_token.read(token[0])
    code = form.get("ErrorCode") or None
    return (DeliveryReport(conversation, effect, state, code, window_closed=code == str(WINDOW_CLOSED)),)


def _verified(request: RawRequest, account: Account, path: str) -> Form:
    """The form, once it is proved to be Twilio's and about our account. Raises Forbidden, or Malformed after the proof."""
    try:
        form = Form(parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS))
        genuine = _is_genuine(request, form, account, path)
    except Exception:  # noqa: BLE001  # the library raises whatever a forged call makes it stumble over; each is a refusal
        raise Forbidden from None
    if not genuine:
        raise Forbidden
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Malformed("not a form")
    if not _SID.fullmatch(form["MessageSid"]):
        raise Malformed("MessageSid is not an id")
    return form


def _is_genuine(request: RawRequest, form: Form, account: Account, path: str) -> bool:
    """The URL that was signed is the one we are configured to be called by; headers are not asked."""
    url = account.public + path + (f"?{request.query.decode('ascii')}" if request.query else "")
    signed = RequestValidator(account.token).validate(url, form, request.headers["x-twilio-signature"])
    once = all(len(form.getall(name)) == 1 and form[name] for name in _PROVED)
    return bool(signed) and once and form["AccountSid"] == account.sid


def _inbound(form: Form, address: Address) -> Inbound:
    pick, pin = _pick(form), _pin(form)
    media = tuple(_media(form))
    files = tuple(file for file in media if _unusable(form, file, address) is None)
    # A tapped button's Body is our own label: were it left in, a stale tap could be taken for an answer to another question.
    text = "" if pick else form.get("Body", "")
    unsupported = None
    if not (text.strip() or pick or pin or files):
        unsupported = next((_unusable(form, file, address) for file in media), "other")
    return Inbound(
        id=form["MessageSid"],
        address=address,
        text=text,
        pick=pick,
        pin=pin,
        files=files,
        ref=form["MessageSid"],
        unsupported=unsupported,
        sender_name=form.get("ProfileName", ""),
    )


def _pick(form: Form) -> Pick | None:
    """Of a reply button or a list row of ours; of any other the label is all we can read, and that is in Body."""
    payload = form.get("ButtonPayload") or form.get("ListId") or ""
    return callback.decode(payload) if callback.is_ours(payload) else None


def _pin(form: Form) -> Pin | None:
    try:
        lat, lon = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180):  # nor is NaN
        return None
    return Pin(lat, lon, ", ".join(filter(None, (form.get("Label"), form.get("Address")))))


def _media(form: Form) -> Iterator[FileRef]:
    told = form.get("NumMedia", "")
    count = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    for n in range(count):
        if url := form.get(f"MediaUrl{n}"):
            mime = form.get(f"MediaContentType{n}", "").partition(";")[0].strip().lower()
            yield FileRef(url, mime or None, unquote(urlsplit(url).path.rpartition("/")[2]) or None)


def _unusable(form: Form, file: FileRef, address: Address) -> str | None:
    """The word for a file that is no evidence; None when we take it."""
    mime = file.mime or ""
    if mime.startswith("audio/"):
        return "voice"
    if mime in _CONTACTS:
        return "contact"
    if form.get("MessageType") == "sticker":
        return "sticker"
    return "file" if address.transport == SMS else None
