"""The form of an entry: what was typed, what the message says of itself, and the value that is filed."""

from collections.abc import Mapping
from datetime import datetime

from bot.clock import WIB
from bot.conversation.form import Form, Problem
from bot.conversation.understanding import matters
from bot.conversation.understanding.secrecy import wants_secrecy
from bot.desk.entry_place import AS_WRITTEN, Offer
from bot.desk.visit import Visit
from bot.entering import Agreed, Consent, Entry
from bot.model import Network
from bot.redirects import Author, Facts

Fields = dict[str, str]

NAMES = (
    "text", "network", "link", "kind", "place", "area", "area_for", "day", "category", "agency", "name", "anonymous", "confidential",
    "insists", "hears", "phone", "consent_how", "consent", "consent_at",
)  # fmt: skip
READ = ("kind", "day", "category")
"""What the message is read for, besides the place; `read_<name>` is sent along, so that what somebody has changed is never read over."""
TICKED = "yes"
BY_PHONE, BY_ADMIN = "phone", "admin"
_NOT_KNOWN = "-"
"""To a step of the conversation: the question is declined."""
_LOOKED_AT = 2_000


def fresh(visit: Visit) -> Fields:
    """A new page. What the one before was about stays: an admin works through one inbox."""
    kept = {name: visit.text(name) for name in ("network", "consent_how")}
    return dict.fromkeys(NAMES, "") | kept | {"hears": BY_ADMIN, "consent_at": minute(visit.now)}


def sent(visit: Visit) -> Fields:
    """What was typed."""
    return {name: visit.text(name) for name in NAMES}


def marks(visit: Visit) -> Fields:
    """What had been read from the message when the page was made."""
    return {name: visit.text(f"read_{name}") for name in READ}


def reread(fields: Fields, before: Mapping[str, str], facts: Facts) -> tuple[Fields, Fields]:
    """The fields with what the message says where nobody has said otherwise; and the new marks."""
    says = {"kind": facts.kind or "", "day": facts.day.isoformat() if facts.day else "", "category": facts.category or ""}
    untouched = {name: value for name, value in says.items() if fields[name] == before[name]}
    return fields | untouched, says


def with_wishes(fields: Fields) -> Fields:
    """A wish for secrecy that stands in the message is kept, whatever is ticked: it is the citizen's."""
    return fields | dict.fromkeys(wished(fields), TICKED)


def wished(fields: Fields) -> frozenset[str]:
    """Which of the two the message asks for."""
    asked = zip(("anonymous", "confidential"), wants_secrecy(fields["text"][:_LOOKED_AT]), strict=True)
    return frozenset(name for name, is_asked in asked if is_asked)


def emergency(fields: Fields) -> str | None:
    """What happens now, if the message says that something does."""
    return matters.emergency(fields["text"])


def entry_of(fields: Fields, before: Mapping[str, str], offer: Offer, *, files: tuple[str, ...], author: Author, now: datetime) -> Entry:
    """To be checked and filed. Where `own_problems` has something to say, there stands what does no harm."""
    return Entry(
        form=Form(
            text=fields["text"],
            kind=fields["kind"],
            place=fields["place"],
            area=offer.chosen.removeprefix(AS_WRITTEN),
            place_as_written=offer.chosen == AS_WRITTEN,
            day=_said(fields, before, "day"),
            category=_said(fields, before, "category"),
            agency=fields["agency"],
            name=fields["name"],
            anonymous=fields["anonymous"] == TICKED,
            confidential=fields["confidential"] == TICKED,
            insists=fields["insists"] == TICKED,
            files=files,
        ),
        author=author,
        network=_network(fields) or Network.OTHER,
        consent=Consent(_agreed(fields) or Agreed.WRITTEN, fields["consent"], moment(fields["consent_at"]) or now),
        phone=fields["phone"] if fields["hears"] == BY_PHONE else "",
        link=fields["link"],
    )


def own_problems(fields: Fields) -> list[Problem]:
    """What only a page can get wrong."""
    found = []
    if _network(fields) is None:
        found.append(Problem("network", "missing"))
    if _agreed(fields) is None:
        found.append(Problem("consent_how", "missing"))
    if moment(fields["consent_at"]) is None:
        found.append(Problem("consent_at", "unclear"))
    if fields["hears"] not in (BY_PHONE, BY_ADMIN):
        found.append(Problem("hears", "missing"))
    if fields["hears"] == BY_PHONE and not fields["phone"]:
        found.append(Problem("phone", "missing"))
    if fields["hears"] == BY_ADMIN and fields["phone"]:
        found.append(Problem("phone", "unasked"))
    return found


def minute(at: datetime) -> str:
    """As the browser's field for a date and time takes it, in WIB."""
    return at.astimezone(WIB).strftime("%Y-%m-%dT%H:%M")


def moment(text: str) -> datetime | None:
    """A date and time as the browser's field sends it, in WIB; None for what is none."""
    try:
        return datetime.fromisoformat(text[:16]).replace(tzinfo=WIB) if "T" in text else None
    except ValueError:
        return None


def _said(fields: Fields, before: Mapping[str, str], name: str) -> str:
    """What had been read and was emptied by hand is not to be read again."""
    return fields[name] or (_NOT_KNOWN if before[name] else "")


def _network(fields: Fields) -> Network | None:
    return next((network for network in Network if network.value == fields["network"]), None)


def _agreed(fields: Fields) -> Agreed | None:
    return next((how for how in Agreed if how.value == fields["consent_how"]), None)
