"""The questions of a report, in order. A new question is one file in `steps` and one line here."""

from bot.conversation.question import Step
from bot.conversation.session import Draft
from bot.conversation.steps import agency, category, evidence, kind, name, text, visibility, when, where
from bot.model import Capabilities

STEPS: tuple[Step, ...] = (
    kind.STEP,
    text.STEP,
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
    """The name of the question this draft waits for: consent first, the summary when nothing is missing."""
    if not draft.agreed:
        return "consent"
    if draft.correcting:
        return draft.correcting
    missing = (step.name for step in asked(draft, capabilities) if step.name not in draft.settled)
    return next(missing, "summary")


def before(name: str, draft: Draft, capabilities: Capabilities) -> Step | None:
    """The step before this question; None at the first."""
    earlier = []
    for step in asked(draft, capabilities):
        if step.name == name:
            break
        earlier.append(step)
    return earlier[-1] if earlier else None
