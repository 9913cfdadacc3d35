"""The second factor: time-based codes (RFC 6238), and recovery codes for when the phone is lost."""

import base64
import hmac
import re
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from bot.access import ALPHABET

STEP_SECONDS = 30
_DIGITS = 6
_SECRET_BYTES = 20
_AROUND = (0, -1, 1)
"""Steps: a phone's clock may be off by one."""
_RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10
_BLANKS = re.compile(r"[\s-]+")


def draw_secret() -> str:
    """In base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def uri(secret: str, login: str, issuer: str) -> str:
    """What the QR code says: otpauth://totp/..."""
    return _totp(secret).get_provisioning_uri(login, issuer)


def code_at(secret: str, at: datetime) -> str:
    """The code of that moment, as the phone shows it."""
    return _totp(secret).generate(at.timestamp()).decode()


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The time step a code belongs to; None when it is none of now, or of a step no later than `after`: a code serves once."""
    given, present = normalise(code).encode(), int(now.timestamp()) // STEP_SECONDS
    for step in (present + away for away in _AROUND):
        if hmac.compare_digest(_totp(secret).generate(step * STEP_SECONDS), given) and step > after:
            return step
    return None


def draw_recovery_codes() -> tuple[str, ...]:
    """Ten, of 50 random bits each."""
    return tuple(_grouped("".join(secrets.choice(ALPHABET) for _ in range(_RECOVERY_LENGTH))) for _ in range(_RECOVERY_CODES))


def normalise(code: str) -> str:
    """As typed by people: spaces, hyphens and case do not matter."""
    return _BLANKS.sub("", code).upper()


def _grouped(code: str) -> str:
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # what the apps understand; as HMAC it is sound
