"""A code from an admin: what the citizen has written on a network stands as a draft, read as if it had been written here."""

from bot.conversation import reports, story, triage
from bot.conversation.actions import kept, report
from bot.conversation.commands import Command
from bot.conversation.drafts import begin, put_aside, take_along
from bot.conversation.protocol import Redirected
from bot.conversation.session import Draft
from bot.conversation.talk import Talk


def run(talk: Talk, command: Command, *, busy: bool) -> None:
    """Begin with what was prepared, or go on with it. `busy`: other words wait for an answer first.

    After too many wrong codes none is even asked about, so that guessing binds nothing.
    """
    code = command.code or ""
    found = None if reports.is_limited(talk) else talk.redirected(code)
    if found is None:
        _tell_unknown(talk)
    elif found.filed:
        talk.say("told.redirect_filed", number=found.filed)
    elif _stands(talk.session.draft, code):
        take_along(talk)
    else:
        _prepare(talk, code, found, busy=busy)


def _tell_unknown(talk: Talk) -> None:
    """The one answer for an unknown code, one that has ended, and one that is somebody else's."""
    talk.say("sorry.code_unknown", delay=reports.count_wrong(talk))
    if talk.session.asked is None:
        report.start(talk)


def _stands(draft: Draft | None, code: str) -> bool:
    return draft is not None and draft.redirect == code


def _prepare(talk: Talk, code: str, found: Redirected, *, busy: bool) -> None:
    """The draft of this code stands: the one that waits with others, or a new one. Later, where that would cost words that are here."""
    waiting = next((index for index, draft in enumerate(talk.session.kept) if _stands(draft, code)), None)
    if busy or not (_begins(talk, code, found) if waiting is None else kept.take_up_at(talk, waiting)):
        talk.say("told.redirect_later")


def _begins(talk: Talk, code: str, found: Redirected) -> bool:
    """A new draft, if the one that stands can wait meanwhile. Nothing of it is the present message's, which may be edited later."""
    if talk.session.draft and not put_aside(talk):
        return False
    begin(talk)
    draft = talk.draft
    draft.redirect, draft.written_on, draft.note = code, found.written_on, found.note
    story.keep(talk, found.text)
    draft.parts[0].message = f"redirect:{code}"
    draft.told = None  # what follows at once is an answer, however long the text is
    triage.watch(talk, found.text)
    talk.say("told.redirected", office=found.office, network=found.network.value)
    return True
