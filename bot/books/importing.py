"""Rows of reports that an admin enters for citizens: each passes the checks of the one-page form, under numbers that follow from its words.

So the same row is the same report, whoever of the office sends it, in whatever book.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Protocol

from bot import access
from bot.books import columns
from bot.books.jobs import Job, Mistake, Row, RowState, formula_mistakes, mark_twins
from bot.books.table import Cells, Table, normalised
from bot.clock import WIB, Now
from bot.conversation.form import Form, Problem
from bot.conversation.protocol import Drawn
from bot.entering import Agreed, Consent, Entered, Entry
from bot.model import Network
from bot.ports import Reports, StoredReport
from bot.redirects import Author

_LOCAL_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_LETTERS = 8


class Enters(Protocol):
    """What is used of `bot.entering.Entering`."""

    def checked(self, entry: Entry, drawn: Drawn) -> StoredReport | Sequence[Problem]:
        """The report as it would be filed, or everything that is wrong."""

    async def file(self, entry: Entry, drawn: Drawn) -> Entered | Sequence[Problem]:
        """File it, or say everything that is wrong; what has been filed under this id stands."""


class Importing:
    """Implements `jobs.Carrier`."""

    columns = columns.ENTERED

    def __init__(
        self,
        *,
        entering: Enters,
        reports: Reports,
        mac: Callable[[str, bytes], str],
        place_name: Callable[[str], str],
        now: Now,
    ) -> None:
        """`mac`: (purpose, data) -> 64 hex digits that only we can make; `place_name`: an area code -> its name."""
        self._entering = entering
        self._reports = reports
        self._mac = mac
        self._place_name = place_name
        self._now = now

    async def check(self, table: Table, author: Author) -> Sequence[Row]:
        """The dry run."""
        now = self._now()
        rows = []
        for cells in table.rows:
            rows.append(await self._checked(cells, author, now))
            await asyncio.sleep(0)  # understanding a hundred texts takes a moment; others are not kept waiting for it
        return mark_twins(rows)

    async def _checked(self, cells: Cells, author: Author, now: datetime) -> Row:
        key = row_key(author.office, cells.values)
        row = Row(cells.number, cells.values, key, RowState.WAITING)
        if formulas := formula_mistakes(cells):
            return replace(row, state=RowState.WRONG, mistakes=formulas)
        if await self._reports.load(key) is not None:
            return replace(row, state=RowState.KNOWN, report=key)
        entry = entry_of(cells.values, author, now)
        if not isinstance(entry, Entry):
            mistakes = (*entry, *self._form_mistakes(cells.values, author, now))
            return replace(row, state=RowState.WRONG, mistakes=tuple(dict.fromkeys(mistakes)))
        report = self._entering.checked(entry, self.drawn(key))
        return row if isinstance(report, StoredReport) else self._wrong(row, report)

    def _form_mistakes(self, values: Mapping[str, str], author: Author, now: datetime) -> tuple[Mistake, ...]:
        """The other cells are looked at as well, so that one round shows everything."""
        usable = dict(values) | {"network": Network.OTHER.value, "how": "tertulis", "consent_at": ""}
        usable |= dict.fromkeys(("anonymous", "confidential", "insists"), "")
        entry = entry_of(usable, author, now)
        report = self._entering.checked(entry, self.drawn("0" * 32)) if isinstance(entry, Entry) else ()
        return () if isinstance(report, StoredReport) else self._mistakes(report)

    async def carry(self, job: Job, row: Row) -> Row:
        """File it. What this book filed in a process that died before it could say so is this book's."""
        entry = entry_of(row.values, job.author, job.at)
        if not isinstance(entry, Entry):
            return replace(row, state=RowState.WRONG, mistakes=entry)
        outcome = await self._entering.file(entry, self.drawn(row.key))
        if not isinstance(outcome, Entered):
            return self._wrong(row, outcome)
        report = outcome.report
        since = job.started_at or job.at
        ours = outcome.new or (report.submitted_at >= since and (report.entered or {}).get("account") == job.author.account)
        return replace(row, state=RowState.DONE if ours else RowState.KNOWN, report=report.id)

    def drawn(self, key: str) -> Drawn:
        """The numbers of a row: always the same, and its code told by nobody who has not our key."""
        return Drawn(key, "L" + self._letters("book receipt", key), self._letters("book access code", key))

    def _letters(self, purpose: str, key: str) -> str:
        digest = bytes.fromhex(self._mac(purpose, key.encode()))
        return "".join(access.ALPHABET[byte % len(access.ALPHABET)] for byte in digest[:_LETTERS])

    def access_code(self, report: StoredReport) -> str | None:
        """To be told to the citizen of a report that came by a book; None when the key has been changed since."""
        code = self.drawn(report.id).access_code
        return code if access.code_matches(code, report.receipt, report.code_hash) else None

    def _wrong(self, row: Row, problems: Sequence[Problem]) -> Row:
        return replace(row, state=RowState.WRONG, mistakes=self._mistakes(problems))

    def _mistakes(self, problems: Sequence[Problem]) -> tuple[Mistake, ...]:
        return tuple(Mistake(problem.field, problem.key, self._about(problem)) for problem in problems)

    def _about(self, problem: Problem) -> tuple[str, ...]:
        return tuple(self._place_name(code) for code in problem.choices) if problem.field == "place" else problem.choices


