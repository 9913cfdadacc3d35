"""Redirecting: an admin turns a citizen's direct message into a draft that waits under a one-time code, and sees what becomes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bot import access
from bot.clock import WIB, Now
from bot.conversation import replies, story
from bot.conversation.form import Problem
from bot.conversation.tables import Tables
from bot.conversation.understanding.reading import Reading, corrected
from bot.model import Network, Status
from bot.ports import Reports, StoredReport
from bot.redirects import Author, Facts, Redirect, Redirects, Scope, Share, Wanted

LASTS = timedelta(days=14)
"""How long a code waits."""
REMIND_AFTER = timedelta(days=2)
LINK_LIMIT = 500
"""Characters."""

NOTE_LIMIT = 300
"""Characters."""
LOOKED_THROUGH = 400
"""Redirects at most for one page of those that are in a stage."""

_AT_A_LOOK = 100
_LOOKED_AT = 2_000
"""Characters of the words in which their facts are looked for, as the conversation does."""
_NO_CATEGORY = "lainnya"
"""It will be asked for."""
_NO_BLANKS = re.compile(r"\S+")


class Stage(StrEnum):
    """How far a redirect has come."""

    SENT = "sent"
    OPENED = "opened"
    COMPLETED = "completed"
    EXPIRED = "expired"
    """Nobody came before its end."""
    WITHDRAWN = "withdrawn"
    """The admin took it back before anybody came."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A redirect and what has become of it."""

    redirect: Redirect
    stage: Stage
    receipt: str | None = None
    """Of the report, once it is filed; and the rest too."""
    ticket: str | None = None
    status: Status | None = None
    reminder_due: bool = False
    """Two days have passed without a report, and it can still be made."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list."""

    rows: Sequence[Followed]
    older: datetime | None
    """What was made before then has not been looked at; None when nothing is left."""


