"""The officer's desk: what the training core does with a trainee's reports, over its officer routes (docs/officer-api.md)."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from bot import calling
from bot.errors import DeliveryError, Unanswered

SECONDS = 10.0
STEPS = frozenset({"verify", "dispose", "postpone", "not-ours", "progress", "ask", "answer", "complete", "archive", "reopen"})
"""The only names that ever stand in the path of a call."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the core answers: a dossier, or problem details."""

    status: int
    body: Mapping[str, Any]


class Office:
    """The core's officer, by HTTP. Who may touch which report is the caller's to decide."""

    def __init__(self, http: aiohttp.ClientSession, core_url: str, token: str) -> None:
        """`core_url`: without a trailing slash."""
        self._http = http
        self._url = f"{core_url}/officer"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def dossier(self, ticket: str) -> Reply:
        """All that the core knows of a report. Raises DeliveryError."""
        return await self._call("GET", f"/reports/{ticket}")

    async def step(self, ticket: str, name: str, words: bytes) -> Reply:
        """Take one of STEPS. Raises ValueError for anything else, DeliveryError."""
        if name not in STEPS:
            raise ValueError("no step of an officer")
        return await self._call("POST", f"/reports/{ticket}/{name}", words)

    async def sweep(self) -> None:
        """Let the offices notice at once that the clock has moved. Raises DeliveryError."""
        reply = await self._call("POST", "/sweep")
        if error := calling.error_for(reply.status, {}):
            raise error

    async def erase(self, ticket: str) -> None:
        """Forget a report of somebody who has long stopped practising. Raises DeliveryError."""
        reply = await self._call("DELETE", f"/reports/{ticket}")
        if reply.status != 204:
            raise calling.error_for(reply.status, {}) or Unanswered(f"status {reply.status}")

    async def _call(self, method: str, path: str, body: bytes | None = None) -> Reply:
        data = None if body is None else io.BytesIO(body)
        answer = await calling.call(self._http, method, self._url + path, seconds=SECONDS, headers=self._headers, data=data)
        try:
            return Reply(answer.status, orjson.loads(answer.body) if answer.body else {})
        except orjson.JSONDecodeError:
            raise Unanswered("not JSON") from None


@dataclass(frozen=True, slots=True)
class Dossiers:
    """What the core knows of reports, by ticket; `away`: it did not answer."""

    by_ticket: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    away: bool = False


async def collect(office: Office, tickets: list[str]) -> Dossiers:
    """The dossiers of some reports; what the core does not have is left out."""
    found = {}
    try:
        for ticket in tickets:
            reply = await office.dossier(ticket)
            if reply.status == 200:
                found[ticket] = reply.body
    except DeliveryError:
        return Dossiers(found, away=True)
    return Dossiers(found)
