"""Whose work a page shows: an entry officer's own; a supervisor's office, or of that only their own."""

from enum import Enum
from typing import TypeVar

from bot.desk.visit import Visit
from bot.redirects import Scope
from bot.staff.model import Role

MINE = "mine"

E = TypeVar("E", bound=Enum)


def scope(visit: Visit) -> Scope:
    """All that this person may see and work on."""
    return own(visit) if visit.account.role is not Role.SUPERVISOR else Scope(visit.account.office)


def own(visit: Visit) -> Scope:
    """What they made themselves."""
    return Scope(visit.account.office, visit.account.id)


def chosen(visit: Visit) -> Scope:
    """What a list is to show of it."""
    return own(visit) if visit.text("whose") == MINE else scope(visit)


def one_of(kind: type[E], text: str) -> E | None:
    """The member with that value; None for "" and for what is none."""
    return next((member for member in kind if member.value == text), None)
