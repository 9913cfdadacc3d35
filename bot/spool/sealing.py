"""What lies on the disk is encrypted and authenticated: AES-256-GCM, with the key's name in front so that keys can be changed.

An entry: `LSP1`, 8 bytes that name the key, 12 bytes of nonce, the ciphertext with its tag. All of it is authenticated.
"""

import hashlib
import os
from collections.abc import Sequence

from bot.errors import SpoolForeignKey, SpoolUnreadable

MAGIC = b"LSP1"
_NAME_BYTES = 8
_NONCE_BYTES = 12
_HEADER_BYTES = len(MAGIC) + _NAME_BYTES


class Seal:
    """Closes and opens entries. The first key closes; each opens what it has closed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys`: at least one, of `keys.KEY_BYTES` bytes each."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._ciphers = {_name(key): AESGCM(key) for key in keys}
        self._first = _name(keys[0])

    def close(self, plain: bytes) -> bytes:
        """Encrypt. A drawn nonce serves for some four thousand million entries a key, which no disk will see."""
        header, nonce = MAGIC + self._first, os.urandom(_NONCE_BYTES)
        return header + nonce + self._ciphers[self._first].encrypt(nonce, plain, header)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt. Raises SpoolForeignKey when it names no key of ours, SpoolUnreadable when a bit of it is not as it was written."""
        from cryptography.exceptions import InvalidTag

        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        if len(header) < _HEADER_BYTES or not header.startswith(MAGIC):
            raise SpoolUnreadable
        cipher = self._ciphers.get(header.removeprefix(MAGIC))
        if cipher is None:
            raise SpoolForeignKey
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header)
        except (InvalidTag, ValueError):  # ValueError: too short for a nonce
            raise SpoolUnreadable from None


def _name(key: bytes) -> bytes:
    return hashlib.blake2b(key, digest_size=_NAME_BYTES, person=b"lapor spool key").digest()
