"""Entering: an admin files a report for a citizen, under the checks of the conversation, with proof that the citizen agreed.

The citizen hears through the admin, or by a number that the admin typed. Such a number is nobody's yet: it is told that there is news,
and no more, until somebody writes from it with the report's number and access code (`bot.binding`).
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot import access, effects
from bot.clock import Now
from bot.conversation import media as media_ids
from bot.conversation import replies
from bot.conversation.form import CHANNEL, Form, Problem, fill
from bot.conversation.protocol import Drawn
from bot.conversation.tables import Tables
from bot.history import Waits
from bot.model import Address, Network, Report
from bot.origin import Origin
from bot.ports import Media, Reports, StoredReport
from bot.redirecting import is_link
from bot.redirects import Author

CONSENT_LIMIT = 1_000
"""Characters."""

_FORM_ID_BYTES = 24


class Agreed(StrEnum):
    """How the citizen agreed to the report and to the privacy notice."""

    WRITTEN = "written"
    """In a message on the network."""
    SPOKEN = "spoken"
    """By telephone."""
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class Consent:
    """The proof."""

    how: Agreed
    words: str
    """What the citizen said to it."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything the page sends."""

    form: Form
    author: Author
    network: Network
    consent: Consent
    phone: str = ""
    """As typed, for notices; "" to hear through the admin."""
    link: str = ""
    """Where the citizen wrote."""


@dataclass(frozen=True, slots=True)
class Entered:
    """It is filed."""

    report: StoredReport
    access_code: str | None
    """To be told to the citizen; None when it was drawn at an earlier time and is known to nobody here."""
    new: bool
    """False: it had been entered before, and stands as it was entered then."""


def new_form() -> str:
    """A form's id, drawn when the page is made. Whoever knows it can tell the access code: it stands in that page only."""
    return secrets.token_urlsafe(_FORM_ID_BYTES)


def drawn_for(author: Author, form_id: str) -> Drawn:
    """The numbers of a form: always the same, so that sending it twice is one report, and its code can be told again."""
    if len(form_id) < len(secrets.token_urlsafe(_FORM_ID_BYTES)):
        raise ValueError("no form's id")
    key = f"{author.account}/{form_id}".encode()
    return Drawn(
        report_id=hmac.digest(key, b"report", hashlib.sha256).hex()[:32],
        receipt="L" + _letters(hmac.digest(key, b"receipt", hashlib.sha256), 8),
        access_code=_letters(hmac.digest(key, b"access code", hashlib.sha256), 8),
    )


def _letters(digest: bytes, length: int) -> str:
    """Eight bits choose among 32 characters without preferring any."""
    return "".join(access.ALPHABET[byte % len(access.ALPHABET)] for byte in digest[:length])


def media_id(author: Author, form_id: str, index: int) -> str:
    """The id under which the page keeps the form's index-th file. No other file can be named in the form."""
    return media_ids.media_id(f"{CHANNEL}:{author.account}", form_id, index)


