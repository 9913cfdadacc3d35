"""One turn while it is being computed: what is known, and what has been decided so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.clock import WIB
from bot.conversation.protocol import (
    Answers,
    ClaimRedirect,
    Drawn,
    FindReport,
    MyReports,
    Offer,
    Query,
    Redirected,
    Say,
    SideEffect,
    Similar,
    SimilarReports,
)
from bot.conversation.session import Asked, Draft, Session
from bot.conversation.tables import Tables
from bot.model import Capabilities, Inbound, Medium, ReportView

_VISITS = 10_000
_HARMLESS = frozenset({"thanks", "day", "no_day", "skipped", "first", "back", "resumed", "told", "loose_day"})
"""What may be echoed by SMS for a confidential report."""


class Unanswered(Exception):
    """The turn needs an answer that has not been given yet; the engine turns it into a Need."""

    def __init__(self, query: Query) -> None:
        super().__init__()
        self.query = query


@dataclass(frozen=True, slots=True)
class Reply:
    """What the citizen answered."""

    text: str
    """Cleaned of control characters and surrounding blanks."""
    value: str | None = None
    """The offered choice that was tapped, or named by its number."""


@dataclass(slots=True)
class Talk:
    """The turn's workbench. Only `session` and `effects` leave it."""

    session: Session
    now: datetime
    capabilities: Capabilities
    tables: Tables
    answers: Answers
    message: Inbound | None = None
    drawn: Drawn | None = None
    effects: list[SideEffect] = field(default_factory=list)
    erased: bool = False
    foreign: bool = False
    """A newer program has asked last, and this one does not know what: a reply answers that, and none of our own questions."""
    replay: Reply | None = None
    """A message kept earlier, to be taken as the reply to the draft's question now."""
    progress: Mapping[str, int] | None = None
    """Which of how many questions is being asked: `n` of `of`."""
    noted: Mapping[str, Any] | None = None
    """What was just understood, to be echoed at the head of the next question."""

    @property
    def today(self) -> date:
        """The day in Jakarta."""
        return self.now.astimezone(WIB).date()

    @property
    def draft(self) -> Draft:
        """The draft, where there must be one."""
        if self.session.draft is None:
            raise LookupError("no draft")
        return self.session.draft

    @property
    def heard(self) -> Inbound:
        """The citizen's message, where there must be one."""
        if self.message is None:
            raise LookupError("no message")
        return self.message

    @property
    def origin(self) -> str:
        """The id under which the citizen's words are known: an edited message keeps that of the first one."""
        return self.heard.edits or self.heard.id

    @property
    def asked(self) -> Asked:
        """The open question, where there must be one."""
        if self.session.asked is None:
            raise LookupError("no question")
        return self.session.asked

    @property
    def consented(self) -> bool:
        """Whether the present notice has been agreed to."""
        consent = self.session.consent
        return consent is not None and consent.version == self.tables.notice_version

    @property
    def has_asked(self) -> bool:
        """Whether this turn has said a question."""
        return any(isinstance(effect, Say) and effect.question for effect in self.effects)

    @property
    def by_sms(self) -> bool:
        """Words by SMS cost money, and strangers may read them."""
        return self.capabilities.medium is Medium.SMS

    def note(self, what: str, **details: Any) -> None:
        """Echo something at the head of the next question. `what` decides the words."""
        secret = self.by_sms and self.session.draft is not None and self.session.draft.confidential
        self.noted = None if secret and what not in _HARMLESS else {"what": what, **details}

    def say(self, key: str, *, delay: timedelta = timedelta(0), coalesce: str = "", **params: Any) -> None:
        """Tell the citizen something that asks nothing."""
        self.effects.append(Say(key, params, delay=delay, coalesce=coalesce, language=self.session.language))

    def open(self, name: str, data: Mapping[str, Any] | None = None, *, over: bool = False) -> Asked:
        """Make this the open question, under a new id. `over`: it covers the draft's question, which comes back when it is closed."""
        session = self.session
        under = session.asked if over and session.draft else None
        if under and under.under:
            under = under.under
        session.visits = session.visits % _VISITS + 1
        session.asked = Asked(name, session.visits, data=dict(data or {}), under=under)
        return session.asked

    def close(self) -> None:
        """The open question is answered or dropped; what it covered is open again."""
        if self.session.asked:
            self.session.asked = self.session.asked.under

    def ask(
        self,
        key: str,
        offers: Sequence[Offer] = (),
        *,
        location: bool = False,
        delay: timedelta = timedelta(0),
        coalesce: str = "",
        **params: Any,
    ) -> None:
        """Say the open question with what it offers."""
        asked = self.asked
        asked.values = [offer.value for offer in offers]
        self.effects.append(
            Say(
                key,
                {"noted": self.noted, "progress": self.progress, **params},
                offers=tuple(offers),
                question=asked.id,
                ask_location=location and self.capabilities.pins,
                delay=delay,
                coalesce=coalesce,
                language=self.session.language,
            )
        )
        self.noted = None

    def find(self, number: str, code: str | None) -> ReportView | None:
        """The report of a number; Unanswered when that is not known yet."""
        found: ReportView | None = self._answer(FindReport(number, code))
        return found

    def mine(self) -> tuple[ReportView, ...]:
        """The reports of this conversation, newest first."""
        found: tuple[ReportView, ...] = self._answer(MyReports())
        return found

    def similar(self, query: SimilarReports) -> Similar:
        """Open reports like the draft."""
        found: Similar = self._answer(query)
        return found

    def redirected(self, code: str) -> Redirected | None:
        """What an admin has prepared under a code, if it is this conversation's."""
        found: Redirected | None = self._answer(ClaimRedirect(code))
        return found

    def _answer(self, query: Query) -> Any:
        if query not in self.answers:
            raise Unanswered(query)
        return self.answers[query]
