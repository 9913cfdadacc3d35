"""A channel without a provider: the terminal, and tests. What is sent lies in the outbox; what comes in comes by `simulator_routes`.

Addresses are sim:<medium>:<name>: never a real citizen's. Each medium has the capabilities of the channel it stands for.
"""

from collections.abc import Awaitable, Callable, Sequence

from bot.clock import Now
from bot.errors import MediaGone, MediaTooLarge
from bot.hooks import Hook
from bot.model import Address, Capabilities, FileRef, Inbound, Medium, Outbound
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
        return CAPABILITIES[address.medium]

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:  # noqa: ARG002  # no reports here
        """Put it into the outbox, once for each call: a repeated word must be seen."""
        item = OutboxItem(
            id=effect,
            to=str(to),
            channel=to.medium,
            text=message.text,
            at=self._now(),
            choices=tuple((choice.value, choice.label) for choice in message.choices),
            question=message.question,
        )
        await self._outbox.add(item)
        return f"sim-{effect}"

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:
        """Bytes of an upload."""
        data = await self._read_upload(file.ref.removeprefix(UPLOAD))
        if data is None:
            raise MediaGone
        if len(data) > limit:
            raise MediaTooLarge
        return data

    async def acknowledge(self, message: Inbound) -> None:
        """No button spins here."""

    async def start(self) -> None:
        """Nobody has to know us."""
