"""TAMBAH: something to add to a filed report, or an answer to its agency."""

from collections.abc import Mapping
from typing import Any

from bot.conversation import media, replies, reports
from bot.conversation.commands import Command
from bot.conversation.drafts import held
from bot.conversation.operations import operate
from bot.conversation.question import Outcome, Question
from bot.conversation.story import LIMIT
from bot.conversation.talk import Reply, Talk
from bot.model import ReportView


def run(talk: Talk, command: Command) -> bool:
    """Add it, or ask what and to which. False when the words turn out to be no command."""
    if command.number:
        return _run_numbered(talk, command)
    mine = talk.mine()
    if not mine:
        if not command.sure:
            return False
        talk.say("told.no_reports")
    elif len(mine) == 1 and command.sure:
        _add(talk, mine[0], command.rest)
    else:
        talk.open(WHICH.name, {"text": held(talk, command.rest)}, over=True)
        WHICH.ask(talk, False)
    return True


def _run_numbered(talk: Talk, command: Command) -> bool:
    view = reports.reach(talk, command)
    if view:
        _add(talk, view, command.rest if view.mine else command.after_code)
    elif command.sure or command.code:
        reports.tell_unknown(talk)
    else:
        return False
    return True


def _add(talk: Talk, view: ReportView, text: str) -> None:
    if replies.is_blank(text) and not talk.heard.files:
        talk.open(TEXT.name, {"report": view.id, "number": reports.number_of(view)}, over=True)
        TEXT.ask(talk, False)
    else:
        send(talk, view.id, reports.number_of(view), text)


def send(talk: Talk, report: str, number: str, text: str) -> None:
    """Hand words and the message's files to the agency, and say so."""
    files = media.accepted(talk, media.AT_MOST)
    media.fetch(talk, files)
    deliver(talk, report, number, text, [file.id for file in files])


def deliver(talk: Talk, report: str, number: str, text: str, files: list[str]) -> None:
    """Hand words and files, which are ordered already, to the agency, and say so."""
    hand_over(talk, report, text, files)
    talk.say("told.added", number=number)


def hand_over(talk: Talk, report: str, text: str, files: list[str]) -> None:
    """Without a word of it. The agency no longer waits for an answer."""
    if len(text) > LIMIT:
        talk.say("told.text_cut", limit=LIMIT)
    operate(talk, report, "messages", {"text": text[:LIMIT], "media": files})
    talk.session.awaited = [each for each in talk.session.awaited if each.report != report]


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    before = talk.session.asked
    _add(talk, view, data.get("text", ""))
    return Outcome.TAKEN if talk.session.asked is before else Outcome.STAYS


def _ask_text(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.add", again=again, number=talk.asked.data["number"], media=talk.capabilities.media)


def _hear_text(talk: Talk, reply: Reply) -> Outcome:
    if replies.is_blank(reply.text) and not talk.heard.files:
        return Outcome.UNCLEAR
    if replies.means_no(reply.text):
        talk.say("told.stopped")
        return Outcome.TAKEN
    send(talk, talk.asked.data["report"], talk.asked.data["number"], reply.text)
    return Outcome.TAKEN


WHICH = reports.which("add", "add", _chosen)
TEXT = Question("addtext", _ask_text, _hear_text, aside=True)
