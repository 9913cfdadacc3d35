"""Which day it happened; only a complaint is asked."""

from datetime import date, timedelta

from bot.conversation import replies, story
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk
from bot.model import Capabilities, Kind

_TODAY, _YESTERDAY, _UNKNOWN = "hari_ini", "kemarin", "tidak_tahu"
_OFFERS = (Offer(_TODAY), Offer(_YESTERDAY), Offer(_UNKNOWN))
_LOOKED_AT = 200


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Any way of naming a day will do."""
    talk.ask("ask.when", _OFFERS, again=again)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a day that is not in the future, or that it is not known; a loose span ("tahun lalu") goes into the text."""
    if reply.value == _UNKNOWN or (not reply.value and replies.means_skip(reply.text)):
        talk.draft.occurred_on = None
        talk.note("no_day")
        return Outcome.TAKEN
    day = _day(talk, reply)
    if day is None and replies.is_loose_time(reply.text):
        talk.draft.occurred_on = None
        story.append(talk, reply.text)
        talk.note("loose_day")
        return Outcome.TAKEN
    if day is None:
        return Outcome.UNCLEAR
    settle(talk, day)
    return Outcome.TAKEN


def settle(talk: Talk, day: date) -> None:
    """This is the day; it is echoed."""
    talk.draft.occurred_on = day
    talk.note("day", day=day)


def _day(talk: Talk, reply: Reply) -> date | None:
    if reply.value:
        return talk.today - timedelta(days=reply.value == _YESTERDAY)
    return named(talk, reply.text)


def named(talk: Talk, text: str) -> date | None:
    """The day a short text names, today or earlier."""
    day = talk.tables.read_day(text[:_LOOKED_AT], talk.today)
    return day if day and day <= talk.today else None


def _is_complaint(draft: Draft, capabilities: Capabilities) -> bool:
    del capabilities
    return draft.kind == Kind.COMPLAINT


def _skip(draft: Draft) -> None:
    draft.occurred_on = None


STEP = Step("when", ask, hear, skip=_skip, applies=_is_complaint, optional=True)
