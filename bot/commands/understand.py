"""`python -m bot understand`: what one message says, for many messages; JSON lines in, JSON lines out."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date, datetime

import orjson

from bot import clock
from bot.conversation.understanding.area import Places
from bot.conversation.understanding.reading import Reading, read


class _BadLine(Exception):
    """The line holds no message."""


def main(argv: Sequence[str]) -> int:
    """Read standard input to its end. A line that cannot be read is reported on standard error, and the status is 1."""
    parser = argparse.ArgumentParser(
        prog="python -m bot understand",
        description='Read messages, one JSON object a line: {"id": ..., "text": ...}; write what each says, one JSON object a line.',
    )
    parser.add_argument(
        "--at", type=_moment, metavar="ISO-TIME", help="when the messages came; without an offset WIB is meant; default: now"
    )
    moment: datetime = parser.parse_args(argv).at or clock.now()
    today = moment.astimezone(clock.WIB).date()
    places = Places.load()
    failed = False
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            message_id, text = _message(line)
        except _BadLine as problem:
            print(f"line {number}: {problem}", file=sys.stderr)
            failed = True
            continue
        sys.stdout.buffer.write(orjson.dumps(_said(message_id, read(text, today, places)), option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
    return 1 if failed else 0


def _moment(text: str) -> datetime:
    """An ISO 8601 time or day; ValueError tells argparse that it is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.WIB)


def _message(line: bytes) -> tuple[str | int, str]:
    """The id and the text of one line; _BadLine with what is wrong."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _BadLine("not JSON in UTF-8") from error
    if not isinstance(message, dict):
        raise _BadLine("not a JSON object")
    message_id, text = message.get("id"), message.get("text")
    if not isinstance(message_id, str | int):
        raise _BadLine('"id" must be a string or a number')
    if not isinstance(text, str):
        raise _BadLine('"text" must be a string')
    return message_id, text


def _said(message_id: str | int, reading: Reading) -> dict[str, str | int | list[str] | date | None]:
    return {
        "id": message_id,
        "kind": reading.kind,
        "area": reading.area,
        "candidates": list(reading.candidates),
        "occurred_on": reading.occurred_on,
        "category": reading.category,
    }
