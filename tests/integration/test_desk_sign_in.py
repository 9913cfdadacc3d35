"""The door of the desk: passwords, second factors, sessions, and what slows a guesser down."""

import asyncio
from datetime import timedelta

import pytest

from bot import clock
from bot.staff import passwords, second_factor, sign_in
from bot.staff.model import Role, Stage
from bot.staff.sessions import ABSOLUTE, IDLE
from tests.desk_stage import PASSWORD, desk_staged

WRONG = "bukan kata sandinya"


@pytest.fixture
def waits(desk):
    """How long each answer was held back, in seconds, without waiting."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    desk.staff.sign_in._sleep = sleep
    return waited


def later(desk, by):
    """Let the desk believe that so much time has passed."""

    def now():
        return clock.now() + by

    for part in (desk.staff.sessions, desk.staff.sign_in, desk.staff.accounts, desk.staff.audit):
        part._now = now


# ---- the way in


async def test_password_then_code_then_the_page_that_was_asked_for(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    async with desk.browser() as browser:
        asked = await browser.get("/desk/me?x=1")
        assert (303, "/desk/login?next=%2Fdesk%2Fme%3Fx%3D1") == (asked.status, asked.location)
        door = await browser.get(asked.location)
        first = await browser.post("/desk/login", login=sari.account.login.upper(), password=PASSWORD, next=door.hidden("next"))
        assert (303, "/desk/code?next=%2Fdesk%2Fme%3Fx%3D1") == (first.status, first.location)
        half_way = await browser.get(first.location)
        second = await browser.post("/desk/code", code=sari.code(), next=half_way.hidden("next"))
        assert (303, "/desk/me?x=1") == (second.status, second.location)
        assert 200 == (await browser.get("/desk/me")).status
    assert ("sign_in.done", sari.account.id) in await desk.actions()


async def test_a_code_serves_once(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    code = sari.code()
    for expected in (303, 422):
        async with desk.browser(sari, Stage.CODE) as browser:
            assert expected == (await browser.post("/desk/code", code=code)).status


async def test_a_code_given_twice_at_the_same_time_serves_once(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    account = await desk.store.accounts.load(sari.account.id)
    spent = await asyncio.gather(*(desk.staff.accounts.spend_code(account, sari.code()) for _ in range(5)))
    assert 1 == spent.count(True)


async def test_a_recovery_code_serves_once_in_any_writing(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    codes = await desk.staff.accounts.renew_recovery_codes(await desk.store.accounts.load(sari.account.id))
    for expected in (303, 422):
        async with desk.browser(sari, Stage.CODE) as browser:
            assert expected == (await browser.post("/desk/code", code=f" {codes[3].lower().replace('-', ' ')} ")).status
    assert 9 == len((await desk.store.accounts.load(sari.account.id)).recovery)


async def test_neither_secret_nor_codes_nor_cookies_lie_open_in_the_database(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    codes = await desk.staff.accounts.renew_recovery_codes(await desk.store.accounts.load(sari.account.id))
    async with desk.browser(sari) as browser:
        cookie = browser.cookie()
    kept = repr([[document async for document in desk.store._db[name].find()] for name in await desk.store._db.list_collection_names()])
    assert not [secret for secret in (PASSWORD, sari.totp, *codes, cookie) if secret in kept]


@pytest.mark.parametrize("case", ["wrong password", "unknown name", "switched off", "not yet taken up", "nothing"])
async def test_every_wrong_way_in_gets_the_same_answer(desk, case):
    sari = await desk.person(Role.ENTRY)
    login, password = sari.account.login, PASSWORD
    if case == "wrong password":
        password = WRONG
    elif case == "unknown name":
        login = "siapa.ini"
    elif case == "switched off":
        await desk.staff.accounts.switch(sari.account, active=False, by="test")
    elif case == "not yet taken up":
        await desk.staff.accounts.reset(sari.account, by="test")
    else:
        login = password = ""
    async with desk.browser() as browser:
        page = await browser.sign_in(login, password)
    assert (422, True) == (page.status, "Nama pengguna atau kata sandi tidak cocok." in page.html)
    assert ("sign_in.failed", "") == (await desk.actions())[-1]


async def test_an_unknown_name_takes_the_work_of_a_known_one(desk, monkeypatch):
    verified = []
    verify = passwords.Passwords._verify
    monkeypatch.setattr(passwords.Passwords, "_verify", lambda *args: verified.append(1) or verify(*args))
    sari = await desk.person(Role.ENTRY)
    for login in (sari.account.login, "siapa.ini"):
        async with desk.browser() as browser:
            await browser.sign_in(login, WRONG)
    assert 2 == len(verified)


async def test_what_was_typed_as_a_name_is_not_kept(desk):
    async with desk.browser() as browser:
        await browser.sign_in("rahasia-saya-12345", WRONG)
    kept = repr([[document async for document in desk.store._db[name].find()] for name in await desk.store._db.list_collection_names()])
    assert "rahasia-saya" not in kept + desk.log.getvalue()


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/desk/../x", "/\\evil.example"])
async def test_signing_in_leads_to_no_other_place(desk, target):
    sari = await desk.person(Role.ENTRY)
    async with desk.browser() as browser:
        await browser.get("/desk/login")
        page = await browser.post("/desk/login", login=sari.account.login, password=PASSWORD, next=target)
        assert (303, "/desk") == (page.status, page.location)
        language = await browser.get(f"/desk/language?to=en&next={target}")
        assert "/desk" == language.location


# ---- sessions


async def test_a_planted_cookie_does_not_become_a_session(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    planted = "P" * 43
    async with desk.browser() as browser:
        browser.set_cookie(planted)
        await browser.sign_in(sari.account.login)
        after_password = browser.cookie()
        await browser.get("/desk/code")
        await browser.post("/desk/code", code=sari.code())
        after_code = browser.cookie()
    assert 3 == len({planted, after_password, after_code})
    for cookie in (planted, after_password):
        async with desk.browser() as attacker:
            attacker.set_cookie(cookie)
            assert "/desk/login" == (await attacker.get("/desk")).location


async def test_a_cookie_is_out_of_reach(desk):
    async with desk.browser() as browser:
        page = await browser.get("/desk/login")
    cookie = page.cookies["desk"]
    assert (True, "Lax", "/", "") == (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"])


async def test_over_tls_cookies_are_bound_to_it(store, monkeypatch):
    async with desk_staged(store, monkeypatch, PUBLIC_BASE_URL="https://lapor.example") as desk, desk.browser() as browser:
        page = await browser.get("/desk/login")
    cookie = page.cookies["__Host-desk"]
    assert (True, True, "/", "") == (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"])
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("after", "there"),
    [(IDLE - timedelta(minutes=1), True), (IDLE + timedelta(seconds=1), False)],
)
async def test_a_session_ends_when_nothing_is_done(desk, after, there):
    async with desk.browser(await desk.person(Role.ENTRY)) as browser:
        later(desk, after)
        assert (200 if there else 303) == (await browser.get("/desk")).status


async def test_a_session_ends_at_last_whatever_is_done(desk):
    async with desk.browser(await desk.person(Role.ENTRY)) as browser:
        step = timedelta(minutes=20)
        for number in range(1, int(ABSOLUTE / step)):
            later(desk, number * step)
            assert 200 == (await browser.get("/desk")).status
        later(desk, ABSOLUTE + timedelta(seconds=1))
        assert 303 == (await browser.get("/desk")).status


async def test_signing_out_ends_the_session_itself(desk):
    async with desk.browser(await desk.person(Role.ENTRY)) as browser:
        cookie = browser.cookie()
        page = await browser.post("/desk/logout")
        assert "/desk/login?done=signed_out" == page.location
        assert "" == page.cookies["desk"].value
        browser.set_cookie(cookie)
        assert "/desk/login" == (await browser.get("/desk")).location


@pytest.mark.parametrize("how", ["switched off", "role changed", "reset", "signed out everywhere", "password changed"])
async def test_what_must_end_sessions_ends_all_at_once(desk, how):
    sari = await desk.person(Role.ENTRY)
    async with desk.browser(sari) as one, desk.browser(sari) as other:
        match how:
            case "switched off":
                await desk.staff.accounts.switch(sari.account, active=False, by="test")
            case "role changed":
                await desk.staff.accounts.assign(sari.account, Role.SUPERVISOR, by="test")
            case "reset":
                await desk.staff.accounts.reset(sari.account, by="test")
            case "signed out everywhere":
                assert 303 == (await one.post("/desk/me/sessions")).status
            case _:
                new = {"password": "payung biru di meja", "again": "payung biru di meja"}
                assert 303 == (await one.post("/desk/me/password", present=PASSWORD, **new)).status
        assert "/desk/login" == (await other.get("/desk")).location
        stays = how in ("signed out everywhere", "password changed")
        assert (200 if stays else 303) == (await one.get("/desk")).status


async def test_a_password_is_changed_with_the_present_one_only(desk):
    async with desk.browser(await desk.person(Role.ENTRY)) as browser:
        new = {"password": "payung biru di meja", "again": "payung biru di meja"}
        assert "Kata sandi sekarang tidak cocok." in (await browser.post("/desk/me/password", present=WRONG, **new)).html
        short = await browser.post("/desk/me/password", present=PASSWORD, password="pendek", again="pendek")
        assert "terlalu pendek" in short.html
        different = await browser.post("/desk/me/password", present=PASSWORD, password="a" * 12, again="b" * 12)
        assert "tidak sama" in different.html


# ---- invitations


async def test_an_invitation_serves_once(desk):
    invited = await desk.staff.accounts.add("siti", "Siti", "A", Role.ENTRY, by="test")
    path = f"/desk/invitation/{invited.token}"
    new = {"password": "payung biru di meja", "again": "payung biru di meja"}
    async with desk.browser() as browser, desk.browser() as second:
        assert 200 == (await browser.get(path)).status
        await second.get(path)
        assert "/desk/setup" == (await browser.post(path, **new)).location
        assert 404 == (await second.post(path, **new)).status
        assert 404 == (await second.get(path)).status


async def test_the_second_factor_is_set_up_before_anything_else(desk):
    invited = await desk.staff.accounts.add("siti", "Siti", "A", Role.ENTRY, by="test")
    path = f"/desk/invitation/{invited.token}"
    async with desk.browser() as browser:
        await browser.get(path)
        await browser.post(path, password="payung biru di meja", again="payung biru di meja")
        assert "/desk/setup" == (await browser.get("/desk")).location
        page = await browser.get("/desk/setup")
        assert "data:image/svg+xml" in page.html
        secret = page.html.split('class="secret">')[1].split("<")[0].replace(" ", "")
        assert 422 == (await browser.post("/desk/setup", code="000000")).status
        code = second_factor.code_at(secret, clock.now())
        done = await browser.post("/desk/setup", code=code)
        assert (200, 10) == (done.status, done.html.count("<li><code>"))
        assert 200 == (await browser.get("/desk")).status
        async with desk.browser() as again:
            await again.sign_in("siti", "payung biru di meja")
            await again.get("/desk/code")
            assert 422 == (await again.post("/desk/code", code=code)).status


async def test_an_invitation_ends(desk):
    invited = await desk.staff.accounts.add("siti", "Siti", "A", Role.ENTRY, by="test")
    async with desk.browser() as browser:
        later(desk, timedelta(hours=72, seconds=1))
        assert 404 == (await browser.get(f"/desk/invitation/{invited.token}")).status


# ---- guessers


async def test_guessing_one_account_is_slowed_and_never_locks_it(desk, waits):
    sari = await desk.person(Role.ENTRY)
    for number in range(9):  # from many addresses, so that only the account's queue counts
        await desk.staff.sign_in.with_password(sari.account.login, WRONG, address=f"10.0.0.{number}", cookie="")
    assert waits == sorted(waits)
    assert 3 <= len(waits) < 9
    assert max(waits) <= sign_in.PATIENCE.total_seconds()
    entered = await desk.staff.sign_in.with_password(sari.account.login, PASSWORD, address="10.0.1.1", cookie="")
    assert isinstance(entered, sign_in.Entered)


@pytest.mark.usefixtures("waits")
async def test_an_address_that_guesses_is_sent_away_for_a_while(desk):
    sari = await desk.person(Role.ENTRY)
    outcomes = [await desk.staff.sign_in.with_password(f"nama{number}", WRONG, address="10.0.0.1", cookie="") for number in range(20)]
    assert isinstance(outcomes[-1], sign_in.Slow)
    assert outcomes[-1].wait <= timedelta(seconds=40)
    async with desk.browser() as browser:  # from another one
        assert 303 == (await browser.sign_in(sari.account.login)).status
    later(desk, timedelta(seconds=41))
    entered = await desk.staff.sign_in.with_password(sari.account.login, PASSWORD, address="10.0.0.1", cookie="")
    assert isinstance(entered, sign_in.Entered)


@pytest.mark.usefixtures("waits")
async def test_many_at_the_same_time_get_through_no_faster(desk):
    outcomes = await asyncio.gather(
        *(desk.staff.sign_in.with_password(f"nama{number}", WRONG, address="10.0.0.1", cookie="") for number in range(60))
    )
    assert sum(isinstance(outcome, sign_in.Wrong) for outcome in outcomes) <= 15


@pytest.mark.usefixtures("waits")
async def test_being_sent_away_is_a_page(desk):
    async with desk.browser() as browser:
        pages = [await browser.sign_in(f"nama{number}", WRONG) for number in range(16)]
    assert 429 == pages[-1].status
    assert 1 <= int(pages[-1].headers["Retry-After"]) <= 41
    assert "Akun Anda tidak dikunci" in pages[-1].html


@pytest.mark.usefixtures("waits")
async def test_guessing_codes_is_slowed_much_more(desk):
    sari = await desk.person(Role.ENTRY, totp=True)
    right = {sari.code(steps) for steps in (-1, 0, 1)}
    wrong = next(code for code in ("000000", "111111", "222222", "333333") if code not in right)
    there = []
    for _ in range(12):
        cookie = await desk.session(sari, Stage.CODE)
        there.append(await desk.staff.sessions.current(cookie))
    outcomes = [await desk.staff.sign_in.with_code(each, wrong, address=f"10.0.0.{number}", cookie="") for number, each in enumerate(there)]
    assert isinstance(outcomes[-1], sign_in.Slow)
    assert sum(isinstance(outcome, sign_in.Wrong) for outcome in outcomes) <= 9


async def test_signing_in_forgets_the_wrong_tries(desk, waits):
    sari = await desk.person(Role.ENTRY)
    for _ in range(8):
        for password in (WRONG, PASSWORD):
            await desk.staff.sign_in.with_password(sari.account.login, password, address="10.0.0.1", cookie="")
    assert [] == [wait for wait in waits if wait > 1]
