"""The follow pages over HTTP: lists, search, timelines, what is passed on and answered; and what is nobody else's to see or do."""

import re
from datetime import timedelta

import pytest

from bot import clock
from bot.conversation.form import Form
from bot.entering import Agreed, Consent, Entry, new_form
from bot.feed import News
from bot.history import Milestone
from bot.model import Network, Status
from bot.redirects import Author, Scope
from bot.report_change import Change, change
from bot.staff.model import Role
from tests.desk_stage import desk_staged
from tests.fakes.twilio import SETTINGS as TWILIO

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
LINK = "https://www.facebook.com/groups/1/posts/2"
PHONE = "0812-3456-7890"


@pytest.fixture
async def desk(store, monkeypatch):
    """With a channel that numbers can be told by."""
    async with desk_staged(store, monkeypatch, **TWILIO, TWILIO_API_URL="http://127.0.0.1:9") as desk:
        yield desk


@pytest.fixture
async def rina(desk):
    return await desk.person(Role.ENTRY, name="Rina Kusuma")


async def entered(desk, person, *, phone="", link=LINK, network=Network.FACEBOOK, **form):
    given = {"text": "Lampu jalan di gang kami mati sejak lama", "kind": "pengaduan", "place": "kec Cibodas Kota Tangerang"}
    author = Author(person.account.id, person.account.office)
    consent = Consent(Agreed.WRITTEN, "boleh min", clock.now())
    entry = Entry(Form(**given | {"category": "psu"} | form), author, network, consent, phone=phone, link=link)
    return (await desk.app.entering.enter(entry, new_form())).report


async def told(desk, report, key, kind, text="", **more):
    """News of a report, as if the core had said it an hour ago."""
    origin, at = report.origin, clock.now() - timedelta(hours=1)
    news = News(
        f"{report.id}:{key}", report.id, report.receipt, None, origin.account, origin.office, origin.network, kind, Status.RECEIVED, at
    )
    news = News(**{name: getattr(news, name) for name in News.__slots__} | {"text": text} | more)
    await desk.store.feed.add(news)
    await moved(desk, report, Milestone(kind, at, key, news.status if kind == "status" else None, "Dinas PU"), status=news.status)
    return news


async def moved(desk, report, milestone, **fields):
    await change(desk.store.reports, report.id, lambda _: Change(fields, history=[milestone]), clock.now())


def rows(page):
    return re.findall(r'<td[^>]*><span><a href="/desk/follow/(\w+)"', page.html)


async def listed(browser, query=""):
    page = await browser.get(f"/desk/follow{query}")
    assert 200 == page.status
    return rows(page)


async def test_a_report_s_page_has_its_timeline_and_what_is_to_be_passed_on(desk, rina):
    report = await entered(desk, rina)
    await told(desk, report, "2", "status", "Petugas berangkat", status=Status.IN_PROGRESS)
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/follow/{report.receipt}")
    for shown in (
        f"Dimasukkan, resi {report.receipt}",
        "Status: sedang dikerjakan",
        "Petugas berangkat",
        "belum disampaikan",
        "Rina Kusuma",
    ):
        assert shown in page.html
    assert f'href="{LINK}" target="_blank" rel="noopener noreferrer nofollow"' in page.html
    assert "Kabar laporan" in page.html


async def test_news_is_marked_as_passed_on_once_and_audited(desk, rina):
    report = await entered(desk, rina)
    await told(desk, report, "2", "status", status=Status.IN_PROGRESS)
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/follow/{report.receipt}")
        assert [report.receipt] == await listed(browser, "?waits=us")
        answer = await browser.post(f"/desk/follow/{report.receipt}/passed", news=page.hidden("news"))
        after = await browser.get(answer.location)
        assert [] == await listed(browser, "?waits=us")
    assert "✓ Sudah disampaikan" not in after.html
    assert "disampaikan" in after.html
    assert (await desk.store.feed.of_report(report.id))[0].passed_at
    entry = (await desk.store.audit.newest(1))[0]
    assert ("news.passed", rina.account.id, report.receipt) == (entry.action, entry.actor, entry.subject)


