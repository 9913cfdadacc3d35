"""The questions of a report, in order. A new question is one file in `steps` and one line here."""

from bot.conversation.question import Step, by_chat
from bot.conversation.session import Draft
from bot.conversation.steps import agency, category, evidence, kind, name, text, visibility, when, where
from bot.model import Capabilities

STEPS: tuple[Step, ...] = (
    text.STEP,
    kind.STEP,
    where.STEP,
    when.STEP,
    agency.STEP,
    category.STEP,
    evidence.STEP,
    visibility.STEP,
    name.STEP,
)

BY_NAME = {step.name: step for step in STEPS}


def asked(draft: Draft, capabilities: Capabilities) -> list[Step]:
    """The steps that this draft is asked on this channel."""
    return [step for step in STEPS if step.applies(draft, capabilities) and step.asked(draft, capabilities)]


def correctable(draft: Draft, capabilities: Capabilities) -> list[Step]:
    """The steps whose answer may be changed, or filled in, from the summary."""
    return [step for step in STEPS if step.applies(draft, capabilities)]


def present(draft: Draft, capabilities: Capabilities) -> str:
    """The name of the question this draft waits for: whose matter it is and consent first, the summary when nothing is missing.

    By SMS the place is asked for together with the day, the day alone is not, and the summary asks for consent.
    """
    if draft.elsewhere:
        return "elsewhere"
    by_sms = not by_chat(draft, capabilities)
    if not draft.agreed and not by_sms:
        return "consent"
    if draft.correcting:
        return draft.correcting
    missing = next((step.name for step in asked(draft, capabilities) if step.name not in draft.settled), "summary")
    dateless = when.STEP.applies(draft, capabilities) and when.STEP.name not in draft.settled
    return "gaps" if by_sms and missing == where.STEP.name and dateless else missing


def progress(name: str, draft: Draft, capabilities: Capabilities) -> dict[str, int] | None:
    """`n` of `of`: which of the questions that will have been asked this is; None where it is no step on the way, and by SMS."""
    steps = asked(draft, capabilities)
    if draft.correcting or not by_chat(draft, capabilities) or name not in {step.name for step in steps}:
        return None
    answered = {each for each in draft.sources.values() if each in draft.settled} - {name}
    left = [step for step in steps if step.name not in draft.settled or step.name == name]
    n = sum(step.name in answered for step in steps) + 1
    return {"n": n, "of": n - 1 + len(left)}


def before(name: str, draft: Draft, capabilities: Capabilities) -> Step | None:
    """The step before this question; None at the first."""
    name = where.STEP.name if name == "gaps" else name
    earlier = []
    for step in asked(draft, capabilities):
        if step.name == name:
            break
        earlier.append(step)
    return earlier[-1] if earlier else None
