"""What may go wrong in the core. An error's text defaults to its class docstring."""

from collections.abc import Sequence
from dataclasses import dataclass


class CoreError(Exception):
    """Something went wrong in the routing core."""

    def __init__(self, detail: str | None = None) -> None:
        """Keep `detail`, which must hold ids only: never a text, a name or a phone number."""
        super().__init__(detail or (type(self).__doc__ or "").split("\n", 1)[0])


class SettingsError(CoreError):
    """The settings are not usable."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Hold every problem, so that one start shows them all."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class StoreUnavailable(CoreError):
    """The database did not acknowledge in time."""


class Malformed(CoreError):
    """The request cannot be read as the API says."""


class KeyReused(CoreError):
    """This Idempotency-Key was used before with another body."""


class UnknownTicket(CoreError):
    """There is no report with this ticket."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a body."""

    field: str
    """Dotted, `attachments.0.url`."""
    detail: str


class Refused(CoreError):
    """The request is understood and not accepted."""

    def __init__(self, *errors: FieldError) -> None:
        """Name every field that is wrong, never its content."""
        super().__init__()
        self.errors = errors


class NotAllowed(CoreError):
    """The report's status does not allow this."""


class Incomplete(CoreError):
    """The step lacks what it needs."""
