"""The numbers, against a scenario counted by hand: several channels, redirects, an entry, and every way of giving up."""

import asyncio
from datetime import timedelta

import pytest

from bot import clock, effects
from bot.conversation.form import Form
from bot.conversation.protocol import CountLeft
from bot.drafts_left import How
from bot.entering import Agreed, Consent, Entry, new_form
from bot.errors import StoreUnavailable
from bot.figures.counting import LEASE, Counting
from bot.figures.model import ALL
from bot.figures.period import Period
from bot.model import Network
from bot.redirects import Author
from bot.sweeping import Sweeper
from tests.stage import CANARY, later

OFFICE = "Diskominfo Kota Tangerang"
RINA, BUDI = Author("rina", OFFICE), Author("budi", OFFICE)
MESSAGE = f"min jalan berlubang di depan SDN 3, kec Cibodas Kota Tangerang, sudah 3 hari {CANARY}"
STORY = f"lampu jalan di gang kami mati {CANARY}"
SMS = "+628128880000"
WHATSAPP = "whatsapp:+628129990000"


@pytest.fixture
async def town(stage):
    """An installation whose processes live by one clock."""
    stage.apps = [await stage.web(), await stage.worker()]
    return stage


def pass_by(stage, **time):
    """Business time passes."""
    for app in stage.apps:
        later(app, app.business.ahead + timedelta(**time))


async def write(stage, phone, *texts, pause=timedelta(0)):
    """A citizen without buttons writes these, and waits a while before each but the first."""
    for number, text in enumerate(texts):
        if number:
            pass_by(stage, seconds=pause.total_seconds())
        assert {200} == set(await stage.twilio.text(phone, text))
        await stage.quiet()


async def redirect(stage, network, author):
    return await stage.apps[0].redirecting.make(MESSAGE, "https://www.instagram.com/direct/t/17", network, author)


async def comes_with(stage, made):
    """A citizen on Telegram who has come with the code: told what was prepared, and asked for consent."""
    citizen = stage.citizen()
    await stage.says(citizen, f"/start {made.code}", 2)
    return citizen


async def enter(stage, author):
    form = Form(text=STORY, kind="aspirasi", place="kota Bandung", category="psu")
    entry = Entry(form, author, Network.FACEBOOK, Consent(Agreed.WRITTEN, "boleh min", clock.now()), link="https://facebook.com/x/1")
    await stage.apps[0].entering.enter(entry, new_form())


async def play(stage):
    """The scenario."""
    # Four reports: two by SMS, after 4 and 20 minutes; one redirected; one entered.
    place_and_day = "kec Cibodas Kota Tangerang, kemarin"
    await write(stage, SMS + "1", STORY, place_and_day, "ya", pause=timedelta(minutes=2))
    await write(stage, SMS + "2", STORY, "BANTUAN", "kota Bandung, kemarin", "ya", "HAPUS DATA", "ya", pause=timedelta(seconds=400))
    siti = await comes_with(stage, await redirect(stage, Network.INSTAGRAM, RINA))
    for answer in ("ya", "lewati", "lewati", "1", "lewati", "ya"):
        await stage.says(siti, answer)
    await enter(stage, BUDI)
    # Six drafts come to nothing, one of them redirected; and one code is never used.
    await write(stage, WHATSAPP + "1", STORY, "tidak")
    await write(stage, SMS + "3", STORY, "BATAL")
    await write(stage, SMS + "4", STORY, place_and_day, "tidak")
    await write(stage, SMS + "5", STORY, "HAPUS DATA", "ya")
    await comes_with(stage, await redirect(stage, Network.X, BUDI))
    await redirect(stage, Network.X, RINA)
    joko = stage.citizen()
    await stage.says(joko, joko.text)
    await stage.quiet()
    pass_by(stage, days=8)
    worker = stage.apps[1]
    assert 2 == await Sweeper(worker.store, worker.intake, worker.amending, "test", worker.business).erase_expired()
    await stage.quiet()


def counting(stage, store=None, holder="test"):
    worker = stage.apps[1]
    return Counting(store or worker.store.figures, worker.store.marks, holder, worker.business, clock.now)


async def summary(stage, office=ALL):
    figures = stage.apps[0].figures
    return await figures.over(Period.until(figures.today(), 12), office)


async def counted(stage):
    """All that is kept, without when it was counted."""
    return await stage.store._db.figures.find({}, {"at": 0}).sort("_id", 1).to_list(None)


