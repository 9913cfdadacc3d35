"""A message the citizen has edited: its words take the place of the former ones, as long as they are still ours to change."""

from bot.conversation import dialogue, flow, replies, story
from bot.conversation.question import Outcome
from bot.conversation.talk import Reply, Talk


def hear(talk: Talk, edited: str, said: str) -> None:
    """`edited`: the id of the former message; `said`: its new words."""
    session = talk.session
    if session.asked and session.asked.missed == edited:
        if not dialogue.QUESTIONS[session.asked.name].aside:
            session.asked.data.clear()  # what was made of the former words
        dialogue.receive(talk, dialogue.resolve(talk, said))
        return
    draft = session.draft
    if draft and story.replace(talk, edited, said):
        talk.say("told.edited")
        if session.asked and session.asked.name == "summary":
            dialogue.go_on(talk)
    elif draft and edited in draft.sources:
        _answer_anew(talk, draft.sources[edited], said)
    else:
        talk.say("sorry.edited_late")


def _answer_anew(talk: Talk, name: str, said: str) -> None:
    """Hear the step again, beside whatever is open."""
    session = talk.session
    open_now = session.asked
    if replies.is_blank(said) or (open_now and open_now.name == name):
        talk.say("sorry.edit_unclear")
        return
    talk.open(name)
    outcome = flow.BY_NAME[name].hear(talk, Reply(said))
    if outcome is Outcome.STAYS:
        talk.draft.settled = [settled for settled in talk.draft.settled if settled != name]
        return
    session.asked = open_now
    if outcome is Outcome.UNCLEAR:
        talk.say("sorry.edit_unclear")
        return
    talk.say("told.edited")
    if open_now and open_now.name == "summary":
        dialogue.go_on(talk)
