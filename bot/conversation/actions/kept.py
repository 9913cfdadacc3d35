"""Drafts that wait: named when there is nothing else to do, and taken up again with LANJUT."""

from bot.clock import WIB
from bot.conversation import media, replies
from bot.conversation.drafts import put_aside
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Draft
from bot.conversation.story import title_of
from bot.conversation.talk import Reply, Talk

_WORDS = replies.vocabulary("lanjut lanjutkan teruskan continue resume")
_FEW_WORDS = 3
_LABEL = 24
"""Characters: the rows of a WhatsApp list hold no more."""


def tell(talk: Talk) -> None:
    """That some wait, and how to go on with them."""
    kept = talk.session.kept
    if kept and talk.session.draft is None:
        talk.say("told.kept", count=len(kept), title=_title(talk, kept[0]) if len(kept) == 1 else None)


def is_wanted(talk: Talk, text: str) -> bool:
    """Whether LANJUT was said, and there is something to go on with."""
    said = replies.words(text)
    return bool(talk.session.kept) and bool(set(said) & _WORDS) and len(said) <= _FEW_WORDS


def take_up(talk: Talk) -> bool:
    """Go on with the only one, or ask which. True when a draft stands again."""
    if len(talk.session.kept) == 1:
        _resume(talk, 0)
        return True
    talk.open(QUESTION.name)
    _ask(talk, False)
    return False


def take_up_at(talk: Talk, index: int) -> bool:
    """Go on with this one, while the one that stands waits in its place. False when there is no room for that; nothing is changed then."""
    kept = talk.session.kept
    wanted = kept.pop(index)
    if talk.session.draft and not put_aside(talk):
        kept.insert(index, wanted)
        return False
    kept.append(wanted)
    _resume(talk, -1)
    return True


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    offers = [Offer(str(number), _label(talk, draft)) for number, draft in enumerate(talk.session.kept, 1)]
    talk.ask("ask.kept", offers, again=again)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value and int(reply.value) <= len(talk.session.kept):
        _resume(talk, int(reply.value) - 1)
        return Outcome.TAKEN
    if replies.means_no(reply.text):
        talk.say("told.stopped")
        return Outcome.TAKEN
    return Outcome.UNCLEAR


def _resume(talk: Talk, index: int) -> None:
    """It stands again; consent given meanwhile holds for it too."""
    draft = talk.session.kept.pop(index)
    talk.session.draft = draft
    talk.session.asked = None
    if talk.consented and not draft.agreed:
        draft.agreed = True
        media.fetch(talk, draft.evidence)
    talk.note("resumed")


def _title(talk: Talk, draft: Draft) -> str | None:
    """Nothing of a confidential one by SMS."""
    return None if not draft.parts or (talk.by_sms and draft.confidential) else title_of(draft.text)


def _label(talk: Talk, draft: Draft) -> str:
    day = f"{draft.started.astimezone(WIB):%d/%m}"
    title = _title(talk, draft)
    room = _LABEL - len(day) - 1
    return f"{day} {title if len(title) <= room else title[: room - 3].rstrip() + '...'}" if title else day


QUESTION = Question("kept", _ask, _hear, aside=True)
