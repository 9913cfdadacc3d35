"""Which of SP4N-LAPOR!'s three kinds it is."""

from bot.conversation import replies, story
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.talk import Reply, Talk
from bot.model import Kind

_WORDS = {
    Kind.COMPLAINT: replies.vocabulary(
        "pengaduan aduan adu mengadu keluhan keluh mengeluh komplain komplen protes complaint complain masalah problem"
    ),
    Kind.ASPIRATION: replies.vocabulary("aspirasi usul usulan saran masukan harapan ide suggestion suggest idea proposal"),
    Kind.INFORMATION: replies.vocabulary(
        "informasi info pertanyaan tanya bertanya nanya permintaan minta information question ask request"
    ),
}
_OFFERS = tuple(Offer(kind.value) for kind in Kind)
_FEW_WORDS = 4


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Offer the three, each with what it means."""
    talk.ask("ask.kind", _OFFERS, again=again, text_kept=bool(talk.draft.parts))


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a choice or its word."""
    kind = Kind(reply.value) if reply.value else read(reply.text)
    if kind:
        talk.draft.kind = kind.value
        return Outcome.TAKEN
    if not talk.draft.parts and len(replies.words(reply.text)) >= _FEW_WORDS:
        story.keep(talk, reply.text)
        return Outcome.TOLD
    return Outcome.UNCLEAR


def read(said: str) -> Kind | None:
    """The kind a short answer names, if it names one only."""
    found = [kind for kind, names in _WORDS.items() if names & set(replies.words(said))]
    return found[0] if len(found) == 1 and len(replies.words(said)) <= _FEW_WORDS else None


STEP = Step("kind", ask, hear)
