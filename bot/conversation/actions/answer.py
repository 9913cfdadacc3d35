"""Words that come while an agency waits for an answer: whether they are that answer, or a new report.

What a postponed report lacks is asked item by item where there are buttons; by SMS all of it comes in one message.
"""

from bot.conversation import media, replies, reports
from bot.conversation.actions import add
from bot.conversation.drafts import begin
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Awaited, Evidence, pack, unpack
from bot.conversation.story import LIMIT
from bot.conversation.talk import Reply, Talk
from bot.conversation.understanding.kind import read_kind
from bot.model import Pin

_YES, _DROP, _ALL = "ya", "batal", "cukup"
_SHORT_REPLY = 3
"""Words; more are a further part of the answer."""
_SHORT_ANSWER = 25
"""Words; what is longer may be a report of its own."""
_FILES = "attachments"
"""The item that only a file can be."""


def offer(talk: Talk, text: str) -> None:
    """Ask it; words and files wait. What comes while it is asked waits with them."""
    asked = talk.session.asked
    if asked is None or asked.name != QUESTION.name:
        if _is_surely_meant(talk, text):
            _pass_on(talk, talk.session.awaited[0], text)
            return
        asked = talk.open(QUESTION.name, _opened(talk.session.awaited))
    data = asked.data
    completing = bool(data.get("left"))
    taken = media.accepted(talk, media.AT_MOST - len(data["files"]))
    data["text"] = "\n".join(filter(None, (data["text"], text)))[:LIMIT]
    data["files"] += [pack(file) for file in taken]
    data["left"] = _still_missing(talk, data.get("left", []), text)
    if completing and not data["left"] and asked.values:  # asked for item by item: there is no doubt what it is
        _deliver(talk, _awaited(talk)[0])
        talk.close()
    else:
        _ask(talk, False)


def in_words(pin: Pin) -> str:
    """A place on the map as an agency can read it."""
    return " ".join(filter(None, (replies.clean(pin.label), f"{pin.lat:.6f}, {pin.lon:.6f}")))


def _opened(awaited: list[Awaited]) -> dict[str, object]:
    missing = list(awaited[0].missing) if len(awaited) == 1 else []
    return {"text": "", "files": [], "reports": [pack(each) for each in awaited], "left": missing, "of": len(missing)}


def _is_surely_meant(talk: Talk, text: str) -> bool:
    """By SMS a question back costs money: a few words that tell of nothing wrong are the answer to the one that waits."""
    few = len(replies.words(text)) <= _SHORT_ANSWER
    return talk.by_sms and len(talk.session.awaited) == 1 and few and read_kind(text) == "bukan"


def _pass_on(talk: Talk, awaited: Awaited, text: str) -> None:
    add.hand_over(talk, awaited.report, text, [])
    talk.say("told.answered", number=awaited.number)


def _still_missing(talk: Talk, left: list[str], text: str) -> list[str]:
    """The items less those that a message brings: what is known to be in it, else the first that words can answer."""
    brought = {
        _FILES: bool(talk.heard.files),
        "location": bool(talk.heard.pin) or talk.tables.places.find(text).code is not None,
        "occurred_on": talk.tables.read_day(text[:200], talk.today) is not None,
    }
    found = [item for item in left if brought.get(item)]
    if not found and not replies.is_blank(text):
        found = [item for item in left if item != _FILES][:1]
    return [item for item in left if item not in found]


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    awaited, data = _awaited(talk), talk.asked.data
    left = [] if talk.by_sms else data.get("left", [])
    if left:
        offers = [Offer(_ALL), Offer(reports.NEW), Offer(_DROP)]
        talk.ask("ask.item", offers, again=again, number=awaited[0].number, item=left[0], at=data["of"] - len(left) + 1, of=data["of"])
        return
    several = len(awaited) > 1
    offers = [Offer(each.receipt, each.number) for each in awaited] if several else [Offer(_YES)]
    talk.ask("ask.answer", [*offers, Offer(reports.NEW), Offer(_DROP)], again=again, number=awaited[0].number, several=several)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == reports.NEW:
        _begin(talk)
        return Outcome.TAKEN
    if reply.value == _DROP or (not reply.value and replies.means_no(reply.text)):
        talk.say("told.stopped")
        return Outcome.TAKEN
    if talk.asked.data.get("left") and not talk.by_sms:
        return _hear_item(talk, reply)
    awaited = _meant(talk, reply)
    if awaited is None and len(replies.words(reply.text)) > _SHORT_REPLY:
        offer(talk, reply.text)
        return Outcome.STAYS
    if awaited is None:
        return Outcome.UNCLEAR
    _deliver(talk, awaited)
    return Outcome.TAKEN


def _hear_item(talk: Talk, reply: Reply) -> Outcome:
    """One item more; without one, what there is goes out."""
    if reply.value == _ALL or replies.means_done(reply.text) or replies.means_skip(reply.text):
        talk.asked.data["left"] = []
        _deliver(talk, _awaited(talk)[0])
        return Outcome.TAKEN
    if replies.is_blank(reply.text):
        return Outcome.UNCLEAR
    offer(talk, reply.text)
    return Outcome.STAYS


def _deliver(talk: Talk, awaited: Awaited) -> None:
    files = _files(talk)
    media.fetch(talk, files)
    add.deliver(talk, awaited.report, awaited.number, talk.asked.data["text"], [file.id for file in files])


def _meant(talk: Talk, reply: Reply) -> Awaited | None:
    awaited = _awaited(talk)
    if len(awaited) == 1 and (reply.value == _YES or replies.means_yes(reply.text)):
        return awaited[0]
    return next((each for each in awaited if (reply.value or reply.text.upper()) in {each.receipt, each.number}), None)


def _awaited(talk: Talk) -> list[Awaited]:
    """Those that waited when the question was asked: a notice may have changed it since."""
    return [unpack(Awaited, each) for each in talk.asked.data["reports"]]


def _begin(talk: Talk) -> None:
    text, files = talk.asked.data["text"], _files(talk)
    begin(talk, text)
    talk.draft.evidence += files
    if talk.draft.agreed:
        media.fetch(talk, files)


def _files(talk: Talk) -> list[Evidence]:
    return [unpack(Evidence, file) for file in talk.asked.data["files"]]


QUESTION = Question("answer", _ask, _hear, aside=True)
