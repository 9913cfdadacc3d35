"""The redirect pages over HTTP: what they make and show, and what they refuse to strangers, colleagues, and citizens who write markup."""

import re
from datetime import timedelta

import pytest

from bot import clock
from bot.model import Network
from bot.redirecting import LASTS
from bot.redirects import Author, Facts, Redirect, Scope
from bot.staff.model import Role
from tests.desk_stage import OFFICE

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
TEXT = "min jalan berlubang di kec Cibodas Kota Tangerang, kemarin ada yang jatuh"
LINK = "https://www.instagram.com/direct/t/17?a=1&b=2"


@pytest.fixture
async def rina(desk):
    return await desk.person(Role.ENTRY, name="Rina Kusuma")


async def made(desk, person, text=TEXT, network=Network.INSTAGRAM, link=LINK):
    return await desk.app.redirecting.make(text, link, network, Author(person.account.id, person.account.office))


async def sent(browser, **fields):
    return await browser.post("/desk/redirects", **{"text": TEXT, "link": LINK, "network": "instagram"} | fields)


def rows(page):
    return re.findall(r'href="/desk/redirects/(\w{6})"', page.html)


async def test_one_submit_gives_the_code_the_facts_and_the_replies(desk, rina):
    async with desk.browser(rina) as browser:
        answer = await sent(browser)
        page = await browser.get(answer.location)
        english = await browser.get(f"{answer.location}?reply=en")
        again = await browser.get("/desk/redirects")
    code = answer.location[-6:]
    redirect = await desk.store.redirects.load(code)
    assert (303, Author(rina.account.id, OFFICE), LINK) == (answer.status, redirect.author, redirect.link)
    for shown in (code, "Kecamatan Cibodas, Kota Tangerang, Banten", "Jalan &amp; jembatan", "Pengaduan", "Balasan untuk komentar publik"):
        assert shown in page.html
    assert "Halo Kak, terima kasih" in page.html
    assert "Hi there" in english.html
    assert 'href="https://www.instagram.com/direct/t/17?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow"' in page.html
    assert [code] == rows(again)
    assert re.search(r'value="instagram" required checked', again.html), "the last network is chosen again"