class Redirecting:
    """What an admin can do with redirects."""

    def __init__(self, *, redirects: Redirects, reports: Reports, tables: Tables, now: Now) -> None:
        self._redirects = redirects
        self._reports = reports
        self._tables = tables
        self._now = now

    async def make(self, text: str, link: str, network: Network, author: Author) -> Redirect | Sequence[Problem]:
        """Keep the words under a new code, or say what is wrong with them. Raises StoreUnavailable."""
        text, link = replies.clean(text), replies.clean(link)
        if problems := _problems(text, link):
            return problems
        now = self._now()
        while True:
            redirect = Redirect(
                code=access.draw_redirect(),
                author=author,
                network=network,
                created_at=now,
                expires_at=now + LASTS,
                text=text,
                link=link or None,
                facts=self.read(text, now),
            )
            if await self._redirects.add(redirect):
                return redirect

    def read(self, text: str, at: datetime, note: str = "") -> Facts:
        """What the words say, with what the admin notes about them, as the citizen will find it in the draft."""
        today = at.astimezone(WIB).date()
        reading: Reading = self._tables.read(text[:_LOOKED_AT], today)
        if note:
            reading = corrected(reading, self._tables.read_note(note, today))
        return Facts(
            kind=None if reading.kind == "bukan" else reading.kind,
            area=reading.area,
            day=reading.occurred_on if reading.occurred_on and reading.occurred_on <= today else None,
            category=reading.category if reading.category != _NO_CATEGORY else None,
            anonymous=reading.anonymous,
            confidential=reading.confidential,
        )

    async def note(self, scope: Scope, code: str, note: str) -> Redirect | None:
        """Read the words again with the admin's about them; an empty note takes an earlier one back.

        None when somebody has come already, the code has ended, or there is none that may be seen. Raises StoreUnavailable.
        """
        found = await self.one(scope, code)
        if found is None:
            return None
        redirect, note = found.redirect, replies.clean(note)[:NOTE_LIMIT]
        facts = self.read(redirect.text, redirect.created_at, note)
        return await self._redirects.note(scope, code, note, facts, self._now())

    async def withdraw(self, scope: Scope, code: str) -> bool:
        """End a code before anybody comes with it; False: too late, or there is none that may be seen. Raises StoreUnavailable."""
        return await self._redirects.withdraw(scope, code, self._now())

    async def followed(self, scope: Scope, *, before: datetime | None = None, limit: int = 50) -> Sequence[Followed]:
        """Newest first, those made before a moment. Raises StoreUnavailable."""
        now = self._now()
        return await self._with_reports(await self._redirects.made(scope, before or now + timedelta(seconds=1), limit), now)

    async def page(
        self,
        scope: Scope,
        *,
        stage: Stage | None = None,
        due: bool = False,
        network: Network | None = None,
        before: datetime | None = None,
        limit: int = 50,
    ) -> Page:
        """Newest first, those in a stage, or (`due`) of whom to remind. Looks through a bounded number of them. Raises StoreUnavailable."""
        now = self._now()
        wanted = _wanted(stage, network, now, due=due)
        older = before or (now - REMIND_AFTER if due else now + timedelta(seconds=1))
        rows: list[Followed] = []
        look = _AT_A_LOOK if stage or due else limit + 1
        for _ in range(LOOKED_THROUGH // _AT_A_LOOK):
            made = await self._redirects.made(scope, older, look, wanted)
            for row in await self._with_reports(made, now):
                if len(rows) == limit:
                    return Page(rows, older)
                older = row.redirect.created_at
                if (stage is None or row.stage is stage) and (row.reminder_due or not due):
                    rows.append(row)
            if len(made) < look:
                return Page(rows, None)
        return Page(rows, older)

    async def _with_reports(self, made: Sequence[Redirect], now: datetime) -> Sequence[Followed]:
        filed = await self._reports.of_redirects([redirect.code for redirect in made if redirect.opened_at])
        return [follow(redirect, filed.get(redirect.code), now) for redirect in made]

    async def one(self, scope: Scope, code: str) -> Followed | None:
        """One, by its code; None when there is none that may be seen. Raises StoreUnavailable."""
        redirect = await self._redirects.load(code)
        if redirect is None or redirect.author.office != scope.office or scope.account not in (None, redirect.author.account):
            return None
        return follow(redirect, (await self._reports.of_redirects([code])).get(code), self._now())

    async def shares(self, scope: Scope, since: datetime) -> Sequence[Share]:
        """How many came through, by network and admin. Raises StoreUnavailable."""
        return await self._redirects.shares(scope, since)


def follow(redirect: Redirect, report: StoredReport | None, now: datetime) -> Followed:
    """What has become of it: the report tells, and is asked each time."""
    if report is not None:
        return Followed(redirect, Stage.COMPLETED, report.receipt, report.ticket, report.status)
    if redirect.withdrawn_at is not None:
        return Followed(redirect, Stage.WITHDRAWN)
    ended = now >= redirect.expires_at
    late = now - (redirect.opened_at or redirect.created_at) >= REMIND_AFTER and not ended
    if redirect.opened_at is None:
        return Followed(redirect, Stage.EXPIRED if ended else Stage.SENT, reminder_due=late)
    return Followed(redirect, Stage.OPENED, reminder_due=late)


def _wanted(stage: Stage | None, network: Network | None, now: datetime, *, due: bool) -> Wanted:
    """What the store can tell of a stage; the reports tell the rest."""
    opened = None if stage is None else stage in (Stage.OPENED, Stage.COMPLETED)
    serves_at = now if due or stage is Stage.SENT else None
    return Wanted(
        network=network,
        opened=opened,
        since=serves_at - LASTS if serves_at else None,
        serves_at=serves_at,
        over_at=now if stage in (Stage.EXPIRED, Stage.WITHDRAWN) else None,
    )


def _problems(text: str, link: str) -> list[Problem]:
    problems = []
    if replies.is_blank(text):
        problems.append(Problem("text", "missing"))
    if len(text) > story.LIMIT:
        problems.append(Problem("text", "long"))
    if link and not is_link(link):
        problems.append(Problem("link", "unclear"))
    return problems


def is_link(text: str) -> bool:
    """Whether it is an address on the web, and nothing else: it will stand in a page."""
    if len(text) > LINK_LIMIT or not _NO_BLANKS.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
