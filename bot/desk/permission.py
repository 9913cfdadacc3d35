"""Who may open a route: declared on its line in `routes.py`, decided here, and nowhere else."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.staff.model import Role, Stage
from bot.staff.sessions import SignedIn


class Verdict(Enum):
    """What becomes of a request."""

    WELCOME = auto()
    SIGN_IN = auto()
    """Nobody is signed in, or not far enough."""
    ELSEWHERE = auto()
    """Somebody is signed in, and this page is for those who are not yet."""
    FORBIDDEN = auto()
    """Somebody is signed in whose role may not."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The roles, and how far somebody must have come in signing in. No stage: open to anybody."""

    stage: Stage | None
    roles: frozenset[Role] = frozenset(Role)

    def verdict(self, there: SignedIn | None) -> Verdict:
        """For somebody, or nobody."""
        if self.stage is None:
            return Verdict.WELCOME
        if there is None:
            return Verdict.SIGN_IN
        if there.stage is not self.stage:
            return Verdict.ELSEWHERE if there.stage is Stage.FULL else Verdict.SIGN_IN
        return Verdict.WELCOME if there.account.role in self.roles else Verdict.FORBIDDEN


ANYBODY = Permission(None)
ASKED_FOR_CODE = Permission(Stage.CODE)
SETTING_UP = Permission(Stage.SETUP)
SIGNED_IN = Permission(Stage.FULL)
ADMINS = Permission(Stage.FULL, frozenset({Role.ENTRY, Role.SUPERVISOR}))
"""Who works on reports."""
SUPERVISORS = Permission(Stage.FULL, frozenset({Role.SUPERVISOR}))
OVERSEERS = Permission(Stage.FULL, frozenset({Role.SUPERVISOR, Role.AUDITOR}))
"""Who looks at the whole."""
AUDITORS = Permission(Stage.FULL, frozenset({Role.AUDITOR}))