class Entering:
    """What an admin can do for citizens."""

    def __init__(self, *, reports: Reports, media: Media, tables: Tables, reach: Callable[[str], Address | None], now: Now) -> None:
        """`reach`: a typed number -> where it gets an SMS; None when it gets none."""
        self._reports = reports
        self._media = media
        self._tables = tables
        self._reach = reach
        self._now = now

    async def enter(self, entry: Entry, form_id: str) -> Entered | Sequence[Problem]:
        """File a page. The same form once. Raises StoreUnavailable; ValueError for what is no form's id."""
        own = {media_id(entry.author, form_id, index) for index in range(media_ids.AT_MOST)}
        if set(entry.form.files) - own or set(entry.form.files) - (await self._media.info(entry.form.files)).keys():
            return [Problem("files", "unknown")]
        return await self.file(entry, drawn_for(entry.author, form_id))

    async def entered(self, author: Author, form_id: str) -> Entered | None:
        """What this form has become; None before it is filed. Raises StoreUnavailable; ValueError for what is no form's id."""
        drawn = drawn_for(author, form_id)
        report = await self._reports.load(drawn.report_id)
        return _entered_before(report, drawn) if report else None

    async def file(self, entry: Entry, drawn: Drawn) -> Entered | Sequence[Problem]:
        """File under these numbers, or say everything that is wrong. What has been filed under this id stands. Raises StoreUnavailable.

        That the files are the admin's to name is the caller's to know.
        """
        if (before := await self._reports.load(drawn.report_id)) is not None:
            return _entered_before(before, drawn)
        report = self.checked(entry, drawn)
        if not isinstance(report, StoredReport):
            return report
        if report.media:  # first, so that no sweep takes a filed report's evidence away
            await self._media.bind(report.media, report.id)
        await self._reports.insert(report)
        return Entered(report, drawn.access_code, new=True)

    def checked(self, entry: Entry, drawn: Drawn) -> StoredReport | Sequence[Problem]:
        """The report as it would be filed, or everything that is wrong."""
        now = self._now()
        contact = self._reach(entry.phone) if entry.phone else None
        report = fill(entry.form, drawn, now, self._tables)
        problems = [*(report if not isinstance(report, Report) else ()), *_problems(entry, now)]
        if entry.phone and contact is None:
            problems.append(Problem("phone", "unusable"))
        if problems or not isinstance(report, Report):
            return problems
        return _filed(entry, report, contact, self._tables.notice_version)


def _problems(entry: Entry, now: datetime) -> list[Problem]:
    problems = []
    words = replies.clean(entry.consent.words)
    if replies.is_blank(words):
        problems.append(Problem("consent", "missing"))
    if len(words) > CONSENT_LIMIT:
        problems.append(Problem("consent", "long"))
    if entry.consent.at > now:
        problems.append(Problem("consent_at", "future"))
    if entry.link and not is_link(entry.link):
        problems.append(Problem("link", "unclear"))
    return problems


def _entered_before(report: StoredReport, drawn: Drawn) -> Entered:
    known = access.code_matches(drawn.access_code, report.receipt, report.code_hash)
    return Entered(report, drawn.access_code if known else None, new=False)


def _filed(entry: Entry, report: Report, contact: Address | None, notice: str) -> StoredReport:
    """Bound to nobody: `entered` says who stands for the citizen, `contact` where there is to be told that there is news."""
    body = effects.forwarded_body(report) | {
        "channel": CHANNEL,
        "entered_by": entry.author.account,
        "reporter": None if report.anonymous else _reporter(entry, report, contact),
    }
    return StoredReport(
        id=report.id,
        receipt=report.receipt,
        code_hash=access.hash_code(report.access_code, report.receipt),
        conversation=None,
        contact=str(contact) if contact else None,
        entered=_provenance(entry, notice, by_phone=contact is not None),
        origin=Origin(entry.author.account, entry.author.office, entry.network),
        waits=Waits.AGENCY,
        moved_at=report.submitted_at,
        body=body,
        media=report.media,
        submitted_at=report.submitted_at,
        effects=(effects.forward(report.id, report.submitted_at),),
        due=report.submitted_at,
    )


def _reporter(entry: Entry, report: Report, contact: Address | None) -> dict[str, Any]:
    """How the agency's core may know the person: by the number, or as whom the admin speaks for."""
    if contact is None:
        return {"name": report.name, "channel": CHANNEL, "address": entry.author.account}
    return {"name": report.name, "channel": contact.medium.value, "address": contact.id.rpartition(":")[2]}


def _provenance(entry: Entry, notice: str, *, by_phone: bool) -> Mapping[str, Any]:
    consent = entry.consent
    return {
        "account": entry.author.account,
        "office": entry.author.office,
        "network": entry.network.value,
        "link": entry.link or None,
        "hears": "phone" if by_phone else "admin",
        "consent": {"how": consent.how.value, "words": replies.clean(consent.words), "at": consent.at, "notice": notice},
    }
