"""The desk's small pure parts: masked numbers, ages, paths to go back to, where a browser is, assets, permissions."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.assets import Assets
from bot.desk import dates
from bot.desk.numbers import masked
from bot.desk.visit import _SAFE, Visit
from bot.desk.words import Words
from bot.staff.accounts import manages, problems
from bot.staff.model import Account, Role
from bot.wording import TEMPLATES

NOW = datetime(2026, 11, 21, 13, 40, tzinfo=UTC)
T = Words(TEMPLATES / "desk" / "words").into("id")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+628123456789", "+62•••••••789"), ("123456789", "123•••789"), ("12345678", "••••••••"), ("42", "••"), ("", "")],
)
def test_a_number_is_shown_in_part(number, shown):
    assert shown == masked(number, "").shown


def test_times_are_shown_in_western_indonesian_time():
    assert "21 Nov 2026, 20.40 WIB" == dates.when(NOW, T)


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(seconds=-5), "0 detik"),
        (timedelta(seconds=59), "59 detik"),
        (timedelta(minutes=59, seconds=59), "59 menit"),
        (timedelta(hours=23), "23 jam"),
        (timedelta(days=3, hours=5), "3 hari"),
    ],
)
def test_ages_are_told_in_their_largest_unit(passed, told):
    assert told == dates.age(NOW - passed, NOW, T)


@pytest.mark.parametrize("path", ["/desk", "/desk/me", "/desk/audit?before=12&action=sign_in.done", "/desk/login?next=%2Fdesk%2Fme"])
def test_paths_of_ours_are_gone_back_to(path):
    assert _SAFE.fullmatch(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example",
        "https://evil.example/desk",
        "/desk//evil.example",
        "/desk/../hooks",
        "/deskevil",
        "/desk/\\evil",
        "/desk\n",
        "/desk/x\r\nSet-Cookie: a=b",
        "/desk/é",
        "/desk@evil.example",
        "javascript:alert(1)",
    ],
)
def test_other_paths_are_not(path):
    assert not _SAFE.fullmatch(path)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, [], "127.0.0.1"),
        (0, ["6.6.6.6"], "127.0.0.1"),
        (1, ["10.0.0.9"], "10.0.0.9"),
        (1, ["6.6.6.6, 10.0.0.9"], "10.0.0.9"),
        (2, ["6.6.6.6, 10.0.0.9, 10.0.0.1"], "10.0.0.9"),
        (2, ["10.0.0.1"], "127.0.0.1"),
    ],
)
def test_where_a_browser_is_cannot_be_forged(proxies, forwarded, expected):
    transport = SimpleNamespace(get_extra_info=lambda name, default=None: ("127.0.0.1", 5) if name == "peername" else default)
    request = make_mocked_request("GET", "/desk", headers=[("X-Forwarded-For", each) for each in forwarded], transport=transport)
    visit = Visit(SimpleNamespace(proxies=proxies), request, None, "", None, ())
    assert expected == visit.address


def account(role, office="A", id_="1"):
    return Account(id_, "login", "Nama", office, role, NOW)


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        (account(Role.SUPERVISOR), account(Role.ENTRY, id_="2"), True),
        (account(Role.SUPERVISOR), account(Role.SUPERVISOR, id_="2"), True),
        (account(Role.SUPERVISOR), account(Role.SUPERVISOR), False),
        (account(Role.SUPERVISOR), account(Role.AUDITOR, id_="2"), False),
        (account(Role.SUPERVISOR), account(Role.ENTRY, office="B", id_="2"), False),
        (account(Role.ENTRY), account(Role.ENTRY, id_="2"), False),
        (account(Role.AUDITOR), account(Role.ENTRY, id_="2"), False),
    ],
)
def test_who_looks_after_whose_account(who, whom, may):
    assert may == manages(who, whom)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (("sari.w", "Sari", "A"), {}),
        (("sa", "Sari", "A"), {"login": "form"}),
        (("sari w", "Sari", "A"), {"login": "form"}),
        (("-sari", " ", "A"), {"login": "form", "name": "empty"}),
        (("sari", "x" * 81, ""), {"name": "long", "office": "empty"}),
    ],
)
def test_fields_of_an_account_are_checked(fields, found):
    assert found == problems(*fields)


def test_no_secret_stands_in_the_repr_of_an_account():
    shown = repr(Account("1", "sari", "Sari", "A", Role.ENTRY, NOW, password="HASH", totp="SEALED", recovery=("DIGEST",)))
    assert not [secret for secret in ("HASH", "SEALED", "DIGEST") if secret in shown]


@pytest.fixture
def assets(tmp_path):
    (tmp_path / "a.css").write_text("a {}")
    return Assets(tmp_path)


async def served(assets, path, **headers):
    request = make_mocked_request("GET", path, headers=headers, match_info={"name": path.partition("?")[0].rpartition("/")[2]})
    return await assets._serve(request)


async def test_an_asset_is_kept_for_ever_under_the_address_of_its_content(assets):
    answer = await served(assets, assets.url("a.css"))
    assert (200, b"a {}", "text/css; charset=utf-8") == (answer.status, answer.body, answer.headers["Content-Type"])
    assert "immutable" in answer.headers["Cache-Control"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]


async def test_under_another_address_it_is_asked_for_again(assets):
    answer = await served(assets, "/assets/a.css?v=old")
    assert "no-cache" == answer.headers["Cache-Control"]
    again = await served(assets, "/assets/a.css", **{"If-None-Match": answer.headers["ETag"]})
    assert 304 == again.status


def test_an_asset_of_an_unknown_type_stops_the_start(tmp_path):
    (tmp_path / "a.exe").write_text("")
    with pytest.raises(KeyError):
        Assets(tmp_path)
