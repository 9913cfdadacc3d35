"""Books of reports that admins enter for citizens: upload one, the template to fill in, and the latest ones."""

from aiohttp import web

from bot.books import columns
from bot.books.books import REPORTS
from bot.books.grid import BookRefused
from bot.books.table import ROWS_AT_MOST
from bot.books.writing import FORMATS, Sheet
from bot.desk.book_upload import download, refusal, scope, take_in
from bot.desk.visit import Visit

SHOWN_AT_MOST = 20


async def show(visit: Visit) -> web.StreamResponse:
    """One's own; a supervisor sees all of the office."""
    return await _page(visit)


async def upload(visit: Visit) -> web.StreamResponse:
    """The dry run: nothing is filed yet."""
    try:
        job = await take_in(visit, REPORTS, "book.uploaded")
    except BookRefused as refused:
        return await _page(visit, status=422, problem=refusal(visit, refused))
    return visit.go(f"/books/{job.id}")


async def template(visit: Visit) -> web.StreamResponse:
    """An empty book; in XLSX with what can be picked, and what each column is for."""
    kind = visit.request.match_info["format"]
    if kind not in FORMATS:
        raise web.HTTPNotFound
    media_type, write = FORMATS[kind]
    comments = {column.name: visit.t(f"book_column.{column.name}") for column in columns.ENTERED}
    sheet = Sheet("laporan", columns.ENTERED, [], comments)
    return download(write([sheet], visit.now), f"buku-laporan.{kind}", media_type)


async def _page(visit: Visit, *, status: int = 200, problem: str = "") -> web.Response:
    jobs = await visit.desk.books.kept.newest(REPORTS, scope(visit), SHOWN_AT_MOST)
    people = await visit.desk.staff.directory.named(sorted({job.author.account for job in jobs}))
    return visit.page("books", status=status, problem=problem, jobs=jobs, people=people, most=ROWS_AT_MOST, columns=columns.ENTERED)
