"""The pure heart: a session and an event in, a session and effects out. No I/O, clock, random or log."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.conversation import automatic, dialogue, edits, leaving, notices, patience, replies, similar, story, triage
from bot.conversation.actions import (
    add,
    answer,
    erase,
    language,
    menu,
    rate,
    redirect,
    reopen,
    report,
    restart,
    resume,
    second,
    status,
    withdraw,
)
from bot.conversation.commands import Command, Name, recognise
from bot.conversation.drafts import begin, take_along
from bot.conversation.protocol import Answers, Event, Heard, Need, Notice, Turn
from bot.conversation.session import decode, encode
from bot.conversation.steps import evidence, where
from bot.conversation.tables import Tables
from bot.conversation.talk import Reply, Talk, Unanswered
from bot.model import Pick

_AWAY = timedelta(days=1)
"""After this long an unfinished draft is offered for resuming."""
_CAPTION_WORDS = 3
"""A caption of so many words says something of its own."""


def advance(session: Mapping[str, Any], event: Event, now: datetime, *, answers: Answers, tables: Tables) -> Turn | Need:
    """Compute one turn. `{}` is the empty session. A Need: find its answer, add it to `answers` under the query, call again."""
    state = decode(session)
    lapsed = leaving.lapse(state, now, event.capabilities)
    foreign = state.asked is not None and state.asked.name not in dialogue.QUESTIONS
    if foreign:
        state.asked = None
    talk = Talk(state, now, event.capabilities, tables, answers, foreign=foreign)
    try:
        if isinstance(event, Notice):
            notices.tell(talk, event)
        else:
            _hear(talk, event)
    except Unanswered as unanswered:
        return Need(unanswered.query)
    return Turn(encode(talk.session), (*talk.effects, *lapsed), erased=talk.erased)


def _hear(talk: Talk, event: Heard) -> None:
    message = talk.message = event.message
    talk.drawn = event.drawn
    gap = talk.now - talk.session.heard if talk.session.heard else timedelta(0)
    talk.session.heard = talk.now
    said = replies.clean(message.text)
    if automatic.is_machine(talk, event, said, gap):
        return
    if talk.session.draft and talk.session.draft.messages:
        talk.session.draft.messages += 1
    if message.edits:
        edits.hear(talk, message.edits, said)
    elif message.pick:
        _picked(talk, message.pick)
    elif not (said and _commanded(talk, said)):
        _told(talk, said, gap)
    triage.watch(talk, said)
    if talk.erased:
        talk.session.heard = None


def _picked(talk: Talk, pick: Pick) -> None:
    """A tapped button. A stale one repeats the present question."""
    asked = talk.session.asked
    if asked and asked.id == pick.question and pick.value in asked.values:
        dialogue.receive(talk, Reply("", pick.value))
    elif talk.session.draft or asked:
        dialogue.go_on(talk)
    else:
        menu.show(talk)


def _commanded(talk: Talk, said: str) -> bool:
    """Carry out a command, and ask what is open then, unless it has asked something itself. False when the words are no command."""
    command = recognise(said)
    if command is None or not (command.sure or talk.session.draft is None):
        return False
    _make_way(talk, command)
    if not _run(talk, command):
        return False
    if not talk.has_asked:
        dialogue.go_on(talk)
    return True


def _make_way(talk: Talk, command: Command) -> None:
    """A command takes the place of a question beside the draft, unless it is about that question, or words wait for its answer."""
    asked = talk.session.asked
    if asked is None or not dialogue.QUESTIONS[asked.name].aside:
        return
    if command.name is Name.REOPEN and reopen.is_about(asked):
        return
    if asked.name == menu.QUESTION.name or not (_words_wait(talk) or command.name in _ABOUT_THE_QUESTION):
        talk.close()


def _words_wait(talk: Talk) -> bool:
    """Whether words or files wait for the answer to a question beside the draft."""
    data = talk.session.asked.data if talk.session.asked and _beside(talk) else {}
    return bool(data.get("text") or data.get("files"))


_TAKES_FILES = frozenset({add.TEXT.name, reopen.REASON.name})
_ABOUT_THE_QUESTION = frozenset({Name.CANCEL, Name.BACK, Name.HELP, Name.LANGUAGE})


def _run(talk: Talk, command: Command) -> bool:
    if command.name is Name.ADD:
        meant_here = (similar.is_offered(talk) or second.is_open(talk)) and not (command.number or command.rest)
        return not meant_here and add.run(talk, command)
    if command.name is Name.REDIRECT:
        redirect.run(talk, command, busy=_words_wait(talk))
        return True
    run = _WITH_WORDS.get(command.name)
    if run:
        run(talk, command)
    else:
        _BARE[command.name](talk)
    return True


_WITH_WORDS: Mapping[Name, Callable[[Talk, Command], None]] = {
    Name.REPORT: report.run,
    Name.STATUS: status.run,
    Name.WITHDRAW: withdraw.run,
    Name.RATE: rate.run,
    Name.REOPEN: reopen.run,
    Name.LANGUAGE: language.run,
}
_BARE: Mapping[Name, Callable[[Talk], None]] = {
    Name.START: report.start,
    Name.RESTART: restart.run,
    Name.CANCEL: dialogue.cancel,
    Name.BACK: dialogue.back,
    Name.HELP: menu.help_,
    Name.ERASE: erase.run,
}


def _told(talk: Talk, said: str, gap: timedelta) -> None:
    """Anything that is no command: words, files, a place, or something we cannot use."""
    message, draft = talk.heard, talk.session.draft
    brings = bool(message.files or message.pin)
    if message.unsupported or (message.files and not talk.capabilities.media):
        _unsupported(talk, message.unsupported or "file")
    elif talk.session.asked and talk.session.asked.name in _TAKES_FILES:
        dialogue.receive(talk, Reply(said))
    elif draft is None and brings:
        _begin_with_things(talk, said)
    elif draft and draft.agreed and gap >= _AWAY and not _beside(talk):
        resume.offer(talk, said)
    elif draft and message.files:
        _keep_files(talk, said)
    elif draft and message.pin:
        _keep_pin(talk, said)
    elif draft and said and story.continues(talk, gap):
        story.append(talk, said)
        talk.say("told.text_more")
    elif patience.is_insult(said):
        _sworn_at(talk)
    elif draft and talk.foreign:
        dialogue.go_on(talk)
    else:
        dialogue.receive(talk, dialogue.resolve(talk, said.removeprefix("/")))


def _sworn_at(talk: Talk) -> None:
    """Stay patient, and ask what is open again, once."""
    if patience.answer(talk):
        dialogue.go_on(talk)


def _beside(talk: Talk) -> bool:
    """Whether a question beside the draft is open."""
    return talk.session.asked is not None and dialogue.QUESTIONS[talk.session.asked.name].aside


def _unsupported(talk: Talk, what: str) -> None:
    talk.say("sorry.unsupported", what=what, media=talk.capabilities.media)
    if talk.session.draft is None and talk.session.asked is None and not talk.consented:
        begin(talk)
    dialogue.go_on(talk)


def _begin_with_things(talk: Talk, said: str) -> None:
    """Files or a pin out of the blue: the answer an agency waits for, or the first of a report."""
    if talk.session.awaited and talk.heard.files:
        answer.offer(talk, said)
        return
    if talk.heard.pin and any("location" in each.missing for each in talk.session.awaited):
        answer.offer(talk, answer.in_words(talk.heard.pin))
        return
    begin(talk, said if _says_something(said) else "")
    dialogue.go_on(talk)


def _keep_files(talk: Talk, said: str) -> None:
    """Files belong to the draft whatever is being asked; a caption that says something belongs to its text."""
    taken = evidence.keep(talk)
    settled = "text" in talk.draft.settled
    if _says_something(said):
        (story.append if settled else story.keep)(talk, said)
    asked = talk.session.asked
    if asked and asked.name == "text" and not settled and "text" in talk.draft.settled:
        talk.note("files", count=len(talk.draft.evidence))
        dialogue.go_on(talk)
    elif taken:
        evidence.tell_kept(talk)


def _says_something(caption: str) -> bool:
    return len(replies.words(caption)) >= _CAPTION_WORDS


def _keep_pin(talk: Talk, said: str) -> None:
    """A place belongs to the draft whatever is being asked."""
    asked = talk.session.asked
    if asked and asked.name == where.STEP.name:
        dialogue.receive(talk, Reply(said))
        return
    take_along(talk)
    talk.say("told.pin_kept")
