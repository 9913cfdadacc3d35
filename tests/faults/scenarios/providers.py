"""Providers on bad days: they refuse with and without a time to wait, err, lose answers and webhooks; people block us, or are silent for
longer than WhatsApp's window; delivery reports come backwards.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

from bot.channels import report_token
from tests.fakes.twilio import Sent
from tests.faults.findings import Findings
from tests.faults.ledger import ANSWER_LOST
from tests.faults.providers import WhatsApp
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged
from tests.faults.trouble import TROUBLES, Trouble

Words: TypeAlias = tuple[str, str]
"""A conversation, and the effect that says something to it."""

MEDIA = ("telegram", "whatsapp", "whatsapp", "sms") * 4
PROCESSES = {"web-1": "web", "web-2": "web", "worker-1": "worker"}
FLAGS = ("--eager-gaps",)
SHARE = 0.3
"""Of what we send, that meets trouble."""
LOSING = 0.12
"""The share of WhatsApp's webhooks that never come."""
SILENT = 6
"""How many of those on WhatsApp are silent after their receipt, half of them refused late."""
SILENT_SECONDS = 8.0
"""Long enough for a ticket and a status to come meanwhile."""
BLOCKERS = 3
BLOCKED = "recipient_unreachable"
"""Why words to them are parked."""
BACKWARDS = ("read", "delivered", "sent", "undelivered")
BY_SMS = ("/brief", "/sms")
"""What ends the id of words to somebody on WhatsApp that went by SMS."""
SMS_BACKWARDS = ("1", "8", "2")
"""Kannel's delivered, accepted, failed."""


async def run(request: Request) -> Outcome:
    """All at once; then the reports of everything that was said, backwards."""
    conditions = Conditions(request.seed, alternate=True)
    async with staged(request.directory, conditions, request.mongod) as stage:
        trouble = Trouble(stage.chance, stage.ledger, SHARE)
        stage.providers.make_trouble(trouble)
        for name, role in PROCESSES.items():
            stage.keep(name, role, lambda: FLAGS)
        await stage.ready()
        await _gaps_looked_for(stage)
        stage.providers.whatsapp.losing = LOSING
        people = asyncio.gather(stage.crowd.each_lives(MEDIA, len(MEDIA)), _fall_silent(stage), _block(stage))
        found = await settled(stage, people, 120.0)
        await _report_backwards(stage)
        found = replace(await stage.findings(), may_be_parked=frozenset({BLOCKED}))
        unheard = stage.providers.whatsapp.unheard
        outcome = judged(
            found,
            every_unheard_message_is_found=[f"{sid} was not" for sid in unheard if not any(ids[sid] for ids in found.applied.values())],
            no_retry_after_is_undercut=trouble.undercut,
            all_trouble_is_made=[kind for kind in (*TROUBLES, ANSWER_LOST) if not trouble.made[kind]],
            blockers_are_parked=_differing(BLOCKERS, Counter(document["reason"] for document in found.parked)[BLOCKED]),
            delivery_never_goes_back=list(gone_back(found, lost_whole(stage.providers.whatsapp))),
        )
    ours = {"trouble": trouble.made.total() - trouble.made[""], "unheard": len(unheard), "silent": SILENT, "blocked": BLOCKERS}
    return Outcome({**ours, **outcome.counts}, outcome.wrong)


async def _gaps_looked_for(stage: Stage) -> None:
    """What came before the first look would not be found."""
    async with asyncio.timeout(30):
        while not await stage.store.marks.get("gaps whatsapp"):  # noqa: ASYNC110  # a worker writes it
            await asyncio.sleep(0.1)
    await asyncio.sleep(3)  # the mark lies a little before the present


async def _fall_silent(stage: Stage) -> None:
    """Some more on WhatsApp, whose day is soon over."""
    citizens = [stage.crowd.newcomer("whatsapp") for _ in range(SILENT)]
    for citizen in citizens:
        citizen.silent_for = SILENT_SECONDS
    stage.providers.whatsapp.late = {citizen.conversation for citizen in citizens[::2]}
    await asyncio.gather(*(citizen.live() for citizen in citizens))


async def _block(stage: Stage) -> None:
    """Some write, and block us before we can answer; who lets us in again is answered again."""
    server = stage.providers.telegram
    people = [server.citizen("Warga") for _ in range(BLOCKERS)]
    for person in people:
        server.chats[int(person.id)].blocked = True
        person.says("BANTUAN")
    async with asyncio.timeout(60):
        while await stage.store._db["parked"].count_documents({"reason": BLOCKED}) < BLOCKERS:  # noqa: ASYNC110  # a worker parks
            await asyncio.sleep(0.2)
        for person in people:
            server.chats[int(person.id)].blocked = False
            person.says("BANTUAN")
        conversations = {f"telegram:{person.id}" for person in people}
        while conversations - {told.conversation for told in stage.ledger.told}:  # noqa: ASYNC110  # the ledger only records
            await asyncio.sleep(0.2)


async def _report_backwards(stage: Stage) -> None:
    """What became of everything that was said, the last first."""
    whatsapp, gateway = stage.providers.whatsapp, stage.providers.gateway
    await asyncio.gather(*(whatsapp.report(sent, *BACKWARDS, error=63016) for sent in whatsapp.messages if sent.sid not in whatsapp.lost))
    await asyncio.gather(*(gateway.report(url, *SMS_BACKWARDS) for url in gateway.report_urls))
    await stage.quiet()


def gone_back(found: Findings, lost: set[Words]) -> Iterator[str]:
    """Of the last words of each conversation, those whose state is not the farthest that was reported of any copy of them.

    `lost`: what was refused late, every copy of it.
    """
    expected = {"whatsapp": "read", "sms": "delivered"}
    for id_, document in found.conversations.items():
        channel = id_.partition(":")[0]
        for sent in document.get("sent", ()):
            by = "sms" if sent["id"].endswith(BY_SMS) else channel
            if by in expected and sent["state"] != ("failed" if (id_, sent["id"]) in lost else expected[by]):
                yield f"{sent['id']} is {sent['state']}"


def lost_whole(whatsapp: WhatsApp) -> set[Words]:
    """What did not arrive at all: where an answer was lost, words go twice, and one of the two may come before the window closes."""
    copies = [(words_of(sent), sent.sid in whatsapp.lost) for sent in whatsapp.messages]
    return {copy for copy, lost in copies if lost} - {copy for copy, lost in copies if not lost}


def words_of(sent: Sent) -> Words:
    """Whose words, and which."""
    return report_token.read(parse_qs(urlsplit(sent.status_callback).query)["c"][0])


def _differing(expected: int, seen: int) -> list[str]:
    return [] if expected == seen else [f"{seen} of {expected}"]
