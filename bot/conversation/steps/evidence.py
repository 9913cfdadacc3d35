"""Photos, videos and documents, where the channel can carry them. What is sent before its turn is kept too."""

from datetime import timedelta

from bot.conversation import media, replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk
from bot.model import Capabilities

ALBUM_PAUSE = timedelta(seconds=2)
"""An album comes as several messages; it gets one answer."""

_DONE, _SKIP, _EMPTY = "selesai", "lewati", "kosongkan"
_WITH_FILES, _WITHOUT = (Offer(_DONE), Offer(_EMPTY)), (Offer(_SKIP),)


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Ask for files, or for more of them."""
    count = len(talk.draft.evidence)
    offers = _WITH_FILES if count else _WITHOUT
    delay, mark = _album(talk)
    talk.ask("ask.evidence", offers, delay=delay, coalesce=mark, again=again, count=count, most=media.AT_MOST)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Finish, or start again without files. Files themselves are kept whatever is asked: see `keep`."""
    if reply.value == _EMPTY:
        talk.draft.evidence = []
        ask(talk, False)
        return Outcome.STAYS
    if reply.value or replies.means_done(reply.text) or replies.means_skip(reply.text):
        if talk.draft.evidence:
            talk.note("files", count=len(talk.draft.evidence))
        return Outcome.TAKEN
    return Outcome.UNCLEAR


def keep(talk: Talk) -> int:
    """Add the message's files to the draft, and fetch them if its writer has agreed. How many were taken."""
    draft = talk.draft
    new = media.accepted(talk, media.AT_MOST - len(draft.evidence))
    draft.evidence += new
    if draft.agreed:
        media.fetch(talk, new)
    return len(new)


def tell_kept(talk: Talk) -> None:
    """Say how many files there are now; an album is answered once."""
    if talk.session.asked and talk.session.asked.name == STEP.name:
        ask(talk, False)
        return
    delay, mark = _album(talk)
    count = len(talk.draft.evidence)
    talk.say("told.files_kept", delay=delay, coalesce=mark, count=count, most=media.AT_MOST, agreed=talk.draft.agreed)


def _album(talk: Talk) -> tuple[timedelta, str]:
    """When to answer, and the mark under which only the last answer is said."""
    album = talk.heard.album
    return (ALBUM_PAUSE, f"album:{album}") if album else (timedelta(0), "")


def _skip(draft: Draft) -> None:
    del draft  # what was sent stays


def _carried(draft: Draft, capabilities: Capabilities) -> bool:
    del draft
    return capabilities.media


STEP = Step("evidence", ask, hear, skip=_skip, applies=_carried)
