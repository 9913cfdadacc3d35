"""Greeting, short privacy notice, and consent to it: once for each version of the notice. Until then the draft only waits."""

from bot.conversation import facts, leaving, media, replies, story
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Consent
from bot.conversation.talk import Reply, Talk
from bot.conversation.understanding.kind import is_chatter
from bot.drafts_left import How

_YES, _NO = "ya", "tidak"
_OFFERS = (Offer(_YES), Offer(_NO))
_FEW_WORDS = 3


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """What is kept and why, and whether that is agreed to."""
    draft = talk.draft
    talk.ask(
        "ask.consent",
        _OFFERS,
        again=again,
        text_kept=bool(draft.parts or draft.evidence or draft.place.lat is not None),
        renewed=talk.session.consent is not None,
        url=talk.tables.privacy_url,
    )


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Agree, refuse (which erases the draft), or go on telling: that is kept with the draft."""
    if reply.value == _YES or (not reply.value and replies.means_yes(reply.text)):
        agree(talk)
        return Outcome.TAKEN
    if reply.value == _NO or (not reply.value and replies.means_no(reply.text)):
        refuse(talk)
        return Outcome.STAYS
    if len(replies.words(reply.text)) > _FEW_WORDS and not (replies.is_greeting(reply.text) or is_chatter(reply.text[: facts.LOOKED_AT])):
        _tell_more(talk, reply.text)
        return Outcome.STAYS
    return Outcome.UNCLEAR


def agree(talk: Talk) -> None:
    """Keep the proof: this message, to this version of the notice."""
    talk.session.consent = Consent(talk.tables.notice_version, talk.now, talk.heard.id)
    talk.draft.agreed = True
    media.fetch(talk, talk.draft.evidence)
    talk.note("thanks")


def refuse(talk: Talk) -> None:
    """Erase the draft."""
    leaving.leave(talk, How.REFUSED)
    talk.say("told.refused")


def _tell_more(talk: Talk, said: str) -> None:
    if talk.draft.parts and not talk.draft.short:
        story.append(talk, said)
    else:
        story.keep(talk, said)
    ask(talk, False)


QUESTION = Question("consent", ask, hear)
