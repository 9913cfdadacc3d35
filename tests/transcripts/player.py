"""Plays recorded conversations. A transcript is text: what goes in stands there, what comes out is written between.

    # a remark                          > a text message                > [tap VALUE] under the present question
    @ wait 25h (or 5m, 30s)             > [photo NAME BYTES] caption    > [stale VALUE] under a question of long ago
    @ name PROFILE NAME                 > [album ID NAME] caption       > [edit N] new words of the N-th message
    @ report {a ReportView's fields}    > [pin LAT LON] label           > [voice] or [sticker], [contact]
    @ notice KIND {fields}              > [blank]                       > [long N WORD] a text of N characters
    @ session {fields}                  < said by the bot               ! any other effect
    @ similar {own: receipt, nearby: n}: what there is like the report being written
    @ redirect CODE {fields of a Redirected}: what an admin has prepared for this citizen

The session is encoded and decoded between turns, as the database does.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from bot.clock import WIB
from bot.conversation import engine
from bot.conversation.protocol import (
    ClaimRedirect,
    CountLeft,
    Drawn,
    EraseData,
    FetchMedia,
    FileReport,
    FindReport,
    Heard,
    Need,
    Notice,
    Operate,
    Redirected,
    Say,
    Similar,
    SimilarReports,
)
from bot.conversation.tables import Tables
from bot.conversation.understanding.area import Places
from bot.conversation.understanding.day import read_day
from bot.conversation.understanding.reading import read, read_note
from bot.model import Address, Capabilities, FileRef, Inbound, Medium, Network, Pick, Pin, ReportView, Status
from bot.wording import TEMPLATES, Wording

HERE = Path(__file__).parent
START = datetime(2026, 11, 20, 10, 0, tzinfo=WIB)
CODE = "QRST6789"
CAPABILITIES = {
    "sms": Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=670),
    "telegram": Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096, max_file=20_000_000),
    "whatsapp": Capabilities(Medium.WHATSAPP, buttons=False, media=True, pins=True, max_text=1600, max_file=16_000_000),
}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_BRACKET = re.compile(r"\[(\w+)(?: ([^\]]*))?\] ?(.*)", re.DOTALL)


@cache
def wording() -> Wording:
    return Wording(TEMPLATES)


@cache
def tables() -> Tables:
    places = Places.load()
    url = "https://lapor.example.go.id/privasi"
    reads = {"read": partial(read, places=places), "read_note": partial(read_note, places=places)}
    return Tables(privacy_url=url, notice_version="1", places=places, read_day=read_day, **reads)


def transcripts() -> list[Path]:
    return sorted(HERE.glob("*/*.txt"))


@dataclass
class Player:
    """One citizen's conversation, and the reports there are."""

    channel: str
    now: datetime = START
    session: dict[str, Any] = field(default_factory=dict)
    reports: list[ReportView] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    name: str = ""
    similar: dict[str, Any] = field(default_factory=dict)
    redirects: dict[str, Redirected] = field(default_factory=dict)
    filed_from: dict[str, str | None] = field(default_factory=dict)
    turns: int = 0
    question: str = ""
    said: list[Say] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self.channel]

    def play(self, line: str) -> Iterator[str]:
        """The lines that come out for one line that goes in."""
        if line.startswith("> "):
            self.turns += 1
            yield from self._advance(Heard(self._message(line[2:]), self._drawn(), self.capabilities))
        elif line.startswith("@ "):
            directive, _, rest = line[2:].partition(" ")
            yield from getattr(self, f"_at_{directive}")(rest)

    def _message(self, text: str) -> Inbound:
        id_ = f"m{self.turns}"
        address = Address("sim", f"{self.channel}:budi")
        plain = Inbound(id_, address, sender_name=self.name)
        bracket = _BRACKET.fullmatch(text)
        if bracket is None:
            return replace(plain, text=text.replace("\\n", "\n"))
        what, detail, rest = bracket[1], bracket[2] or "", bracket[3]
        return getattr(self, f"_{what}", self._unsupported)(replace(plain, text=rest), what, detail)

    def _tap(self, message: Inbound, _: str, detail: str) -> Inbound:
        return replace(message, pick=Pick(self.question, detail))

    def _stale(self, message: Inbound, _: str, detail: str) -> Inbound:
        return replace(message, pick=Pick("kind.0", detail))

    def _photo(self, message: Inbound, _: str, detail: str) -> Inbound:
        name, _, size = detail.partition(" ")
        return replace(message, files=(FileRef(f"ref-{name}", "image/jpeg", name, int(size or 1000)),))

    def _album(self, message: Inbound, _: str, detail: str) -> Inbound:
        album, _, name = detail.partition(" ")
        return replace(self._photo(message, "", name), album=album)

    def _pin(self, message: Inbound, _: str, detail: str) -> Inbound:
        lat, lon = detail.split()
        return replace(message, text="", pin=Pin(float(lat), float(lon), message.text))

    def _edit(self, message: Inbound, _: str, detail: str) -> Inbound:
        return replace(message, edits=f"m{detail}")

    def _blank(self, message: Inbound, _: str, detail: str) -> Inbound:
        del detail
        return message

    def _long(self, message: Inbound, _: str, detail: str) -> Inbound:
        length, _, word = detail.partition(" ")
        return replace(message, text=(f"{word} " * int(length))[: int(length)])

    def _unsupported(self, message: Inbound, what: str, _: str) -> Inbound:
        return replace(message, unsupported=what)

    def _drawn(self) -> Drawn:
        return Drawn(f"report-{self.turns}", f"L2345{6700 + self.turns}".replace("0", "A").replace("1", "B"), "ABCD2345")

    def _at_wait(self, rest: str) -> Iterator[str]:
        self.now += timedelta(**{_UNITS[rest[-1]]: int(rest[:-1])})
        yield from ()

    def _at_name(self, rest: str) -> Iterator[str]:
        self.name = rest
        yield from ()

    def _at_similar(self, rest: str) -> Iterator[str]:
        self.similar = json.loads(rest)
        yield from ()

    def _at_redirect(self, rest: str) -> Iterator[str]:
        code, _, given = rest.partition(" ")
        fields_given = {"network": "instagram", "office": "Diskominfo Kota Tangerang", "written_on": "2026-11-20"} | json.loads(given)
        fields_given["network"] = Network(fields_given["network"])
        fields_given["written_on"] = date.fromisoformat(fields_given["written_on"])
        self.redirects[code] = Redirected(**fields_given)
        yield from ()

    def _at_session(self, rest: str) -> Iterator[str]:
        self.session |= json.loads(rest)
        yield from ()

    def _at_report(self, rest: str) -> Iterator[str]:
        given = json.loads(rest)
        receipt = given.setdefault("receipt", f"L2345678{len(self.reports) + 2}")
        given.setdefault("id", f"old-{len(self.reports) + 1}")
        self.codes[receipt] = given.pop("code", CODE)
        standing = {
            "ticket": None,
            "kind": "pengaduan",
            "title": "Lampu jalan mati",
            "submitted_at": START - timedelta(days=3),
            "mine": True,
        }
        self.reports.append(_view(standing | given))
        yield from ()

    def _at_notice(self, rest: str) -> Iterator[str]:
        kind, _, given = rest.partition(" ")
        changed = json.loads(given or "{}")
        notice = {name: changed.pop(name) for name in ("text", "attachments", "reason", "media") if name in changed}
        about = None if changed.pop("none", False) else self._change(changed)
        yield from self._advance(Notice(f"n{self.turns}", kind, about, self.capabilities, **notice))

    def _change(self, changed: dict[str, Any]) -> ReportView:
        """The report of that receipt, or the last one, with its fields changed."""
        receipt = changed.pop("receipt", None)
        index = next((i for i, each in enumerate(self.reports) if each.receipt == receipt), len(self.reports) - 1)
        current = {each.name: getattr(self.reports[index], each.name) for each in fields(ReportView)}
        self.reports[index] = _view(current | changed)
        return self.reports[index]

    def _advance(self, event: Heard | Notice) -> Iterator[str]:
        answers: dict[Any, Any] = {}
        session = json.loads(json.dumps(self.session))
        outcome = engine.advance(session, event, self.now, answers=answers, tables=tables())
        while isinstance(outcome, Need):
            answers[outcome.query] = self._answer(outcome.query)
            outcome = engine.advance(session, event, self.now, answers=answers, tables=tables())
        self.session = dict(outcome.session)
        for effect in outcome.effects:
            yield from self._show(effect)
        if outcome.erased:
            yield f"! erased, left: {json.dumps(self.session, sort_keys=True)}"

    def _answer(self, query: Any) -> Any:
        if isinstance(query, FindReport):
            found = next((each for each in self.reports if query.number in {each.receipt, each.ticket}), None)
            return found and replace(found, opened=query.code is not None and query.code == self.codes.get(found.receipt))
        if isinstance(query, ClaimRedirect):
            return self._claimed(query.code)
        if isinstance(query, SimilarReports):
            own = next((each for each in self.reports if each.receipt == self.similar.get("own")), None)
            return Similar(own, self.similar.get("nearby", 0))
        return tuple(each for each in reversed(self.reports) if each.mine)

    def _claimed(self, code: str) -> Redirected | None:
        """As prepared; once a report has become of it, with that one's number."""
        filed = next((each.ticket or each.receipt for each in self.reports if self.filed_from.get(each.id) == code), None)
        return replace(self.redirects[code], filed=filed) if code in self.redirects else None

    def _show(self, effect: Any) -> Iterator[str]:
        match effect:
            case Say():
                self.said.append(effect)
                self.question = effect.question or self.question
                yield from _spoken(effect, wording().render(effect, self.capabilities))
            case FileReport(report):
                self.codes[report.receipt] = report.access_code
                self.filed_from[report.id] = report.redirect
                self.reports.append(
                    ReportView(
                        report.id,
                        report.receipt,
                        None,
                        report.kind,
                        report.title,
                        Status.RECEIVED,
                        report.submitted_at,
                        confidential=report.confidential,
                        mine=True,
                        waiting=True,
                    )
                )
                yield f"! FileReport {_told(report)}"
            case FetchMedia(media_id, file):
                yield f"! FetchMedia {media_id} {file.ref}"
            case Operate(_, report_id, operation, body):
                yield f"! Operate {report_id} {operation} {json.dumps(body, ensure_ascii=False)}"
            case EraseData(media):
                yield f"! EraseData {list(media)}"
            case CountLeft(how, question):
                yield f"! CountLeft {how} {question}"


