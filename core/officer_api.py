"""The officer's steps over HTTP, for a training core: docs/officer-api.md describes them. They exist only with CORE_OFFICER_TOKEN.

The caller decides whose reports it touches; the simulator offers a trainee only their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from core import cases, forms, wire, workflow
from core.clock import Now
from core.errors import FieldError, Incomplete, NotAllowed, Refused, UnknownTicket
from core.forms import OfficerWords
from core.problems import json_response
from core.store.event_log import EventLog
from core.store.reports import Entry, Reports
from core.workflow import Action, OfficerAction

PREFIX = "/officer/"

_STEPS: Mapping[str, tuple[type[Action], Callable[[OfficerWords], OfficerAction]]] = {
    "verify": (workflow.Verify, lambda words: workflow.Verify(words.field_check)),
    "dispose": (workflow.Dispose, lambda words: workflow.Dispose(words.agency, words.note)),
    "postpone": (workflow.Postpone, lambda words: workflow.Postpone(words.missing, words.note)),
    "not-ours": (workflow.Decline, lambda words: workflow.Decline(words.note or "")),
    "progress": (workflow.Progress, lambda words: workflow.Progress(words.note)),
    "ask": (workflow.Ask, lambda words: workflow.Ask(words.text)),
    "answer": (workflow.Answer, lambda words: workflow.Answer(words.text, words.wants_answer)),
    "complete": (workflow.Complete, lambda words: workflow.Complete(words.note)),
    "archive": (workflow.Archive, lambda words: workflow.Archive(words.note or "")),
    "reopen": (workflow.Reopen, lambda words: workflow.Reopen(words.note)),
}
"""Name in the path -> what it is, and how the officer's words make it. In the order in which they are usually taken."""


@dataclass(frozen=True, slots=True)
class Office:
    """The handlers, over one database."""

    reports: Reports
    log: EventLog
    now: Now

    def routes(self) -> list[web.RouteDef]:
        """To be mounted beside the API, behind the officer's own token."""
        return [
            web.get(f"{PREFIX}reports/{{ticket}}", self.show),
            web.delete(f"{PREFIX}reports/{{ticket}}", self.erase),
            web.post(f"{PREFIX}reports/{{ticket}}/{{step:{'|'.join(_STEPS)}}}", self.step),
            web.post(f"{PREFIX}sweep", self.sweep),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """GET /officer/reports/{ticket}: all that is known of a report, and what may be done with it now."""
        return json_response(await self._dossier(request.match_info["ticket"]))

    async def step(self, request: web.Request) -> web.Response:
        """POST /officer/reports/{ticket}/{step}."""
        ticket, words = request.match_info["ticket"], forms.read_officer(await request.read())
        _, build = _STEPS[request.match_info["step"]]
        try:
            await cases.act(self.reports, ticket, build(words), "officer", self.now())
        except (NotAllowed, Incomplete) as error:
            raise Refused(FieldError("step", str(error))) from error
        return json_response(await self._dossier(ticket))

    async def erase(self, request: web.Request) -> web.Response:
        """DELETE /officer/reports/{ticket}: practice is over. Its events go with it."""
        await self.log.erase(request.match_info["ticket"])
        await self.reports.erase(request.match_info["ticket"])
        return web.Response(status=204)

    async def sweep(self, _request: web.Request) -> web.Response:
        """POST /officer/sweep: end what the citizens have let pass, now and not within a minute."""
        return json_response({"ended": await cases.sweep(self.reports, self.now())})

    async def _dossier(self, ticket: str) -> dict[str, object]:
        dossier = await self.reports.dossier(ticket)
        if dossier is None:
            raise UnknownTicket
        record, filing, history = dossier
        return wire.report(record.case, record.updated_at) | {
            "verified": record.case.verified,
            "field_check": record.case.field_check,
            "report": asdict(filing),
            "lacks": list(workflow.missing_fields(filing)),
            "history": [_line(entry) for entry in history],
            "steps": [name for name, (kind, _) in _STEPS.items() if record.case.status in workflow.ALLOWED[kind]],
        }


def _line(entry: Entry) -> dict[str, Any]:
    return {"at": wire.moment(entry.at), "by": entry.by, "action": entry.action, "words": dict(entry.words)}
