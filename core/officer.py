"""The commands by which a person plays the officer. They write to the core's database, with the same workflow as the API."""

import argparse
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from core import cases, clock, evidence, forms, sheet, wire, workflow
from core.app import opened
from core.errors import CoreError, UnknownTicket
from core.model import REPORT_FIELDS, Filing, Status
from core.settings import environment, read_database, read_movable, read_token
from core.sheet import say
from core.store.moved_clock import MovedClock
from core.store.reports import Entry, Record, Reports
from core.workflow import OfficerAction

Arguments: TypeAlias = argparse.Namespace
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # argparse has no public name for what add_subparsers gives
Run: TypeAlias = Callable[[Arguments], Awaitable[None]]

_WITH_TEXT = ("answer", "ask")
_WITH_REASON = ("archive", "not-ours")

_ACTIONS: Mapping[str, tuple[str, Callable[[Arguments], OfficerAction]]] = {
    "postpone": ("ask the citizen to complete the report", lambda given: workflow.Postpone(tuple(given.missing), given.note)),
    "dispose": ("hand it to the agency in charge", lambda given: workflow.Dispose(given.agency, given.note)),
    "progress": ("the agency has begun", lambda given: workflow.Progress(given.note)),
    "answer": (
        "answer the citizen, who may answer back within 10 working days",
        lambda given: workflow.Answer(given.text, given.wants_answer),
    ),
    "ask": ("ask the citizen something; the status stays", lambda given: workflow.Ask(given.text)),
    "complete": ("done, after an answer", lambda given: workflow.Complete(given.note)),
    "archive": ("lay it aside", lambda given: workflow.Archive(given.note)),
    "not-ours": ("not a matter for these offices", lambda given: workflow.Decline(given.note)),
    "reopen": ("take an ended report up again", lambda given: workflow.Reopen(given.note)),
}


def add_commands(commands: Commands) -> None:
    """Add every officer's command to `python -m core`."""
    for name, (summary, _) in _ACTIONS.items():
        _add_arguments(name, _add(commands, name, summary, _act))
    listing = _add(commands, "list", "the newest reports", _list, ticket=False)
    listing.add_argument("--status", type=Status, choices=list(Status), metavar="STATUS", help=", ".join(Status))
    listing.add_argument("--limit", type=_count, default=50, help="how many at most (50)")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    show = _add(commands, "show", "everything about one report", _show)
    show.add_argument("--json", action="store_true", help="one JSON object")
    verify = _add(commands, "verify", "check that the report is complete; tell what is missing otherwise", _verify)
    verify.add_argument("--field-check", action="store_true", help="somebody has to look on the spot: 60 working days instead of 14")
    fetch = _add(commands, "fetch", "fetch the attachments from the intake and check them", _fetch)
    fetch.add_argument("directory", type=Path, metavar="DIR", help="where to keep them")
    summary = "end the reports whose citizen has let 10 working days pass (`serve` does it every minute)"
    sweep = _add(commands, "sweep", summary, _sweep, ticket=False)
    sweep.add_argument("--at", type=_moment, metavar="TIME", help="as if it were this time (RFC 3339)")


def _add(commands: Commands, name: str, summary: str, run: Run, *, ticket: bool = True) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary)
    command.set_defaults(run=run)
    if ticket:
        command.add_argument("ticket", metavar="TICKET", help="its number")
    return command


def _add_arguments(name: str, command: argparse.ArgumentParser) -> None:
    """What the step needs from the officer."""
    if name == "postpone":
        fields = ", ".join(REPORT_FIELDS)
        command.add_argument("--missing", nargs="+", required=True, choices=REPORT_FIELDS, metavar="FIELD", help=fields)
    if name == "dispose":
        command.add_argument("--agency", required=True, help="the agency's name, as the citizen shall read it")
    if name == "answer":
        command.add_argument("--wants-answer", action="store_true", help="the agency waits for the citizen's answer")
    if name in _WITH_TEXT:
        command.add_argument("text", metavar="TEXT", help="words for the citizen")
    elif name == "reopen":
        command.add_argument("--note", help="why; for the history alone")
    else:
        command.add_argument("--note", required=name in _WITH_REASON, help="words for the citizen")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError("must be a number from 1")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return forms.read_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


async def _act(given: Arguments) -> None:
    """Take the step that the command names."""
    action = _ACTIONS[given.command][1](given)
    values = environment()
    async with opened(read_database(values)) as (reports, _, moved):
        record = await cases.act(reports, given.ticket, action, "officer", await _now(values, moved))
    say(sheet.summary(record))


async def _verify(given: Arguments) -> None:
    values = environment()
    async with opened(read_database(values)) as (reports, _, moved):
        _, filing, _ = await _dossier(reports, given.ticket)
        if missing := workflow.missing_fields(filing):
            raise CoreError(f"incomplete; missing: {' '.join(missing)} (postpone {given.ticket} --missing {' '.join(missing)})")
        record = await cases.act(reports, given.ticket, workflow.Verify(given.field_check), "officer", await _now(values, moved))
    say(f"{sheet.summary(record)}\ncomplete; next: dispose {given.ticket} --agency NAME")


async def _list(given: Arguments) -> None:
    async with opened(read_database(environment())) as (reports, *_):
        found = await reports.newest(given.status, given.limit)
    for record, filing in found:
        if given.json:
            say(json.dumps(wire.report(record.case, record.updated_at) | {"title": filing.title}))
        else:
            say(f"{sheet.summary(record)}  {filing.kind}  {sheet.printable(filing.title)[:80]}")


async def _show(given: Arguments) -> None:
    async with opened(read_database(environment())) as (reports, *_):
        record, filing, history = await _dossier(reports, given.ticket)
    if given.json:
        whole = {"report": asdict(filing), "history": [asdict(line) for line in history]}
        say(json.dumps(wire.report(record.case, record.updated_at) | whole, default=str))
    else:
        say(sheet.whole(record, filing, history))


async def _fetch(given: Arguments) -> None:
    values = environment()
    token = read_token(values)
    async with opened(read_database(values)) as (reports, *_):
        _, filing, history = await _dossier(reports, given.ticket)
    async for file in evidence.fetch(sheet.attachments(filing, history), given.directory, given.ticket, token):
        say(str(file))


async def _sweep(given: Arguments) -> None:
    values = environment()
    async with opened(read_database(values)) as (reports, _, moved):
        say(f"{await cases.sweep(reports, given.at or await _now(values, moved))} ended")


async def _now(values: Mapping[str, str], moved: MovedClock) -> datetime:
    """Business time, which a demonstration may have moved."""
    return clock.now() + (await moved.ahead() if read_movable(values) else timedelta(0))


async def _dossier(reports: Reports, ticket: str) -> tuple[Record, Filing, Sequence[Entry]]:
    dossier = await reports.dossier(ticket)
    if dossier is None:
        raise UnknownTicket
    return dossier
