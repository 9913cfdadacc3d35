"""What DESK_KEY is used for: sealing secrets, digests that a stolen database cannot be searched with, and the audit log's chain.

Each purpose has a key of its own, derived from DESK_KEY. Several are allowed while rotating: the first writes, all are read.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_REMEMBERED = 256
"""Derived keys: a page may seal a hundred things."""
_WITHOUT_END = timedelta(days=365 * 100)


class Keys:
    """The derived keys."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """`secrets`: DESK_KEY's parts, the newest first; at least one."""
        self._secrets = tuple(secrets)
        self._key = lru_cache(_REMEMBERED)(_derived)
        self._box = lru_cache(_REMEMBERED)(self._boxed)

    def seal(self, purpose: str, text: str, now: datetime) -> str:
        """Encrypted and authenticated; URL-safe."""
        return self._box(purpose).encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def open(self, purpose: str, sealed: str, now: datetime, *, within: timedelta = _WITHOUT_END) -> str | None:
        """What was sealed for this purpose; None when it was not, or longer ago than `within`."""
        try:
            return self._box(purpose).decrypt_at_time(sealed.encode(), int(within.total_seconds()), int(now.timestamp())).decode()
        except (InvalidToken, UnicodeError):
            return None

    def mac(self, purpose: str, data: bytes) -> str:
        """A keyed digest, 64 hex digits."""
        return self._mac(self._secrets[0], purpose, data)

    def is_mac(self, purpose: str, data: bytes, mac: str) -> bool:
        """Whether one of the keys made it; in constant time."""
        return any(hmac.compare_digest(self._mac(secret, purpose, data).encode(), mac.encode()) for secret in self._secrets)

    def ref(self, text: str) -> str:
        """A short name for something whose own id may hold a phone number."""
        return self.mac("reference", text.encode())[:12]

    def _mac(self, secret: str, purpose: str, data: bytes) -> str:
        return hmac.new(self._key(secret, purpose), data, hashlib.sha256).hexdigest()

    def _boxed(self, purpose: str) -> MultiFernet:
        return MultiFernet([Fernet(base64.urlsafe_b64encode(self._key(secret, purpose))) for secret in self._secrets])


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"lapor desk {purpose}".encode()).derive(secret.encode())