async def test_an_answer_goes_to_the_agency_once_and_is_audited_without_its_words(desk, rina):
    report = await entered(desk, rina)
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/follow/{report.receipt}")
        path = f"/desk/follow/{report.receipt}/answer"
        assert (422, True) == ((empty := await browser.post(path, text=" ", key="k")).status, "belum ditempel" in empty.html)
        assert 400 == (await browser.post(path, text="halo")).status
        for _ in range(2):
            assert 303 == (await browser.post(path, text="KENARI di gapura", key=page.hidden("key"))).status
        after = await browser.get(f"/desk/follow/{report.receipt}")
    kept = await desk.store.reports.load(report.id)
    assert ["KENARI di gapura"] == [effect.data["body"]["text"] for effect in kept.effects if effect.kind == "messages"]
    assert 1 == after.html.count("KENARI di gapura")
    assert "KENARI" not in repr(await desk.store.audit.newest(5)) + desk.log.getvalue()
    assert "answer.carried" == (await desk.store.audit.newest(1))[0].action


async def test_whoever_reports_themselves_is_followed_without_a_word_of_theirs(desk, rina):
    report = await entered(desk, rina, phone=PHONE)
    await told(desk, report, "2", "status", "Petugas berangkat", status=Status.IN_PROGRESS)
    await change(desk.store.reports, report.id, lambda _: Change({"conversation": "sms:+6281234567890", "contact": None}), clock.now())
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/follow/{report.receipt}")
        refused = await browser.post(f"/desk/follow/{report.receipt}/answer", text="saya jawab", key="k")
    assert "Warga menerima kabar sendiri" in page.html
    assert not [trace for trace in ('name="text"', "✓ Sudah disampaikan", "81234567890") if trace in page.html]
    assert 400 == refused.status


async def test_a_typed_number_is_masked_until_there_is_a_reason(desk, rina):
    report = await entered(desk, rina, phone=PHONE)
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/follow/{report.receipt}")
        assert "+6281234567890" not in page.html
        assert "+62••••••••890" in page.html
        shown = await browser.post("/desk/number", number=page.hidden("number"), reason="menelepon pelapor")
    assert "+6281234567890" in shown.html
    entry = (await desk.store.audit.newest(1))[0]
    assert ("number.shown", report.receipt) == (entry.action, entry.subject)


async def test_others_reports_look_like_none(desk, rina):
    report = await entered(desk, rina)
    news = await told(desk, report, "2", "status", status=Status.IN_PROGRESS)
    await desk.store._db.reports.update_one({"_id": report.id}, {"$set": {"ticket": "8812345"}})
    async with desk.browser(rina) as browser:
        sealed = (await browser.get(f"/desk/follow/{report.receipt}")).hidden("news")
    people = [
        await desk.person(Role.ENTRY),
        await desk.person(Role.ENTRY, office="Kota Lain"),
        await desk.person(Role.SUPERVISOR, office="Kota Lain"),
    ]
    for person in people:
        own = await entered(desk, person)
        async with desk.browser(person) as browser:
            for number in (report.receipt, "8812345", "L22222222", "999", "$ne"):
                path = f"/desk/follow/{number}"
                assert 404 == (await browser.get(path)).status
                assert 404 == (await browser.post(f"{path}/passed", news=sealed)).status
                assert 404 == (await browser.post(f"{path}/answer", text="x", key="k")).status
            for forged in (sealed, "", news.id):
                assert 400 == (await browser.post(f"/desk/follow/{own.receipt}/passed", news=forged)).status
            searched = await browser.get(f"/desk/follow?q={report.receipt}")
            assert (200, "Tidak ada laporan bernomor itu" in searched.html) == (searched.status, True)
            assert [own.receipt] == await listed(browser, "?whose=mine")
            assert [] == await listed(browser, "?waits=us")
    assert not (await desk.store.feed.of_report(report.id))[0].passed_at
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        assert f"/desk/follow/{report.receipt}" == (await browser.get("/desk/follow?q=8812345")).location
        assert 200 == (await browser.get(f"/desk/follow/{report.receipt}")).status