def _spoken(say: Say, words: Any) -> Iterator[str]:
    if say.delay:
        yield f"< (after {say.delay.seconds} s{', once for ' + say.coalesce if say.coalesce else ''})"
    text = words.text
    if len(text) > 1500:
        text = f"{text[:700]} (...) {text[-200:]}"
    yield from (f"< {line}".rstrip() for line in text.split("\n"))
    yield from (f"< [{choice.value}] {choice.label}" for choice in words.choices)
    if words.ask_location:
        yield "< [send a location]"


def _told(report: Any) -> str:
    shown = {each.name: getattr(report, each.name) for each in fields(report)}
    shown["location"] = {each.name: value for each in fields(report.location) if (value := getattr(report.location, each.name))}
    if len(shown["body"]) > 300:
        shown["body"] = f"{shown['body'][:100]} (... {len(shown['body'])} characters)"
    kept = {name: value for name, value in shown.items() if value or name in {"anonymous", "confidential"}}
    return json.dumps(kept, default=str, ensure_ascii=False)


def _view(given: dict[str, Any]) -> ReportView:
    days = {name: date.fromisoformat(day) if isinstance(day, str) else day for name, day in given.get("due", {}).items()}
    given = given | {"due": days, "status": Status(given.get("status", Status.RECEIVED)), "missing": tuple(given.get("missing", ()))}
    return ReportView(**given | ({"waiting": given.get("ticket") is None}))


def replayed(path: Path) -> tuple[str, list[Say]]:
    """The transcript as it goes now, and everything said in it."""
    player = Player(path.parent.name)
    lines = []
    for line in path.read_text().splitlines():
        if line.startswith(("<", "!")) or not line.strip():
            continue
        if line.startswith("> ") and lines:
            lines.append("")
        lines += [line, *player.play(line)]
    return "\n".join(lines) + "\n", player.said
