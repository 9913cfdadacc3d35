"""What years leave in the database: copies of documents that the program wrote itself, other people's and other places'."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from bot import clock
from bot.access import ALPHABET
from bot.conversation.categories import CATEGORIES
from bot.store import schema
from bot.store.connection import Database

Document = dict[str, Any]

BATCH = 2_000
SPREAD = timedelta(days=365)
"""How far back they reach."""
_FIRST_CHAT = 10_000_000_000
"""Above those of the citizens who talk."""
_FIRST_TICKET = 8_000_000
_SCRAMBLE = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Odd: multiplying by it permutes the numbers below a power of two."""


async def multiply(db: Database, count: int) -> None:
    """Fill up to `count` conversations and as many reports, all at rest. Raises RuntimeError when there is nothing to copy."""
    conversations = await db[schema.CONVERSATIONS].find().limit(BATCH).to_list(None)
    reports = await db[schema.REPORTS].find().limit(BATCH).to_list(None)
    if not conversations or not reports:
        raise RuntimeError("nobody has reported anything yet")
    dice, now = random.Random(1708), clock.now()  # noqa: S311  # repeatable, not secret
    numbers = range(max(0, count - len(reports)))
    await _insert(db, schema.CONVERSATIONS, (conversation(dice.choice(conversations), n, now - SPREAD * n / count) for n in numbers))
    await _insert(db, schema.REPORTS, (report(dice.choice(reports), n, now - SPREAD * n / count, dice) for n in numbers))
    # What is still only in the cache would be written in the midst of the measurement.
    await db.client.admin.command("fsync")


async def _insert(db: Database, collection: str, documents: Iterator[Document]) -> None:
    while batch := list(islice(documents, BATCH)):
        await db[collection].insert_many(batch, ordered=False)


def conversation(like: Document, number: int, at: datetime) -> Document:
    """Another person's, at rest."""
    return _at_rest(like) | {"_id": _conversation(number), "updated_at": at}


def report(like: Document, number: int, at: datetime, dice: random.Random) -> Document:
    """Another person's, somewhere in the country, with its ticket."""
    area = f"{dice.randint(11, 94)}.{dice.randint(1, 79):02}.{dice.randint(1, 30):02}"
    body = like["body"] | {"category": dice.choice(CATEGORIES).code, "location": like["body"]["location"] | {"area_code": area}}
    return _at_rest(like) | {
        "_id": f"{_scrambled(number, 128):032x}",
        "receipt": receipt(number),
        "ticket": str(_FIRST_TICKET + number),
        "conversation": _conversation(number),
        "submitted_at": at,
        "body": body,
    }


def receipt(number: int) -> str:
    """A different one for each number, scattered over the index as drawn ones are."""
    digits, rest = "", _scrambled(number, 40)
    for _ in range(8):
        rest, digit = divmod(rest, len(ALPHABET))
        digits += ALPHABET[digit]
    return f"L{digits}"


def _at_rest(like: Document) -> Document:
    return {name: value for name, value in like.items() if name not in ("due", "leased", "claim", "expires_at")} | {"effects": []}


def _conversation(number: int) -> str:
    return f"telegram:{_FIRST_CHAT + number}"


def _scrambled(number: int, bits: int) -> int:
    return number * _SCRAMBLE % (1 << bits)
