"""What became of a lease's effects, as one update pipeline: what it decides and what it writes cannot come apart."""

from datetime import datetime
from typing import Any

from bot.ports import Done, Settlement
from bot.store.documents import encode_effect

SENT_KEPT = 20
"""Sent replies a conversation knows, for delivery reports that come later."""

Expression = dict[str, Any]


def literal(value: Any) -> Expression:
    """A value as data. In a pipeline, a text that begins with `$` would be read as a field's name."""
    return {"$literal": value}


def due_by(at: datetime) -> Expression:
    """When a document with new effects is to be looked at: `at`, or before; but nobody's lease is cut short, its holder will find them."""
    return {"$cond": [{"$ifNull": ["$leased", False]}, "$due", {"$min": ["$due", at]}]}


def settle_pipeline(settlement: Settlement) -> list[Expression]:
    """The update of `Lanes.settle`; first the effects, then `due` by what is left of them."""
    changes: Expression = {"effects": _left(settlement)}
    if words := said(settlement):
        changes["sent"] = _with_said(words)
    schedule: Expression = {"due": _due(settlement)}
    if not settlement.renews:
        schedule["leased"] = {"$cond": [_holds(settlement), "$$REMOVE", "$leased"]}
    return [{"$set": changes}, {"$set": schedule}]


def said(settlement: Settlement) -> list[Expression]:
    """What joins `sent`."""
    return [_said(done, settlement) for done in settlement.done if done.provider_id is not None]


def _said(done: Done, settlement: Settlement) -> Expression:
    sent = {"id": done.effect, "provider_id": done.provider_id, "at": settlement.at, "state": "accepted", "code": None}
    return sent | ({"words": encode_effect(done.words)} if done.words else {})


def _holds(settlement: Settlement) -> Expression:
    return {"$eq": ["$fence", settlement.fence]}


def _left(settlement: Settlement) -> Expression:
    """The effects not done, those of `changed` with their new schedule if the fence still holds."""
    done = [done.effect for done in settlement.done]
    left: Expression = {"$filter": {"input": "$effects", "as": "effect", "cond": {"$not": [{"$in": ["$$effect.id", literal(done)]}]}}}
    if not settlement.changed:
        return left
    schedules = [
        {"id": effect.id, "due": effect.due, "attempts": effect.attempts, "unsure": effect.unsure} for effect in settlement.changed
    ]
    mine = {"$filter": {"input": literal(schedules), "as": "new", "cond": {"$eq": ["$$new.id", "$$effect.id"]}}}
    # $mergeObjects of nothing is the effect as it was.
    rescheduled = {"$map": {"input": left, "as": "effect", "in": {"$mergeObjects": ["$$effect", {"$first": mine}]}}}
    return {"$cond": [_holds(settlement), rescheduled, left]}


def _with_said(words: list[Expression]) -> Expression:
    """`sent` with the new ones, each effect once: a settlement may be written again when its outcome was unknown."""
    sent = {"$ifNull": ["$sent", []]}
    known = {"$map": {"input": sent, "as": "old", "in": "$$old.id"}}
    new = {"$filter": {"input": literal(words), "as": "new", "cond": {"$not": [{"$in": ["$$new.id", known]}]}}}
    return {"$slice": [{"$concatArrays": [sent, new]}, -SENT_KEPT]}


def _due(settlement: Settlement) -> Expression:
    """A zombie's settlement leaves `due` to the present holder."""
    ids = {"$map": {"input": "$effects", "as": "effect", "in": "$$effect.id"}}
    if settlement.renews:
        return {"$cond": [_holds(settlement), settlement.next_due, "$due"]}
    strangers = {"$not": [{"$setIsSubset": [ids, literal(sorted(settlement.known))]}]}
    return {
        "$switch": {
            "branches": [
                {"case": {"$not": [_holds(settlement)]}, "then": "$due"},
                {"case": {"$eq": ["$effects", []]}, "then": "$$REMOVE"},
                {"case": strangers, "then": settlement.at},
            ],
            "default": settlement.next_due or settlement.at,
        }
    }
