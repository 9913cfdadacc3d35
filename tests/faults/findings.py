"""What is looked at when a run is quiet again: both databases, what the world saw, every log. Read once, then only looked at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from tests.faults.citizens import Citizen
from tests.faults.ledger import Ledger

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Findings:
    """Everything."""

    conversations: Mapping[str, Document]
    reports: Sequence[Document]
    held: int
    parked: Sequence[Document]
    files: Mapping[str, bytes]
    """Of the files kept, by media id."""
    filed: Sequence[Document]
    """What the core holds."""
    events: Sequence[Document]
    """What the core has told, or is to tell."""
    ledger: Ledger
    citizens: Mapping[str, Citizen]
    """By conversation."""
    logs: Mapping[str, str]
    """By file name."""
    lease: float
    """Seconds."""
    may_be_parked: frozenset[str] = frozenset()
    """The reasons for which something was to be parked in this run."""

    @cached_property
    def applied(self) -> Mapping[str, Counter[str]]:
        """How often each id stands in its conversation."""
        return {id_: Counter(each["id"] for each in document["applied"]) for id_, document in self.conversations.items()}

    @cached_property
    def first_told(self) -> Mapping[tuple[str, str], float]:
        """When each effect was told first."""
        return {key: told[0].at for key, told in self.ledger.by_effect().items()}

    def reports_of(self, conversation: str) -> list[Document]:
        return [report for report in self.reports if report.get("conversation") == conversation]


async def gather(db: Any, core: Any, *, ledger: Ledger, citizens: Sequence[Citizen], logs: Path, lease: float) -> Findings:
    """Read everything."""
    conversations = await db["conversations"].find().to_list(None)
    return Findings(
        conversations={document["_id"]: document for document in conversations},
        reports=await db["reports"].find().to_list(None),
        held=await db["held"].count_documents({}),
        parked=await db["parked"].find({}, {"payload": 0, "json": 0}).to_list(None),
        files=await _files(db),
        filed=await core["reports"].find().to_list(None),
        events=[document["event"] for document in await core["events"].find().sort("_id", 1).to_list(None)],
        ledger=ledger,
        citizens={citizen.conversation: citizen for citizen in citizens},
        logs=_read(logs),
        lease=lease,
    )


def _read(logs: Path) -> dict[str, str]:
    return {path.name: path.read_text(errors="replace") for path in logs.rglob("*.log")}


async def _files(db: Any) -> dict[str, bytes]:
    bucket = AsyncIOMotorGridFSBucket(db, bucket_name="media")
    kept = await db["media"].find({"file": {"$exists": True}}).to_list(None)
    return {document["_id"]: await (await bucket.open_download_stream(document["file"])).read() for document in kept}
