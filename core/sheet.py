"""A report as an officer reads it in a terminal."""

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from core import wire
from core.clock import WIB
from core.model import Attachment, Filing
from core.store.reports import Entry, Record


def say(text: str) -> None:
    """Print it."""
    sys.stdout.write(text + "\n")


def summary(record: Record) -> str:
    """One line: ticket, status, agency, and the clocks that run."""
    case = record.case
    running = [f"{name} {day}" for name, day in wire.due(case.due).items() if day]
    return "  ".join([case.ticket, case.status.value, printable(case.agency or "-"), ", ".join(running) or "no deadline"])


def whole(record: Record, filing: Filing, history: Sequence[Entry]) -> str:
    """Everything: what was filed, and what was done."""
    facts = [f"  {name}: {value}" for name, value in _facts(record, filing).items() if value]
    files = [f"  attachment: {printable(f'{item.name} {item.mime}')} {item.size} bytes {item.url}" for item in attachments(filing, history)]
    done = [f"  {_local(line.at)} {line.by} {line.action}: {_words(line)}" for line in history]
    return "\n".join([summary(record), *facts, *files, *done])


def attachments(filing: Filing, history: Sequence[Entry]) -> Sequence[Attachment]:
    """What came with the report, then what came later."""
    later = [Attachment(**item) for line in history for item in line.words.get("attachments", ())]
    return [*filing.attachments, *later]


def printable(text: str) -> str:
    """Without control and formatting characters: a citizen's text must not steer an officer's terminal."""
    return "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in text)


def _facts(record: Record, filing: Filing) -> Mapping[str, str]:
    place, reporter = filing.location, filing.reporter
    pin = f"{place.lat},{place.lon}" if place.lat is not None else None
    flags = [word for word, on in (("anonim", filing.anonymous), ("rahasia", filing.confidential)) if on]
    return {
        "kind": " ".join([filing.kind.value, *flags]),
        "title": printable(filing.title),
        "body": printable(filing.body),
        "occurred_on": str(filing.occurred_on or ""),
        "location": printable(" ".join(filter(None, (place.text, place.area_code, pin)))),
        "category": printable(filing.category or ""),
        "agency wanted": printable(filing.agency or ""),
        "reporter": printable(f"{reporter.name or '-'} {reporter.channel} {reporter.address}") if reporter else "",
        "submitted": f"{_local(filing.submitted_at)} by {printable(filing.channel)}",
        "missing": " ".join(record.case.missing),
    }


def _words(line: Entry) -> str:
    return printable(" ".join(f"{name}={value}" for name, value in line.words.items() if value and name != "attachments"))


def _local(moment: datetime) -> str:
    return moment.astimezone(WIB).strftime("%Y-%m-%d %H:%M WIB")
