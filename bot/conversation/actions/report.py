"""LAPOR and /start: the way into a report."""

from bot.conversation import replies, story
from bot.conversation.actions import menu, second
from bot.conversation.commands import Command
from bot.conversation.drafts import begin, take_along
from bot.conversation.talk import Talk


def run(talk: Talk, command: Command) -> None:
    """Begin with the words that follow; beside a draft that has its text already, ask which of the two is meant."""
    draft = talk.session.draft
    if draft is None:
        begin(talk, command.rest)
        return
    if "text" in draft.settled and not replies.is_blank(command.rest):
        second.offer(talk, command.rest)
        return
    take_along(talk)
    if not replies.is_blank(command.rest):
        story.keep(talk, command.rest)


def start(talk: Talk) -> None:
    """Greet: with the privacy notice, the menu, or the question that waits."""
    if talk.session.draft:
        return
    if talk.consented or talk.by_sms:
        menu.show(talk)
    else:
        begin(talk)
