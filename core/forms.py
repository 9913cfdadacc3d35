"""Reads the bodies of the API: bytes in, values out. Strict about what is known, silent about what is not.

Every reader raises Malformed when the bytes are no JSON object, and Refused naming every field that is wrong.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import orjson

from core.errors import FieldError, Malformed, Refused
from core.model import REPORT_FIELDS, Attachment, Filing, Kind, Location, Reporter
from core.workflow import CitizenAction, CitizenMessage, Rate, Reopen, Withdraw

MAX_TEXT = 100_000
"""Characters of a report's body or of a message; the intake stops its citizens far earlier."""
MAX_LINE = 1_000
"""Characters of everything else."""
MAX_ATTACHMENTS = 100
_MAX_SIZE = 2**53 - 1

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
_URL = re.compile(r"https?://[^\s/]+\S*")
_ELEMENTS = frozenset(f"u{number}" for number in range(1, 10))

T = TypeVar("T")


class _Fields:
    """One JSON object being read: hands out checked values and collects what is wrong."""

    def __init__(self, source: Mapping[str, Any], errors: list[FieldError], prefix: str = "") -> None:
        self._source = source
        self._errors = errors
        self._prefix = prefix

    def wrong(self, name: str, detail: str) -> None:
        self._errors.append(FieldError(self._prefix + name, detail))

    def get(self, name: str, read: Callable[[object], T], fallback: T) -> T:
        """A field that must be there and fit."""
        try:
            return read(self._source.get(name))
        except ValueError as error:
            self.wrong(name, str(error))
            return fallback

    def optional(self, name: str, read: Callable[[object], T]) -> T | None:
        """A field that may be absent or null."""
        return None if self._source.get(name) is None else self.get(name, read, None)

    def object(self, name: str) -> "_Fields | None":
        """An object inside; None, without a complaint, when absent or null."""
        value = self._source.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(name, "must be an object")
            return None
        return _Fields(value, self._errors, f"{self._prefix}{name}.")

    def objects(self, name: str, limit: int) -> "Sequence[_Fields]":
        """An array of objects; absent or null is empty."""
        values = self._source.get(name)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.wrong(name, "must be an array of objects")
            return ()
        if len(values) > limit:
            self.wrong(name, f"must hold at most {limit}")
            return ()
        return [_Fields(value, self._errors, f"{self._prefix}{name}.{index}.") for index, value in enumerate(values)]


def read_filing(body: bytes, key: str) -> Filing:
    """A report; its id must be the Idempotency-Key."""
    fields, errors = _open(body)
    _read_id(fields, key)
    anonymous = fields.get("anonymous", _flag, fallback=False)
    filing = Filing(
        id=key,
        kind=fields.get("kind", _kind, Kind.COMPLAINT),
        title=fields.get("title", _line, ""),
        body=fields.get("body", _text, ""),
        location=_read_location(fields),
        channel=fields.get("channel", _line, ""),
        submitted_at=fields.get("submitted_at", read_moment, datetime.min.replace(tzinfo=UTC)),
        occurred_on=fields.optional("occurred_on", _day),
        category=fields.optional("category", _line),
        agency=fields.optional("agency", _line),
        anonymous=anonymous,
        confidential=fields.get("confidential", _flag, fallback=False),
        reporter=_read_reporter(fields, anonymous=anonymous),
        entered_by=fields.optional("entered_by", _line),
        attachments=_read_attachments(fields),
    )
    _close(errors)
    return filing


def read_message(body: bytes, key: str) -> CitizenAction:
    """What a citizen adds: words, files, or both."""
    fields, errors = _open(body)
    _read_id(fields, key)
    message = CitizenMessage(fields.optional("text", _maybe_empty_text) or "", _read_attachments(fields))
    if not errors and not message.text.strip() and not message.attachments:
        fields.wrong("text", "must not be empty without attachments")
    _close(errors)
    return message


def read_rating(body: bytes, key: str) -> CitizenAction:
    """Marks: `overall` alone, or all nine elements."""
    fields, errors = _open(body)
    _read_id(fields, key)
    nothing: Mapping[str, int] = {}
    scores = fields.get("scores", _scores, nothing)
    _close(errors)
    return Rate(scores)


def read_withdrawal(body: bytes, key: str) -> CitizenAction:
    """The citizen takes the report back."""
    return Withdraw(_read_reason(body, key))


def read_reopening(body: bytes, key: str) -> CitizenAction:
    """The citizen is not content with the end of the report."""
    return Reopen(_read_reason(body, key))


@dataclass(frozen=True, slots=True)
class OfficerWords:
    """What an officer says with a step; each step takes what it needs, and the workflow says what it lacks."""

    note: str | None
    agency: str
    text: str
    missing: tuple[str, ...]
    wants_answer: bool
    field_check: bool


