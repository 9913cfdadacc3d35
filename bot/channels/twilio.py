"""Talk to people over Twilio. WhatsApp and SMS differ in what they carry and in the number we are known by, in nothing else."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import aiohttp
from yarl import URL

from bot import logs
from bot.channels import report_token, twilio_api
from bot.channels.download import download
from bot.channels.protocol import Links
from bot.channels.twilio_content import Content, Templates, numbered
from bot.channels.twilio_form import SMS, WHATSAPP, Account, receive_message, receive_status, wire_address
from bot.channels.twilio_list import INBOUND, PAGE, read_listed
from bot.errors import DeliveryError, Rejected, SettingsError, Unanswered
from bot.hooks import Hook
from bot.model import Address, Brief, Capabilities, FileRef, Inbound, Outbound

PATH = "/hooks/twilio"
STATUS_PATH = "/hooks/twilio/status"

API_URL = "https://api.twilio.com"

NO_TEMPLATES = Templates()

_FROM = {WHATSAPP: "TWILIO_WHATSAPP_FROM", SMS: "TWILIO_SMS_FROM"}
_SID = re.compile(r"[A-Za-z0-9]+")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")

log = logs.get_logger(__name__)


class TwilioChannel:
    """Twilio's side of `bot.channels.protocol.Channel`. The hooks of every instance of one account do the same."""

    def __init__(
        self,
        transport: str,
        capabilities: Capabilities,
        account: Account,
        *,
        links: Links,
        http: aiohttp.ClientSession,
        api_url: str,
        templates: Templates,
    ) -> None:
        """`transport`: a key of `account.numbers`; `api_url`: Twilio's, or a stand-in's."""
        self.name = transport
        self.capabilities = capabilities
        self._templates = templates
        self._account = account
        self._api_url = api_url
        self._from = wire_address(transport, account.numbers[transport])
        self._status_url = links.public + STATUS_PATH
        self._http = http
        self._credentials = aiohttp.encode_basic_auth(account.sid, account.token)
        self._media_hosts = (URL(API_URL), URL(api_url).origin())
        self._messages = twilio_api.client(account.sid, account.token, api_url, http).messages
        self.hooks: Sequence[Hook] = (
            Hook("POST", PATH, partial(receive_message, account=account, path=PATH)),
            Hook("POST", STATUS_PATH, partial(receive_status, account=account, path=STATUS_PATH)),
        )

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:
        """One message. Answers its sid; what becomes of it comes to the status route."""
        token = report_token.write(conversation, effect)
        if menu := self._templates.menu(message):
            try:
                return await self._send_content(to, menu, token)
            except Rejected as error:
                if type(error) is not Rejected:  # about the person
                    raise
                # About the template, which an operator has made: that must not leave a question unasked.
                log.warning("twilio_content_refused", effect=effect, choices=len(message.choices), reason=str(error))
        return await self._create(to, token, body=message.text + numbered(message.choices))

    async def send_brief(self, to: Address, brief: Brief, *, conversation: str, effect: str) -> str:
        """Number, status and date in an approved template, which goes out at any time."""
        content = self._templates.brief(brief)
        if content is None:
            raise Rejected("no approved template")
        return await self._send_content(to, content, report_token.write(conversation, effect))

    async def _send_content(self, to: Address, content: Content, token: str) -> str:
        return await self._create(to, token, content_sid=content.sid, content_variables=content.variables)

    async def _create(self, to: Address, token: str, **what: str) -> str:
        try:
            sent = await self._messages.create_async(
                to=wire_address(self.name, to.id), from_=self._from, status_callback=f"{self._status_url}?c={token}", **what
            )
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001  # what the library meets in a success that is no message, and may quote
            raise Unanswered(type(error).__name__) from None
        if not isinstance(sent.sid, str):
            raise Unanswered("no sid")
        return sent.sid

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:
        """A file at Twilio, or where Twilio sends us for it. Our credentials go to Twilio alone."""
        try:
            url = URL(file.ref, encoded=True)
            ours = url.origin() in self._media_hosts and url.user is None and url.password is None
        except ValueError:
            ours = False
        if not ours:
            raise Rejected("the file is not at Twilio")
        return await download(self._http, url, limit=limit, headers={"Authorization": self._credentials}, redirects=1)

    async def received(self, since: datetime, until: datetime) -> Sequence[Inbound]:
        """What came to our number from `since` on and before `until`, oldest first, by Twilio's own list. Raises DeliveryError."""
        try:
            found = await self._messages.list_async(to=self._from, date_sent_after=since, date_sent_before=until, page_size=PAGE)
            # The list has the newest first, and times to the second: what stands later in it came earlier.
            ours = [each for each in reversed(found) if each.direction == INBOUND and each.date_sent and since <= each.date_sent < until]
            ours.sort(key=lambda each: each.date_sent)
            listed = [(each, await self._messages(each.sid).media.list_async() if each.num_media != "0" else ()) for each in ours]
            return [message for each, media in listed for message in read_listed(each, media, self._account, self._api_url)]
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001  # what the library, or we, meet in a success that is no list, and may quote
            raise Unanswered(type(error).__name__) from None

    async def start(self) -> None:
        """Twilio's console knows us already."""


def build(
    transport: str,
    capabilities: Capabilities,
    settings: Mapping[str, str],
    links: Links,
    http: aiohttp.ClientSession,
    *,
    templates: Templates = NO_TEMPLATES,
) -> TwilioChannel:
    """One of the two channels. It knows the other's number too, because either may be called for both. Raises SettingsError."""
    numbers = {transport: _number(settings[name]) for transport, name in _FROM.items() if settings.get(name)}
    problems = [
        f"{_FROM[transport]}: must be a number, as +62..." for transport, number in numbers.items() if not _NUMBER.fullmatch(number)
    ]
    if not _SID.fullmatch(settings["TWILIO_ACCOUNT_SID"]):
        problems.append("TWILIO_ACCOUNT_SID: must be letters and digits, as the console shows it")
    if problems:
        raise SettingsError(problems)
    account = Account(settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"], links.public, numbers)
    api_url = settings.get("TWILIO_API_URL") or API_URL
    return TwilioChannel(transport, capabilities, account, links=links, http=http, api_url=api_url, templates=templates)


def _number(setting: str) -> str:
    """Twilio's console shows WhatsApp numbers with their prefix, and spaces come with copying."""
    return re.sub(r"[\s()-]", "", setting.removeprefix("whatsapp:"))
