"""The keys of the spool, as the setting SPOOL_KEY gives them."""

import base64
import binascii

KEY_BYTES = 32
"""AES-256."""


def read_keys(setting: str) -> tuple[bytes, ...]:
    """One or more keys in base64, separated by spaces; the first one encrypts, all of them decrypt. Raises ValueError."""
    keys = tuple(_key(word) for word in setting.split())
    if not keys:
        raise ValueError("no key")
    return keys


def _key(word: str) -> bytes:
    try:
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
