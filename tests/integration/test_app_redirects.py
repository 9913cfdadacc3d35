"""A redirect from the admin's page to the ticket: one citizen gets it, whatever races, dies or comes again; nobody else a word of it."""

import asyncio
from datetime import timedelta

import pytest

from bot import clock, sweeping
from bot.errors import StoreUnavailable
from bot.model import Network, Status
from bot.redirect_replies import Purpose
from bot.redirecting import Stage
from bot.redirects import Author, Scope
from tests.stage import CANARY, later

OFFICE = "Diskominfo Kota Tangerang"
ADMIN = Author("rina", OFFICE)
TEXT = f"min jalan berlubang di depan SDN 3, kec Cibodas Kota Tangerang, sudah 3 hari {CANARY}"
UNKNOWN = "Kode itu tidak kami kenali"
PREPARED = "Pesan Anda di Instagram sudah disiapkan"


@pytest.fixture(autouse=True)
async def desk(stage):
    """The web process in which the admin works."""
    stage.desk = await stage.web()


async def redirect(stage, text=TEXT):
    return await stage.desk.redirecting.make(text, "https://www.instagram.com/direct/t/17", Network.INSTAGRAM, ADMIN)


async def followed(stage):
    [seen] = await stage.desk.redirecting.followed(Scope(OFFICE))
    return seen


async def told(person, count):
    return [sent.text for sent in await person.hears(count)]


async def test_from_the_link_to_the_ticket(stage):
    await stage.worker()
    made = await redirect(stage)
    reply = await stage.desk.copies.reply(made, Purpose.REDIRECT)
    assert f"https://t.me/{await stage.desk._channels['telegram'].username()}?start={made.code}" in reply.text
    assert Stage.SENT is (await followed(stage)).stage

    siti = stage.citizen()
    siti.text = f"/start {made.code}"
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    report = await stage.report_of(siti)
    assert (made.code, None, "36.71.09") == (report.redirect, report.body["entered_by"], report.body["location"]["area_code"])
    assert report.body["body"].startswith(TEXT)
    await stage.core_says(stage.core.event(report.id, "disposed"))
    seen = await stage.until_true(lambda: followed(stage), lambda seen: seen.status is Status.DISPOSED)
    assert (Stage.COMPLETED, siti.receipt, report.ticket) == (seen.stage, seen.receipt, seen.ticket)

    [again] = await stage.says(siti, f"LAPOR {made.code}")
    assert report.ticket in again


async def test_whoever_comes_second_learns_nothing(stage):
    made = await redirect(stage)
    siti, budi = stage.citizen(), stage.citizen()
    [prepared, _] = await stage.says(siti, f"/start {made.code}", 2)
    [unknown, greeting] = await stage.says(budi, f"/start {made.code}", 2)
    [same, _] = await stage.says(budi, "/start ZZ2ZZ2", 2)
    assert prepared.startswith(PREPARED)
    assert unknown.startswith(UNKNOWN)
    assert unknown == same
    for trace in (CANARY, OFFICE, "berlubang", "Instagram"):
        assert trace not in unknown + greeting
        assert trace not in repr(await stage.store._db.conversations.find_one({"_id": f"telegram:{budi.person.id}"}))
    assert (Stage.OPENED, f"telegram:{siti.person.id}") == ((seen := await followed(stage)).stage, seen.redirect.claimed_by)


async def test_two_processes_and_many_citizens_race_for_one_code(stage):
    await stage.web()
    stage.by_hand()
    made = await redirect(stage)
    people = [stage.citizen().person for _ in range(8)]
    updates = [person.says(f"/start {made.code}") for person in people]
    calls = [stage.deliver(update, stage.urls[n % 2]) for n, update in enumerate(updates * 2)]
    assert {200} == set(await asyncio.gather(*calls))
    heard = [(await told(person, 2))[0] for person in people]
    assert 1 == sum(each.startswith(PREPARED) for each in heard)
    assert 7 == sum(each.startswith(UNKNOWN) for each in heard)


async def test_a_redelivered_link_is_one_draft_and_said_once(stage):
    await stage.web()
    stage.by_hand()
    made = await redirect(stage)
    person = stage.citizen().person
    update = person.says(f"/start {made.code}")
    calls = [stage.deliver(update, stage.urls[n % 2]) for n in range(10)]
    assert {200} == set(await asyncio.gather(*calls))
    await person.hears(2)
    await stage.quiet()
    assert 2 == len(person.heard)
    session = (await stage.store.conversations.load(f"telegram:{person.id}")).session
    assert ([TEXT], made.code) == ([part["text"] for part in session["draft"]["parts"]], session["draft"]["redirect"])
    assert "kept" not in session


