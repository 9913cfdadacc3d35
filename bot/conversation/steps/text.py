"""What happened, in the citizen's own words. The title is made from it."""

from bot.conversation import replies, story
from bot.conversation.question import Outcome, Step
from bot.conversation.talk import Reply, Talk


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Ask for the story; `more`: what came so far says too little."""
    talk.ask("ask.text", again=again, kind=talk.draft.kind, more=talk.draft.short)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take any words; very few are asked to be more, once."""
    if replies.is_blank(reply.text) or replies.means_skip(reply.text):
        return Outcome.UNCLEAR
    first = not talk.draft.short
    story.keep(talk, reply.text)
    if talk.draft.short and first:
        ask(talk, False)
        return Outcome.STAYS
    talk.draft.short = False
    return Outcome.TAKEN


STEP = Step("text", ask, hear)
