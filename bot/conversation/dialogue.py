"""Asks the questions in turn, and hands each reply to the one that is open."""

from datetime import timedelta

from bot.conversation import facts, flow, idle, leaving, patience, replies, story
from bot.conversation.actions import add, answer, erase, kept, menu, rate, reopen, restart, resume, second, status, survey, withdraw
from bot.conversation.drafts import settle
from bot.conversation.gates import consent, correct, elsewhere, gaps, summary
from bot.conversation.question import Outcome, Question, Step
from bot.conversation.session import Asked
from bot.conversation.talk import Reply, Talk
from bot.drafts_left import How

_GATES = (consent.QUESTION, elsewhere.QUESTION, gaps.QUESTION, summary.QUESTION, correct.QUESTION)
_ASIDES = (
    *(add.WHICH, add.TEXT, answer.QUESTION, erase.QUESTION, kept.QUESTION, menu.QUESTION, patience.QUESTION, rate.WHICH, rate.SCORE),
    *(reopen.WHICH, reopen.REASON, survey.QUESTION, restart.QUESTION, resume.QUESTION, second.QUESTION, status.WHICH),
    *(withdraw.WHICH, withdraw.CONFIRM),
)
QUESTIONS: dict[str, Question] = {question.name: question for question in (*flow.STEPS, *_GATES, *_ASIDES)}

_HINTS, _HINTS_BY_SMS = 2, 1
"""How often a question is asked again with a hint; beside the draft, once."""
_PATIENT = 5
"""Replies not understood from which on they are answered slowly, and once for all that waits."""
_SLOWLY = timedelta(seconds=20)
_NO_STORY = frozenset({"name"})
"""Steps a long reply to which is no part of what happened."""
_SHORT_REPLY = 3
"""Words; a longer text is no reply to a question beside the draft."""


def go_on(talk: Talk) -> None:
    """Ask what is to be asked now: again what is open, or the draft's next question; nothing without either."""
    asked = talk.session.asked
    if asked and QUESTIONS[asked.name].aside:
        QUESTIONS[asked.name].ask(talk, False)
    elif talk.session.draft:
        name = _open_present(talk).name
        if name in talk.session.draft.revisited and talk.noted is None:
            talk.note("back")
        _echo(talk, name)
        talk.progress = flow.progress(name, talk.draft, talk.capabilities)
        QUESTIONS[name].ask(talk, False)


def _echo(talk: Talk, name: str) -> None:
    """Say once what the text has told; the summary says it anyhow."""
    draft = talk.draft
    is_step = isinstance(QUESTIONS[name], Step)
    if not draft.echo or not (is_step or name == summary.QUESTION.name) or (talk.noted and talk.noted["what"] != "thanks"):
        return
    if is_step and not talk.by_sms:
        talk.note("read", thanks=talk.noted is not None, **facts.told(talk))
    draft.echo = []


def _open_present(talk: Talk) -> Asked:
    """The draft's present question, under its id if it is open already."""
    name = flow.present(talk.draft, talk.capabilities)
    asked = talk.session.asked
    return asked if asked and asked.name == name else talk.open(name)


def receive(talk: Talk, reply: Reply) -> None:
    """Take a reply to the open question, or words said without one."""
    if talk.session.asked is None and talk.session.draft:
        _open_present(talk)
    if talk.session.asked:
        _hear(talk, reply)
    elif idle.hear(talk, reply.text):
        go_on(talk)


def resolve(talk: Talk, text: str) -> Reply:
    """A number picks from the last offered choices, in their order."""
    asked = talk.session.asked
    number = replies.number(text) if asked and asked.values else None
    if asked and number is not None and 1 <= number <= len(asked.values):
        return Reply(text, asked.values[number - 1])
    return Reply(text)


def _hear(talk: Talk, reply: Reply) -> None:
    draft = talk.session.draft
    if draft and talk.asked.name in draft.revisited and not reply.value and replies.means_keep(reply.text):
        _taken(talk)
        return
    if draft:
        talk.progress = flow.progress(talk.asked.name, draft, talk.capabilities)
    match QUESTIONS[talk.asked.name].hear(talk, reply):
        case Outcome.TAKEN:
            _taken(talk)
        case Outcome.UNCLEAR:
            _unclear(talk, reply)
        case Outcome.TOLD:
            go_on(talk)
        case Outcome.PASSED:
            _pass_on(talk, reply)
        case Outcome.STAYS:
            if talk.session.asked:
                talk.session.asked.missed = talk.origin


def _taken(talk: Talk) -> None:
    asked = talk.session.asked
    if asked and isinstance(QUESTIONS[asked.name], Step):
        settle(talk, asked.name)
        talk.draft.correcting = None
        talk.session.asked = None
    elif asked:
        talk.close()
    reply, talk.replay = talk.replay, None
    if reply:
        receive(talk, reply)
    else:
        go_on(talk)


def _unclear(talk: Talk, reply: Reply) -> None:
    """Ask again with a hint, as long as that helps; then leave out what may be left out, or name the ways out."""
    asked = talk.asked
    question = QUESTIONS[asked.name]
    if isinstance(question, Step) and question.name not in _NO_STORY and not reply.value and story.adds(talk, reply.text):
        go_on(talk)
        return
    asked.misses += 1
    asked.missed = talk.origin
    if question.aside:
        if asked.misses > 1 or len(replies.words(reply.text)) > _SHORT_REPLY:
            _pass_on(talk, reply)
        else:
            question.ask(talk, True)
    elif asked.misses <= (_HINTS_BY_SMS if talk.by_sms else _HINTS):
        question.ask(talk, True)
    elif isinstance(question, Step) and question.skip:
        if not talk.draft.correcting:
            question.skip(talk.draft)
        talk.note("skipped")
        _taken(talk)
    else:
        slow = asked.misses > _PATIENT
        talk.say("sorry.way_out", delay=_SLOWLY if slow else timedelta(0), coalesce="way out" if slow else "")


def _pass_on(talk: Talk, reply: Reply) -> None:
    """Drop a question beside the draft, and take the reply as if it had not been asked."""
    talk.close()
    receive(talk, Reply(reply.text))


def back(talk: Talk) -> None:
    """KEMBALI: one question back. What is open then has still to be asked."""
    session = talk.session
    asked = session.asked
    if asked and QUESTIONS[asked.name].aside:
        talk.close()
        talk.say("told.stopped")
    elif session.draft is None:
        menu.show(talk)
    elif session.draft.correcting:
        session.draft.correcting = session.asked = None
    elif not (asked and asked.name == correct.QUESTION.name):
        _unsettle_previous(talk)


def _unsettle_previous(talk: Talk) -> None:
    draft = talk.draft
    name = flow.present(draft, talk.capabilities)
    previous = flow.before(name, draft, talk.capabilities) if draft.agreed or talk.by_sms else None
    if previous is None or name == elsewhere.QUESTION.name:
        talk.note("first")
        return
    draft.settled.remove(previous.name)
    draft.revisited.append(previous.name)
    talk.session.asked = None


def cancel(talk: Talk) -> None:
    """BATAL: drop a question beside the draft, else the draft. What is open then has still to be asked."""
    session = talk.session
    asked = session.asked
    if asked and QUESTIONS[asked.name].aside and asked.name not in {resume.QUESTION.name, menu.QUESTION.name}:
        talk.close()
        talk.say("told.stopped")
    elif session.draft:
        leaving.leave(talk, How.CANCELLED)
        talk.say("told.cancelled")
        kept.tell(talk)
    else:
        session.asked = None
        talk.say("told.nothing_to_cancel")
