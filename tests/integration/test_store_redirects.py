"""Redirects on a real mongod: one conversation gets a code, whoever asks first, and only while it lasts."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.model import Network
from bot.ports import StoredReport
from bot.redirects import Author, Facts, Redirect, Scope, Share, Wanted
from bot.store.store import Store

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
OFFICE = "Diskominfo Kota Tangerang"
REDIRECT = Redirect(
    code="AB2CD3",
    author=Author("rina", OFFICE),
    network=Network.INSTAGRAM,
    created_at=NOW,
    expires_at=NOW + timedelta(days=14),
    text="$jalan berlubang KENARI",
    link="https://www.instagram.com/direct/t/1",
    facts=Facts("pengaduan", "36.71.09", date(2026, 11, 19), "jalan"),
)


async def test_a_redirect_is_read_back_as_made_and_a_taken_code_is_said(store):
    assert await store.redirects.add(REDIRECT)

    assert not await store.redirects.add(replace(REDIRECT, text="another's"))
    assert REDIRECT == await store.redirects.load("AB2CD3")
    assert None is await store.redirects.load("ZZ2ZZ2")


async def test_a_bare_redirect_is_read_back_too(store):
    bare = replace(REDIRECT, link=None, facts=Facts())
    await store.redirects.add(bare)

    assert bare == await store.redirects.load("AB2CD3")


async def test_the_first_conversation_gets_it_and_gets_it_again(store):
    await store.redirects.add(REDIRECT)

    first = await store.redirects.claim("AB2CD3", "telegram:1", NOW)
    again = await store.redirects.claim("AB2CD3", "telegram:1", NOW + timedelta(days=3))

    assert replace(REDIRECT, claimed_by="telegram:1", opened_at=NOW) == first == again
    assert None is await store.redirects.claim("AB2CD3", "telegram:2", NOW)
    assert None is await store.redirects.claim("ZZ2ZZ2", "telegram:1", NOW)


async def test_many_at_once_from_two_processes_and_one_gets_it(store, mongodb_url):
    await store.redirects.add(REDIRECT)
    other = await Store.open(mongodb_url, store._db.name)

    claims = await asyncio.gather(*((store, other)[n % 2].redirects.claim("AB2CD3", f"telegram:{n}", NOW) for n in range(40)))
    await other.close()

    winners = [claim.claimed_by for claim in claims if claim]
    assert [(await store.redirects.load("AB2CD3")).claimed_by] == winners


async def test_an_ended_code_opens_nothing_for_anybody(store):
    await store.redirects.add(REDIRECT)
    await store.redirects.claim("AB2CD3", "telegram:1", NOW)

    assert None is await store.redirects.claim("AB2CD3", "telegram:1", REDIRECT.expires_at)
    assert None is not await store.redirects.claim("AB2CD3", "telegram:1", REDIRECT.expires_at - timedelta(milliseconds=1))


async def test_at_the_end_the_words_go_and_what_is_counted_stays(store):
    await store.redirects.add(REDIRECT)
    await store.redirects.add(replace(REDIRECT, code="EF4GH5", expires_at=NOW + timedelta(days=20)))

    assert 0 == await store.redirects.erase_expired(NOW)
    assert 1 == await store.redirects.erase_expired(REDIRECT.expires_at)
    assert 0 == await store.redirects.erase_expired(REDIRECT.expires_at)

    assert "KENARI" not in str(await store._db.redirects.find_one({"_id": "AB2CD3"}))
    assert replace(REDIRECT, text="", link=None, facts=Facts()) == await store.redirects.load("AB2CD3")
    assert [Share(Network.INSTAGRAM, "rina", 2, 0, 0)] == await store.redirects.shares(Scope(OFFICE), NOW)


async def test_erasure_takes_words_and_person_and_the_code_stays_used(store):
    await store.redirects.add(REDIRECT)
    await store.redirects.claim("AB2CD3", "telegram:1", NOW)

    assert 1 == await store.redirects.forget("telegram:1")

    left = str(await store._db.redirects.find_one({"_id": "AB2CD3"}))
    assert [] == [each for each in ("KENARI", "telegram:1", "instagram.com") if each in left]
    assert None is await store.redirects.claim("AB2CD3", "telegram:1", NOW)
    assert None is await store.redirects.claim("AB2CD3", "telegram:2", NOW)


async def test_listed_newest_first_for_an_office_and_for_an_admin(store):
    for number, account in enumerate(["rina", "budi", "rina", "ayu"]):
        author = Author(account, "Elsewhere" if account == "ayu" else OFFICE)
        await store.redirects.add(replace(REDIRECT, code=f"AAAAA{number + 2}", author=author, created_at=NOW + timedelta(hours=number)))

    async def codes(scope, before=NOW + timedelta(days=1), limit=10):
        return [each.code for each in await store.redirects.made(scope, before, limit)]

    assert ["AAAAA4", "AAAAA3", "AAAAA2"] == await codes(Scope(OFFICE))
    assert ["AAAAA4", "AAAAA2"] == await codes(Scope(OFFICE, "rina"))
    assert ["AAAAA3"] == await codes(Scope(OFFICE), NOW + timedelta(hours=2), 1)
    assert [] == await codes(Scope(OFFICE, "ayu"))


async def test_the_share_that_comes_through(store):
    for number in range(6):
        network = Network.X if number < 4 else Network.EMAIL
        await store.redirects.add(replace(REDIRECT, code=f"AAAAA{number + 2}", network=network))
    await store.redirects.add(replace(REDIRECT, code="BBBBB2", created_at=NOW - timedelta(days=40)))
    for number in (2, 3, 6):
        await store.redirects.claim(f"AAAAA{number}", f"telegram:{number}", NOW)
    report = StoredReport("r1", "L22222222", "", "telegram:2", {}, (), NOW, redirect="AAAAA2")
    await store.reports.insert(report)

    expected = [Share(Network.EMAIL, "rina", 2, 1, 0), Share(Network.X, "rina", 4, 2, 1)]
    assert expected == await store.redirects.shares(Scope(OFFICE), NOW - timedelta(days=30))
    assert [] == await store.redirects.shares(Scope(OFFICE, "budi"), NOW - timedelta(days=30))
    assert {"AAAAA2": report} == await store.reports.of_redirects(["AAAAA2", "AAAAA3"])


async def test_a_note_is_kept_as_long_as_nobody_has_come(store):
    scope, better = Scope(OFFICE, "rina"), Facts("aspirasi", "36.71.03", None, "psu", anonymous=True)
    await store.redirects.add(REDIRECT)

    noted = await store.redirects.note(scope, "AB2CD3", "$Batuceper", better, NOW)
    assert replace(REDIRECT, note="$Batuceper", facts=better) == noted == await store.redirects.load("AB2CD3")
    for stranger in (Scope(OFFICE, "budi"), Scope("Dinas PU")):
        assert None is await store.redirects.note(stranger, "AB2CD3", "x", better, NOW)
    assert None is await store.redirects.note(scope, "AB2CD3", "x", better, REDIRECT.expires_at)

    assert "$Batuceper" == (await store.redirects.claim("AB2CD3", "telegram:1", NOW)).note
    assert None is await store.redirects.note(scope, "AB2CD3", "x", better, NOW)


async def test_a_code_is_withdrawn_with_its_words_before_anybody_comes(store):
    await store.redirects.add(REDIRECT)

    for stranger in (Scope(OFFICE, "budi"), Scope("Dinas PU")):
        assert not await store.redirects.withdraw(stranger, "AB2CD3", NOW)
    assert await store.redirects.withdraw(Scope(OFFICE), "AB2CD3", NOW)
    assert not await store.redirects.withdraw(Scope(OFFICE), "AB2CD3", NOW)

    kept = await store.redirects.load("AB2CD3")
    assert ("", None, Facts(), NOW, NOW) == (kept.text, kept.link, kept.facts, kept.expires_at, kept.withdrawn_at)
    assert None is await store.redirects.claim("AB2CD3", "telegram:1", NOW)


async def test_either_the_citizen_comes_or_the_code_is_withdrawn(store):
    for code in (f"AB2CD{letter}" for letter in "ABCDEFGH"):
        await store.redirects.add(replace(REDIRECT, code=code))
        found, withdrawn = await asyncio.gather(
            store.redirects.claim(code, "telegram:1", NOW), store.redirects.withdraw(Scope(OFFICE), code, NOW)
        )
        assert (found is None) == withdrawn


async def test_lists_are_narrowed(store):
    opened = replace(REDIRECT, code="AB2CD4", created_at=NOW + timedelta(hours=1), claimed_by="telegram:1", opened_at=NOW)
    ended = replace(REDIRECT, code="AB2CD5", created_at=NOW + timedelta(hours=2), expires_at=NOW, network=Network.X)
    for redirect in (REDIRECT, opened, ended):
        await store.redirects.add(redirect)

    async def made(**wanted):
        return [redirect.code[-1] for redirect in await store.redirects.made(Scope(OFFICE), NOW + timedelta(days=1), 9, Wanted(**wanted))]

    assert ["5", "4", "3"] == await made()
    assert ["5"] == await made(network=Network.X)
    assert ["4"] == await made(opened=True)
    assert ["5", "3"] == await made(opened=False)
    assert ["3"] == await made(opened=False, serves_at=NOW)
    assert ["5"] == await made(opened=False, over_at=NOW)