def row_key(office: str, values: Mapping[str, str]) -> str:
    """32 hex digits: the id of the report that the row is or will be. 128 bits of a digest of the office and the normalised cells."""
    said = "\x1f".join([office, *(normalised(values[column.name]) for column in columns.ENTERED if column.name != "insists")])
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:32]


def entry_of(values: Mapping[str, str], author: Author, now: datetime) -> Entry | tuple[Mistake, ...]:
    """The row as the page would send it; or the cells that say nothing the page has. `now`: when consent without a day was given."""
    mistakes = []
    flags = {name: _flag(values[name]) for name in ("anonymous", "confidential", "insists")}
    mistakes += [Mistake(name, "yes_or_no") for name, flag in flags.items() if flag is None]
    network = _network(values["network"])
    how = columns.HOW.get(normalised(values["how"]))
    agreed_at = _moment(values["consent_at"], now)
    mistakes += [
        Mistake(name, "unclear" if values[name] else "missing")
        for name, value in (("network", network), ("how", how), ("consent_at", agreed_at))
        if value is None
    ]
    if network is None or how is None or agreed_at is None or mistakes:
        return tuple(mistakes)
    form = Form(
        text=values["text"],
        kind=normalised(values["kind"]),
        place=values["place"],
        day=_iso(values["day"]),
        category=normalised(values["category"]),
        agency=values["agency"],
        name=values["name"],
        anonymous=bool(flags["anonymous"]),
        confidential=bool(flags["confidential"]),
        insists=bool(flags["insists"]),
    )
    phone = "" if normalised(values["phone"]) in columns.THROUGH_ADMIN else values["phone"]
    return Entry(form, author, network, Consent(Agreed(how), values["consent"], agreed_at), phone, values["link"])


def _flag(cell: str) -> bool | None:
    said = normalised(cell)
    return True if said in columns.YES else False if said in columns.NO else None


def _network(cell: str) -> Network | None:
    said = {"ig": "instagram", "fb": "facebook", "twitter": "x", "wa": "whatsapp", "surel": "email"}.get(normalised(cell), normalised(cell))
    return Network(said) if said in [*Network] else None


def _iso(cell: str) -> str:
    """31/12/2026 as 2026-12-31; anything else as it is."""
    found = _LOCAL_DAY.fullmatch(cell)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else cell


def _moment(cell: str, now: datetime) -> datetime | None:
    """The beginning of a day in Jakarta; now where the cell is empty; None for what is no day."""
    if not cell:
        return now
    try:
        return datetime.combine(date.fromisoformat(_iso(cell)), time(), WIB)
    except ValueError:
        return None
