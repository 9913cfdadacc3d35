"""What could not be handled: shown to operators, and tried again when the cause is mended."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import uuid4

import orjson

from bot import effects, inbound_record
from bot.amending import Amending
from bot.clock import now
from bot.conversation import automatic
from bot.intake import Intake
from bot.model import Effect
from bot.ports import Conversations, Parked, ParkedItem, Reports
from bot.report_change import Change, change

LATER = "The cause must be mended where it arose; what is kept of it is shown by `parked show`."


class Stores(Protocol):
    """What is read of the store."""

    @property
    def parked(self) -> Parked:
        """The parked things."""

    @property
    def conversations(self) -> Conversations:
        """Where words go back to."""

    @property
    def reports(self) -> Reports:
        """Where calls to the core go back to."""


class Parking:
    """Lists, shows and replays."""

    def __init__(self, store: Stores, intake: Intake, amending: Amending) -> None:
        self._store = store
        self._intake = intake
        self._amending = amending

    async def lines(self, limit: int) -> Sequence[str]:
        """A line each, oldest first: time, what, reason, id. No text, name or number of a person."""
        items = await self._store.parked.list(limit)
        shown = [f"{item.at:%Y-%m-%d %H:%M:%S}  {item.what:<10} {item.reason:<24} {item.id}" for item in items]
        return shown or ["Nothing is parked."]

    async def shown(self, id_: str) -> str | None:
        """Everything that is kept, as JSON."""
        item = await self._store.parked.load(id_)
        if item is None:
            return None
        whole = {"id": item.id, "what": item.what, "reason": item.reason, "owner": item.owner, "at": item.at, "payload": item.payload}
        return orjson.dumps(whole, option=orjson.OPT_INDENT_2, default=_plain).decode()

    async def replay(self, id_: str) -> str | None:
        """Try it again; one sentence on what was done."""
        item = await self._store.parked.load(id_)
        if item is None:
            return None
        match item.what:
            case "inbound" if "message" in item.payload:
                message = inbound_record.message(item.payload["message"])
                if item.reason == automatic.REASON:
                    await self._amending.unmute(item.owner)
                # Under a new id: the old one counts as applied, because its sender was answered.
                await self._intake.apply(inbound_record.renamed(message, f"{message.id}/replay-{uuid4().hex[:8]}"))
                done = "The message was applied again."
            case "inbound" if item.payload["report"]:
                await self._notify_again(item)
                done = "The citizen is told again."
            case "report":
                await self._push_report(item)
                done = "It was put back on the report's lane to the core."
            case "effect":
                await self._amending.push(item.owner, [_effect(item)])
                done = "It was put back on the conversation's lane."
            case _:
                return LATER
        await self._store.parked.remove(id_)
        return done

    async def _push_report(self, item: ParkedItem) -> None:
        forwards = item.payload["kind"] == "forward"
        again = Change({"refused": False} if forwards else {}, effects=[_effect(item)])
        await change(self._store.reports, item.owner, lambda _: again, now())

    async def _notify_again(self, item: ParkedItem) -> None:
        notice, key = item.payload["notice"], f"replay-{uuid4().hex[:8]}"
        told = effects.notify(
            item.payload["report"], key, notice["kind"], now=now(), **{name: notice[name] for name in ("text", "attachments", "reason")}
        )
        await change(self._store.reports, item.payload["report"], lambda _: Change(effects=[told]), now())


def _effect(item: ParkedItem) -> Effect:
    payload = item.payload
    effect_id = item.id.removeprefix(f"{item.owner}/")
    return Effect(effect_id, payload["lane"], payload["kind"], payload["data"], due=now())


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
