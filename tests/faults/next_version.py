"""The program as its next version may be, for a rolling deploy: its session has a key and a question that this one does not know, and lacks
a field that this one has; there are more keys in effects and in the ids it remembers.

It says in its log which messages it has applied, so that nobody can lose its key in silence.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.faults.victim import wrap

KEY = "applied_by_next"
"""The key it adds to a session: the ids of what it has applied itself."""
STEP = "severity"
"""The question it adds, before the agency."""
LACKING = "sources"
"""The field of a draft that it does not know any more."""


def install() -> None:
    """Patch this process."""
    _forget_a_field()
    _ask_more()
    for module in ("documents", "conversations", "reports", "settlement"):
        wrap(f"bot.store.{module}:encode_effect", _adding)
    for module in ("documents", "conversations"):
        wrap(f"bot.store.{module}:encode_applied", _adding_to_each)
    wrap("bot.intake:Intake._write", _noting)
    wrap("bot.store.conversations:Conversations.commit", _logging)


def _forget_a_field() -> None:
    """The field becomes one of those that are kept for others."""
    from bot.conversation import session

    names = session._codec().read[session.Session].__globals__
    read, write, nothing = names["read_Draft"], names["write_Draft"], {LACKING: {}}
    names["Draft_names"] -= {LACKING}
    names["read_Draft"] = lambda plain: replace(read(plain), **nothing)
    names["write_Draft"] = lambda held: write(replace(held, **nothing))


def _ask_more() -> None:
    """One more question, in words there are."""
    from bot.conversation import dialogue, flow
    from bot.conversation.question import Outcome
    from bot.conversation.steps import agency

    def hear(talk: Any, reply: Any) -> Outcome:
        del talk, reply
        return Outcome.TAKEN

    step = replace(agency.STEP, name=STEP, hear=hear)
    place = flow.STEPS.index(agency.STEP)
    flow.STEPS = (*flow.STEPS[:place], step, *flow.STEPS[place:])
    flow.BY_NAME[STEP] = step
    dialogue.QUESTIONS[STEP] = step


def _adding(encode: Any) -> Any:
    return lambda effect: encode(effect) | {"urgency": 1}


def _adding_to_each(encode: Any) -> Any:
    return lambda turn: [each | {"urgency": 1} for each in encode(turn)]


def _noting(write: Any) -> Any:
    @functools.wraps(write)
    def noted(self: Any, stored: Any, state: Mapping[str, Any], letters: Sequence[Any], new: Any, **more: Any) -> Any:
        ids = [*state.get(KEY, ()), *(letter.id for letter in letters)]
        return write(self, stored, {**state, KEY: ids}, letters, new, **more)

    return noted


def _logging(commit: Any) -> Any:
    @functools.wraps(commit)
    async def logged(self: Any, turn: Any) -> bool:
        from bot import logs

        durable = await commit(self, turn)
        if durable and KEY in turn.session:
            logs.get_logger(__name__).info("applied_by_next", event_id=turn.applied[-1].id, conversation=logs.ref(turn.conversation))
        return durable

    return logged