def read_officer(body: bytes) -> OfficerWords:
    """An officer's words with a step."""
    fields, errors = _open(body)
    words = OfficerWords(
        note=fields.optional("note", _maybe_empty_text),
        agency=fields.optional("agency", _maybe_empty_line) or "",
        text=fields.optional("text", _maybe_empty_text) or "",
        missing=fields.optional("missing", _names) or (),
        wants_answer=fields.optional("wants_answer", _flag) or False,
        field_check=fields.optional("field_check", _flag) or False,
    )
    _close(errors)
    return words


def _open(body: bytes) -> tuple[_Fields, list[FieldError]]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    errors: list[FieldError] = []
    return _Fields(value, errors), errors


def _close(errors: Sequence[FieldError]) -> None:
    if errors:
        raise Refused(*errors)


def _read_id(fields: _Fields, key: str) -> None:
    if fields.get("id", _line, key) != key:
        fields.wrong("id", "must be the Idempotency-Key")


def _read_location(fields: _Fields) -> Location:
    location = fields.object("location")
    if location is None:
        return Location("")
    lat, lon = location.optional("lat", _degrees(90)), location.optional("lon", _degrees(180))
    if (lat is None) != (lon is None):
        location.wrong("lon" if lon is None else "lat", "lat and lon come together")
    return Location(location.get("text", _maybe_empty_line, ""), location.optional("area_code", _line), lat, lon)


def _read_reporter(fields: _Fields, *, anonymous: bool) -> Reporter | None:
    reporter = fields.object("reporter")
    if reporter is None:
        if not anonymous:
            fields.wrong("reporter", "may be null only when anonymous")
        return None
    if anonymous:
        fields.wrong("reporter", "must be null when anonymous")
    return Reporter(
        channel=reporter.get("channel", _line, ""),
        address=reporter.get("address", _line, ""),
        name=reporter.optional("name", _maybe_empty_line),
    )


def _read_attachments(fields: _Fields) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            id=item.get("id", _line, ""),
            name=item.get("name", _maybe_empty_line, ""),
            mime=item.get("mime", _line, ""),
            size=item.get("size", _size, 0),
            sha256=item.get("sha256", _sha256, ""),
            url=item.get("url", _url, ""),
        )
        for item in fields.objects("attachments", MAX_ATTACHMENTS)
    )


def _read_reason(body: bytes, key: str) -> str | None:
    fields, errors = _open(body)
    _read_id(fields, key)
    reason = fields.optional("reason", _maybe_empty_text)
    _close(errors)
    return reason


def _string(value: object, limit: int, *, empty: bool) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # the readers speak in ValueError alone
    if len(value) > limit:
        raise ValueError(f"must have at most {limit} characters")
    if not empty and not value.strip():
        raise ValueError("must not be empty")
    return value


def _line(value: object) -> str:
    return _string(value, MAX_LINE, empty=False)


def _maybe_empty_line(value: object) -> str:
    return _string(value, MAX_LINE, empty=True)


def _text(value: object) -> str:
    return _string(value, MAX_TEXT, empty=False)


def _maybe_empty_text(value: object) -> str:
    return _string(value, MAX_TEXT, empty=True)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  # the readers speak in ValueError alone
    return value


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be an array of names")  # noqa: TRY004  # the readers speak in ValueError alone
    return tuple(_line(each) for each in value[: len(REPORT_FIELDS) + 1])


def _kind(value: object) -> Kind:
    if not isinstance(value, str) or value not in tuple(Kind):
        raise ValueError(f"must be one of {', '.join(Kind)}")
    return Kind(value)


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("must be a day, YYYY-MM-DD")


def read_moment(value: object) -> datetime:
    """An RFC 3339 time with offset, as UTC. Raises ValueError."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ValueError("must be an RFC 3339 time with offset")


def _whole(value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"must be a whole number from {low} to {high}")
    return value


def _size(value: object) -> int:
    return _whole(value, 0, _MAX_SIZE)


def _degrees(limit: int) -> Callable[[object], float]:
    def read(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not -limit <= value <= limit:
            raise ValueError(f"must be degrees from {-limit} to {limit}")
        return float(value)

    return read


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError("must be 64 lower-case hexadecimal digits")
    return value


def _url(value: object) -> str:
    if not _URL.fullmatch(_string(value, MAX_LINE, empty=False)):
        raise ValueError("must be an http or https URL")
    return str(value)


def _scores(value: object) -> Mapping[str, int]:
    if isinstance(value, dict) and value.keys() == {"overall"}:
        return {"overall": _whole(value["overall"], 1, 5)}
    if isinstance(value, dict) and value.keys() == _ELEMENTS:
        return {element: _whole(value[element], 1, 4) for element in sorted(_ELEMENTS)}
    raise ValueError("must be {overall} or {u1 .. u9}")
