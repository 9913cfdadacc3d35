"""From a Telegram message to a ticket, and its status back; and the same with kill -9 in the middle."""

import asyncio
import random

import aiohttp

from tests.acceptance.citizens import TelegramCitizen, ticket

CANARY = "KENARI-7431"


async def core_reports(installation):
    """What the core has, by idempotency key."""
    headers = {"Authorization": f"Bearer {installation.environ['CORE_TOKEN']}"}
    found, after = [], None
    async with aiohttp.ClientSession(headers=headers) as http:
        while True:
            params = {"updated_since": "2020-01-01T00:00:00+00:00"} | ({"after": after} if after else {})
            async with http.get(f"{installation.environ['CORE_URL']}/v1/reports", params=params) as answer:
                page = await answer.json()
            found += page["reports"]
            if not page["reports"] or not page["next"] or page["next"] == after:
                return found
            after = page["next"]


def told_ticket(citizen):
    return ticket(sent.text for sent in citizen.person.heard)


async def run_core(installation, *arguments):
    process = installation.run("core", *arguments)
    await process.start()
    assert 0 == await process._process.wait(), installation.logs()[-2000:]


async def test_a_report_gets_its_ticket_and_its_status_comes_back(installation):
    server = installation.telegram
    siti = TelegramCitizen(server.citizen("Siti"), f"Lampu jalan mati di depan SDN 3, gelap sekali {CANARY}")
    await siti.report(server)
    await server.until(lambda: told_ticket(siti), seconds=20)
    [report] = await core_reports(installation)
    assert report["ticket"] == told_ticket(siti)

    agency = "Dinas Perhubungan Kota Tangerang"
    await run_core(installation, "dispose", report["ticket"], "--agency", agency)
    await server.until(lambda: any(agency in sent.text for sent in siti.person.heard), seconds=20)
    await run_core(installation, "ask", report["ticket"], "Tiang nomor berapa yang mati?")
    await server.until(lambda: any("Tiang nomor berapa" in sent.text for sent in siti.person.heard), seconds=20)

    stranger = server.citizen("Budi")
    stranger.says(f"STATUS {report['ticket']}")
    unknown = server.citizen("Tono")
    unknown.says("STATUS 9999999")
    [told] = await stranger.hears(1)
    [also] = await unknown.hears(1)
    assert told.text.replace(report["ticket"], "N") == also.text.replace("9999999", "N")

    assert CANARY not in installation.logs()
    assert siti.person.id not in installation.logs()


async def test_sigterm_finishes_what_is_in_flight(installation):
    server = installation.telegram
    citizens = [TelegramCitizen(server.citizen(f"Warga{n}"), "Sampah menumpuk di pasar") for n in range(5)]
    for citizen in citizens:
        citizen.person.says(citizen.text)
    await server.until(lambda: any(citizen.person.heard for citizen in citizens))
    assert 0 == await installation.web.stop()
    assert 0 == await installation.worker.stop()
    await installation.web.start()
    await installation.worker.start()
    for citizen in citizens:
        await citizen.person.hears(1, seconds=20)


async def test_kill_9_in_the_middle_of_ten_conversations_loses_nothing_and_files_nothing_twice(installation):
    server, chance = installation.telegram, random.Random(1708)
    citizens = [TelegramCitizen(server.citizen(f"Warga{n}"), f"Jalan berlubang nomor {n} dekat pasar") for n in range(10)]
    reporting = asyncio.gather(*(citizen.report(server, seconds=120) for citizen in citizens))

    async def killing():
        for victim in (installation.web, installation.worker, installation.web, installation.core, installation.web, installation.worker):
            await asyncio.sleep(chance.uniform(0.3, 1.0))
            await victim.kill()
            await victim.start()

    await asyncio.gather(reporting, killing())
    await server.until(lambda: all(told_ticket(citizen) for citizen in citizens), seconds=90)

    reports = await core_reports(installation)
    assert 10 == len(reports)
    assert 10 == len({report["idempotency_key"] for report in reports})
    assert {told_ticket(citizen) for citizen in citizens} == {report["ticket"] for report in reports}
    receipts = [citizen.receipt for citizen in citizens]
    assert 10 == len(set(receipts))
    for citizen in citizens:
        stored = await installation.store.reports.find(citizen.receipt)
        assert (told_ticket(citizen), f"telegram:{citizen.person.id}") == (stored.ticket, stored.conversation)
    assert ["Nothing is parked."] == await _parked(installation)


async def _parked(installation):
    return [item.id for item in await installation.store.parked.list(10)] or ["Nothing is parked."]