async def test_a_network_without_public_comments_has_no_public_reply(desk, rina):
    redirect = await made(desk, rina, network=Network.WHATSAPP)
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/redirects/{redirect.code}")
    assert "copy-redirect" in page.html
    assert "copy-public" not in page.html


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": " "}, "Pesannya belum ditempel."),
        ({"text": "a" * 20_001}, "Pesannya terlalu panjang"),
        ({"network": ""}, "Pilih dari mana pesannya."),
        ({"network": "myspace"}, "Pilih dari mana pesannya."),
        ({"link": "javascript:alert(1)"}, "Bukan alamat web."),
        ({"link": "JaVaScRiPt:alert(1)"}, "Bukan alamat web."),
        ({"link": "data:text/html,x"}, "Bukan alamat web."),
        ({"link": "//evil.example"}, "Bukan alamat web."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(desk, rina, fields, told):
    async with desk.browser(rina) as browser:
        page = await sent(browser, **fields)
    assert (422, True) == (page.status, told in page.html)
    assert fields.get("text", TEXT).strip() in page.html
    assert 0 == await desk.store._db.redirects.count_documents({})


async def test_the_longest_text_of_the_widest_letters_is_taken(desk, rina):
    async with desk.browser(rina) as browser:
        assert 303 == (await sent(browser, text="😀" * 19_999)).status
        assert 413 == (await sent(browser, text="😀" * 60_000)).status


async def test_a_citizen_s_words_are_text_everywhere(desk, rina):
    redirect = await made(desk, rina, EVIL + TEXT)
    await desk.app.redirecting.note(Scope(OFFICE, rina.account.id), redirect.code, EVIL)
    async with desk.browser(rina) as browser:
        pages = [
            await browser.get("/desk/redirects"),
            await browser.get(f"/desk/redirects/{redirect.code}"),
            await sent(browser, text=EVIL, link=EVIL, network=EVIL),
            await browser.get("/desk/redirects?stage=%3Cscript%3E&network=%22%3E%3Cscript%3E&whose=%3Cscript%3E&before=%3Cscript%3E"),
        ]
    for page in pages[:3]:
        assert "&lt;script&gt;" in page.html
    for page in pages:
        assert not [trace for trace in ("<script>", "<img src=x", "49<") if trace in page.html]


async def test_a_link_that_is_none_is_not_shown_even_if_it_is_in_the_database(desk, rina):
    redirect = await made(desk, rina)
    await desk.store._db.redirects.update_one({"_id": redirect.code}, {"$set": {"link": "javascript:alert(1)"}})
    async with desk.browser(rina) as browser:
        page = await browser.get(f"/desk/redirects/{redirect.code}")
    assert (200, False) == (page.status, "javascript:" in page.html)


async def test_others_redirects_look_like_none(desk, rina):
    redirect = await made(desk, rina)
    people = {
        "colleague": await desk.person(Role.ENTRY),
        "of another office": await desk.person(Role.ENTRY, office="Kota Lain"),
        "supervisor of another office": await desk.person(Role.SUPERVISOR, office="Kota Lain"),
    }
    for who, person in people.items():
        async with desk.browser(person) as browser:
            path = f"/desk/redirects/{redirect.code}"
            statuses = [(await browser.get(path)).status]
            statuses += [(await browser.post(path + action, note="x")).status for action in ("/note", "/withdraw")]
            missing = await browser.get("/desk/redirects/ZZ2ZZ2")
            assert [404] * 4 == [*statuses, missing.status], who
            assert [] == rows(await browser.get("/desk/redirects")), who
            found = await browser.get(f"/desk/follow?q=LAPOR-{redirect.code}")
            assert 200 == found.status, who
    assert redirect == await desk.store.redirects.load(redirect.code)
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        assert 200 == (await browser.get(f"/desk/redirects/{redirect.code.lower()}")).status
        assert [redirect.code] == rows(await browser.get("/desk/redirects"))
        assert [] == rows(await browser.get("/desk/redirects?whose=mine"))
        assert f"/desk/redirects/{redirect.code}" == (await browser.get(f"/desk/follow?q=lapor-{redirect.code.lower()}")).location


async def test_what_was_not_read_rightly_is_noted_until_somebody_comes(desk, rina):
    redirect = await made(desk, rina, "min lampu jalan mati")
    path = f"/desk/redirects/{redirect.code}"
    async with desk.browser(rina) as browser:
        answer = await browser.post(f"{path}/note", note="Kec Batuceper Kota Tangerang")
        page = await browser.get(answer.location)
        assert "Kecamatan Batuceper" in page.html
        await desk.store.redirects.claim(redirect.code, "telegram:1", clock.now())
        late = await browser.post(f"{path}/note", note="Kec Cibodas Kota Tangerang")
        assert "done=too_late" in late.location
        assert "done=too_late" in (await browser.post(f"{path}/withdraw")).location
        opened = await browser.get(path)
    assert "Batuceper" in opened.html
    assert not re.search(r"/note\"|/withdraw\"|copy-redirect", opened.html)
    assert (await desk.store.redirects.load(redirect.code)).text


async def test_a_withdrawn_code_is_audited_by_reference_and_its_words_are_gone(desk, rina):
    redirect = await made(desk, rina)
    async with desk.browser(rina) as browser:
        answer = await browser.post(f"/desk/redirects/{redirect.code}/withdraw")
        page = await browser.get(answer.location)
        listed = await browser.get("/desk/redirects?stage=withdrawn")
    assert "Pesannya sudah dihapus" in page.html
    assert "jatuh" not in page.html + listed.html
    assert [redirect.code] == rows(listed)
    entry = (await desk.store.audit.newest(1))[0]
    assert ("redirect.withdrawn", rina.account.id) == (entry.action, entry.actor)
    assert redirect.code not in repr(entry) + desk.log.getvalue()


async def test_the_list_by_stage_network_and_page(desk, rina):
    now = clock.now()
    for number in range(30):
        at = now - timedelta(days=3, minutes=number)
        network = [Network.X, Network.EMAIL][number % 2]
        opened = now - timedelta(hours=1) if number == 7 else None
        author = Author(rina.account.id, OFFICE)
        redirect = Redirect(f"AB2C{chr(65 + number // 8)}{number % 8 + 2}", author, network, at, at + LASTS, TEXT, None, Facts())
        await desk.store.redirects.add(redirect)
        if opened:
            await desk.store.redirects.claim(redirect.code, "telegram:1", opened)
    async with desk.browser(rina) as browser:
        first = await browser.get("/desk/redirects")
        older = re.search(r'href="(/desk/redirects\?[^"]*before[^"]*)"', first.html)[1].replace("&amp;", "&")
        second = await browser.get(older)
        assert (25, 5) == (len(rows(first)), len(rows(second)))
        assert set() == set(rows(first)) & set(rows(second))
        assert 1 == len(rows(await browser.get("/desk/redirects?stage=opened")))
        assert 14 == len(rows(await browser.get("/desk/redirects?stage=due&network=email")))
        assert [] == rows(await browser.get("/desk/redirects?stage=completed"))
        assert "Tidak ada yang cocok" in (await browser.get("/desk/redirects?stage=expired")).html


async def test_shares_are_counted_by_network_and_admin(desk, rina):
    budi = await desk.person(Role.ENTRY, name="Budi Santoso")
    for person, network in ((rina, Network.X), (rina, Network.X), (budi, Network.X), (budi, Network.EMAIL)):
        await made(desk, person, network=network)
    other = await desk.person(Role.ENTRY, office="Kota Lain", name="Orang Lain")
    await made(desk, other)
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.get("/desk/shares?days=7")
    lines = re.findall(r"<strong>([^<]+)</strong></td>\s*<td[^>]*>(\d+)</td>", page.html)
    assert [("X", "3"), ("Email", "1"), ("Budi Santoso", "2"), ("Rina Kusuma", "2")] == lines
    assert "Orang Lain" not in page.html
    async with desk.browser(rina) as browser:
        assert 403 == (await browser.get("/desk/shares")).status
