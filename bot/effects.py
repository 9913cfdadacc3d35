"""What the conversation decided, turned into effects that a document can keep, and read back.

Ids are deterministic from the event that caused them, so that a turn computed again makes the same effects.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from secrets import token_hex
from typing import Any, assert_never

from bot import access, tracing
from bot.clock import WIB
from bot.conversation.protocol import CountLeft, EraseData, FetchMedia, FileReport, Operate, Say, SetAside, SideEffect
from bot.inbound_record import record
from bot.model import Brief, Choice, Effect, FileRef, Outbound, Report, Status
from bot.ports import StoredReport

SPEECH = "say"
"""The lane of everything said to the citizen."""

AT_LAST = "/at-last"
"""Ends the id of words that were refused once: the first attempt's settlement must not take them for its own."""

ROUTINE = "routine"
"""Coalescing mark of repeated questions once too much is waiting."""

CROWDED = 50
"""Pending effects from which on routine replies coalesce."""

Render = Callable[[Say], Outbound]


def of_turn(event_id: str, decided: Sequence[SideEffect], *, now: datetime, render: Render, pending: int) -> list[Effect]:
    """The effects of one turn. `pending`: how many the conversation already has."""
    return [
        _effect(f"{event_id}/{index}", each, now=now, render=render, crowded=pending + index >= CROWDED)
        for index, each in enumerate(decided)
    ]


def _effect(id_: str, decided: SideEffect, *, now: datetime, render: Render, crowded: bool) -> Effect:
    match decided:
        case Say():
            return Effect(id_, SPEECH, "say", _words(decided, render(decided), crowded=crowded), due=now + decided.delay)
        case FileReport(report):
            return Effect(f"file:{report.id}", f"report:{report.id}", "file", _filing(report, render), due=now)
        case FetchMedia(media_id, file):
            data: dict[str, Any] = {"media": media_id, "ref": file.ref, "mime": file.mime, "name": file.name, "size": file.size}
            return Effect(f"fetch:{media_id}", f"media:{media_id}", "fetch", data, due=now)
        case Operate(operation_id, report_id, operation, body):
            data = {"report": report_id, "operation": operation, "body": dict(body)}
            return Effect(operation_id, f"report:{report_id}", "operate", data, due=now)
        case EraseData():
            return Effect(id_, "erase", "erase", {}, due=now)
        case SetAside(message, reason, first):
            return Effect(id_, "aside", "set_aside", {"message": record(message), "reason": reason, "first": first}, due=now)
        case CountLeft():
            return count_left(decided, now=now)
        case _:
            assert_never(decided)


def _words(say: Say, words: Outbound, *, crowded: bool) -> dict[str, Any]:
    return {
        "text": words.text,
        "choices": [[choice.value, choice.label] for choice in words.choices],
        "question": words.question,
        "ask_location": words.ask_location,
        "coalesce": say.coalesce or (ROUTINE if crowded and say.question else ""),
        "key": say.key,
        **({"brief": asdict(words.brief)} if words.brief else {}),
    }


def said_at_last(unsaid: Sequence[Effect], *, pending: Sequence[Effect], now: datetime) -> list[Effect]:
    """What was held back, as new words; but no status of which a later one is on its way, because that will be said before them."""
    on_their_way = [each.id for each in pending if each.lane == SPEECH]
    left = [each for each in unsaid if not is_overtaken(each, on_their_way)]
    return [Effect(each.id + AT_LAST, SPEECH, each.kind, each.data, due=now) for each in left]


def is_overtaken(words: Effect, others: Collection[str]) -> bool:
    """Whether one of the others, by their ids, is these words again, or tells a later status of the same report than they do."""
    if words.id + AT_LAST in others:
        return True
    if (told := _status_of(words.id)) is None:
        return False
    report, sequence = told
    return any(other is not None and other[0] == report and other[1] > sequence for other in map(_status_of, others))


_STATUS = re.compile(r"(?P<report>[^:/]+):(?P<sequence>\d+)/")


def _status_of(id_: str) -> tuple[str, int] | None:
    """Of which report words with this id tell a status, and its sequence; that of the notice, as `notify` made it, stands in it."""
    found = _STATUS.match(id_)
    return (found["report"], int(found["sequence"])) if found else None


NUDGE = "nudge"
"""The lane of what is told in brief, when the words themselves are held back."""


def nudge(words: Effect, *, now: datetime, by_template: bool = True) -> list[Effect]:
    """Tell held words, or what an earlier nudge was to tell, in brief; nothing when they are no notice."""
    if "brief" not in words.data:
        return []
    data = {"brief": words.data["brief"], "by_template": by_template}
    return [Effect(f"{words.id}/{'brief' if by_template else 'sms'}", NUDGE, "nudge", data, due=now)]


def brief(data: Mapping[str, Any]) -> Brief | None:
    """The brief of a `say` or `nudge` effect."""
    return Brief(**data["brief"]) if "brief" in data else None


