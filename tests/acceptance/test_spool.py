"""MongoDB goes away under the real processes, web is killed in the middle of it: no message is lost, taken twice, or passed by another."""

import asyncio
import base64
import os
import signal
import time

import aiohttp
import pytest

from bot.store.mongod import EmbeddedMongod
from tests.acceptance.citizens import receipt, ticket
from tests.acceptance.conftest import installed
from tests.acceptance.processes import command
from tests.acceptance.test_telegram import core_reports
from tests.fakes.twilio import SETTINGS, FakeTwilio
from tests.ports import free_port

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
CANARY = "KENARI-7431"
STORY = (f"LAPOR Lampu jalan mati di depan SDN 3 kecamatan Cibodas Kota Tangerang sejak kemarin, gelap sekali {CANARY}", "YA", "STATUS")
"""What can be written without waiting for answers; in another order it makes no report."""
CITIZENS = 5


class Outage:
    """The mongod below an installation."""

    def __init__(self, mongod):
        self._mongod = mongod

    async def begins(self):
        os.kill(self._mongod.pid, signal.SIGKILL)
        await self._mongod.stop()

    async def ends(self):
        await self._mongod.start()


class Spooling:
    """An installation with a spool, and what its citizens write."""

    def __init__(self, installation, twilio, outage):
        self.installation = installation
        self.twilio = twilio
        self.outage = outage
        self.sent = {f"+628123456{number:04}": [] for number in range(CITIZENS)}

    async def says(self, phone, text, *, expected=200):
        form, begun = self.twilio.inbound(phone, text), time.monotonic()
        statuses = await self.twilio.deliver(form)
        assert time.monotonic() - begun < 4
        if expected is not None:
            assert [expected] == statuses
        self.sent[phone].append(form["MessageSid"])
        return statuses

    async def tells(self, phone, texts=STORY):
        for text in texts:
            await self.says(phone, text)

    async def everybody_tells(self, texts=STORY):
        await asyncio.gather(*(self.tells(phone, texts) for phone in self.sent))

    def heard(self, phone):
        return [sent.body for sent in self.twilio.messages if sent.to == phone]

    def spooled(self):
        return len(list((self.installation.directory / "spool").glob("segment-*/*.entry")))

    async def until(self, happened, seconds=60.0):
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110  # other processes do it
                await asyncio.sleep(0.05)

    async def every_report_is_filed_once(self):
        """In the order in which its messages were sent, and each citizen holds its ticket."""
        await self.until(lambda: all(ticket(self.heard(phone)) for phone in self.sent))
        reports = await core_reports(self.installation)
        assert {ticket(self.heard(phone)) for phone in self.sent} == {report["ticket"] for report in reports}
        assert CITIZENS == len(reports)
        for phone, sent in self.sent.items():
            kept = await self.installation.store.conversations.load(f"sms_twilio:{phone}")
            assert sent == [each.id for each in kept.applied if each.id.startswith("SM")]
            stored = await self.installation.store.reports.find(receipt(self.heard(phone)))
            assert (f"sms_twilio:{phone}", ticket(self.heard(phone))) == (stored.conversation, stored.ticket)
        assert [] == await self.installation.store.parked.list(10)
        assert 0 == self.spooled()
        logged = self.installation.logs()
        assert not [word for word in (CANARY, *self.sent, OLD) if word in logged]

    async def dying(self, place, count):
        """In the place of web, one that will kill itself."""
        web = self.installation._process("tests.fakes.dying_web", place, str(count), ready=f"{self.installation.url}/readyz")
        await web.start()
        return web


@pytest.fixture
async def spooling(tmp_path):
    mongod = EmbeddedMongod(tmp_path / "mongod")
    await mongod.start()
    (tmp_path / "spool").mkdir()
    web = free_port()
    twilio = FakeTwilio(public=f"http://127.0.0.1:{web}")
    await twilio.start()
    spool = {"SPOOL_DIR": str(tmp_path / "spool"), "SPOOL_KEY": OLD}
    async with installed(mongod.url, tmp_path, web=web, TWILIO_API_URL=twilio.url, **SETTINGS, **spool) as installation:
        yield Spooling(installation, twilio, Outage(mongod))
    await twilio.stop()
    await mongod.stop()


async def test_reports_are_taken_while_mongod_is_away_and_web_is_killed_and_filed_when_both_are_back(spooling):
    await spooling.outage.begins()
    await spooling.everybody_tells(STORY[:2])
    await spooling.installation.web.kill()
    await spooling.installation.web.start()
    await spooling.everybody_tells(STORY[2:])
    assert CITIZENS * len(STORY) == spooling.spooled()
    await spooling.outage.ends()
    await spooling.every_report_is_filed_once()


