"""The questions of a report, in order. A new question is one file in `steps` and one line here."""

from collections.abc import Iterable

from bot.conversation.question import Step
from bot.conversation.session import Draft
from bot.conversation.steps import agency, category, evidence, kind, name, text, visibility, when, where
from bot.model import Capabilities, Medium

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

_BY_SMS = tuple(step for step in STEPS if not step.optional)


def asked(draft: Draft, capabilities: Capabilities) -> list[Step]:
    """The steps that this draft is asked on this channel."""
    return _applying(_asked_by(capabilities), draft, capabilities)


def correctable(draft: Draft, capabilities: Capabilities) -> list[Step]:
    """The steps whose answer may be changed, or filled in, from the summary."""
    return _applying(STEPS, draft, capabilities)


def _asked_by(capabilities: Capabilities) -> Iterable[Step]:
    return _BY_SMS if capabilities.medium is Medium.SMS else STEPS


def _applying(steps: Iterable[Step], draft: Draft, capabilities: Capabilities) -> list[Step]:
    return [step for step in steps if step.applies is None or step.applies(draft, capabilities)]


def present(draft: Draft, capabilities: Capabilities) -> str:
    """The name of the question this draft waits for: whose matter it is and consent first, the summary when nothing is missing.

    By SMS the place is asked for together with the day, the day alone is not, and the summary asks for consent.
    """
    if draft.elsewhere:
        return "elsewhere"
    by_sms = capabilities.medium is Medium.SMS
    if not draft.agreed and not by_sms:
        return "consent"
    if draft.correcting:
        return draft.correcting
    missing = _missing(draft, capabilities)
    if by_sms and missing == where.STEP.name and when.STEP.name not in draft.settled and when.STEP in correctable(draft, capabilities):
        return "gaps"
    return missing


def _missing(draft: Draft, capabilities: Capabilities) -> str:
    for step in _asked_by(capabilities):
        if step.name not in draft.settled and (step.applies is None or step.applies(draft, capabilities)):
            return step.name
    return "summary"


def progress(name: str, draft: Draft, capabilities: Capabilities) -> dict[str, int] | None:
    """`n` of `of`: which of the questions that will have been asked this is; None where it is no step on the way, and by SMS."""
    if draft.correcting or capabilities.medium is Medium.SMS or name not in BY_NAME:
        return None
    settled, sources = set(draft.settled), set(draft.sources.values())
    on_the_way, answered, left = False, 0, 0
    for step in asked(draft, capabilities):
        if step.name == name:
            on_the_way = True
        elif step.name not in settled:
            left += 1
        elif step.name in sources:
            answered += 1
    return {"n": answered + 1, "of": answered + 1 + left} if on_the_way else None


def before(name: str, draft: Draft, capabilities: Capabilities) -> Step | None:
    """The step before this question; None at the first."""
    name = where.STEP.name if name == "gaps" else name
    earlier = []
    for step in asked(draft, capabilities):
        if step.name == name:
            break
        earlier.append(step)
    return earlier[-1] if earlier else None
