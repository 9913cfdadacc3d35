"""BAHASA: Indonesian or English."""

from bot.conversation.commands import Command
from bot.conversation.talk import Talk

_OTHER = {"id": "en", "en": "id"}


def run(talk: Talk, command: Command) -> None:
    """Take the language that was named, or the other one."""
    talk.session.language = command.rest or _OTHER.get(talk.session.language, "id")
    talk.say("told.language")