def outbound(data: Mapping[str, Any]) -> Outbound:
    """The words of a `say` effect."""
    return Outbound(
        text=data["text"],
        choices=tuple(Choice(value, label) for value, label in data["choices"]),
        question=data["question"],
        ask_location=data["ask_location"],
    )


def file_ref(data: Mapping[str, Any]) -> FileRef:
    """The file of a `fetch` effect."""
    return FileRef(ref=data["ref"], mime=data["mime"], name=data["name"], size=data["size"])


def _filing(report: Report, render: Render) -> dict[str, Any]:
    """A `file` effect's data: the report's document without its lanes. That it joins others stands in its text."""
    joining = f"\n\n{render(Say('filed.joins', {'count': report.joins})).text}" if report.joins else ""
    return {
        "id": report.id,
        "receipt": report.receipt,
        "code_hash": access.hash_code(report.access_code, report.receipt),
        "conversation": report.conversation,
        "media": list(report.media),
        "submitted_at": report.submitted_at,
        "language": report.language,
        "redirect": report.redirect,
        "started_at": report.started_at,
        "messages": report.messages or None,
        "body": {**forwarded_body(report), "body": report.body + joining},
    }


def forwarded_body(report: Report) -> dict[str, Any]:
    """The body of POST /v1/reports by the core's API, still without attachments."""
    where = report.location
    return {
        "id": report.id,
        "kind": report.kind.value,
        "title": report.title,
        "body": report.body,
        "occurred_on": report.occurred_on.isoformat() if report.occurred_on else None,
        "location": {"text": where.text, "area_code": where.area_code, "lat": where.lat, "lon": where.lon},
        "category": report.category,
        "agency": report.agency,
        "anonymous": report.anonymous,
        "confidential": report.confidential,
        "reporter": None if report.anonymous else _reporter(report),
        "channel": report.channel,
        "entered_by": report.entered_by,
        "submitted_at": report.submitted_at.isoformat(),
    }


def _reporter(report: Report) -> dict[str, Any]:
    _, _, address = report.conversation.partition(":")
    return {"name": report.name, "channel": report.channel, "address": address}


def stored_report(data: Mapping[str, Any]) -> StoredReport:
    """The document a `file` effect inserts, with its first effect: to be forwarded."""
    return StoredReport(
        id=data["id"],
        receipt=data["receipt"],
        code_hash=data["code_hash"],
        conversation=data["conversation"],
        body=data["body"],
        media=tuple(data["media"]),
        submitted_at=data["submitted_at"],
        language=data["language"],
        redirect=data.get("redirect"),
        started_at=data.get("started_at"),
        messages=data.get("messages"),
        status=Status.RECEIVED,
        effects=(tracing.carried(forward(data["id"], data["submitted_at"])),),
        due=data["submitted_at"],
    )


def unfiled(pending: Sequence[Effect]) -> list[StoredReport]:
    """Reports that are confirmed, and whose own document is still to be inserted: their receipts are known already. Newest first."""
    return [stored_report(effect.data) for effect in reversed(pending) if effect.kind == "file"]


def count_left(left: CountLeft, *, now: datetime) -> Effect:
    """Count a draft that was left. Its id is drawn, so that what is counted leads back to nobody; of a turn computed again only the last
    is written.
    """
    id_ = token_hex(12)
    day = now.astimezone(WIB).date().isoformat()
    data = {"id": id_, "day": day, "how": left.how.value, "question": left.question, "redirect": left.redirect}
    return Effect(f"left:{id_}", "left", "count_left", data, due=now)


CORE = "core"
"""The lane of calls to the core, in order."""


def forward(report_id: str, due: datetime) -> Effect:
    """Hand a filed report to the core."""
    return tracing.carried(Effect(f"forward:{report_id}", CORE, "forward", {}, due=due))


def operation(id_: str, kind: str, body: Mapping[str, Any], *, now: datetime) -> Effect:
    """Something to be done to a filed report. `at`: when it was ordered, which rescheduling does not change."""
    return Effect(id_, CORE, kind, {"body": dict(body), "at": now}, due=now)


NOTIFY = "notify"
"""The lane of what the citizen is to be told about a report, in order."""


def notify(report_id: str, key: str, kind: str, *, now: datetime, text: str = "", attachments: int = 0, reason: str = "") -> Effect:
    """Tell the citizen. `key` makes the notice's dedupe key, `report:key`."""
    data = {"kind": kind, "text": text, "attachments": attachments, "reason": reason}
    return Effect(f"{report_id}:{key}", NOTIFY, "notify", data, due=now)


REMINDER = "reminder"
"""The kind and the lane of a reminder: it waits for its day, and nothing else may wait behind it."""


def remind(report_id: str, sequence: int, *, due: datetime) -> Effect:
    """Remind the citizen at `due` of what a postponed report lacks, if it still has the status of that sequence then."""
    notice = notify(report_id, f"{REMINDER}:{sequence}", REMINDER, now=due)
    return replace(notice, lane=REMINDER, data={**notice.data, "sequence": sequence})


def day_or_none(value: object) -> date | None:
    """A day from its ISO form; None stays None."""
    return date.fromisoformat(value) if isinstance(value, str) else None
