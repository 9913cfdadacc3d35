"""Passwords: argon2id, off the event loop, few at a time; and what makes one fit to be set."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST = 12
LONGEST = 200
_DIFFERENT = 5
"""Characters: `aaaaaaaaaaaa` is long, and nothing else."""
_AT_ONCE = 2
"""Each takes 64 MiB for a tenth of a second: a flood of guesses must not take the memory from the webhooks."""


class Passwords:
    """Hashes and compares."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher`: else argon2-cffi's own parameters, RFC 9106's for little memory."""
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is stored."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether it is the one. None, nobody's: False after the same work, so that time does not tell which names exist."""
        if stored is None:
            self._nobodys = self._nobodys or await self.hash(secrets.token_hex())
        async with self._room:
            right = await asyncio.to_thread(self._verify, stored or self._nobodys or "", _normal(password))
        return right and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False


def problem(password: str, login: str) -> str | None:
    """Why it may not be set, as a key: short, long, plain or login; None when it may."""
    normal = _normal(password)
    if len(normal) < SHORTEST:
        return "short"
    if len(normal) > LONGEST:
        return "long"
    if len(set(normal)) < _DIFFERENT:
        return "plain"
    return "login" if login in normal.casefold() else None


def _normal(password: str) -> str:
    """The same characters, however a keyboard composes them; no longer than could have been set."""
    return unicodedata.normalize("NFC", password)[: LONGEST + 1]
