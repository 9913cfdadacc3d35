"""Drafts that come to nothing: what is told of one is the question that was open, and how it ended."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.conversation import flow
from bot.conversation.protocol import CountLeft
from bot.conversation.session import Draft, Session, decode, encode, forget_expired, is_overdue
from bot.conversation.talk import Talk
from bot.drafts_left import How
from bot.model import Capabilities


def leave(talk: Talk, how: How) -> None:
    """Drop the draft that stands."""
    count(talk, [talk.draft], how)
    talk.session.draft = talk.session.asked = None


def count(talk: Talk, drafts: Iterable[Draft], how: How) -> None:
    """Count these, once each."""
    talk.effects.extend(_left(draft, how, talk.capabilities) for draft in drafts if not draft.lapsed)


def lapse(session: Session, now: datetime, capabilities: Capabilities) -> Sequence[CountLeft]:
    """Count the drafts that are not finished after a week, once each, and forget those of them whose writer has not agreed."""
    drafts = [session.draft, *session.kept] if session.draft else session.kept
    overdue = [draft for draft in drafts if not draft.lapsed and is_overdue(draft, now)]
    left = [_left(draft, How.EXPIRED, capabilities) for draft in overdue]
    for draft in overdue:
        draft.lapsed = True
    forget_expired(session, now)
    return left


def without_lapsed(plain: Mapping[str, Any], now: datetime, capabilities: Capabilities) -> tuple[dict[str, Any], Sequence[CountLeft]]:
    """A stored session after `lapse`, and what is to be counted."""
    session = decode(plain)
    left = lapse(session, now, capabilities)
    return encode(session), left


def _left(draft: Draft, how: How, capabilities: Capabilities) -> CountLeft:
    return CountLeft(how, flow.present(draft, capabilities), draft.redirect)
