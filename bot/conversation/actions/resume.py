"""An unfinished draft after a day: go on with it, or start anew. What was just sent is not lost, nor the draft while there is room."""

from bot.conversation import replies
from bot.conversation.actions import second
from bot.conversation.drafts import has_room, held, take_along
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.story import title_of
from bot.conversation.talk import Reply, Talk

_RESUME, _NEW = "lanjut", "baru"
_FEW_WORDS = 3
_RESUMING = replies.vocabulary("lanjut lanjutkan terus teruskan continue resume lama")
_STARTING = replies.vocabulary("baru mulai ulang new anew")


def offer(talk: Talk, said: str) -> None:
    """Ask it. The message's files and pin are kept with the draft that stands; they move to a new one."""
    before = {file.id for file in talk.draft.evidence}
    take_along(talk)
    files = [file.id for file in talk.draft.evidence if file.id not in before]
    talk.open(QUESTION.name, {"text": held(talk, said), "files": files, "pin": talk.heard.pin is not None}, over=True)
    _ask(talk, False)


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    draft = talk.draft
    secret = talk.by_sms and draft.confidential
    title = title_of(draft.text) if draft.parts and not secret else None
    talk.ask("ask.resume", [Offer(_RESUME), Offer(_NEW)], again=again, title=title, room=has_room(talk))


def _hear(talk: Talk, reply: Reply) -> Outcome:
    said = set(replies.words(reply.text)) if not reply.value and len(replies.words(reply.text)) <= _FEW_WORDS else set()
    text: str = talk.asked.data["text"]
    if reply.value == _NEW or said & _STARTING:
        second.start_anew(talk, text if len(replies.words(text)) > _FEW_WORDS else "")
        return Outcome.TAKEN
    if reply.value == _RESUME or said & _RESUMING or (not reply.value and replies.means_yes(reply.text)):
        talk.note("resumed")
        if text and not replies.is_greeting(text) and not replies.is_blank(text):
            talk.replay = Reply(text)
        return Outcome.TAKEN
    return Outcome.UNCLEAR


QUESTION = Question("resume", _ask, _hear, aside=True)
