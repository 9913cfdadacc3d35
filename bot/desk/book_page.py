"""One book that came in: what is wrong with it beside the cells, letting the rest in, how far that is, and what became of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.books import columns
from bot.books.books import RETURNED
from bot.books.columns import Column
from bot.books.jobs import Job, Mistake, Row, RowState
from bot.books.writing import FORMATS, Sheet
from bot.desk.book_upload import download, scope
from bot.desk.visit import Visit
from bot.ports import StoredReport
from bot.staff.model import Role


@dataclass(frozen=True, slots=True)
class Told:
    """A mistake as the page shows it."""

    heading: str
    """"" for the whole row."""
    cell: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Become:
    """A row that is a report, or about one, and what may be told of it."""

    row: Row
    receipt: str
    ticket: str
    code: str
    """"" for everybody but whoever sent the book."""


async def show(visit: Visit) -> web.StreamResponse:
    """Before, while and after."""
    job = await _job(visit)
    wrong = [(row, _told(visit, job, row)) for row in job.rows if row.state is RowState.WRONG]
    return visit.page(
        "book",
        job=job,
        returned=job.kind == RETURNED,
        wrong=wrong,
        waiting=[row for row in job.rows if row.state is RowState.WAITING],
        known_rows=await _become(visit, job, RowState.KNOWN),
        done_rows=await _become(visit, job, RowState.DONE),
        carried=job.count(RowState.DONE),
    )


async def start(visit: Visit) -> web.StreamResponse:
    """Let in what is right."""
    job = await _job(visit)
    action = "book.return_applied" if job.kind == RETURNED else "book.filed"
    await visit.audit(action, job.id, rows=str(job.count(RowState.WAITING)), wrong=str(job.count(RowState.WRONG)))
    await visit.desk.books.jobs.start(job)
    return visit.go(f"/books/{job.id}")


async def wrong(visit: Visit) -> web.StreamResponse:
    """The wrong rows as a file like the one that was sent, with the reasons in a column."""
    job = await _job(visit)
    rows = [
        {**row.values, columns.REASONS.name: "\n".join(_line(told) for told in _told(visit, job, row))}
        for row in job.rows
        if row.state is RowState.WRONG
    ]
    return _file(visit, (*visit.desk.books.carriers[job.kind].columns, columns.REASONS), rows, "perlu-diperbaiki")


async def result(visit: Visit) -> web.StreamResponse:
    """Receipts, codes and tickets."""
    job = await _job(visit)
    rows = [
        {"number": str(each.row.number), "text": each.row.values.get("text", ""), "receipt": each.receipt}
        | {"code": each.code, "ticket": each.ticket}
        for each in await _become(visit, job, RowState.DONE)
    ]
    return _file(visit, columns.RESULT, rows, "hasil-buku")


def _file(visit: Visit, of: Sequence[Column], rows: list[dict[str, str]], name: str) -> web.Response:
    kind = visit.request.match_info["format"]
    if kind not in FORMATS:
        raise web.HTTPNotFound
    media_type, write = FORMATS[kind]
    return download(write([Sheet("laporan", of, rows)], visit.now), f"{name}.{kind}", media_type)


async def _job(visit: Visit) -> Job:
    """The book of the path. One that may not be seen looks like one that is not there."""
    job = await visit.desk.books.kept.load(visit.request.match_info["id"])
    mine = scope(visit)
    if job is None or job.author.office != mine.office or mine.account not in (None, job.author.account):
        raise web.HTTPNotFound
    if job.kind == RETURNED and visit.account.role is not Role.SUPERVISOR:
        raise web.HTTPNotFound
    return job


async def _become(visit: Visit, job: Job, state: RowState) -> list[Become]:
    books = visit.desk.books
    rows = [row for row in job.rows if row.state is state]
    found = await asyncio.gather(*(books.reports.load(row.report) for row in rows))
    shows_codes = job.kind != RETURNED and job.author.account == visit.account.id and state is RowState.DONE

    def code(report: StoredReport) -> str:
        return (books.importing.access_code(report) or "") if shows_codes else ""

    return [Become(row, report.receipt, report.ticket or "", code(report)) for row, report in zip(rows, found, strict=True) if report]


def _told(visit: Visit, job: Job, row: Row) -> list[Told]:
    headings = {column.name: column.heading for column in visit.desk.books.carriers[job.kind].columns}
    return [Told(headings.get(each.field, ""), row.values.get(each.field, ""), _sentence(visit, each)) for each in row.mistakes]


def _sentence(visit: Visit, mistake: Mistake) -> str:
    """Words for this field where there are any, else for every field."""
    special = f"{mistake.field}_{mistake.key}"
    key = special if f"book_mistake.{special}" in visit.desk.words.keys else mistake.key
    about = ", ".join(visit.t(f"book_status.{each}") if mistake.key == "backwards" else each for each in mistake.about)
    return visit.t(f"book_mistake.{key}", about=about)


def _line(told: Told) -> str:
    return f"{told.heading}: {told.sentence}" if told.heading else told.sentence
