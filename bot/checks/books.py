"""What waits for a book, where FORWARD_TARGET is book."""

from bot.checks.finding import Finding, good, wrong
from bot.errors import LaporError
from bot.settings import Settings
from bot.store.store import Store


async def check(settings: Settings) -> Finding:
    """How much is to be exported, and since when."""
    try:
        store = await Store.open(settings["MONGODB_URL"])
        try:
            waiting = await store.books_out.waiting()
        finally:
            await store.close()
    except LaporError as error:
        return wrong(f"What waits for a book cannot be counted: {error}.")
    since = f", the oldest since {waiting.oldest:%Y-%m-%d %H:%M} UTC" if waiting.oldest else ""
    return good(f"Reports go out as books at /desk/books/out: {waiting.reports} reports and {waiting.follow_ups} follow-ups wait{since}.")
