"""What we give a provider to bring back with its delivery reports: whose message it was, opaque in a URL and in its logs.

It is no secret and proves nothing: the webhook that brings it back must be verified first.
"""

import base64
import binascii

from bot.errors import Malformed


def write(conversation: str, effect: str) -> str:
    """Of [A-Za-z0-9_-], so that it needs no escaping."""
    return base64.urlsafe_b64encode(f"{conversation}\n{effect}".encode()).decode().rstrip("=")


def read(token: str) -> tuple[str, str]:
    """(conversation, effect). Raises Malformed."""
    try:
        decoded = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Malformed("the token is not one of ours") from None
    conversation, newline, effect = decoded.partition("\n")
    if not (conversation and newline and effect):
        raise Malformed("the token is not one of ours")
    return conversation, effect
