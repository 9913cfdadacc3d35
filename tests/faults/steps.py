"""The steps of a message's way at which a process can be killed: where each happens in the product.

A victim wraps the functions named here, in its own process only. A function that moves is to be found again here; a unit test notices.
"""

from dataclasses import dataclass

WEB, WORKER = "web", "worker"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way."""

    role: str
    """Which kind of process takes it."""
    functions: tuple[str, ...]
    """`module:attribute.attribute`; several where the ways differ by channel."""
    passes: int = 2
    """It comes so often that a process is struck at one of the first so many passes."""


STEPS: dict[str, Step] = {
    "verify": Step(
        WEB,
        (
            "bot.channels.telegram_channel:WebhookChannel._receive",
            "bot.channels.sms_gateway:receive_message",
            "bot.channels.twilio:receive_message",
            "bot.arrivals:verify_event",
        ),
        passes=8,
    ),
    "write": Step(WEB, ("bot.store.conversations:Conversations.commit",), passes=8),
    "answer": Step(WEB, ("aiohttp.web_protocol:RequestHandler.finish_response",), passes=8),
    "send": Step(WEB, ("bot.speech:Speech.say",), passes=8),
    "settle": Step(WEB, ("bot.store.conversations:Conversations.settle",), passes=8),
    "fetch": Step(WEB, ("bot.conversation_effects:ConversationErrands._fetch",)),
    "file": Step(WEB, ("bot.conversation_effects:ConversationErrands._file",)),
    "event": Step(WEB, ("bot.tracking:Tracking.receive",)),
    "claim": Step(WORKER, ("bot.store.lanes:Lanes.claim",), passes=8),
    "forward": Step(WORKER, ("bot.forwarder.core:CoreTarget.file",)),
    "ticket": Step(WORKER, ("bot.report_effects:ReportErrands.adopt",)),
    "notify": Step(WORKER, ("bot.report_effects:ReportErrands._notify",)),
    "operate": Step(WORKER, ("bot.forwarder.core:CoreTarget.operate",)),
}

MOMENTS = ("before", "after")

POINTS: tuple[str, ...] = tuple(f"{moment}:{step}" for step in STEPS for moment in MOMENTS)
"""`before:write` and the like."""


def step_at(point: str) -> Step:
    """The step of a point."""
    return STEPS[point.partition(":")[2]]


def role_of(point: str) -> str:
    """Which kind of process comes to a point."""
    return step_at(point).role