async def test_a_process_that_dies_between_claim_and_write_loses_nothing(stage, monkeypatch):
    """The claim stands, nothing has been said, and the redelivered message finds it its own in another process."""
    other = await stage.web()
    stage.by_hand()
    made = await redirect(stage)
    siti, budi = stage.citizen().person, stage.citizen().person

    async def dies(_write):
        raise StoreUnavailable

    monkeypatch.setattr(stage.desk.store.conversations, "commit", dies)
    update = siti.says(f"/start {made.code}")
    assert 503 == await stage.deliver(update, stage.urls[0])
    assert [] == siti.heard
    assert f"telegram:{siti.id}" == (await stage.store.redirects.load(made.code)).claimed_by
    assert 0 == (await stage.store.conversations.load(f"telegram:{siti.id}")).version

    assert 200 == await stage.deliver(budi.says(f"/start {made.code}"), stage.urls[1])
    assert (await told(budi, 1))[0].startswith(UNKNOWN)
    assert 200 == await stage.deliver(update, stage.urls[1])
    assert (await told(siti, 2))[0].startswith(PREPARED)
    assert other.store is not stage.desk.store


async def test_nothing_is_told_while_the_claim_is_not_durable(stage, monkeypatch):
    stage.by_hand()
    made = await redirect(stage)
    person = stage.citizen().person
    right = stage.desk.store.redirects.claim

    async def away(*_):
        raise StoreUnavailable

    monkeypatch.setattr(stage.desk.store.redirects, "claim", away)
    update = person.says(f"/start {made.code}")
    assert 503 == await stage.deliver(update)
    assert [] == person.heard
    monkeypatch.setattr(stage.desk.store.redirects, "claim", right)
    assert 200 == await stage.deliver(update)
    assert (await told(person, 2))[0].startswith(PREPARED)


async def test_an_ended_code_is_an_unknown_one_and_its_words_are_swept_away(stage):
    made = await redirect(stage)
    late = timedelta(days=14, minutes=1)
    later(stage.desk, late)
    siti = stage.citizen()
    [unknown, _] = await stage.says(siti, f"/start {made.code}", 2)
    assert unknown.startswith(UNKNOWN)
    assert CANARY in repr(await stage.store._db.redirects.find_one())

    sweeper = sweeping.Sweeper(stage.desk.store, stage.desk.intake, stage.desk.amending, "holder", lambda: clock.now() + late)
    assert 1 == await sweeper.erase_expired()
    assert CANARY not in repr(await stage.store._db.redirects.find_one())
    monday = await stage.desk.redirecting.shares(Scope(OFFICE), made.created_at)
    assert [(1, 0, 0)] == [(share.sent, share.opened, share.completed) for share in monday]


async def test_erasure_takes_the_words_of_the_redirect_too(stage):
    await stage.worker()
    made = await redirect(stage)
    siti = stage.citizen()
    await stage.says(siti, f"/start {made.code}", 2)
    await stage.says(siti, "HAPUS DATA")
    await stage.says(siti, "hapus")
    await stage.quiet()
    left = repr(await stage.store._db.redirects.find_one())
    assert [] == [trace for trace in (CANARY, siti.person.id, "instagram.com") if trace in left]
    [unknown, _] = await stage.says(siti, f"/start {made.code}", 2)
    assert unknown.startswith(UNKNOWN)
    assert Stage.OPENED is (await followed(stage)).stage


async def test_an_admin_sees_their_own_and_a_supervisor_the_office_s(stage):
    made = await redirect(stage)
    see = stage.desk.redirecting
    assert made == (await see.one(Scope(OFFICE), made.code)).redirect == (await see.one(Scope(OFFICE, "rina"), made.code)).redirect
    for stranger in (Scope(OFFICE, "budi"), Scope("Dinas PU"), Scope("Dinas PU", "rina")):
        assert await see.one(stranger, made.code) is None
        assert [] == await see.followed(stranger)


async def test_telegram_is_asked_for_the_name_once_and_left_out_when_it_does_not_answer(stage):
    made = await redirect(stage)
    stage.telegram.refuse("getMe", 500)
    reply = await stage.desk.copies.reply(made, Purpose.UNOPENED)
    assert ("t.me" in reply.text, "wa.me" in reply.text, "SMS ke" in reply.text) == (False, True, True)
    assert "t.me" in (await stage.desk.copies.reply(made, Purpose.UNOPENED)).text
    stage.telegram.refuse("getMe", 500)
    assert "t.me" in (await stage.desk.copies.reply(made, Purpose.UNFINISHED)).text
    named = await stage.app(stage.settings(TELEGRAM_USERNAME="@lapor_uji_bot"))
    assert f"https://t.me/lapor_uji_bot?start={made.code}" in (await named.copies.reply(made, Purpose.REDIRECT)).text
