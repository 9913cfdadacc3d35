"""What the effects of a conversation mean: say, nudge, file, fetch, operate, erase, set_aside."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot import effects, logs, media_type, metrics, retry
from bot.carriage import Carried, Handlers, Wait, handler
from bot.clock import Now
from bot.conversation.protocol import Notice
from bot.drafts_left import DraftLeft, DraftsLeft, How
from bot.errors import LaporError, MediaGone, MediaTooLarge, MediaUnsupported, Rejected
from bot.history import Milestone, Waits
from bot.live import Live
from bot.model import Address, Capabilities, Effect
from bot.origin import Origin
from bot.ports import Conversations, Held, Media, Parked, ParkedItem, Reports, StoredReport
from bot.redirects import Redirects
from bot.report_change import Change, change
from bot.speech import Speech

FETCHING = retry.Policy(first=timedelta(seconds=1), cap=timedelta(minutes=10), limit=30)

log = logs.get_logger(__name__)

_TOLD = (MediaGone, MediaTooLarge, MediaUnsupported)
"""What the citizen can mend: told, not parked."""


class ConversationErrands:
    """Carries out the effects of conversations."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        reports: Reports,
        media: Media,
        held: Held,
        redirects: Redirects,
        drafts_left: DraftsLeft,
        parked: Parked,
        live: Live,
        speech: Speech,
        capabilities: Callable[[Address], Capabilities],
        notice: Callable[[str, Notice], Awaitable[None]],
        now: Now,
    ) -> None:
        self.lanes = conversations
        self._conversations = conversations
        self._reports = reports
        self._media = media
        self._held = held
        self._redirects = redirects
        self._drafts_left = drafts_left
        self._parked = parked
        self._live = live
        self._speech = speech
        self._capabilities = capabilities
        self._notice = notice
        self._now = now
        self._handlers: Handlers = {
            "say": speech.say,
            "nudge": speech.nudge,
            "file": self._file,
            "fetch": self._fetch,
            "operate": self._operate,
            "erase": self._erase,
            "set_aside": self._set_aside,
            "count_left": self._count_left,
        }

    async def carry(self, owner: str, effect: Effect, pending: Sequence[Effect]) -> Carried | Wait:
        """See `carriage.Errands`."""
        return await handler(self._handlers, effect)(owner, effect, pending)

    def policy(self, effect: Effect) -> retry.Policy:
        """Words have a day, files some hours; our own work is never given up."""
        return {"say": retry.SPEECH, "nudge": retry.SPEECH, "fetch": FETCHING}.get(effect.kind, retry.FILING)

    def settled(self, owner: str, done: frozenset[str], changed: Sequence[Effect]) -> None:
        """The next turn of this process must know whether anything is pending."""
        self._live.settled(owner, done, changed)

    def forget(self, owner: str) -> None:
        """The next turn of this process reads."""
        self._live.forget(owner)

    async def give_up(self, owner: str, effect: Effect, error: Exception) -> None:
        """A file that cannot be had is told to its sender; all else is parked."""
        reason = error.code if isinstance(error, LaporError) else "bug"
        if effect.kind == "fetch":
            media_id = effect.data["media"]
            notice = Notice(
                id=f"{media_id}:failed",
                kind="media_failed",
                report=None,
                capabilities=self._capabilities(Address.parse(owner)),
                reason=reason,
                media=media_id,
            )
            await self._notice(owner, notice)
        if not isinstance(error, _TOLD):
            data = {"kind": effect.kind, "lane": effect.lane, "data": dict(effect.data)}
            item = ParkedItem(f"{owner}/{effect.id}", "effect", reason, owner, data, self._now())
            await self._parked.park(item)

    async def _fetch(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        address = Address.parse(owner)
        channel = self._speech.reach(address)
        limit = self._capabilities(address).max_file
        file = effects.file_ref(effect.data)
        data = await channel.fetch(file, limit=limit)
        if len(data) > limit:
            raise MediaTooLarge
        mime = media_type.sniff(data)
        await self._media.put(effect.data["media"], owner, data, name=file.name or effect.data["media"], mime=mime, at=self._now())
        return Carried()

    async def _file(self, _owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        report = effects.stored_report(effect.data)
        if report.redirect and (redirect := await self._redirects.load(report.redirect)):
            origin = Origin(redirect.author.account, redirect.author.office, redirect.network)
            report = replace(report, origin=origin, waits=Waits.AGENCY, moved_at=report.submitted_at)
        await self._reports.insert(report)
        log.info("report_filed", report=report.id)
        if report.media:
            await self._media.bind(report.media, report.id)
        return Carried()

    async def _operate(self, _owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        now = self._now()
        operation: str = effect.data["operation"]
        onward = effects.operation(effect.id, operation, effect.data["body"], now=now)
        # Evidence from now on: neither erasure nor the sweeper takes it away.
        await self._media.bind(effect.data["body"].get("media", ()), effect.data["report"])
        rated: dict[str, Any] = {"rated": True} if operation == "rating" else {}
        answered: dict[str, Any] = {"wants_answer": False} if operation == "messages" else {}

        def decide(report: StoredReport) -> Change | None:
            if effect.id in report.applied:
                return None
            done = Milestone(operation, now)
            return Change({**rated, **answered}, applied=effect.id, effects=[onward], history=[done])

        if await change(self._reports, effect.data["report"], decide, now) is None:
            raise Rejected("no such report")
        return Carried()

    async def _erase(self, owner: str, _effect: Effect, pending: Sequence[Effect]) -> Carried | Wait:
        """After what was confirmed before has been filed, so that it is unbound too."""
        if any(each.kind in ("file", "operate", "fetch", "set_aside") for each in pending):
            return Wait(self._now() + timedelta(seconds=1))
        await self._conversations.erase_words(owner)
        self._live.forget(owner)
        await self._held.erase(owner)
        await self._parked.erase(owner)
        await self._reports.unbind(owner)
        await self._redirects.forget(owner)
        await self._media.erase(owner)
        return Carried()

    async def _count_left(self, _owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        """Nothing of whose draft it was."""
        data = effect.data
        redirect = await self._redirects.load(data["redirect"]) if data["redirect"] else None
        office = redirect.author.office if redirect else ""
        await self._drafts_left.add(DraftLeft(data["id"], date.fromisoformat(data["day"]), How(data["how"]), data["question"], office))
        return Carried()

    async def _set_aside(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        """An operator looks at what was left unanswered, and may have it answered after all."""
        reason: str = effect.data["reason"]
        if effect.data["first"]:
            log.warning("conversation_muted", conversation=logs.ref(owner), reason=reason)
            metrics.MUTED.inc()
        item = ParkedItem(f"{owner}/{effect.id}", "inbound", reason, owner, {"message": effect.data["message"]}, self._now())
        await self._parked.park(item)
        metrics.PARKED.labels(reason).inc()
        return Carried()
