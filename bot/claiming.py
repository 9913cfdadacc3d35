"""A redirect code's first use: bound to the conversation that comes with it, before anything of it is told.

The binding is durable when this returns, and the same conversation finds it again: a turn that is computed once more, or by another process
after this one has died, goes on where it was.
"""

from collections.abc import Sequence
from datetime import datetime

from bot import metrics
from bot.clock import WIB
from bot.conversation.protocol import Redirected
from bot.ports import Reports, StoredReport
from bot.redirects import Redirects


async def claim(
    redirects: Redirects, reports: Reports, conversation: str, code: str, *, now: datetime, unfiled: Sequence[StoredReport]
) -> Redirected | None:
    """What was prepared; None for a code that this conversation learns nothing of. Raises StoreUnavailable."""
    redirect = await redirects.claim(code, conversation, now)
    if redirect is None:
        metrics.REDIRECT_CLAIMS.labels("refused").inc()
        return None
    metrics.REDIRECT_CLAIMS.labels("first" if redirect.opened_at == now else "again").inc()
    report = next((each for each in unfiled if each.redirect == code), None) or (await reports.of_redirects([code])).get(code)
    return Redirected(
        text=redirect.text,
        network=redirect.network,
        office=redirect.author.office,
        written_on=redirect.created_at.astimezone(WIB).date(),
        filed=(report.ticket or report.receipt) if report else None,
        note=redirect.note,
    )
