"""What an admin copies into the network to pass on what has come for a report: its agency's words, no longer than the network takes."""

from bot.feed import News
from bot.model import Status
from bot.ports import StoredReport
from bot.redirect_replies import LIMITS, Reply, Write, length


def news_reply(write: Write, report: StoredReport, news: News, language: str = "id") -> Reply:
    """The words for the network on which the citizen waits. `report`: as it is now."""
    limit = LIMITS[news.network]
    lacks = news.kind in ("status", "reminder") and news.status is report.status is Status.POSTPONED
    params: dict[str, object] = {
        "kind": news.kind,
        "office": news.office,
        "network": news.network.value,
        "number": report.ticket or report.receipt,
        "status": news.status.value,
        "agency": report.agency,
        "text": news.text,
        "attachments": news.attachments,
        "wants_answer": news.wants_answer,
        "missing": report.missing if lacks else (),
        "day": report.due_dates.get("reply") if news.wants_answer else None,
    }

    def written(room: int) -> str:
        return write("news", language, variant=news.network.value, **params, room=room)

    text = written(limit - length(written(0)) - len("\n\n"))
    return Reply(text, length(text), limit)
