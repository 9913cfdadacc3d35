"""What must hold after every run: each a function of the findings that yields what is wrong, in ids only. A red run says its name."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.effects import AT_LAST
from tests.acceptance.citizens import RECEIPT, TICKET
from tests.faults.citizens import AREA, CANARY
from tests.faults.findings import Document, Findings
from tests.faults.ledger import ANSWER_LOST, Fault, Told

SETTLED_WITHIN = 4.0
"""Seconds after which what a process has said is known to be said, also on two busy cores: half a second, half a second more for company,
and the write."""
ON_ITS_WAY = 1.0
"""Seconds after a process was killed within which its provider may still read what it had sent."""
TAKEN_UP_WITHIN = 30.0
"""Seconds after a lease has lapsed within which somebody carries on, a restart of everything included."""

_NOTICE = re.compile(rf"(?P<report>[0-9a-f]{{32}}):(?P<sequence>\d+)/\d+(?:{re.escape(AT_LAST)})?")
_LONG_NUMBER = re.compile(r"\d{8,}")

Invariant = Callable[[Findings], Iterator[str]]


# ---- nothing is lost, nothing is done twice


def every_accepted_message_is_applied_once(found: Findings) -> Iterator[str]:
    parked = {document["_id"] for document in found.parked}
    for conversation, id_ in found.ledger.accepted:
        if not found.applied.get(conversation, Counter())[id_] and f"{conversation}/{id_}" not in parked:
            yield f"{id_} was accepted and is lost"
    for ids in found.applied.values():
        for id_, times in ids.items():
            if times > 1:
                yield f"{id_} is applied {times} times"


def every_citizen_is_served(found: Findings) -> Iterator[str]:
    for number, citizen in enumerate(found.citizens.values()):
        if not citizen.served:
            yield f"citizen {number} by {citizen.conversation.partition(':')[0]} still waits after {len(citizen.heard)} messages"


def every_receipt_is_one_report(found: Findings) -> Iterator[str]:
    """And each citizen has one of each."""
    told = defaultdict(set)
    for each in found.ledger.told:
        told[each.conversation].update(RECEIPT.findall(each.text))
    for conversation, citizen in found.citizens.items():
        reports = found.reports_of(conversation)
        if citizen.served and len(reports) != 1:
            yield f"{len(reports)} reports of one who has confirmed one"
        if told[conversation] - {report["receipt"] for report in reports}:
            yield "a receipt was told, and its report is not there"
    for receipt, times in Counter(report["receipt"] for report in found.reports).items():
        if times > 1:
            yield f"{receipt} stands for {times} reports"


def every_report_has_one_ticket(found: Findings) -> Iterator[str]:
    filed = defaultdict(list)
    for document in found.filed:
        filed[document["idempotency_key"]].append(document["_id"])
    for report in found.reports:
        if filed[report["_id"]] != [report.get("ticket")]:
            yield f"{report['_id']} has {report.get('ticket')} here and {filed[report['_id']]} in the core"


def every_ticket_is_one_report(found: Findings) -> Iterator[str]:
    known = {report["_id"] for report in found.reports}
    stories = Counter(CANARY.findall(document["report"]["body"])[0].lower() for document in found.filed)
    for document in found.filed:
        if document["idempotency_key"] not in known:
            yield f"{document['_id']} was given to a report that is none of ours"
    for times in stories.values():
        if times > 1:
            yield f"{times} tickets for one story"


def every_ticket_is_told(found: Findings) -> Iterator[str]:
    """With the receipt beside it: else nobody knows whose ticket it is."""
    told = defaultdict(set)
    for each in found.ledger.told:
        told[each.conversation].update((r, t) for r in RECEIPT.findall(each.text) for t in TICKET.findall(each.text))
    for report in found.reports:
        if report.get("ticket") and (report["receipt"], report["ticket"]) not in told[report["conversation"]]:
            yield f"{report['ticket']} was never told"


def every_word_reaches_the_core_once(found: Findings) -> Iterator[str]:
    arrived = Counter(word for document in found.filed for text in _texts(document) for word in re.findall(r"zq\w{8}-\d", text))
    for number, citizen in enumerate(found.citizens.values()):
        for word in citizen.words():
            if arrived[word] > 1 or (citizen.served and not arrived[word]):
                yield f"text {word[-1]} of citizen {number} has reached the core {arrived[word]} times"


def every_report_says_what_its_citizen_said(found: Findings) -> Iterator[str]:
    for document in found.filed:
        citizen = _citizen_of(found, document)
        report = document["report"]
        name = f"Budi {citizen.canary}" if citizen.files else None
        said = (citizen.text, AREA, name, citizen.files)
        if said != (report["body"], report["location"]["area_code"], report["reporter"]["name"], _files(document)):
            yield f"{document['_id']} says something else"


def every_file_is_whole(found: Findings) -> Iterator[str]:
    for report in found.reports:
        photo = found.citizens[report["conversation"]].photo
        for media_id in report["media"]:
            if found.files.get(media_id) != photo:
                yield f"{media_id} is not what was sent"


# ---- what is told


def repeats_are_word_for_word(found: Findings) -> Iterator[str]:
    for before, again in found.ledger.repeats():
        if before.text != again.text:
            yield f"{again.effect} was told again in other words"


def repeats_follow_a_fault(found: Findings) -> Iterator[str]:
    """Only what was in the hands of a process that died, or slept, may be told again: within the lease after that."""
    excused: Counter[int] = Counter()
    for before, again in found.ledger.repeats():
        if any(_lost_the_settlement(fault, before, again, found) for fault in found.ledger.faults):
            continue
        woken = next((number for number, fault in enumerate(found.ledger.faults) if _was_mid_word(fault, again)), None)
        if woken is not None and not excused[woken]:
            excused[woken] += 1  # the one that it was in the middle of
        else:
            who = "the same" if again.pid == before.pid else "another"
            since = max((fault for fault in found.ledger.faults if fault.at <= before.at), key=lambda fault: fault.at, default=None)
            where = f", {before.at - since.at:.1f} s after {since.what}" if since else ""
            yield f"{again.effect} was told again after {again.at - before.at:.1f} s, by {who} process{where}"


def replies_come_in_order(found: Findings) -> Iterator[str]:
    """In the order of the turns that decided them."""
    place = {
        (conversation, each["id"]): number
        for conversation, document in found.conversations.items()
        for number, each in enumerate(document["applied"])
    }
    latest: dict[str, tuple[int, int]] = {}
    for conversation, effect in found.first_told:
        event, _, index = effect.rpartition("/")
        if (conversation, event) in place:
            now = (place[conversation, event], int(index))
            if now < latest.get(conversation, (-1, -1)):
                yield f"{effect} was told too late"
            latest[conversation] = max(now, latest.get(conversation, now))


def status_never_goes_back(found: Findings) -> Iterator[str]:
    latest: dict[str, int] = {}
    for _, effect in found.first_told:
        if notice := _NOTICE.fullmatch(effect):
            report, sequence = notice["report"], int(notice["sequence"])
            if sequence < latest.get(report, 0):
                yield f"{effect} was told after {latest[report]}"
            latest[report] = max(sequence, latest.get(report, 0))


def the_last_status_is_told(found: Findings) -> Iterator[str]:
    last: dict[str, int] = {}
    for event in found.events:
        if event["type"] == "report.status_changed":
            last[event["idempotency_key"]] = max(event["sequence"], last.get(event["idempotency_key"], 0))
    told = {(notice["report"], int(notice["sequence"])) for _, effect in found.first_told if (notice := _NOTICE.fullmatch(effect))}
    for report, sequence in last.items():
        if (report, sequence) not in told:
            yield f"{report}:{sequence} was never told"


def nothing_reaches_another(found: Findings) -> Iterator[str]:
    mine = {report["conversation"]: {report["receipt"], report.get("ticket")} for report in found.reports}
    for told in found.ledger.told:
        citizen = found.citizens.get(told.conversation)
        numbers = {*RECEIPT.findall(told.text), *TICKET.findall(told.text)} - mine.get(told.conversation, set())
        words = {canary.lower() for canary in CANARY.findall(told.text)} - ({citizen.canary} if citizen else set())
        if numbers or words or told.conversation not in found.conversations:
            yield f"{told.effect} was told to somebody else"
    for document in found.filed:
        theirs = {word.lower() for text in _texts(document) for word in CANARY.findall(text)}
        if len(theirs) > 1:
            yield f"{document['_id']} holds words of {len(theirs)} people"


# ---- nothing is left over


def queues_are_empty(found: Findings) -> Iterator[str]:
    for what, documents in (("a conversation", found.conversations.values()), ("a report", found.reports)):
        for document in documents:
            if document["effects"] or document.get("due"):
                yield f"{what} has {len(document['effects'])} effects left: {', '.join(effect['kind'] for effect in document['effects'])}"
    if found.held:
        yield f"{found.held} messages are held"


def nothing_is_parked(found: Findings) -> Iterator[str]:
    for document in found.parked:
        if document["reason"] in found.may_be_parked:
            continue
        yield f"{document['what']} is parked: {document['reason']}"


def nobody_stands_in_a_log(found: Findings) -> Iterator[str]:
    """No text, name, number or chat of anybody."""
    people = {_LONG_NUMBER.search(conversation)[0] for conversation in found.citizens}
    for name, text in found.logs.items():
        if CANARY.search(text):
            yield f"{name} quotes a citizen"
        if people & set(_LONG_NUMBER.findall(text)):
            yield f"{name} names a citizen"


INVARIANTS: Sequence[Invariant] = (
    every_accepted_message_is_applied_once,
    every_citizen_is_served,
    every_receipt_is_one_report,
    every_report_has_one_ticket,
    every_ticket_is_one_report,
    every_ticket_is_told,
    every_word_reaches_the_core_once,
    every_report_says_what_its_citizen_said,
    every_file_is_whole,
    repeats_are_word_for_word,
    repeats_follow_a_fault,
    replies_come_in_order,
    status_never_goes_back,
    the_last_status_is_told,
    nothing_reaches_another,
    queues_are_empty,
    nothing_is_parked,
    nobody_stands_in_a_log,
)

AT_ANY_TIME: Sequence[Invariant] = (
    every_accepted_message_is_applied_once,
    every_ticket_is_one_report,
    repeats_are_word_for_word,
    repeats_follow_a_fault,
    replies_come_in_order,
    status_never_goes_back,
    nothing_reaches_another,
    nobody_stands_in_a_log,
)
"""Those that hold also while things are under way."""

LOSSES = frozenset(
    each.__name__
    for each in (
        every_accepted_message_is_applied_once,
        every_citizen_is_served,
        every_receipt_is_one_report,
        every_report_has_one_ticket,
        every_ticket_is_told,
        every_word_reaches_the_core_once,
        every_file_is_whole,
        the_last_status_is_told,
    )
)
"""Those that say of something that it is lost."""


def broken(found: Findings, invariants: Sequence[Invariant] = INVARIANTS) -> Mapping[str, list[str]]:
    """What does not hold, by name; empty when all is well."""
    return {check.__name__: wrong for check in invariants if (wrong := list(check(found)))}


def _lost_the_settlement(fault: Fault, before: Told, again: Told, found: Findings) -> bool:
    """Whoever said it first was hit before it was known to be said; what was hit later may have had it in hand once more."""
    read_until = fault.until + (ON_ITS_WAY if fault.kills else 0)
    hit = fault.hit(before.pid) and fault.at - SETTLED_WITHIN <= before.at <= read_until
    if fault.what == ANSWER_LOST:
        return hit  # it is tried again when its back-off is over
    latest = max((each.until for each in found.ledger.faults if each.at <= again.at), default=fault.until)
    return hit and again.at <= latest + found.lease + TAKEN_UP_WITHIN


def _was_mid_word(fault: Fault, again: Told) -> bool:
    return fault.what == "stopped" and fault.hit(again.pid) and fault.until <= again.at <= fault.until + SETTLED_WITHIN


def _citizen_of(found: Findings, document: Document):
    canary = CANARY.search(document["report"]["body"])[0].lower()
    return next(citizen for citizen in found.citizens.values() if citizen.canary == canary)


def _texts(document: Document) -> list[str]:
    """Of the report, and of all that its citizen has added."""
    added = [line["words"].get("text", "") for line in document["history"] if line["by"] == "citizen"]
    return [document["report"]["body"], *added]


def _files(document: Document) -> int:
    """Attached to it, or sent after it."""
    later = [len(line["words"].get("attachments", ())) for line in document["history"] if line["by"] == "citizen"]
    return len(document["report"]["attachments"]) + sum(later)
