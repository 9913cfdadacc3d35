"""The work pages on a hundred thousand reports: each answers at once, by plans that read no more documents than the page shows."""

import time
from datetime import timedelta
from statistics import median

import pytest

from bot import clock
from bot.figures.counting import Counting
from bot.figures.period import Period
from bot.staff.model import Role
from bot.store.reports import _tails
from tests.desk_stage import OFFICE

MANY = 100_000
AT_A_TIME = 2_000
AT_MOST = 0.05
"""Seconds to answer, on a machine of one's own."""
PATIENCE = 6
"""How many times as long it may take where others work on the same machine."""
A_DAY_AT_MOST = 0.2
"""Seconds to count one, likewise."""
READ_AT_MOST = 250
"""Documents that a page may read."""
STATUSES = ("received", "disposed", "in_progress", "answered", "completed", "postponed")
NETWORKS = ("instagram", "facebook", "x", "whatsapp")
AREAS = ("36.71.09", "36.71.03", "32.73.01", "31.74.05", "33.74.02")


def receipt(number):
    return f"L{number:08}".translate(str.maketrans("01", "ZY"))


def report(number, accounts):
    """One in two of the office; one in a thousand by mail, one in a thousand archived."""
    at = clock.now() - timedelta(minutes=number)
    status = "archived" if number % 1000 == 2 else STATUSES[number % len(STATUSES)]
    waits = {"completed": None, "archived": None, "postponed": "citizen", "answered": "citizen"}.get(status, "agency")
    origin = {
        "office": OFFICE if number % 2 == 0 else f"Kantor {number % 20}",
        "account": accounts[number // 2 % len(accounts)],
        "network": "email" if number % 1000 == 0 else NETWORKS[number // 2 % len(NETWORKS)],
    }
    location = {"area_code": AREAS[number // 4 % len(AREAS)], "text": f"Jl Melati {number % 997} dekat pasar", "lat": None, "lon": None}
    body = {"kind": "pengaduan", "title": "Lampu jalan mati", "body": "Lampu jalan mati. " * 20, "channel": "desk", "category": "psu"}
    return {
        "_id": f"r{number}",
        "receipt": receipt(number),
        "ticket": str(8_000_000 + number),
        "code_hash": "",
        "version": 1,
        "body": body | {"location": location, "confidential": False},
        "media": [],
        "missing": [],
        "applied": [],
        "effects": [],
        "due_dates": {},
        "fence": 0,
        "language": "id",
        "submitted_at": at,
        "started_at": at - timedelta(seconds=number % 900),
        "messages": 2 + number % 14,
        "moved_at": at + timedelta(minutes=number % 50),
        "status": status,
        "sequence": 1,
        "wants_answer": False,
        "rated": False,
        "refused": False,
        "entered": origin | {"hears": "admin", "link": None, "consent": {}},
        "origin": origin,
        "place": _tails(location["text"]),
        "history": [{"kind": "ticket", "at": at, "key": "ticket"}],
        **({"waits": waits} if waits else {}),
    }


def redirect(number, accounts):
    at = clock.now() - timedelta(minutes=number)
    ended = number % 3 == 1
    return {
        "_id": f"code{number}",
        "office": OFFICE if number % 2 == 0 else f"Kantor {number % 20}",
        "account": accounts[number // 2 % len(accounts)],
        "network": "email" if number % 1000 == 0 else NETWORKS[number // 2 % len(NETWORKS)],
        "created_at": at,
        "expires_at": at + timedelta(days=-1 if ended else 100),
        **({} if ended else {"text": "jalan berlubang", "facts": {}}),
        **({"opened_at": at, "claimed_by": f"telegram:{number}"} if number % 3 == 2 else {}),
    }


def news(number, accounts):
    origin = report(number, accounts)["origin"]
    waits = {"waits_in": origin["office"], "waits_for": origin["account"]} if number % 10 == 0 else {}
    at = clock.now() - timedelta(minutes=number)
    told = {"kind": "status", "status": "disposed", "text": "", "attachments": 0, "wants_answer": False, "at": at}
    return {"_id": f"r{number}:2", "report": f"r{number}", "receipt": receipt(number), **origin, **told, **waits}


@pytest.fixture
async def people(desk):
    """Those of an office with half of all; a supervisor is the first."""
    supervisor, rina = await desk.person(Role.SUPERVISOR), await desk.person(Role.ENTRY)
    accounts = [rina.account.id, *(f"account{number}" for number in range(9))]
    for name, make in (("reports", report), ("redirects", redirect), ("feed", news)):
        collection = desk.store._db[name]
        await collection.drop_indexes()  # made again below, in a third of the time that documents one by one take for it
        for start in range(0, MANY, AT_A_TIME):
            await collection.insert_many([make(number, accounts) for number in range(start, start + AT_A_TIME)], ordered=False)
    await desk.store.migrate()
    return {"supervisor": supervisor, "entry": rina}


async def count_the_figures(desk):
    """As the worker does; each day of 1,440 reports and as many redirects in a moment."""
    counting = Counting(desk.store.figures, desk.store.marks, "test", clock.now, clock.now)
    days, began = 0, time.perf_counter()
    while (counted := await counting.count()) > 2:  # today and yesterday are counted each time
        days += counted
    took = time.perf_counter() - began
    assert MANY / 1440 < days < MANY / 1440 + 10
    assert took / days < A_DAY_AT_MOST * PATIENCE
    month = await desk.app.figures.over(Period.until(desk.app.figures.today(), 90))
    assert (MANY, MANY) == (month.counts.reports, sum(month.counts.sent.values()))


PAGES = (
    "/desk/follow",
    "/desk/follow?waits=us",
    "/desk/follow?waits=agency",
    "/desk/follow?waits=citizen&network=email",
    "/desk/follow?status=archived",
    "/desk/follow?status=archived&network=email&channel=sms",
    "/desk/follow?network=email&channel=desk",
    "/desk/follow?q=Kota+Tangerang",
    "/desk/follow?q=Banten&status=archived",
    "/desk/follow?q=Jl+Melati+996+dekat+pasar&as_written=1",
    "/desk/follow?q=melati&as_written=1",
    "/desk/follow?q=pasar+jl+melati&as_written=1",
    "/desk/follow?q=8000002",
    f"/desk/follow/{receipt(20)}",
    "/desk/redirects",
    "/desk/redirects?network=email",
    "/desk/redirects?stage=sent",
    "/desk/redirects?stage=due",
    "/desk/redirects?stage=expired&network=email",
    "/desk/redirects?stage=withdrawn",
    "/desk/redirects?stage=completed",
)


OVERSEEN = (
    "/desk/numbers",
    "/desk/numbers?days=90",
    f"/desk/numbers?days=90&office={OFFICE.replace(' ', '+')}",
    "/desk/numbers?days=90&province=36",
    "/desk/numbers/regions.csv?days=90",
)
"""For supervisors."""


@pytest.mark.timeout(400)
async def test_every_page_answers_at_once_and_reads_what_it_shows(desk, people):
    db = desk.store._db
    slow, greedy = {}, {}
    await count_the_figures(desk)
    for who, person in people.items():
        async with desk.browser(person) as browser:
            for path in (*PAGES, *(OVERSEEN if who == "supervisor" else ())):
                page = await browser.get(path)
                assert page.status in (200, 303), (who, path)
                took = []
                for _ in range(5):
                    start = time.perf_counter()
                    await browser.get(path)
                    took.append(time.perf_counter() - start)
                if median(took) > AT_MOST * PATIENCE:
                    slow[who, path] = round(median(took), 3)
                await db.command("profile", 2)
                await browser.get(path)
                await db.command("profile", 0)
                ours = {"ns": {"$in": [f"{db.name}.{name}" for name in ("reports", "redirects", "feed", "figures", "drafts_left")]}}
                seen = await db["system.profile"].find(ours).to_list(None)
                await db["system.profile"].drop()
                read = max((each.get("docsExamined", 0) for each in seen), default=0)
                if read > READ_AT_MOST or any("COLLSCAN" in each.get("planSummary", "") for each in seen):
                    greedy[who, path] = [(each.get("planSummary"), each.get("keysExamined"), each.get("docsExamined")) for each in seen]
    assert ({}, {}) == (slow, greedy)