async def test_everybody_s_words_are_text(desk, rina):
    report = await entered(desk, rina, text=f"{EVIL} lampu jalan mati", place=f"kec Cibodas Kota Tangerang {EVIL}", place_as_written=True)
    await told(desk, report, "2", "status", EVIL, status=Status.IN_PROGRESS)
    await told(desk, report, "message:1", "message", EVIL)
    await change(desk.store.reports, report.id, lambda _: Change({"agency": EVIL, "note": EVIL, "missing": (EVIL,)}), clock.now())
    await desk.app.following.answer(Scope(rina.account.office, rina.account.id), report.receipt, EVIL, "k", by=rina.account.id)
    async with desk.browser(rina) as browser:
        path = f"/desk/follow/{report.receipt}"
        pages = [await browser.get(path), await browser.get("/desk/follow"), await browser.get("/desk/follow?waits=us")]
        odd = "%22%3E%3Cscript%3Ealert(1)"
        query = "&".join(
            f"{name}={odd}" for name in ("q", "waits", "status", "network", "channel", "whose", "area", "before", "as_written")
        )
        pages += [await browser.get(f"/desk/follow?{query}"), await browser.get(f"{path}?reply={odd}")]
    assert "&lt;script&gt;" in pages[0].html
    for page in pages:
        assert 200 == page.status
        assert not [trace for trace in ("<script>", "<img src=x", ">49<") if trace in page.html]


async def test_a_link_that_is_none_is_not_shown(desk, rina):
    report = await entered(desk, rina)
    await desk.store._db.reports.update_one({"_id": report.id}, {"$set": {"entered.link": "javascript:alert(1)"}})
    async with desk.browser(rina) as browser:
        assert "javascript:" not in (await browser.get(f"/desk/follow/{report.receipt}")).html


async def test_lists_by_whose_turn_status_network_and_place(desk, rina):
    budi = await desk.person(Role.ENTRY)
    first = await entered(desk, rina)
    second = await entered(desk, rina, network=Network.X, place="Kecamatan Cipondoh Kota Tangerang")
    third = await entered(desk, budi, place="Jl Melati 3 dekat masjid", place_as_written=True)
    asked = Milestone("status", clock.now(), "2", Status.POSTPONED)
    await moved(desk, second, asked, status=Status.POSTPONED, wants_answer=True)
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        assert [third.receipt, second.receipt, first.receipt] == await listed(browser)
        assert [first.receipt, third.receipt] == await listed(browser, "?waits=agency")
        assert [second.receipt] == await listed(browser, "?waits=citizen")
        assert [second.receipt] == await listed(browser, "?status=postponed&network=x&channel=desk")
        assert [] == await listed(browser, "?status=postponed&network=email")
        assert [] == await listed(browser, "?channel=sms")
        assert [] == await listed(browser, "?whose=mine")
        assert [second.receipt] == await listed(browser, "?q=cipondoh+kota+tangerang")
        assert [second.receipt, first.receipt] == await listed(browser, "?q=Kota+Tangerang")
        assert [third.receipt] == await listed(browser, "?q=melati+3+dekat")
        assert [second.receipt] == await listed(browser, "?q=cipondoh&as_written=1")
        which = await browser.get("/desk/follow?q=tangerang")
        assert "Yang dimaksud:" in which.html
        assert [second.receipt, first.receipt] == await listed(browser, "?q=tangerang&area=36.71")
    async with desk.browser(rina) as browser:
        assert [second.receipt, first.receipt] == await listed(browser)
        assert [second.receipt, first.receipt] == await listed(browser, "?whose=office")


async def test_a_long_list_goes_on(desk, rina):
    for number in range(28):
        await entered(desk, rina, text=f"Lampu jalan nomor {number} di gang kami mati")
    async with desk.browser(rina) as browser:
        for query in ("", "?waits=agency"):
            first = await browser.get(f"/desk/follow{query}")
            older = re.search(r'href="(/desk/follow\?[^"]*before[^"]*)"', first.html)[1].replace("&amp;", "&")
            second = await browser.get(older)
            assert (25, 3, 28) == (len(rows(first)), len(rows(second)), len({*rows(first), *rows(second)})), query
