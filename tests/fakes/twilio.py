"""A stand-in for Twilio: takes messages as its REST API does, calls webhooks as it does, keeps media as it does."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from bot import clock
from bot.clock import Now
from tests.fakes.twilio_content import Shown, Template
from tests.fakes.twilio_list import Received, media_page, page

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
TOKEN = "twilio-auth-token"
SMS_NUMBER = "+15005550006"
WHATSAPP_NUMBER = "+14155238886"
MAX_BODY = 1600
WINDOW = timedelta(hours=24)
PUBLIC = "https://lapor.example"
SETTINGS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_SMS_FROM": SMS_NUMBER,
    "TWILIO_WHATSAPP_FROM": f"whatsapp:{WHATSAPP_NUMBER}",
}
"""Of both channels; TWILIO_API_URL is to be added."""

_NUMBER = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}")


class Fault(Enum):
    """What may go wrong with one call of the REST API."""

    RATE_LIMITED = auto()
    """429 with Retry-After 3 and code 20429."""
    SERVER_ERROR = auto()
    """500."""
    DROPPED = auto()
    """The connection is cut, nothing is sent."""
    LOST_ANSWER = auto()
    """Sent, then the connection is cut."""
    HTML = auto()
    """200 with some proxy's page."""
    EMPTY = auto()
    """201 with nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the API took."""

    sid: str
    to: str
    from_: str
    body: str
    status_callback: str
    content: str = ""
    """The ContentSid, where a template was asked for; then `body` is what it shows."""
    choices: tuple[tuple[str, str], ...] = ()
    """(id, label) of what can be tapped."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a webhook URL asks for retries: `#rc=5&rp=all`. By default once, when no connection could be made."""

    retries: int = 1
    when: frozenset[str] = field(default=frozenset({"ct"}))

    @classmethod
    def of(cls, url: str) -> "RetryPolicy":
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).fragment).items()}
        when = asked.get("rp", "ct")
        every = frozenset({"ct", "rt", "4xx", "5xx"})
        return cls(min(int(asked.get("rc", "1")), 5), every if when == "all" else frozenset(when.split(",")))


