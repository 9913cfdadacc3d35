"""Conversations: the one atomic write of a turn.

A document: {_id, version, session, applied: [{id, at}], effects: [...], due?, leased?, fence, claim?, updated_at, expires_at?,
sent?: [{id, provider_id, at, state, code, words?}], unsaid?: [...]}. `due` stands while there are effects.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.model import Delivered, Effect
from bot.ports import Settlement, StoredConversation, TurnWrite
from bot.store.connection import Collection, Document, translated
from bot.store.documents import decode_conversation, decode_effect, encode_applied, encode_effect
from bot.store.lanes import Lanes
from bot.store.reads import Reads
from bot.store.riders import Riders
from bot.store.settlement import SENT_KEPT, due_by, literal, said, settle_pipeline

_FORWARD = (Delivered.ACCEPTED, Delivered.SENT, Delivered.FAILED, Delivered.DELIVERED, Delivered.READ)
"""How far, in order. Failed stands before delivered: a gateway may give up on a message that arrives after all, never the reverse."""


_SETTLED = (Delivered.FAILED, Delivered.DELIVERED, Delivered.READ)


class Conversations(Lanes):
    """Implements `ports.Conversations`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        super().__init__(collection)
        self._riders = Riders(self._settle_alone)
        self._reads = Reads(self._fetch)

    async def load(self, id_: str) -> StoredConversation:
        """Majority-committed state; version 0 when there is no document. Raises StoreUnavailable."""
        document = await self._reads.get(id_)
        return StoredConversation(id_) if document is None else decode_conversation(document)

    async def _fetch(self, ids: list[str]) -> dict[str, Document]:
        found = await self._collection.find({"_id": {"$in": ids}}, {"sent": 0}).batch_size(len(ids)).to_list(None)
        return {document["_id"]: document for document in found}

    async def commit(self, turn: TurnWrite) -> bool:
        """Write in a group; True when durable, False when another version stands. Raises StoreUnavailable: unknown; Unstorable: a bug."""
        # The upserts make a miss visible: it tries to insert an _id that is there, and only its own operation fails.
        read = {"_id": turn.conversation, "version": turn.version}
        if not turn.claim:
            return await self._group.update(read, _joining(turn), upsert=True)
        rider = self._riders.pick_up(turn.conversation, turn.fence) if turn.clears else None
        durable = False
        try:
            update = _claiming(turn, rider.settlement if rider else None)
            durable = await self._group.update({**read, "fence": turn.fence}, update, upsert=True)
        finally:
            if rider:
                (rider.arrive if durable else rider.get_off)()
        return durable

    async def settle(self, settlement: Settlement) -> None:
        """Record it with the citizen's next turn, or by itself, at most 500 ms later; returns when it is durable."""
        await self._riders.settle(settlement)

    async def close(self) -> None:
        """Write what waits."""
        self._riders.all_get_off()
        await super().close()

    def _settle_alone(self, settlement: Settlement) -> asyncio.Future[bool]:
        return self._group.hand_in({"_id": settlement.id}, settle_pipeline(settlement))

    async def report_delivery(
        self, id_: str, effect: str, state: Delivered, code: str | None, at: datetime, *, wordless: bool = False
    ) -> bool:
        """Move a sent message's state forward, never backwards; False when it is not known, or `wordless` and its words are."""
        mine: dict[str, Any] = {"id": effect, **({"words": {"$exists": False}} if wordless else {})}
        behind = [earlier.value for earlier in _FORWARD[: _FORWARD.index(state)]]
        change: dict[str, Any] = {"$set": {"sent.$.state": state.value, "sent.$.code": code, "sent.$.at": at}}
        if state in _SETTLED:
            change["$unset"] = {"sent.$.words": ""}
        with translated():
            moved = await self._collection.update_one({"_id": id_, "sent": {"$elemMatch": {**mine, "state": {"$in": behind}}}}, change)
            if moved.matched_count:
                return True
            return await self._collection.find_one({"_id": id_, "sent": {"$elemMatch": mine}}, {"_id": 1}) is not None

    async def words(self, id_: str, effect: str) -> Effect | None:
        """What was said, while it is remembered."""
        with translated():
            document = await self._collection.find_one({"_id": id_, "sent.id": effect}, {"sent.$": 1})
        words = document["sent"][0].get("words") if document else None
        return decode_effect(words) if words else None

    async def spoken(self, id_: str) -> Sequence[str]:
        """What was said of late, or is still to be: the ids of the effects."""
        with translated():
            document = await self._collection.find_one({"_id": id_}, {"sent.id": 1, "effects.id": 1})
        return [each["id"] for field in ("sent", "effects") for each in (document or {}).get(field, ())]

    async def erase_words(self, id_: str) -> None:
        """Erase what is held back and what is known of sent messages. A turn on an older version is computed again."""
        with translated():
            await self._collection.update_one({"_id": id_}, {"$unset": {"unsaid": "", "sent": ""}, "$inc": {"version": 1}})

    async def expired(self, now: datetime, limit: int) -> Sequence[str]:
        """Conversations whose `expires_at` has passed, the longest expired first."""
        with translated():
            found = self._collection.find({"expires_at": {"$lte": now}}, {"_id": 1}).sort("expires_at", 1).limit(limit)
            return [document["_id"] for document in await found.to_list(None)]


def _claiming(turn: TurnWrite, settlement: Settlement | None) -> dict[str, Any]:
    """The usual turn: nothing was pending, `due` is the end of the writer's lease. With a settlement: what the document shows is done."""
    effects = [encode_effect(effect) for effect in turn.effects]
    update: dict[str, Any] = {
        "$set": {"session": turn.session, "applied": encode_applied(turn), "updated_at": turn.at, "due": turn.due, "leased": True},
        "$inc": {"version": 1},
        "$push": {},
    }
    if settlement is None:
        update["$push"]["effects"] = {"$each": effects}
    else:
        update["$set"]["effects"] = effects
        update["$push"]["sent"] = {"$each": said(settlement), "$slice": -SENT_KEPT}
    gone = {}
    if turn.expires_at is None:
        gone["expires_at"] = ""
    else:
        update["$set"]["expires_at"] = turn.expires_at
    if turn.unsaid:
        update["$set"]["unsaid"] = [encode_effect(effect) for effect in turn.unsaid]
    elif turn.unsaid is not None:
        gone["unsaid"] = ""
    if gone:
        update["$unset"] = gone
    return update


def _joining(turn: TurnWrite) -> list[dict[str, Any]]:
    """A turn whose copy showed effects pending: it pushes, and somebody else carries out.

    But the copy may be stale, and nothing pending any more, or nobody holds a lease and the next retry is an hour away. Only a pipeline
    can tell the cases apart in the write itself.
    """
    effects = [encode_effect(effect) for effect in turn.effects]
    changes: dict[str, Any] = {
        "session": literal(turn.session),
        "applied": literal(encode_applied(turn)),
        "updated_at": turn.at,
        "version": turn.version + 1,  # the filter pins the version read
        "effects": {"$concatArrays": [{"$ifNull": ["$effects", []]}, literal(effects)]},
        "fence": {"$ifNull": ["$fence", 0]},
        "expires_at": turn.expires_at or "$$REMOVE",
    }
    if turn.unsaid is not None:
        changes["unsaid"] = literal([encode_effect(effect) for effect in turn.unsaid]) if turn.unsaid else "$$REMOVE"
    if effects:
        changes["due"] = due_by(turn.due)
    return [{"$set": changes}]
