"""One tree of errors. Every delivery error carries a code, whether to try again, and when.

An error's text defaults to its class docstring, so that every class must say what it means.
"""

from typing import ClassVar


class LaporError(Exception):
    """Something went wrong in the intake bot."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str | None = None) -> None:
        """Keep `detail`, which must hold ids only: never a text, a name or a phone number."""
        super().__init__(detail or (type(self).__doc__ or "").split("\n", 1)[0])


class SettingsError(LaporError):
    """The settings are not usable."""

    code = "settings"

    def __init__(self, problems: list[str]) -> None:
        """Hold every problem, so that one start shows them all."""
        super().__init__("\n".join(problems))
        self.problems = problems


class Forbidden(LaporError):
    """The caller did not prove who it is."""

    code = "forbidden"


class Malformed(LaporError):
    """The request proved its sender but cannot be read as the protocol says."""

    code = "malformed"


class StoreUnavailable(LaporError):
    """The database did not acknowledge in time."""

    code = "store_unavailable"


class SpoolRefused(StoreUnavailable):
    """Neither the database nor the spool took it."""

    code = "spool_refused"


class SpoolUnreadable(LaporError):
    """An entry of the spool is damaged, or of a form that this version does not know."""

    code = "spool_unreadable"


class SpoolForeignKey(SpoolUnreadable):
    """An entry of the spool was encrypted with a key that SPOOL_KEY does not hold."""

    code = "spool_foreign_key"


class SpooledTooLong(LaporError):
    """It lay in the spool for so long that nobody can tell any more whether it was applied before."""

    code = "spooled_too_long"


class Unstorable(LaporError):
    """The database will never take this document (too large, not encodable, a number that is another's): a bug of ours."""

    code = "unstorable"


class StoreUnsuitable(LaporError):
    """The database server cannot keep what we promise (a standalone, or too old)."""

    code = "store_unsuitable"


class DeliveryError(LaporError):
    """A call to a provider or to the routing core failed."""

    code = "delivery"
    retryable: ClassVar[bool] = True

    def __init__(self, detail: str | None = None, *, retry_after: float | None = None) -> None:
        """`retry_after`: seconds the other side asked us to wait, when it said so."""
        super().__init__(detail)
        self.retry_after = retry_after


class Unreachable(DeliveryError):
    """No connection could be made; the other side has seen nothing."""

    code = "unreachable"


class Unanswered(DeliveryError):
    """The request went out and no usable answer came; the other side may have done it."""

    code = "unanswered"


class RateLimited(DeliveryError):
    """The other side asked us to slow down."""

    code = "rate_limited"


class ServerFault(DeliveryError):
    """The other side failed (5xx)."""

    code = "server_fault"


class UnknownEffect(DeliveryError):
    """A newer version of this program has decided it, and this one does not know what it means."""

    code = "unknown_effect"


class Rejected(DeliveryError):
    """The other side understood the request and refuses it for good."""

    code = "rejected"
    retryable = False


class Unauthorized(DeliveryError):
    """Our credentials were refused; the operator must mend them, and the work waits."""

    code = "unauthorized"


class RecipientUnreachable(Rejected):
    """This person cannot be written to (blocked us, opted out, gone)."""

    code = "recipient_unreachable"


class WindowClosed(Rejected):
    """WhatsApp's 24-hour window has closed; only a template may be sent."""

    code = "window_closed"


class Conflict(Rejected):
    """The key was used before with another body (409)."""

    code = "conflict"


class Refused(Rejected):
    """The routing core refuses the report (422)."""

    code = "refused"

    def __init__(self, detail: str | None = None, *, fields: tuple[str, ...] = ()) -> None:
        """`fields`: the names the core says are wrong."""
        super().__init__(detail)
        self.fields = fields


class MediaTooLarge(Rejected):
    """The file is larger than we take."""

    code = "media_too_large"


class MediaGone(Rejected):
    """The provider no longer has the file."""

    code = "media_gone"


class MediaUnsupported(Rejected):
    """The file is of a type we do not take."""

    code = "media_unsupported"
