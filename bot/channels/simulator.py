"""A channel without a provider: the terminal, the pages at /try, and tests. What is sent lies in the outbox; what comes in comes by
`simulator_routes` and `bot.simulator`.

Addresses are sim:<medium>:<name>: never a real citizen's. Each medium has the capabilities of the channel it stands for, and WhatsApp its
24 hours. A name that ends in `-menus` has what an operator gives WhatsApp with content templates: buttons, lists, and approved notices.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.channels.twilio_content import ALL_SHAPES
from bot.clock import Now
from bot.errors import MediaGone, MediaTooLarge, Rejected, WindowClosed
from bot.hooks import Hook
from bot.model import Address, Brief, Capabilities, FileRef, Medium, Outbound
from bot.ports import Outbox, OutboxItem

NAME = "sim"
UPLOAD = "upload:"
"""What the `ref` of a file that came through the simulator's routes begins with; its id follows."""

CAPABILITIES = {
    Medium.SMS: Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=670),
    Medium.TELEGRAM: Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096, max_file=20_000_000),
    Medium.WHATSAPP: Capabilities(Medium.WHATSAPP, buttons=False, media=True, pins=True, max_text=1600, max_file=16 << 20, closes=True),
}
"""Those of the real channels; the contract suite compares them."""

MENUS = "-menus"
"""Ends the name of a citizen whose WhatsApp has content templates."""

WINDOW = timedelta(hours=24)
"""How long after the citizen's last words WhatsApp takes free words."""

ReadUpload = Callable[[str], Awaitable[bytes | None]]
"""upload id -> its bytes; None when it is not there."""


class Simulator:
    """The channel."""

    name = NAME
    capabilities = CAPABILITIES[Medium.SMS]
    hooks: Sequence[Hook] = ()

    def __init__(self, outbox: Outbox, read_upload: ReadUpload, now: Now) -> None:
        self._outbox = outbox
        self._read_upload = read_upload
        self._now = now

    def capabilities_for(self, address: Address) -> Capabilities:
        """What the medium in the address can carry."""
        capabilities = CAPABILITIES[address.medium]
        return replace(capabilities, buttons=True, menus=ALL_SHAPES) if _has_templates(address) else capabilities

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:  # noqa: ARG002  # no reports here
        """Put it into the outbox, once for each call: a repeated word must be seen. Raises WindowClosed as WhatsApp would."""
        if to.medium is Medium.WHATSAPP:
            await self._require_open(to)
        item = OutboxItem(
            id=effect,
            to=str(to),
            channel=to.medium,
            text=message.text,
            at=self._now(),
            choices=tuple((choice.value, choice.label) for choice in message.choices),
            question=message.question,
            more={"ask_location": True} if message.ask_location else {},
        )
        await self._outbox.add(item)
        return f"sim-{effect}"

    async def send_brief(self, to: Address, brief: Brief, *, conversation: str, effect: str) -> str:  # noqa: ARG002  # no reports here
        """As an approved template, which goes out at any time. Raises Rejected where there is none."""
        if not _has_templates(to):
            raise Rejected("no approved template")
        item = OutboxItem(id=effect, to=str(to), channel=to.medium, text=brief.text, at=self._now(), more={"template": True})
        await self._outbox.add(item)
        return f"sim-{effect}"

    async def _require_open(self, to: Address) -> None:
        said = await self._outbox.last_said(str(to))
        if said is not None and self._now() - said >= WINDOW:
            raise WindowClosed

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:
        """Bytes of an upload."""
        data = await self._read_upload(file.ref.removeprefix(UPLOAD))
        if data is None:
            raise MediaGone
        if len(data) > limit:
            raise MediaTooLarge
        return data

    async def start(self) -> None:
        """Nobody has to know us."""


def by_sms(address: Address) -> Address | None:
    """The same simulated person's other phone."""
    if address.transport != NAME or address.medium is not Medium.WHATSAPP:
        return None
    _, _, name = address.id.partition(":")
    return Address(NAME, f"{Medium.SMS}:{name}")


def _has_templates(address: Address) -> bool:
    return address.medium is Medium.WHATSAPP and address.id.endswith(MENUS)
