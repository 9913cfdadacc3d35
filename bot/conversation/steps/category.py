"""What it is about, from the configured list: a page of choices, or a word."""

from bot.conversation import replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk

_SKIP, _MORE = "lewati", "berikut"
_PAGE = 8
"""With the next page and skipping, ten: what a WhatsApp list holds."""


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """A page of the list, or those a typed word may mean. By SMS just the question: a list would cost too much."""
    data = talk.asked.data
    narrowed: list[str] = data.get("narrowed", [])
    if talk.by_sms and not narrowed:
        talk.ask("ask.category_word", [Offer(_SKIP)], again=again)
        return
    codes = [category.code for category in talk.tables.categories]
    page: int = data.get("page", 0)
    shown = narrowed or codes[page * _PAGE : (page + 1) * _PAGE]
    more = not talk.by_sms and (bool(narrowed) or len(codes) > _PAGE)
    offers = [Offer(value) for value in (*shown, *([_MORE] if more else []), _SKIP)]
    talk.ask("ask.category", offers, again=again, narrowed=bool(narrowed), codes=shown, more=more)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a choice or a word that means one; turn the page."""
    data = talk.asked.data
    if reply.value == _MORE or (not reply.value and set(replies.words(reply.text)) & {"berikut", "berikutnya", "next", "more"}):
        pages = -(-len(talk.tables.categories) // _PAGE)
        data["page"] = 0 if data.pop("narrowed", None) else (data.get("page", 0) + 1) % pages
        ask(talk, False)
        return Outcome.STAYS
    if reply.value == _SKIP or (not reply.value and replies.means_skip(reply.text)):
        _skip(talk.draft)
        return Outcome.TAKEN
    fitting = [reply.value] if reply.value else _fitting(talk, reply.text)
    if len(fitting) == 1:
        talk.draft.category = fitting[0]
        talk.note("category", category=fitting[0])
        return Outcome.TAKEN
    if not fitting or data.get("narrowed") == fitting[:_PAGE]:
        return Outcome.UNCLEAR
    data["narrowed"] = fitting[:_PAGE]
    ask(talk, False)
    return Outcome.STAYS


def _fitting(talk: Talk, text: str) -> list[str]:
    """The categories a few typed words may mean; a code itself is sure."""
    said = set(replies.words(text[:200]))
    exact = [category.code for category in talk.tables.categories if category.code in said]
    return exact or [category.code for category in talk.tables.categories if category.words & said]


def _skip(draft: Draft) -> None:
    draft.category = None


STEP = Step("category", ask, hear, skip=_skip, optional=True)
