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
        return
    mine = talk.mine()
    kept.tell(talk)
    if not mine:
        talk.say("told.no_reports")
    elif len(mine) == 1:
        _tell(talk, mine[0])
    else:
        talk.open(WHICH.name, over=True)
        WHICH.ask(talk, False)


def _tell(talk: Talk, view: ReportView) -> None:
    talk.say("told.status", waiting=view.waiting, **reports.facts(talk, view))


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    del data
    _tell(talk, view)
    return Outcome.TAKEN


WHICH = reports.which("status", "status", _chosen)
