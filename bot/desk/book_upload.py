"""A book that is sent by a form: read apart, checked, and kept as a job; and files that go out again."""

import secrets
from urllib.parse import quote

from aiohttp import web

from bot.books.grid import FILE_AT_MOST, BookRefused
from bot.books.jobs import Job
from bot.books.table import tabulate
from bot.desk.visit import Visit
from bot.redirects import Author, Scope
from bot.staff.model import Role

BOOK_BODY = FILE_AT_MOST + (64 << 10)
"""Bytes of the form: the file, and what surrounds it."""


async def take_in(visit: Visit, kind: str, action: str) -> Job:
    """The dry run of the form's file, audited. Raises BookRefused."""
    books = visit.desk.books
    lines = await books.reader.read(_sent(visit))
    table = tabulate(lines, books.carriers[kind].columns)
    id_ = secrets.token_urlsafe(16)
    await visit.audit(action, id_, rows=str(len(table.rows)))
    return await books.jobs.take_in(id_, kind, table, Author(visit.account.id, visit.account.office))


def _sent(visit: Visit) -> bytes:
    sent = visit.form.get("file")
    if not isinstance(sent, web.FileField):
        raise BookRefused("empty")
    with sent.file as file:
        return file.read()


def refusal(visit: Visit, refused: BookRefused) -> str:
    """The sentence."""
    return visit.t(f"book_refused.{refused.key}", names=", ".join(refused.names))


def scope(visit: Visit) -> Scope:
    """Whose books may be seen: one's own, or a supervisor all of the office."""
    mine = visit.account
    return Scope(mine.office, None if mine.role is Role.SUPERVISOR else mine.id)


def download(data: bytes, name: str, media_type: str) -> web.Response:
    """A file to be saved."""
    headers = {"Content-Type": media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return web.Response(body=data, headers=headers)
