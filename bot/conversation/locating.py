"""Finds the place a citizen means, over as many replies as it takes. What is known so far stands in the open question's data.

`text`: their words; `named`: what the report's text names, a province or a name that several places bear; `codes`: the candidates on
offer; `wide`: the province, when only that is sure; `tries`: replies that did not settle it.
"""

from typing import Any

from bot.conversation import replies
from bot.conversation.session import Place
from bot.conversation.tables import AreaGuess
from bot.conversation.talk import Reply, Talk

TEXT_LIMIT = 500
PROVINCE, REGENCY = 2, 5
"""Characters of the codes; a province is too wide to stop asking."""

NONE_OF_THESE = "lain"
_OFFERED, _OFFERED_BY_SMS = 9, 4
"""Candidates; with none of these, ten: what a WhatsApp list holds. By SMS more would cost too much."""
_READ = 2_000
"""Characters of the report's text."""
_TRIES = 2
"""Hints given before the words are taken as they are."""
_LEVELS = {"kabupaten": "kab", "regency": "kab", "city": "kota"}
_EMPTY = replies.vocabulary("yang yg itu di the one in")


def prime(talk: Talk, data: dict[str, Any]) -> None:
    """Take over what the report's text says of the place without being sure."""
    draft = talk.draft
    if data.keys() & {"text", "named", "tries"} or draft.correcting or draft.place.code or "where" in draft.revisited or not draft.parts:
        return
    guess = talk.tables.places.find(draft.text[:_READ])
    codes = _offered(talk, guess)
    if codes or guess.code or guess.many:
        data["named"] = guess.name
        data["codes"] = codes
        data["wide"] = guess.code


def locate(talk: Talk, data: dict[str, Any], said: str) -> Place | None:
    """The place that the words mean, also with what was said before; None when there is something left to ask."""
    said = said[:TEXT_LIMIT]
    before: str = data.get("text", "")
    words = f"{before}, {said}"[-TEXT_LIMIT:] if before else said
    known = before or data.get("named", "")
    guess = talk.tables.places.find(said)
    if known and not guess.code:
        wider = talk.tables.places.find(f"{known}, {said}")
        guess = wider if wider.code or not guess.candidates else guess
    if guess.code and (known or len(guess.code) > PROVINCE):
        return placed(talk, words, _deeper(talk, guess.code, said))
    data["tries"] = data.get("tries", 0) + 1
    data["text"] = words
    data["wide"] = guess.code or data.get("wide")
    if data["tries"] > _TRIES or (before and not guess.candidates):
        return placed(talk, words, data["wide"])
    data["codes"] = _offered(talk, guess)
    return None


def names_nothing(talk: Talk, data: dict[str, Any], said: str) -> bool:
    """Whether no known place, and none of the candidates, is named."""
    guess = talk.tables.places.find(said[:TEXT_LIMIT])
    return not (guess.code or guess.candidates or guess.many or hinted(talk, data, said))


def placed(talk: Talk, words: str, code: str | None) -> Place:
    """A place of these words; a pin stays."""
    return Place(words, code, talk.draft.place.lat, talk.draft.place.lon)


def chosen(talk: Talk, data: dict[str, Any], reply: Reply) -> str | None:
    """A candidate by its button or number, or by words that fit one only ("kota", "yang kabupaten")."""
    if reply.value:
        return reply.value
    codes: list[str] = data.get("codes", [])
    said = _plain(reply.text) - _EMPTY
    fitting = [code for code in codes if said and said <= _plain(talk.tables.places.name(code))]
    if len(fitting) == 1:
        return fitting[0]
    return NONE_OF_THESE if codes and replies.means_skip(reply.text) else None


def hinted(talk: Talk, data: dict[str, Any], said: str) -> str | None:
    """The candidate that shares the most words with a reply about more than the place ("yang kota, kemarin"), if it is one only."""
    shared = {code: len(_plain(talk.tables.places.name(code)) & _plain(said)) for code in data.get("codes", [])}
    most = max(shared.values(), default=0)
    fitting = [code for code, count in shared.items() if count == most > 0]
    return fitting[0] if len(fitting) == 1 else None


def label(talk: Talk, code: str) -> str:
    """A candidate's name; by SMS no longer than it takes to choose."""
    name = talk.tables.places.name(code[:REGENCY] if talk.by_sms else code)
    return name.partition(",")[0].replace("Kabupaten", "Kab") if talk.by_sms else name


def _offered(talk: Talk, guess: AreaGuess) -> list[str]:
    """What may be offered as choices; nothing when it is too much, or by SMS, when it would look alike."""
    codes = [] if guess.many else [choice.code for choice in guess.candidates]
    if talk.by_sms and len({label(talk, code) for code in codes}) < len(codes):
        return []
    return codes if len(codes) <= (_OFFERED_BY_SMS if talk.by_sms else _OFFERED) else []


def _deeper(talk: Talk, code: str, said: str) -> str:
    """The district or village that the report's text names inside the place that was answered."""
    draft = talk.draft
    if draft.correcting or not draft.parts:
        return code
    together = talk.tables.places.find(f"{draft.text[:_READ]}\n{said}").code
    return together if together and together.startswith(code) else code


def _plain(text: str) -> set[str]:
    return {_LEVELS.get(word, word) for word in replies.words(text)}