async def test_killed_between_the_disk_and_the_answer_it_keeps_what_was_not_answered(spooling):
    """The provider comes again with the same message: it is the same."""
    await spooling.installation.web.stop()
    web = await spooling.dying("written", 4)
    await spooling.outage.begins()
    phones = list(spooling.sent)
    for phone in phones[:3]:
        await spooling.says(phone, STORY[0])
    form = spooling.twilio.inbound(phones[3], STORY[0])
    assert {0} == set(await spooling.twilio.deliver(form))
    spooling.sent[phones[3]].append(form["MessageSid"])
    assert -signal.SIGKILL == await web.wait()
    assert 4 == spooling.spooled()
    await spooling.installation.web.start()
    assert [200] == await spooling.twilio.deliver(form)
    await spooling.says(phones[4], STORY[0])
    await spooling.everybody_tells(STORY[1:])
    await spooling.outage.ends()
    await spooling.every_report_is_filed_once()


async def test_killed_while_it_drains_it_goes_on_where_it_was(spooling):
    await spooling.outage.begins()
    await spooling.everybody_tells()
    await spooling.installation.web.kill()
    await spooling.outage.ends()
    for count in (1, 4):
        web = spooling.installation._process("tests.fakes.dying_web", "applied", str(count))
        await web.start()
        assert -signal.SIGKILL == await web.wait()
    assert 0 < spooling.spooled()
    await spooling.installation.web.start()
    await spooling.every_report_is_filed_once()


async def test_another_process_on_the_same_folder_takes_over_from_a_killed_one(spooling):
    port = free_port()
    environ = {**spooling.installation.environ, "PORT": str(port)}
    other = spooling.installation._process("bot", "web", ready=f"http://127.0.0.1:{port}/readyz")
    other._environ = environ
    await other.start()
    try:
        await spooling.outage.begins()
        await spooling.everybody_tells()
        await spooling.installation.web.kill()
        await spooling.outage.ends()
        await spooling.every_report_is_filed_once()
    finally:
        await other.stop()


# ---- the start, and keys


async def web_says(spooling, **settings):
    environ = {**spooling.installation.environ, "PORT": str(free_port()), **settings}
    finished = await command("bot", "web", cwd=spooling.installation.directory, environ={k: v for k, v in environ.items() if v})
    assert 2 == finished.status
    return finished.err


async def test_a_spool_that_cannot_be_used_stops_the_start_with_one_sentence(spooling, tmp_path):
    for settings, words in (
        ({"SPOOL_KEY": ""}, "SPOOL_DIR is set alone"),
        ({"SPOOL_DIR": ""}, "SPOOL_KEY is set alone"),
        ({"SPOOL_KEY": "geheim"}, "32 bytes in base64"),
        ({"SPOOL_MEGABYTES": "0"}, "SPOOL_MEGABYTES must be a number above 0"),
        ({"SPOOL_DIR": str(tmp_path / "none")}, "is no folder"),
        ({"SPOOL_DIR": "/proc"}, "cannot be written"),
    ):
        said = await web_says(spooling, **settings)
        assert (1, True) == (said.count("- "), words in said), said


async def parked(spooling, good):
    async with asyncio.timeout(20):
        while not good(found := await spooling.installation.store.parked.list(10)):  # noqa: ASYNC110  # another process parks
            await asyncio.sleep(0.05)
    return found


async def test_with_a_wrong_key_entries_are_set_aside_and_with_the_right_one_applied_after_all(spooling):
    installation, phone = spooling.installation, next(iter(spooling.sent))
    await spooling.outage.begins()
    await spooling.says(phone, STORY[0])
    await installation.web.kill()
    installation.environ["SPOOL_KEY"] = NEW
    await installation.web.start()
    await spooling.outage.ends()
    (item,) = await parked(spooling, bool)
    assert ("spool", "spool_foreign_key") == (item.what, item.reason)
    finished = await command("bot", "doctor", cwd=installation.directory, environ=installation.environ)
    assert "1 spooled entries cannot be read" in finished.out
    await installation.web.kill()
    installation.environ["SPOOL_KEY"] = f"{NEW} {OLD}"
    await installation.web.start()
    await spooling.until(lambda: spooling.heard(phone))
    await parked(spooling, lambda found: not found)
    async with aiohttp.ClientSession() as http, http.get(f"{installation.url}/metrics") as answer:
        assert 'lapor_spool_total{outcome="applied"} 1.0' in await answer.text()
    finished = await command("bot", "doctor", cwd=installation.directory, environ=installation.environ)
    assert "0 entries wait in it" in finished.out
