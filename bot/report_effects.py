"""What the effects of a report mean: forward it, carry what the citizen adds to the core, tell the citizen what happened to it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol

import orjson

from bot import effects, following, logs, metrics, retry
from bot.carriage import Carried, Handlers, Wait, handler
from bot.clock import WIB, Now
from bot.conversation.protocol import Notice
from bot.errors import Conflict, LaporError, Rejected, Unreachable
from bot.feed import Feed
from bot.history import Milestone
from bot.model import Address, Capabilities, Effect, Status
from bot.ports import Media, MediaInfo, Parked, ParkedItem, Reports, StoredReport
from bot.report_change import Change, change
from bot.report_view import view

MEDIA_PATIENCE = timedelta(minutes=2)
"""How long forwarding waits for files; later ones follow as messages."""

MEDIA_EVERY = timedelta(seconds=1)
"""How often they are looked for meanwhile."""

LATE_PATIENCE = timedelta(days=2)
"""How long a late file is waited for at all."""

LATE_EVERY = timedelta(seconds=10)
"""How often it is looked for at first; more rarely as time passes."""

log = logs.get_logger(__name__)


class Filed(Protocol):
    """What is read of `bot.forwarder.protocol.Filed`."""

    @property
    def ticket(self) -> str:
        """Decimal digits."""

    @property
    def due(self) -> Mapping[str, date]:
        """Deadlines."""


class Target(Protocol):
    """What is needed of a target here: see `bot.forwarder.protocol.Target`."""

    async def file(self, report_id: str, payload: bytes, *, unsure: bool) -> Filed | None:
        """Hand over the frozen bytes."""

    def reference(self, report_id: str, ticket: str | None) -> str | None:
        """By what `operate` knows a report."""

    async def operate(self, reference: str, operation: str, operation_id: str, payload: bytes) -> None:
        """Do something to a filed report."""


class ReportErrands:
    """Carries out the effects of reports."""

    def __init__(
        self,
        *,
        reports: Reports,
        feed: Feed,
        media: Media,
        parked: Parked,
        target: Target,
        media_url: Callable[[str], str],
        capabilities: Callable[[Address], Capabilities],
        notice: Callable[[str, Notice], Awaitable[None]],
        now: Now,
    ) -> None:
        self.lanes = reports
        self._reports = reports
        self._feed = feed
        self._media = media
        self._parked = parked
        self._target = target
        self._media_url = media_url
        self._capabilities = capabilities
        self._notice = notice
        self._now = now
        self._handlers: Handlers = {
            "forward": self._forward,
            "messages": self._operate,
            "rating": self._operate,
            "withdrawal": self._operate,
            "reopening": self._operate,
            "late_media": self._late_media,
            "notify": self._notify,
        }

    async def carry(self, owner: str, effect: Effect, pending: Sequence[Effect]) -> Carried | Wait:
        """See `carriage.Errands`."""
        if effect.lane != effects.CORE:
            return await handler(self._handlers, effect)(owner, effect, pending)
        try:
            with metrics.FORWARD_SECONDS.labels(effect.kind).time():
                return await handler(self._handlers, effect)(owner, effect, pending)
        except LaporError as error:
            metrics.FORWARD.labels(effect.kind, error.code).inc()
            raise

    def policy(self, _effect: Effect) -> retry.Policy:
        """A confirmed report and what belongs to it are never given up."""
        return retry.FILING

    def settled(self, owner: str, done: frozenset[str], changed: Sequence[Effect]) -> None:
        """Reports are not kept in memory."""

    def forget(self, owner: str) -> None:
        """The same."""

    async def give_up(self, owner: str, effect: Effect, error: Exception) -> None:
        """Park it, and tell the citizen the truth."""
        now = self._now()
        reason = error.code if isinstance(error, LaporError) else "bug"
        fields = list(getattr(error, "fields", ()))
        data = {"kind": effect.kind, "lane": effect.lane, "data": dict(effect.data), "fields": fields}
        await self._parked.park(ParkedItem(f"{owner}/{effect.id}", "report", reason, owner, data, now))
        if effect.kind == "notify":
            return
        if effect.kind == "forward":
            kind = "conflict" if isinstance(error, Conflict) else "refused"
            fields_changed: dict[str, Any] = {"refused": True}
        else:
            kind, fields_changed = "operation_failed", {}
        told = effects.notify(owner, f"{effect.id}:failed", kind, now=now, reason=reason)

        def decide(report: StoredReport) -> Change:
            """Told once; but a report that is refused again, after a replay, is refused."""
            if told.id in report.applied:
                return Change(fields_changed)
            return Change(fields_changed, applied=told.id, effects=[told], history=[Milestone(kind, now, f"{effect.id}:failed")])

        await change(self._reports, owner, decide, now)

    async def _forward(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried | Wait:
        report = await self._load(owner)
        if report.ticket:
            return Carried()
        payload = report.payload
        if payload is None:
            files = await self._media.info(report.media)
            now = self._now()
            if len(files) < len(report.media) and now < report.submitted_at + MEDIA_PATIENCE:
                return Wait(now + MEDIA_EVERY)
            body = dict(report.body) | {"attachments": self._attachments(report.media, files)}
            payload = await self._reports.freeze(report.id, orjson.dumps(body))
        if report.media:
            sent = {each["id"] for each in orjson.loads(payload)["attachments"]}
            await self._follow_later(report, [media_id for media_id in report.media if media_id not in sent])
        filed = await self._target.file(owner, payload, unsure=effect.unsure)
        if filed is not None:
            await self.adopt(owner, filed)
            log.info("report_forwarded", report=owner, ticket=filed.ticket)
        metrics.FORWARD.labels("forward", "filed" if filed else "waiting").inc()
        return Carried()

    async def _follow_later(self, report: StoredReport, media_ids: Sequence[str]) -> None:
        """Files that the bytes now fixed leave out are late for good: each follows by itself, as a message."""
        now = self._now()
        for media_id in media_ids:
            late = Effect(f"late:{media_id}", f"late:{media_id}", "late_media", {"media": media_id}, due=now)
            decided = Change(applied=late.id, effects=[late])
            await change(self._reports, report.id, partial(_once, decided), now)

    def _attachments(self, media_ids: Sequence[str], files: Mapping[str, MediaInfo]) -> list[dict[str, Any]]:
        """In the order they were sent, as the core's API wants them."""
        return [
            {
                "id": file.id,
                "name": file.name,
                "mime": file.mime,
                "size": file.size,
                "sha256": file.sha256,
                "url": self._media_url(file.id),
            }
            for media_id in media_ids
            if (file := files.get(media_id))
        ]

    async def adopt(self, owner: str, filed: Filed) -> None:
        """Take the ticket over, whatever number of times it comes, and tell it."""
        now = self._now()

        def decide(report: StoredReport) -> Change | None:
            if report.ticket:
                return None
            told = effects.notify(owner, "ticket", "ticket", now=now)
            fields: dict[str, Any] = {"ticket": filed.ticket, "due_dates": report.due_dates or filed.due}
            if following.is_cut(report):  # erased meanwhile: the core has it now
                fields |= {"payload": None, "body": {**report.body, "reporter": None}}
            return Change(fields, applied=told.id, effects=[told], history=[Milestone("ticket", now, "ticket")])

        await change(self._reports, owner, decide, now)

    async def _operate(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried | Wait:
        report = await self._load(owner)
        reference = self._target.reference(owner, report.ticket)
        if reference is None:
            if report.refused:
                raise Rejected("the report was refused")
            raise Unreachable("the report has no ticket yet")
        body = {"id": effect.id, **effect.data["body"]}
        if effect.kind == "messages" and "attachments" not in body:
            attachments = await self._in_time(report, body.pop("media", ()), effect.data["at"])
            if attachments is None:
                return Wait(self._now() + MEDIA_EVERY)
            body["attachments"] = attachments
        await self._target.operate(reference, effect.kind, effect.id, orjson.dumps(body))
        metrics.FORWARD.labels(effect.kind, "done").inc()
        return Carried()

    async def _in_time(self, report: StoredReport, media_ids: Sequence[str], since: datetime) -> Sequence[Mapping[str, Any]] | None:
        """A message's attachments; None while its files are waited for. What is late stays late, so that every attempt sends the same."""
        expected = [media_id for media_id in media_ids if f"late:{media_id}" not in report.applied]
        files = await self._media.info(expected)
        missing = [media_id for media_id in expected if media_id not in files]
        if missing and self._now() < since + MEDIA_PATIENCE:
            return None
        await self._follow_later(report, missing)
        return self._attachments(expected, files)

    async def _late_media(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried | Wait:
        """A file that came after the report was frozen follows as a message of its own."""
        now = self._now()
        media_id: str = effect.data["media"]
        files = await self._media.info([media_id])
        if not files:
            waited = now - (await self._load(owner)).submitted_at
            return Carried() if waited > LATE_PATIENCE else Wait(now + max(LATE_EVERY, waited / 10))
        await self._media.bind([media_id], owner)
        body = {"text": "", "attachments": self._attachments([media_id], files)}
        follow = effects.operation(f"{effect.id}:message", "messages", body, now=now)
        await change(self._reports, owner, partial(_once, Change(applied=follow.id, effects=[follow])), now)
        return Carried()

    async def _notify(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        report = await self._load(owner)
        if _is_outdated(report, effect) or following.is_cut(report):
            return Carried()
        now = self._now()
        if report.conversation is not None:
            await self._notice(report.conversation, self._notice_of(report, report.conversation, effect, now))
            return Carried()
        await self._feed.add(following.news_of(replace(report, **_as_then(effect.data)), effect, now))
        if report.contact is not None:
            notice = self._notice_of(report, report.contact, effect, now)
            await self._notice(report.contact, replace(notice, kind="unbound", text="", attachments=0, reason=notice.kind))
        return Carried()

    def _notice_of(self, report: StoredReport, conversation: str, effect: Effect, now: datetime) -> Notice:
        told = replace(report, **_as_then(effect.data))
        return Notice(
            id=effect.id,
            kind=effect.data["kind"],
            report=view(told, now.astimezone(WIB).date(), conversation=conversation),
            capabilities=self._capabilities(Address.parse(conversation)),
            text=effect.data["text"],
            attachments=effect.data["attachments"],
            reason=effect.data["reason"],
        )

    async def _load(self, owner: str) -> StoredReport:
        report = await self._reports.load(owner)
        if report is None:
            raise Rejected("the report's document is gone")
        return report


def _once(decided: Change, report: StoredReport) -> Change | None:
    """The change, unless it has been made."""
    return None if decided.applied in report.applied else decided


def _is_outdated(report: StoredReport, effect: Effect) -> bool:
    """A reminder of what the report no longer lacks."""
    return effect.data["kind"] == effects.REMINDER and (report.status, report.sequence) != (Status.POSTPONED, effect.data["sequence"])


def _as_then(data: Mapping[str, Any]) -> dict[str, Any]:
    """The status a notice is about: by the time it is told, the report may have moved on."""
    then = data.get("then")
    if not then:
        return {}
    return {
        "status": Status(then["status"]),
        "agency": then["agency"],
        "note": then["note"],
        "missing": tuple(then["missing"]),
        "due_dates": {name: date.fromisoformat(day) for name, day in then["due"].items()},
    }
