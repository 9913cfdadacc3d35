"""The channels there are, one line each, and which of them the settings switch on.

The modules named here import their provider's package only when they are built.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from bot.channels import simulator, sms, sms_twilio, telegram, whatsapp
from bot.channels.protocol import Channel, Entry
from bot.model import Address, Capabilities

ENTRIES: Sequence[Entry] = (
    sms.ENTRY,
    telegram.ENTRY,
    whatsapp.ENTRY,
    sms_twilio.ENTRY,
)

_INDONESIA = "+62"

SWITCHED_OFF = simulator.CAPABILITIES
"""What each medium can carry, for words that are rendered while its channel is switched off."""


def capabilities(channel: Channel, address: Address) -> Capabilities:
    """What the channel can carry to this address: one that stands for several media has `capabilities_for`, as the address decides."""
    by_address: Callable[[Address], Capabilities] | None = getattr(channel, "capabilities_for", None)
    return by_address(address) if by_address else channel.capabilities


def by_sms(address: Address, on: Collection[str]) -> Address | None:
    """Where a person on WhatsApp gets an SMS, if their number is a mobile phone's. The gateway's 1708 reaches Indonesian ones only."""
    return by_phone(address.id, on) if address.transport == whatsapp.ENTRY.name else None


def by_phone(typed: str, on: Collection[str]) -> Address | None:
    """Where a mobile phone's number gets an SMS, however it is written; without a country's code it is an Indonesian one. None: nowhere."""
    from bot.channels.phone_number import mobile  # the library is imported by the first who needs it

    if (number := mobile(typed)) is None:
        return None
    ways = [sms.ENTRY.name] * number.startswith(_INDONESIA) + [sms_twilio.ENTRY.name]
    return next((Address(way, number) for way in ways if way in on), None)


def enabled(settings: Mapping[str, str], entries: Sequence[Entry] = ENTRIES) -> tuple[list[Entry], list[str]]:
    """The channels that are on, and every problem: half a set of settings, or settings that serve no channel.

    A setting that several channels need (Twilio's account) does not by itself mean that one of them is wanted.
    """
    users = Counter(name for entry in entries for name in entry.required)
    on: list[Entry] = []
    problems: list[str] = []
    served: set[str] = set()
    for entry in entries:
        needed = [name for name in entry.required if not _needless(entry, name, settings)]
        missing = [name for name in needed if not settings.get(name)]
        if not missing:
            on.append(entry)
        elif any(settings.get(name) for name in entry.required if users[name] == 1):
            problems.append(f"The channel {entry.name} is half set: {', '.join(missing)} missing.")
        else:
            continue
        served.update(entry.required)
    return on, problems + _idle(settings, entries, served)


def _needless(entry: Entry, name: str, settings: Mapping[str, str]) -> bool:
    other, value = entry.not_needed_when.get(name, ("", ""))
    return bool(other) and settings.get(other, entry.optional.get(other)) == value


def _idle(settings: Mapping[str, str], entries: Sequence[Entry], served: set[str]) -> list[str]:
    """Shared settings that are set while no channel that uses them is."""
    problems: dict[str, None] = {}
    for entry in entries:
        for name in entry.required:
            if settings.get(name) and name not in served:
                lacking = sorted({own for user in entries if name in user.required for own in user.required if not settings.get(own)})
                problems[f"{name} is set, but no channel uses it: {', '.join(lacking)} missing."] = None
    return list(problems)
