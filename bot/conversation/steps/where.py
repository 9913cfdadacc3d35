"""Where it happened: words that name a place, or a pin on the map."""

from bot.conversation import replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Place
from bot.conversation.talk import Reply, Talk
from bot.model import Pin

NONE_OF_THESE = "lain"
_AT_MOST = 9
"""Candidates offered; with none of these, ten: what a WhatsApp list holds."""
_TEXT_LIMIT = 500
_PROVINCE = 2
"""Characters of a province's code: too wide to stop asking."""
_TRIES = 2
"""Hints given before the words are taken as they are."""
_LEVELS = {"kabupaten": "kab", "regency": "kab", "city": "kota"}
_EMPTY = replies.vocabulary("yang yg itu di the one in")


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Ask openly, with a hint for an unknown place, or offer what an ambiguous name may mean."""
    data = talk.asked.data
    codes: list[str] = data.get("codes", [])
    if codes:
        named = [(code, talk.tables.places.name(code)) for code in codes]
        offers = [*(Offer(code, name) for code, name in named), Offer(NONE_OF_THESE)]
        talk.ask("ask.where_which", offers, again=again, text=data["text"])
    elif data.get("text"):
        talk.ask("ask.where_more", location=True, text=data["text"], pins=talk.capabilities.pins)
    else:
        talk.ask("ask.where", location=True, again=again, kind=talk.draft.kind, pins=talk.capabilities.pins)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a pin, a chosen candidate, or words; unknown words are asked about, then taken as they are."""
    asked = talk.asked
    if talk.heard.pin:
        pin(talk, talk.heard.pin, reply.text)
        return Outcome.TAKEN
    codes: list[str] = asked.data.get("codes", [])
    chosen = _chosen(talk, codes, reply)
    if chosen == NONE_OF_THESE:
        asked.data["codes"] = []
        asked.data["tries"] = asked.data.get("tries", 0) + 1
        ask(talk, False)
        return Outcome.STAYS
    if chosen:
        return _settle(talk, asked.data["text"], chosen)
    if asked.data.get("text") and not codes and replies.means_skip(reply.text):
        return _settle(talk, asked.data["text"], asked.data.get("wide"))
    said = reply.text[:_TEXT_LIMIT]
    if replies.is_blank(said) or replies.means_skip(said) or (codes and said.isdigit()):
        return Outcome.UNCLEAR
    return _read(talk, said)


def _read(talk: Talk, said: str) -> Outcome:
    data = talk.asked.data
    before: str = data.get("text", "")
    together = f"{before}, {said}"[-_TEXT_LIMIT:] if before else said
    guess = talk.tables.places.find(said)
    if before and not guess.code:
        wider = talk.tables.places.find(together)
        guess = wider if wider.code or not guess.candidates else guess
    if guess.code and (before or len(guess.code) > _PROVINCE):
        return _settle(talk, together, guess.code)
    data["tries"] = data.get("tries", 0) + 1
    data["text"] = together
    data["wide"] = guess.code or data.get("wide")
    if data["tries"] > _TRIES or (before and not guess.candidates):
        return _settle(talk, together, data["wide"])
    data["codes"] = [choice.code for choice in guess.candidates] if len(guess.candidates) <= _AT_MOST else []
    ask(talk, False)
    return Outcome.STAYS


def _chosen(talk: Talk, codes: list[str], reply: Reply) -> str | None:
    """A candidate by its button or number, or by words that fit one only ("kota", "yang kabupaten")."""
    if reply.value:
        return reply.value
    said = {_LEVELS.get(word, word) for word in replies.words(reply.text)} - _EMPTY
    fitting = [
        code for code in codes if said and said <= {_LEVELS.get(word, word) for word in replies.words(talk.tables.places.name(code))}
    ]
    if len(fitting) == 1:
        return fitting[0]
    return NONE_OF_THESE if codes and replies.means_skip(reply.text) else None


def _settle(talk: Talk, text: str, code: str | None) -> Outcome:
    talk.draft.place = Place(text, code, talk.draft.place.lat, talk.draft.place.lon)
    if code:
        talk.note("place", name=talk.tables.places.name(code))
    else:
        talk.note("words", text=text)
    return Outcome.TAKEN


def pin(talk: Talk, point: Pin, text: str = "") -> None:
    """Keep a point; words known before stay with it."""
    place = talk.draft.place
    words = text or replies.clean(point.label) or place.text
    talk.draft.place = Place(words[:_TEXT_LIMIT], place.code, point.lat, point.lon)
    talk.note("pin")


STEP = Step("where", ask, hear)