class FakeTwilio:
    """Start it, point TWILIO_API_URL at `url`.

    `public`: what we say our address is (PUBLIC_BASE_URL), which is what gets signed; `local`: where it really is.
    """

    def __init__(self, public: str = PUBLIC, local: str = "", *, now: Now = clock.now) -> None:
        self.public = public
        self.local = local or public
        self.now = now
        self.messages: list[Sent] = []
        self.calls: list[Mapping[str, str]] = []
        self.opted_out: set[str] = set()
        self.late_refusals = False
        """True: a closed window is told by status callback, as Twilio mostly does, and not at once."""
        self.templates: dict[str, Template] = {}
        """By ContentSid."""
        self.lost: set[str] = set()
        """Sids of messages that were taken and not delivered."""
        self.paused: set[str] = set()
        """ContentSids that WhatsApp takes no more; told by status callback."""
        self._heard: dict[str, datetime] = {}
        self._faults: deque[Fault] = deque()
        self._media: dict[str, tuple[bytes, str]] = {}
        self.received: list[Received] = []
        """What citizens have sent, whether or not our webhook took it; the oldest first."""
        self.lists: list[Mapping[str, str]] = []
        """The queries of the calls for the list."""
        self._ids = count(1)
        self._runners: list[web.AppRunner] = []
        self._late: set[asyncio.Task[int]] = set()
        self.url = ""
        self.storage_url = ""

    async def start(self) -> None:
        api = web.Application()
        api.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._create)
        api.router.add_get("/2010-04-01/Accounts/{account}/Messages.json", self._list)
        api.router.add_get("/2010-04-01/Accounts/{account}/Messages/{message}/Media.json", self._list_media)
        api.router.add_get("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", self._redirect)
        storage = web.Application()
        storage.router.add_get("/{media}", self._store)
        self.url, self.storage_url = await self._listen(api), await self._listen(storage)

    async def stop(self) -> None:
        await asyncio.gather(*self._late, return_exceptions=True)
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def _listen(self, app: web.Application) -> str:
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    def fail_next(self, *faults: Fault) -> None:
        """One fault for each of the next messages, in order."""
        self._faults.extend(faults)

    def sid(self, kind: str) -> str:
        return f"{kind}{next(self._ids):032x}"

    # What citizens do.

    def inbound(self, from_: str, body: str = "", *, to: str = "", **more: str) -> dict[str, str]:
        """The form of a message. `from_`: a number, or whatsapp:number."""
        whatsapp = from_.startswith("whatsapp:")
        sid = self.sid("SM")
        self._heard[from_] = self.now()
        ours = to or (f"whatsapp:{WHATSAPP_NUMBER}" if whatsapp else SMS_NUMBER)
        files = tuple(value for name, value in more.items() if name.startswith("MediaUrl"))
        self.received.append(Received(sid, ACCOUNT, from_, ours, body, self.now(), files))
        profile = {"ProfileName": "Budi", "WaId": from_.removeprefix("whatsapp:+"), "MessageType": "text"} if whatsapp else {}
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": ACCOUNT,
            "From": from_,
            "To": ours,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **profile,
            **more,
        }

    def forget(self, from_: str) -> None:
        """A day passes in which this person writes nothing."""
        del self._heard[from_]

    def add_media(self, content: bytes, mime: str) -> str:
        """Keep a file; its MediaUrl."""
        media = self.sid("ME")
        self._media[media] = (content, mime)
        return f"{self.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid('MM')}/Media/{media}"

    # Calling our webhooks.

    def signed(self, url: str, form: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook call; the fragment is no part of what is signed."""
        headers = {
            "x-twilio-signature": RequestValidator(TOKEN).compute_signature(url.partition("#")[0], dict(form)),
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "i-twilio-idempotency-token": self.sid(""),
        }
        return headers, urlencode(form).encode()

    async def deliver(self, form: Mapping[str, str], url: str = "") -> list[int]:
        """Call the message webhook, and again as `url` asks for; each call's status, 0 for none at all."""
        url = url or f"{self.public}/hooks/twilio"
        headers, body = self.signed(url, form)
        policy, statuses = RetryPolicy.of(url), []
        async with aiohttp.ClientSession() as http:
            for _ in range(1 + policy.retries):
                status, why = await self._call(http, url.partition("#")[0].replace(self.public, self.local, 1), headers, body)
                statuses.append(status)
                if why not in policy.when:
                    break
        return statuses

    async def _call(self, http: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        try:
            async with http.post(url, headers=headers, data=body, timeout=aiohttp.ClientTimeout(15)) as response:
                return response.status, f"{response.status // 100}xx"
        except aiohttp.ClientConnectorError:
            return 0, "ct"
        except (aiohttp.ClientError, TimeoutError):
            return 0, "rt"

    async def text(self, from_: str, body: str) -> list[int]:
        """A citizen writes."""
        return await self.deliver(self.inbound(from_, body))

    async def tap(self, sent: Sent, label: str) -> list[int]:
        """A citizen taps a choice under a message."""
        id_ = next(id_ for id_, each in sent.choices if each == label)
        kind = {"ButtonText": label, "ButtonPayload": id_} if len(sent.choices) <= 3 else {"ListTitle": label, "ListId": id_}
        return await self.deliver(self.inbound(sent.to, label, MessageType="interactive", **kind))

    def status_form(self, sent: Sent, status: str, error: int | None = None) -> dict[str, str]:
        form = {
            "MessageSid": sent.sid,
            "SmsSid": sent.sid,
            "AccountSid": ACCOUNT,
            "From": sent.from_,
            "To": sent.to,
            "MessageStatus": status,
            "SmsStatus": status,
            "ApiVersion": "2010-04-01",
        }
        return form | ({} if error is None else {"ErrorCode": str(error)})

    async def report(self, sent: Sent, *statuses: str, error: int | None = None) -> list[int]:
        """Status callbacks in the order given, which need not be the order of events."""
        return [(await self.deliver(self.status_form(sent, status, error), sent.status_callback))[-1] for status in statuses]

    # The REST API.

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(form)
        if not _authentic(request) or request.match_info["account"] != ACCOUNT:
            return _refusal(401, 20003)
        fault = self._faults.popleft() if self._faults else None
        if fault and fault is not Fault.LOST_ANSWER:
            return _fail(request, fault)
        if code := self._refused(form):
            return _refusal(400, code)
        shown, content = self._shown(form), form.get("ContentSid", "")
        sent = Sent(self.sid("SM"), form["To"], form["From"], shown.text, form.get("StatusCallback", ""), content, shown.choices)
        self.messages.append(sent)
        if content in self.paused or not self._may_go(form):
            self.lost.add(sent.sid)
            self._later(self._tell_refusal(sent))
        if fault is Fault.LOST_ANSWER:
            return _drop(request)
        return web.json_response(_message(sent), status=201)

    def _refused(self, form: Mapping[str, str]) -> int | None:
        to, from_, content = form.get("To", ""), form.get("From", ""), form.get("ContentSid", "")
        shown = self._shown(form)
        whatsapp = to.startswith("whatsapp:")
        checks = (
            (21604, not to),
            (21211, not _NUMBER.fullmatch(to)),
            (63007 if whatsapp else 21606, from_ != (f"whatsapp:{WHATSAPP_NUMBER}" if whatsapp else SMS_NUMBER)),
            (21655, content and content not in self.templates),
            (21656, content and not shown.text),
            (21602, not shown.text),
            (21617, len(shown.text) > MAX_BODY),
            (21610, to in self.opted_out),
            (63016, not self._may_go(form) and not self.late_refusals),
        )
        return next((code for code, true in checks if true), None)

    def _shown(self, form: Mapping[str, str]) -> Shown:
        """What the phone would show."""
        if not (content := form.get("ContentSid")):
            return Shown(form.get("Body", ""))
        template = self.templates.get(content)
        return (template and template.shown(form.get("ContentVariables", ""))) or Shown("")

    def _may_go(self, form: Mapping[str, str]) -> bool:
        """WhatsApp's window: without an approved template only within 24 hours of the person's last message."""
        template = self.templates.get(form.get("ContentSid", ""))
        heard = self._heard.get(form["To"])
        open_ = heard is not None and self.now() - heard <= WINDOW
        return open_ or not form["To"].startswith("whatsapp:") or (template is not None and template.approved)

    async def _tell_refusal(self, sent: Sent) -> int:
        return (await self.report(sent, "undelivered", error=63016))[-1]

    def _later(self, work: Awaitable[int]) -> None:
        self._late.add(asyncio.ensure_future(work))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if not _authentic(request) or request.match_info["account"] != ACCOUNT:
            return _refusal(401, 20003)
        self.lists.append(dict(request.query))
        fault = self._faults.popleft() if self._faults else None
        return _fail(request, fault) if fault else web.json_response(page(self.received, request))

    async def _list_media(self, request: web.Request) -> web.StreamResponse:
        if not _authentic(request):
            return _refusal(401, 20003)
        files = next(each.files for each in self.received if each.sid == request.match_info["message"])
        return web.json_response(media_page(files, {media: mime for media, (_, mime) in self._media.items()}))

    async def _redirect(self, request: web.Request) -> web.StreamResponse:
        if not _authentic(request):
            return _refusal(401, 20003)
        media = request.match_info["media"]
        if media not in self._media:
            return _refusal(404, 20404)
        return web.Response(status=307, headers={"Location": f"{self.storage_url}/{media}?signature=s%2Fg%3D"})

    async def _store(self, request: web.Request) -> web.StreamResponse:
        """Like an object store: the address is signed, and other credentials beside that are an error."""
        if "Authorization" in request.headers or request.rel_url.raw_query_string != "signature=s%2Fg%3D":
            return web.Response(status=400)
        content, mime = self._media[request.match_info["media"]]
        return web.Response(body=content, content_type=mime)


def _authentic(request: web.Request) -> bool:
    return request.headers.get("Authorization") == aiohttp.encode_basic_auth(ACCOUNT, TOKEN)


def _message(sent: Sent) -> dict[str, object]:
    return {
        "sid": sent.sid,
        "account_sid": ACCOUNT,
        "to": sent.to,
        "from": sent.from_,
        "body": sent.body,
        "status": "queued",
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "api_version": "2010-04-01",
        "error_code": None,
        "error_message": None,
        "date_created": "Fri, 20 Nov 2026 03:00:00 +0000",
        "date_updated": "Fri, 20 Nov 2026 03:00:00 +0000",
        "date_sent": None,
        "price": None,
        "price_unit": None,
        "messaging_service_sid": None,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sent.sid}.json",
        "subresource_uris": {},
    }


def _refusal(status: int, code: int, **headers: str) -> web.Response:
    problem = {"code": code, "message": f"refused: {code}", "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return web.json_response(problem, status=status, headers=headers)


def _fail(request: web.Request, fault: Fault) -> web.Response:
    match fault:
        case Fault.RATE_LIMITED:
            return _refusal(429, 20429, **{"Retry-After": "3"})
        case Fault.SERVER_ERROR:
            return _refusal(500, 20500)
        case Fault.HTML:
            return web.Response(text="<html>Please log in to the network</html>", content_type="text/html")
        case Fault.EMPTY:
            return web.Response(status=201)
        case _:
            return _drop(request)


def _drop(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
