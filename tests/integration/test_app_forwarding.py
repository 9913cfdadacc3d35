"""Reports on their way to the core, in all the ways that a core can fail. The citizen has their receipt meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from bot import clock, retry
from bot.parking import Parking
from tests.fakes.core import Fault

REFUSED = "belum bisa diterima"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(retry, "FILING", retry.Policy(first=timedelta(seconds=0.02), cap=timedelta(seconds=0.1)))


def posts(stage, report):
    return [seen for seen in stage.core.requests if seen.method == "POST" and seen.headers["idempotency-key"] == report.id]


async def test_a_core_that_is_down_for_a_while_delays_the_ticket_and_nothing_else(stage):
    await stage.web()
    await stage.worker()
    await stage.core.go_down()
    siti = stage.citizen()
    await siti.report(stage.telegram)
    [status] = await stage.says(siti, f"STATUS {siti.receipt}")
    assert siti.receipt in status
    assert "sedang dikirim" in status
    await stage.core.come_up()
    ticket = await stage.ticket(siti)
    [status] = await stage.says(siti, f"STATUS {ticket}")
    assert "menunggu verifikasi" in status


@pytest.mark.parametrize(
    "fault",
    [fault for fault in Fault if fault not in (Fault.CONFLICT, Fault.REFUSED, Fault.RATE_LIMITED)],
    ids=lambda fault: fault.name.lower(),
)
async def test_whatever_fails_there_is_one_report_and_the_bytes_never_change(stage, fault):
    stage.core.slowness = 0.05
    await stage.web()
    await stage.worker()
    stage.core.fail_next(fault, None, fault)
    siti = stage.citizen()
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    await stage.quiet()
    report = await stage.report_of(siti)
    assert [report.id] == list(stage.core.reports)
    assert 1 == len({seen.body for seen in posts(stage, report)})
    assert 1 == sum(report.ticket in sent.text for sent in siti.person.heard)
    assert [] == await stage.parked()


async def test_an_answer_that_was_lost_is_asked_for_before_filing_again(stage):
    await stage.web()
    await stage.worker()
    stage.core.fail_next(Fault.LOST_ANSWER)
    siti = stage.citizen()
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    report = await stage.report_of(siti)
    assert ["POST", "GET"] == [seen.method for seen in stage.core.requests if seen.path == "/v1/reports"]
    assert report.id == stage.core.requests[-1].query["idempotency_key"]


async def test_retry_after_is_kept_to(stage):
    await stage.web()
    await stage.worker()
    stage.core.fail_next(Fault.RATE_LIMITED)
    siti = stage.citizen()
    await siti.report(stage.telegram)
    report = await stage.until_true(lambda: stage.report_of(siti), lambda report: report.effects and report.effects[0].attempts)
    wait = (report.effects[0].due - clock.now()).total_seconds()
    assert 6 < wait <= 7 * 1.5
    assert ("forward", 1, False) == (report.effects[0].kind, report.effects[0].attempts, report.effects[0].unsure)
    assert 1 == len(posts(stage, report))


@pytest.mark.parametrize(("fault", "reason"), [(Fault.REFUSED, "refused"), (Fault.CONFLICT, "conflict")])
async def test_a_refused_report_is_parked_and_told_and_filed_when_the_cause_is_mended(stage, fault, reason):
    web = await stage.web()
    await stage.worker()
    stage.core.always = fault
    siti = stage.citizen()
    await siti.report(stage.telegram)
    await stage.telegram.until(lambda: any(REFUSED in sent.text for sent in siti.person.heard))
    await stage.quiet()
    [item] = await stage.parked()
    report = await stage.report_of(siti)
    assert ("report", reason, report.id, True) == (item.what, item.reason, item.owner, report.refused)
    [status] = await stage.says(siti, f"STATUS {siti.receipt}")
    assert siti.receipt in status

    replayed = "It was put back on the report's lane to the core."
    assert replayed == await Parking(web.store, web.intake, web.amending).replay(item.id)
    [item] = await stage.until_true(stage.parked)
    await stage.quiet()
    assert (await stage.report_of(siti)).refused
    assert 1 == sum(REFUSED in sent.text for sent in siti.person.heard)

    stage.core.always = None
    assert replayed == await Parking(web.store, web.intake, web.amending).replay(item.id)
    await stage.ticket(siti)
    assert not (await stage.report_of(siti)).refused
    assert 1 == len({seen.body for seen in posts(stage, report)})


async def test_what_is_added_to_a_refused_report_is_told_to_be_waiting(stage):
    await stage.web()
    await stage.worker()
    stage.core.always = Fault.REFUSED
    siti = stage.citizen()
    await siti.report(stage.telegram)
    await stage.telegram.until(lambda: any(REFUSED in sent.text for sent in siti.person.heard))
    await stage.says(siti, f"TAMBAH {siti.receipt} sudah seminggu begini", answers=2)
    await stage.quiet()
    assert {"refused", "rejected"} == {item.reason for item in await stage.parked()}
    assert "belum bisa diteruskan" in siti.person.heard[-1].text


async def test_two_workers_file_a_report_once(stage):
    await stage.web()
    await stage.worker()
    await stage.worker()
    citizens = [stage.citizen() for _ in range(4)]
    await asyncio.gather(*(citizen.report(stage.telegram) for citizen in citizens))
    await asyncio.gather(*(stage.ticket(citizen) for citizen in citizens))
    await stage.quiet()
    for citizen in citizens:
        assert 1 == len(posts(stage, await stage.report_of(citizen)))
