"""Books that go out to agencies whose core cannot be called, and the ones they send back; for supervisors."""

from aiohttp import web

from bot.books.books import RETURNED
from bot.books.exporting import FILES
from bot.books.grid import BookRefused
from bot.books.outgoing import OutBook
from bot.books.table import ROWS_AT_MOST
from bot.desk.book_upload import download as to_be_saved
from bot.desk.book_upload import refusal, scope, take_in
from bot.desk.visit import Visit

SHOWN_AT_MOST = 50


async def show(visit: Visit) -> web.StreamResponse:
    """What waits, and what has gone."""
    return await _page(visit)


async def make(visit: Visit) -> web.StreamResponse:
    """The next book of what waits."""
    book = await visit.desk.books.exporting.make(visit.account.id)
    if book is None:
        return visit.go("/books/out", done="book_none")
    await visit.audit("book.exported", str(book.number), rows=str(book.reports + book.follow_ups))
    return visit.go("/books/out", done="book_exported")


async def download(visit: Visit) -> web.StreamResponse:
    """One of its files; always the same bytes."""
    book, name = await _book(visit), visit.request.match_info["name"]
    data = await visit.desk.books.exporting.file(book.number, name)
    if data is None:
        raise web.HTTPNotFound
    await visit.audit("book.downloaded", str(book.number), file=name)
    return to_be_saved(data, f"buku-{book.number}-{name}", FILES[name])


async def evidence(visit: Visit) -> web.StreamResponse:
    """A file that a line of the book names. Whatever a citizen sent, no browser may run it."""
    book, media_id = await _book(visit), visit.request.match_info["media"]
    found = await visit.desk.books.media.read(media_id) if media_id in book.media else None
    if found is None:
        raise web.HTTPNotFound
    info, chunks = found
    await visit.audit("book.evidence_shown", str(book.number), file=media_id)
    data = b"".join([chunk async for chunk in chunks])
    return to_be_saved(data, info.name, "application/octet-stream")


async def upload(visit: Visit) -> web.StreamResponse:
    """The dry run of a returned book: nobody is told anything yet."""
    try:
        job = await take_in(visit, RETURNED, "book.return_uploaded")
    except BookRefused as refused:
        return await _page(visit, status=422, problem=refusal(visit, refused))
    return visit.go(f"/books/{job.id}")


async def _book(visit: Visit) -> OutBook:
    number = visit.request.match_info["number"]
    known = number.isascii() and number.isdigit() and len(number) < 10
    book = await visit.desk.books.outbound.book(int(number)) if known else None
    if book is None:
        raise web.HTTPNotFound
    return book


async def _page(visit: Visit, *, status: int = 200, problem: str = "") -> web.Response:
    books = visit.desk.books
    made = await books.outbound.newest(SHOWN_AT_MOST)
    returned = await books.kept.newest(RETURNED, scope(visit), SHOWN_AT_MOST)
    people = await visit.desk.staff.directory.named(sorted({book.made_by for book in made} | {job.author.account for job in returned}))
    return visit.page(
        "books_out",
        status=status,
        problem=problem,
        waiting=await books.outbound.waiting(),
        made=made,
        returned=returned,
        people=people,
        files=list(FILES),
        most=ROWS_AT_MOST,
        exports=visit.desk.exports,
    )
