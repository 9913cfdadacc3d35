"""Where and when in one question, for channels on which every message costs. A reply may answer both, or one of them.

The place is asked again then; a day that is missing is offered in the summary.
"""

import re
from datetime import date

from bot.conversation import locating, replies, story
from bot.conversation.drafts import settle
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Place
from bot.conversation.steps import when, where
from bot.conversation.talk import Reply, Talk

_TIME = r"(?:\d|hari|hr|minggu|mgg|mg|pekan|bulan|bln|tahun|thn|th|jam|menit|days?|weeks?|months?|years?|hours?)\b"
_PICK = re.compile(rf"(\d)(?:\s*[.,;:)-]\s*|\s+)(?!{_TIME})(?=\D)", re.IGNORECASE)
"""A candidate's number at the head of a longer reply; "3 hari lalu" has none."""


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Both at once; with the candidates where the text names a place without being sure."""
    data = talk.asked.data
    locating.prime(talk, data)
    codes: list[str] = data.get("codes", [])
    if codes:
        offers = [*(Offer(code, locating.label(talk, code)) for code in codes), Offer(locating.NONE_OF_THESE)]
        talk.ask("ask.gaps_which", offers, again=again)
    else:
        talk.ask("ask.gaps", again=again, more=bool(data.get("text") or data.get("named")), kind=talk.draft.kind)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Settle what is answered; what is not is asked next, with what is known of it."""
    if not reply.value and replies.is_stray(reply.text):
        return Outcome.UNCLEAR
    data = talk.asked.data
    if not reply.value and replies.means_skip(reply.text):
        talk.draft.occurred_on = None
        settle(talk, "when")
        if data.get("text") or data.get("wide"):
            where.settle(talk, locating.placed(talk, data.get("text", ""), data.get("wide")))
            settle(talk, "where")
        return Outcome.TAKEN
    day = when.named(talk, reply.text)
    if not (day or reply.value) and locating.names_nothing(talk, data, reply.text) and story.adds(talk, reply.text):
        return Outcome.TOLD
    place = _place(talk, reply, day)
    if day:
        when.settle(talk, day)
        settle(talk, "when")
    if place:
        where.settle(talk, place)
        settle(talk, "where")
        return Outcome.TAKEN
    if day:
        talk.open("where", data)
        where.ask(talk, False)
    else:
        ask(talk, True)
    return Outcome.STAYS


def _place(talk: Talk, reply: Reply, day: date | None) -> Place | None:
    """The place of a reply, if it is clear; else `data` keeps what was said of it, unless it was about the day alone."""
    data = talk.asked.data
    codes: list[str] = data.get("codes", [])
    pick = _PICK.match(reply.text)
    picked = codes[int(pick[1]) - 1 : int(pick[1])] if pick and pick[1] != "0" else []
    code = picked[0] if picked else locating.chosen(talk, data, reply)
    if code == locating.NONE_OF_THESE:
        data["codes"] = []
        return None
    if code:
        return locating.placed(talk, data.get("text", ""), code)
    if day and replies.is_about_time(reply.text):
        return None
    sure = talk.tables.places.find(reply.text).code
    hinted = None if sure else locating.hinted(talk, data, reply.text)
    return locating.placed(talk, reply.text[: locating.TEXT_LIMIT], hinted) if hinted else locating.locate(talk, data, reply.text)


QUESTION = Question("gaps", ask, hear)
