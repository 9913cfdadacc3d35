"""Open reports like the one being written: one's own, to add to instead, and how many others nearby, to join in words."""

from collections.abc import Mapping
from typing import Any

from bot.conversation import replies
from bot.conversation.actions import add
from bot.conversation.protocol import Offer, SimilarReports
from bot.conversation.reports import number_of
from bot.conversation.session import Draft
from bot.conversation.talk import Talk
from bot.conversation.understanding.likeness import likeness, words_of

ADD, JOIN = "tambah", "ikut"

REGENCY, DISTRICT = 5, 8
"""Characters of the codes of a regency and of a district."""

_ALIKE = 0.5
"""Share of common words from which on two texts tell the same."""
_RELATED = 0.15
"""The same, where kind, category and area are the same."""
_JOINING = replies.vocabulary("ikut mendukung dukung bergabung gabung join")
_ADDING = replies.vocabulary("tambah tambahkan add")
_SENDING = replies.vocabulary("kirim dan ke send and to that it")


def before_summary(talk: Talk) -> dict[str, Any]:
    """What the summary says of them, and remembers while it is open: `own`, a number or None, and `nearby`."""
    found = talk.similar(_query(talk.draft))
    own = found.own
    talk.asked.data["similar"] = {"report": own.id, "number": number_of(own)} if own else {"nearby": found.nearby} if found.nearby else {}
    return {"own": number_of(own) if own else None, "nearby": 0 if own else found.nearby}


def offers(talk: Talk) -> list[Offer]:
    """What the summary offers besides."""
    known = _known(talk)
    return [Offer(ADD)] if "report" in known else [Offer(JOIN)] if "nearby" in known else []


def wants_to_add(talk: Talk, value: str | None, text: str) -> bool:
    """To the older report; by the choice or in words."""
    return "report" in _known(talk) and (value == ADD or _says(text, _ADDING))


def wants_to_join(talk: Talk, value: str | None, text: str) -> bool:
    """Send it, and say in it that it joins the others."""
    return "nearby" in _known(talk) and (value == JOIN or _says(text, _JOINING))


def nearby(talk: Talk) -> int:
    """How many others the citizen has been told of."""
    count: int = _known(talk).get("nearby", 0)
    return count


def is_offered(talk: Talk) -> bool:
    """Whether the open summary offers to add to an older report: "tambah" alone means that one then."""
    asked = talk.session.asked
    return asked is not None and "report" in asked.data.get("similar", {})


def add_to_older(talk: Talk) -> None:
    """Hand the draft's text and files over as an addition; nothing is filed anew."""
    draft, known = talk.draft, _known(talk)
    talk.session.draft = talk.session.asked = None
    add.deliver(talk, known["report"], known["number"], draft.text, [file.id for file in draft.evidence])


def alike(query: SimilarReports, body: Mapping[str, Any]) -> bool:
    """Whether a filed report's body is about the same: kind, category and area, or very similar words where no area speaks against it."""
    area = body["location"]["area_code"]
    if (query.confidential and not body["confidential"]) or (query.anonymous and not body["anonymous"]):
        return False  # what is told in confidence is not added to what is open
    if body["kind"] != query.kind or (area and query.area and not _same_area(area, query.area)):
        return False
    common = likeness(query.words, words_of(body["body"]))
    related = bool(area and query.area and query.category) and body["category"] == query.category
    return common >= (_RELATED if related else _ALIKE)


def _query(draft: Draft) -> SimilarReports:
    return SimilarReports(draft.kind or "", draft.category, draft.place.code, words_of(draft.text), draft.anonymous, draft.confidential)


def _same_area(one: str, other: str) -> bool:
    """One lies in the other, at the depth of a regency at least."""
    short = min(len(one), len(other))
    return short >= REGENCY and one[:short] == other[:short]


def _known(talk: Talk) -> Mapping[str, Any]:
    known: Mapping[str, Any] = talk.asked.data.get("similar", {})
    return known


def _says(text: str, wanted: frozenset[str]) -> bool:
    said = set(replies.words(text[:100]))
    return bool(said & wanted) and replies.is_filler(said - wanted - _SENDING)
