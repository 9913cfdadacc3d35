"""Confirmed reports go out as books for the national system's own form, where the agency's core cannot be called.

Making one is three steps, each of which may be done again: a number, lines moved under it, files frozen. The files are never made anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.books import columns, writing
from bot.books.outgoing import REPORT, OutBook, Outbound, Outgoing
from bot.books.table import ROWS_AT_MOST
from bot.books.writing import Sheet
from bot.clock import WIB, Now
from bot.ports import Reports

FOLLOW_UPS_AT_MOST = ROWS_AT_MOST
GIVEN_UP_AFTER = timedelta(minutes=2)
"""When a book without files is taken to be nobody's any more."""
FILES = {"laporan.xlsx": writing.XLSX, "laporan.csv": writing.CSV, "tindak-lanjut.csv": writing.CSV}
"""What a book consists of. XLSX has both sheets."""


class Exporting:
    """Makes books of what waits."""

    def __init__(
        self,
        *,
        outbound: Outbound,
        reports: Reports,
        file_url: Callable[[int, str], str],
        now: Now,
    ) -> None:
        """`file_url`: (book, media id) -> where its readers find a file."""
        self._outbound = outbound
        self._reports = reports
        self._file_url = file_url
        self._now = now

    async def make(self, by: str) -> OutBook | None:
        """The next book of what waits; None when nothing does. Raises StoreUnavailable."""
        now = self._now()
        await self._outbound.mend()
        for left in await self._outbound.unfinished(now - GIVEN_UP_AFTER):
            await self._finish(left)
        waiting = await self._outbound.waiting()
        if not waiting.reports and not waiting.follow_ups:
            return None
        book = await self._outbound.open(by, now)
        await self._outbound.fill(book.number, ROWS_AT_MOST, FOLLOW_UPS_AT_MOST)
        return await self._finish(book)

    async def _finish(self, book: OutBook) -> OutBook | None:
        """Its files; None for a book that got no lines, because another took them, or that somebody else has finished."""
        lines = await self._outbound.lines(book.number)
        reports = [line for line in lines if line.kind == REPORT]
        follow_ups = [line for line in lines if line.kind != REPORT]
        sheets = [
            Sheet("laporan", columns.OUT_REPORTS, [await self._report(book.number, line) for line in reports]),
            Sheet("tindak lanjut", columns.OUT_FOLLOW_UPS, [await self._follow_up(book.number, line) for line in follow_ups]),
        ]
        media = tuple(each["id"] for line in lines for each in orjson.loads(line.payload).get("attachments") or ())
        finished = replace(book, reports=len(reports), follow_ups=len(follow_ups), media=media)
        files = {
            "laporan.xlsx": writing.workbook(sheets, book.made_at),
            "laporan.csv": writing.delimited(sheets[0]),
            "tindak-lanjut.csv": writing.delimited(sheets[1]),
        }
        kept = await self._outbound.keep(finished, lines, files)
        return finished if kept and lines else None

    async def file(self, number: int, name: str) -> bytes | None:
        """One of a book's files: always the same bytes. Raises StoreUnavailable."""
        return await self._outbound.file(number, name) if name in FILES else None

    async def _report(self, number: int, line: Outgoing) -> Mapping[str, str]:
        body: Mapping[str, Any] = orjson.loads(line.payload)
        location, reporter = body["location"], body["reporter"] or {}
        stored = await self._reports.load(line.report)
        point = [location["lat"], location["lon"]]
        return {
            "receipt": stored.receipt if stored else "",
            "ticket": (stored.ticket or "") if stored else "",
            "title": body["title"],
            "text": body["body"],
            "kind": body["kind"],
            "day": body["occurred_on"] or "",
            "place": location["text"],
            "area": location["area_code"] or "",
            "point": ", ".join(map(str, point)) if None not in point else "",
            "wanted": body["agency"] or "",
            "category": body["category"] or "",
            "anonymous": _yes_or_no(body["anonymous"]),
            "confidential": _yes_or_no(body["confidential"]),
            "name": reporter.get("name") or "",
            "contact": reporter.get("address") or "",
            "channel": body["channel"],
            "sent": _moment(datetime.fromisoformat(body["submitted_at"])),
            "files": self._files(number, body),
        } | dict.fromkeys(("status", "note"), "")

    async def _follow_up(self, number: int, line: Outgoing) -> Mapping[str, str]:
        body: Mapping[str, Any] = orjson.loads(line.payload)
        stored = await self._reports.load(line.report)
        scores = ", ".join(f"{name}: {score}" for name, score in (body.get("scores") or {}).items())
        return {
            "receipt": stored.receipt if stored else "",
            "ticket": (stored.ticket or "") if stored else "",
            "what": columns.FOLLOW_UPS.get(line.kind, line.kind),
            "text": body.get("text") or body.get("reason") or scores,
            "sent": _moment(line.at),
            "files": self._files(number, body),
        }

    def _files(self, number: int, body: Mapping[str, Any]) -> str:
        """A line a file: its name, and where supervisors find it."""
        attachments: Sequence[Mapping[str, Any]] = body.get("attachments") or ()
        return "\n".join(f"{each['name']} {self._file_url(number, each['id'])}" for each in attachments)


def _yes_or_no(value: object) -> str:
    return "ya" if value else "tidak"


def _moment(at: datetime) -> str:
    """As Jakarta's clocks show it."""
    return at.astimezone(WIB).strftime("%Y-%m-%d %H:%M")
