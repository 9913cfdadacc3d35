"""The feed on a real mongod: news comes once, waits in order, and is gone from what waits when it has been passed on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.feed import News
from bot.model import Network, Status
from bot.redirects import Scope

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
OFFICE = Scope("Diskominfo")
NEWS = News(
    id="r1:2",
    report="r1",
    receipt="LABCDEFGH",
    ticket="8812345",
    account="rina",
    office="Diskominfo",
    network=Network.FACEBOOK,
    kind="message",
    status=Status.IN_PROGRESS,
    at=NOW,
    text="$di mana?",
    attachments=2,
    wants_answer=True,
)


def later(news, hours, **changes):
    return replace(news, id=f"{news.report}:{hours}h", at=NOW + timedelta(hours=hours), **changes)


async def test_news_is_read_back_as_it_came_and_comes_once(store):
    bare = later(NEWS, 1, ticket=None, text="", attachments=0, wants_answer=False)
    for news in (NEWS, replace(NEWS, text="another"), bare):
        await store.feed.add(news)

    assert [NEWS, bare] == await store.feed.of_report("r1")


async def test_what_waits_longest_comes_first_for_an_office_and_for_an_admin(store):
    newest, oldest = later(NEWS, 5), later(NEWS, -5, account="budi")
    for news in (newest, NEWS, oldest, later(NEWS, -9, office="Dinas PU", report="r2")):
        await store.feed.add(news)

    assert [oldest, NEWS] == await store.feed.waiting(OFFICE, 2)
    assert [NEWS, newest] == await store.feed.waiting(Scope("Diskominfo", "rina"), 9)


async def test_reading_and_passing_on_are_marked_once(store):
    await store.feed.add(NEWS)
    await store.feed.add(later(NEWS, 1))
    assert 2 == await store.feed.unread(OFFICE)

    await store.feed.read("r1", NOW)
    await store.feed.read("r1", NOW + timedelta(days=1))
    assert 0 == await store.feed.unread(OFFICE)
    assert await store.feed.passed(OFFICE, "r1:2", NOW)
    assert await store.feed.passed(OFFICE, "r1:2", NOW + timedelta(days=1))
    assert not await store.feed.passed(OFFICE, "r1:99", NOW)
    assert not await store.feed.passed(Scope("Diskominfo", "budi"), "r1:1h", NOW)

    assert [replace(later(NEWS, 1), read_at=NOW)] == await store.feed.waiting(OFFICE, 9)
    assert replace(NEWS, read_at=NOW, passed_at=NOW) == (await store.feed.of_report("r1"))[0]


async def test_news_repeated_after_it_was_passed_on_does_not_wait_again(store):
    await store.feed.add(NEWS)
    await store.feed.passed(OFFICE, NEWS.id, NOW)
    await store.feed.add(NEWS)

    assert [] == await store.feed.waiting(OFFICE, 9)


async def test_which_reports_have_news_that_waits(store):
    for news in (NEWS, later(NEWS, 1), later(NEWS, 2, report="r2"), later(NEWS, 3, report="r3")):
        await store.feed.add(news)
    await store.feed.passed(OFFICE, "r1:2h", NOW)

    assert {"r1"} == await store.feed.waiting_among(["r1", "r2", "r9"])
    assert frozenset() == await store.feed.waiting_among([])
