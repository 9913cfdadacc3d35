"""Another report begins while one is unfinished: keep the present one for later and begin the new one, or add to the present one."""

from typing import Any

from bot.conversation import replies, story
from bot.conversation.drafts import begin, has_room, held, keep_for_later, take_along
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Place
from bot.conversation.story import title_of
from bot.conversation.talk import Reply, Talk

_NEW, _ADD = "baru", "tambah"
_FEW_WORDS = 3
_STARTING = replies.vocabulary("baru mulai new anew")
_ADDING = replies.vocabulary("tambah tambahkan tambahan gabung gabungkan sama add")


def offer(talk: Talk, said: str) -> None:
    """Ask it; the words wait. The message's files and pin are kept with the draft that stands; they move to a new one."""
    waiting: dict[str, Any] = dict(talk.asked.data) if is_open(talk) else {"text": "", "files": [], "pin": False}
    before = {file.id for file in talk.draft.evidence}
    take_along(talk)
    waiting["text"] = held(talk, "\n".join(filter(None, (waiting["text"], said))))
    waiting["files"] += [file.id for file in talk.draft.evidence if file.id not in before]
    waiting["pin"] = waiting["pin"] or talk.heard.pin is not None
    talk.open(QUESTION.name, waiting, over=True)
    _ask(talk, False)


def is_open(talk: Talk) -> bool:
    """Whether it is being asked: "tambah" is its answer then."""
    return talk.session.asked is not None and talk.session.asked.name == QUESTION.name


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    draft = talk.draft
    secret = talk.by_sms and draft.confidential
    title = title_of(draft.text) if draft.parts and not secret else None
    talk.ask("ask.second", [Offer(_NEW), Offer(_ADD)], again=again, title=title, room=has_room(talk))


def _hear(talk: Talk, reply: Reply) -> Outcome:
    said = set(replies.words(reply.text)) if not reply.value and len(replies.words(reply.text)) <= _FEW_WORDS else set()
    if reply.value == _NEW or said & _STARTING:
        start_anew(talk, talk.asked.data["text"])
        return Outcome.TAKEN
    if reply.value == _ADD or said & _ADDING:
        story.append(talk, talk.asked.data["text"])
        return Outcome.TAKEN
    if replies.means_no(reply.text):
        talk.say("told.stopped")
        return Outcome.TAKEN
    return Outcome.UNCLEAR


def start_anew(talk: Talk, text: str) -> None:
    """Begin with the text and what the question has kept of its message; the former draft waits, if there is room."""
    before, data = talk.draft, talk.asked.data
    moved = [file for file in before.evidence if file.id in data["files"]]
    before.evidence = [file for file in before.evidence if file not in moved]
    keep_for_later(talk)
    begin(talk, text)
    talk.draft.evidence += moved
    if data["pin"]:
        talk.draft.place = Place(talk.draft.place.text, talk.draft.place.code, before.place.lat, before.place.lon)
        talk.draft.settled = [*(each for each in talk.draft.settled if each != "where"), "where"]


QUESTION = Question("second", _ask, _hear, aside=True)
