"""STATUS: of one report by its number, or of the citizen's own."""

from collections.abc import Mapping
from typing import Any

from bot.conversation import reports
from bot.conversation.actions import kept
from bot.conversation.commands import Command
from bot.conversation.question import Outcome
from bot.conversation.talk import Talk
from bot.model import ReportView


def run(talk: Talk, command: Command) -> None:
    """Tell it, or show the page of them; a stranger learns nothing."""
    if command.number or command.rest:
        view = reports.reach(talk, command)
        if view:
            _tell(talk, view)
        else:
            reports.tell_unknown(talk)
    else:
        kept.tell(talk)
        reports.choose(talk, WHICH, lambda view: _tell(talk, view))


def _tell(talk: Talk, view: ReportView) -> None:
    talk.say("told.status", waiting=view.waiting, **reports.facts(talk, view))


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    del data
    _tell(talk, view)
    return Outcome.TAKEN


WHICH = reports.which("status", "status", _chosen)