async def test_the_numbers_are_those_of_the_scenario(town):
    await play(town)
    await counting(town).count()

    everything = (await summary(town)).counts
    assert {"sms": 2, "telegram": 1, "desk": 1} == everything.channels
    assert {"pengaduan": 3, "aspirasi": 1} == everything.kinds
    assert {"36.71": 2, "32.73": 2} == everything.regions
    assert {"3": 1, "4": 1, "7": 1} == everything.messages
    assert {"240": 1, "1200": 1} == {seconds: count for seconds, count in everything.seconds.items() if int(seconds) > 100}
    assert 3 == sum(everything.seconds.values())
    assert everything.left == {
        "consent refused": 1,
        "gaps cancelled": 1,
        "summary refused": 1,
        "gaps erased": 1,
        "consent expired": 2,
    }
    assert ({"instagram": 1, "x": 2}, {"instagram": 1, "x": 1}, {"instagram": 1}) == (
        everything.sent,
        everything.opened,
        everything.completed,
    )
    office = (await summary(town, OFFICE)).counts
    assert ({"telegram": 1, "desk": 1}, {"consent expired": 1}) == (office.channels, office.left)
    assert ({"rina": 2, "budi": 1}, {"rina": 1, "budi": 1}, {"rina": 1}) == (office.sent_by, office.opened_by, office.completed_by)
    assert 4 == sum((await summary(town)).reports.values())
    assert [OFFICE] == await town.apps[0].figures.offices()


async def test_what_is_kept_of_drafts_names_nobody(town):
    await play(town)

    kept = await town.store._db.drafts_left.find({}).to_list(None)
    assert {"_id", "day", "how", "question", "office", "erase_at"} == {name for document in kept for name in document}
    assert 6 == len(kept)
    people = [WHATSAPP[-13:], SMS[-12:], *map(str, town.telegram.chats)]
    assert [] == [person for person in people if person in repr(kept)]


async def test_a_mark_that_is_carried_out_twice_counts_once(town):
    left = CountLeft(How.CANCELLED, "where")
    effect = effects.count_left(left, now=clock.now())
    errands = town.apps[1]._conversation_errands
    for _ in range(2):
        await errands.carry("telegram:42", effect, [])
    await errands.carry("telegram:42", effects.count_left(left, now=clock.now()), [])
    assert 2 == await town.store._db.drafts_left.count_documents({})


async def test_counting_again_changes_nothing_and_heals_what_was_left_half_done(town):
    await play(town)
    await counting(town).count()
    once = await counted(town)
    await town.store._db.figures.update_many({}, {"$set": {"at": clock.now()}})
    await counting(town).count()
    assert once == await counted(town)

    # Killed between the offices of a day, and with an office that is no more.
    day = max(document["day"] for document in once if document["office"] == OFFICE and "telegram" in document["counts"])
    await town.store._db.figures.delete_one({"_id": f"{day} "})
    await town.store._db.figures.insert_one({"_id": f"{day} Kantor lama", "day": day, "office": "Kantor lama", "counts": "{}"})
    await counting(town).count()
    assert once == await counted(town)


class Dying:
    """Figures whose database goes away when the third day is to be kept."""

    def __init__(self, store):
        self._store = store
        self._kept = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def keep(self, *counted):
        self._kept += 1
        if self._kept == 3:
            raise StoreUnavailable("gone")
        await self._store.keep(*counted)


async def test_a_round_that_dies_half_way_is_finished_by_the_next(town):
    await play(town)
    with pytest.raises(StoreUnavailable):
        await counting(town, Dying(town.apps[1].store.figures)).count()
    assert 0 == (await summary(town)).counts.reports  # the day of the scenario is over a week ago: the latest come first
    await counting(town).count()
    assert 4 == (await summary(town)).counts.reports


class Keeping(Dying):
    """Notes instead of keeping."""

    kept = 0

    async def keep(self, *_counted):
        self.kept += 1


async def test_one_process_counts_at_a_time(town):
    mine, stop, now = Keeping(town.store.figures), asyncio.Event(), clock.now()
    assert await town.store.marks.lease("figures", "another", now + LEASE, now + 2 * LEASE)  # the worker's own has ended by then
    work = asyncio.create_task(counting(town, mine).work(stop))
    await asyncio.sleep(0.2)
    assert 0 == mine.kept
    stop.set()
    await work

    await town.store.marks.lease("figures", "another", now, now)
    stop.clear()
    work = asyncio.create_task(counting(town, mine).work(stop))
    await town.until_true(lambda: asyncio.sleep(0, mine.kept))
    stop.set()
    await work
