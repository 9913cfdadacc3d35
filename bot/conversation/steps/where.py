"""Where it happened: words that name a place, or a pin on the map."""

from bot.conversation import locating, replies, story
from bot.conversation.locating import NONE_OF_THESE, TEXT_LIMIT
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft, Place
from bot.conversation.talk import Reply, Talk
from bot.model import Pin


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Ask openly, with a hint for an unknown place, or offer what an ambiguous name may mean."""
    data = talk.asked.data
    locating.prime(talk, data)
    text = data.get("text") or data.get("named", "")
    codes: list[str] = data.get("codes", [])
    if codes:
        offers = [*(Offer(code, locating.label(talk, code)) for code in codes), Offer(NONE_OF_THESE)]
        talk.ask("ask.where_which", offers, again=again, text=text)
    elif text:
        talk.ask("ask.where_more", location=True, text=text, pins=talk.capabilities.pins)
    else:
        talk.ask("ask.where", location=True, again=again, kind=talk.draft.kind, pins=talk.capabilities.pins)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a pin, a chosen candidate, or words; unknown words are asked about, then taken as they are."""
    data = talk.asked.data
    if talk.heard.pin:
        pin(talk, talk.heard.pin, reply.text)
        return Outcome.TAKEN
    codes: list[str] = data.get("codes", [])
    code = locating.chosen(talk, data, reply)
    if code == NONE_OF_THESE:
        data["codes"] = []
        data["tries"] = data.get("tries", 0) + 1
        ask(talk, False)
        return Outcome.STAYS
    if code:
        settle(talk, locating.placed(talk, data.get("text", ""), code))
        return Outcome.TAKEN
    if (data.get("text") or data.get("wide")) and not codes and replies.means_skip(reply.text):
        settle(talk, locating.placed(talk, data.get("text", ""), data.get("wide")))
        return Outcome.TAKEN
    if replies.is_stray(reply.text) or replies.means_skip(reply.text):
        return Outcome.UNCLEAR
    if locating.names_nothing(talk, data, reply.text) and story.adds(talk, reply.text):
        return Outcome.TOLD
    place = locating.locate(talk, data, reply.text)
    if place is None:
        ask(talk, False)
        return Outcome.STAYS
    settle(talk, place)
    return Outcome.TAKEN


def settle(talk: Talk, place: Place) -> None:
    """This is the place; it is echoed."""
    talk.draft.place = place
    if place.code:
        talk.note("place", name=talk.tables.places.name(place.code))
    else:
        talk.note("words", text=place.text)


def pin(talk: Talk, point: Pin, text: str = "") -> None:
    """Keep a point; words known before stay with it."""
    place = talk.draft.place
    words = text or replies.clean(point.label) or place.text
    talk.draft.place = Place(words[:TEXT_LIMIT], place.code, point.lat, point.lon)
    talk.note("pin")


def _skip(draft: Draft) -> None:
    del draft  # what little is known stays


STEP = Step("where", ask, hear, skip=_skip)
