"""Who may see what: two independent flags, asked in one question that says plainly what each does."""

from bot.conversation import replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk

_FLAGS = {"terbuka": (False, False), "anonim": (True, False), "rahasia": (False, True), "keduanya": (True, True)}
"""Value -> (anonymous, confidential)."""
_OFFERS = tuple(map(Offer, _FLAGS))

_OPEN = replies.vocabulary("terbuka buka biasa umum publik open public normal")
_ANONYMOUS = replies.vocabulary("anonim anonymous anonimus samarkan")
_CONFIDENTIAL = replies.vocabulary("rahasia rahasiakan dirahasiakan confidential secret private privat")
_ALSO = replies.vocabulary("juga jg also too")
_AND = replies.vocabulary("dan and")
_BOTH = replies.vocabulary("keduanya dua-duanya duanya both semuanya")


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Offer the four ways."""
    talk.ask("ask.visibility", _OFFERS, again=again)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a choice or words; a doubtful answer is asked again, because a wrong guess would expose somebody."""
    flags = _FLAGS[reply.value] if reply.value else read(reply.text)
    if flags is None:
        return Outcome.UNCLEAR
    anonymous, confidential = flags
    if not reply.value and _ALSO & set(replies.words(reply.text)):
        anonymous, confidential = anonymous or talk.draft.anonymous, confidential or talk.draft.confidential
    put(talk.draft, anonymous=anonymous, confidential=confidential)
    return Outcome.TAKEN


def put(draft: Draft, *, anonymous: bool, confidential: bool) -> None:
    """Take these flags; an anonymous report has no name."""
    draft.anonymous, draft.confidential = anonymous, confidential
    if anonymous:
        draft.name = None


def read(text: str) -> tuple[bool, bool] | None:
    """(anonymous, confidential) as the words say, None when they do not or when they deny something."""
    said = set(replies.words(text))
    if said & _BOTH:
        return True, True
    anonymous, confidential = bool(said & _ANONYMOUS), bool(said & _CONFIDENTIAL)
    denied = any(replies.means_no(word) for word in said)
    if denied or (said & _OPEN and (anonymous or confidential)):
        return None
    if anonymous or confidential or said & _OPEN:
        return anonymous, confidential
    return None


def is_choice(text: str) -> bool:
    """Whether it is nothing but the name of one of the ways: "anonim", "rahasia saja", "anonim dan rahasia"."""
    said = set(replies.words(text))
    names = _OPEN | _ANONYMOUS | _CONFIDENTIAL | _BOTH
    return bool(said & names) and replies.is_filler(said - names - _ALSO - _AND)


STEP = Step("visibility", ask, hear, optional=True)
