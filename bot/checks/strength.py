"""The secrets: whether they can be guessed. Their values are neither shown nor measured further than that."""

import base64
import binascii

from bot.checks.finding import Finding, good, wrong
from bot.settings import Settings

LENGTHS = {
    "CORE_TOKEN": 16,
    "SMS_WEBHOOK_SECRET": 16,
    "TELEGRAM_WEBHOOK_SECRET": 16,
    "SMS_SEND_PASSWORD": 8,
}
"""Characters, of the secrets that we draw ourselves."""
SIGNING_BYTES = 24
"""Standard Webhooks wants 24 to 64."""
FEW_DIFFERENT = 6

_DRAW = "draw one with `openssl rand -base64 24 | tr '+/' '-_'`, and set it on both sides"


def check(settings: Settings) -> list[Finding]:
    """Those that are set."""
    weak = [wrong(f"{name} is too easy to guess: {_DRAW}.") for name, length in LENGTHS.items() if _is_weak(settings[name], length)]
    weak += [
        wrong(f"CORE_WEBHOOK_SECRET has less than {SIGNING_BYTES} random bytes: draw `whsec_` and 32 bytes in base64, and rotate.")
        for secret in settings.core_secrets
        if _bytes(secret) < SIGNING_BYTES
    ][:1]
    return weak or [good("No secret is easy to guess.")]


def _is_weak(secret: str, length: int) -> bool:
    return bool(secret) and (len(secret) < length or len(set(secret)) < FEW_DIFFERENT)


def _bytes(secret: str) -> int:
    encoded = secret.removeprefix("whsec_")
    try:
        return len(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    except binascii.Error:
        return 0
