"""The steps of a message's way at which a process can be killed: where each happens in the product.

A victim wraps the functions named here, in its own process only. A function that moves is to be found again here; a unit test notices.
"""

from collections.abc import Mapping
from dataclasses import dataclass

WEB, WORKER = "web", "worker"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way."""

    role: str
    """Which kind of process takes it."""
    functions: tuple[str, ...]
    """`module:attribute.attribute`; several where the ways differ by channel."""


STEPS: Mapping[str, Step] = {
    "verify": Step(
        WEB,
        (
            "bot.channels.telegram_channel:WebhookChannel._receive",
            "bot.channels.sms:receive_message",
            "bot.channels.twilio:receive_message",
            "bot.app:verify_event",
        ),
    ),
    "write": Step(WEB, ("bot.store.conversations:Conversations.commit",)),
    "answer": Step(WEB, ("aiohttp.web_protocol:RequestHandler.finish_response",)),
    "send": Step(WEB, ("bot.speech:Speech.say",)),
    "settle": Step(WEB, ("bot.store.lanes:Lanes.settle",)),
    "fetch": Step(WEB, ("bot.conversation_effects:ConversationErrands._fetch",)),
    "file": Step(WEB, ("bot.conversation_effects:ConversationErrands._file",)),
    "event": Step(WEB, ("bot.tracking:Tracking.receive",)),
    "claim": Step(WORKER, ("bot.store.lanes:Lanes.claim",)),
    "forward": Step(WORKER, ("bot.forwarder.core:CoreTarget.file",)),
    "ticket": Step(WORKER, ("bot.report_effects:ReportErrands.adopt",)),
    "notify": Step(WORKER, ("bot.report_effects:ReportErrands._notify",)),
    "operate": Step(WORKER, ("bot.forwarder.core:CoreTarget.operate",)),
}

MOMENTS = ("before", "after")

POINTS: tuple[str, ...] = tuple(f"{moment}:{step}" for step in STEPS for moment in MOMENTS)
"""`before:write` and the like."""


def role_of(point: str) -> str:
    """Which kind of process comes to a point."""
    return STEPS[point.partition(":")[2]].role
