"""`chat` and the officer's commands beside a running demo, as somebody would try it who has just cloned the repository."""

import asyncio
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from tests.acceptance.citizens import RECEIPT, TICKET
from tests.acceptance.processes import Finished, Process, command
from tests.ports import free_port

READY = "Ctrl-C ends it"
PLACE, DAY, SEND = "Kec Cibodas Kota Tangerang", "kemarin", "ya"
SCRIPTS = {
    "sms": ("LAPOR Lampu jalan mati di depan SDN 3", f"{PLACE}, {DAY}", SEND),
    "telegram": ("Lampu jalan mati di depan SDN 3", "1", PLACE, "2", "1", "/file lampu.png", "selesai", "1", "lewati", "1"),
    "whatsapp": ("Lampu jalan mati di depan SDN 3", "ya", PLACE, DAY, "lewati", "lewati", "terbuka", "lewati", SEND),
}
"""A report by each channel, a message a line."""
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(2000)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo in a directory of its own."""

    directory: Path
    process: Process
    url: str

    @property
    def file(self):
        return self.directory / ".data" / "demo.json"

    def secret(self, name):
        """As it was printed."""
        return next(line.split()[1] for line in self.process.said().splitlines() if line.split()[:1] == [name])

    async def run(self, *arguments, stdin="", seconds=40.0):
        """A command beside it."""
        return await command(*arguments, cwd=self.directory, stdin=stdin, seconds=seconds)

    async def chats(self, *arguments, script, seconds=40.0) -> Finished:
        """A conversation through a pipe; what was printed, once it is sure that it went well."""
        finished = await self.run("bot", "chat", *arguments, stdin="".join(f"{line}\n" for line in script), seconds=seconds)
        assert (0, "") == (finished.status, finished.err)
        return finished


def new_demo(directory):
    port = free_port()
    log = directory / "demo.out"
    return Demo(
        directory, Process("bot", "demo", environ={"PORT": str(port)}, log=log, says=READY, cwd=directory), f"http://127.0.0.1:{port}"
    )


@pytest.fixture
async def fresh(tmp_path):
    """A demo that the test starts and ends itself."""
    demo = new_demo(tmp_path)
    yield demo
    await demo.process.stop()


@pytest.fixture(scope="module")
async def demo(tmp_path_factory):
    demo = new_demo(tmp_path_factory.mktemp("demo"))
    (demo.directory / "lampu.png").write_bytes(PHOTO)
    await demo.process.start()
    yield demo
    await demo.process.stop()


async def test_a_report_through_a_pipe_gets_its_ticket_and_the_next_chat_its_status(demo):
    await asyncio.gather(*(_reported_and_disposed(demo, channel) for channel in SCRIPTS))


async def _reported_and_disposed(demo, channel):
    said = (await demo.chats("--channel", channel, "--as", "siti", script=SCRIPTS[channel])).out
    assert 1 == len(set(RECEIPT.findall(said)))
    [ticket] = set(TICKET.findall(said))
    listed = [json.loads(line) for line in (await demo.run("core", "list", "--json")).out.splitlines()]
    assert (ticket, "received") in [(report["ticket"], report["status"]) for report in listed]

    agency = f"Dinas Perhubungan {channel}"
    listening = asyncio.create_task(demo.chats("--channel", channel, "--as", "siti", "--wait", "20", script=()))
    assert 0 == (await demo.run("core", "dispose", ticket, "--agency", agency)).status
    notice = (await listening).out
    assert ticket in notice
    # By SMS the agency's name is left to STATUS: it may be long.
    assert "instansi" in notice if channel == "sms" else agency in notice

    if channel == "telegram":
        fetched = await demo.run("core", "fetch", ticket, "evidence")
        assert (0, "") == (fetched.status, fetched.err)
        assert [PHOTO] == [file.read_bytes() for file in (demo.directory / "evidence").iterdir()]


async def outbox(http, to, count=1):
    """What went out to an address, newest first, once there are so many."""
    async with asyncio.timeout(10):
        while True:
            async with http.get("/outbox", params={"to": to}) as answer:
                shown = await answer.json()
            if len(shown) >= count:
                return shown
            await asyncio.sleep(0.05)


async def test_webhooks_take_messages_with_the_printed_secrets(demo):
    async with aiohttp.ClientSession(demo.url) as http:
        chat = {"id": 7001, "type": "private", "first_name": "Siti"}
        update = {
            "update_id": 1,
            "message": {"message_id": 1, "date": 1795000000, "chat": chat, "from": {**chat, "is_bot": False}, "text": "halo"},
        }
        headers = {"X-Telegram-Bot-Api-Secret-Token": demo.secret("TELEGRAM_WEBHOOK_SECRET")}
        async with http.post("/hooks/telegram", json=update) as answer:
            assert 403 == answer.status
        async with http.post("/hooks/telegram", json=update, headers=headers) as answer:
            assert 200 == answer.status
        [welcome] = await outbox(http, "7001")
        assert ("7001", "telegram", 2) == (welcome["to"], welcome["channel"], len(welcome["choices"]))

        form = {
            "MessageSid": "SM1",
            "AccountSid": demo.secret("TWILIO_ACCOUNT_SID"),
            "From": "whatsapp:+6281200000001",
            "To": "whatsapp:+14155238886",
            "Body": "halo",
        }
        signature = RequestValidator(demo.secret("TWILIO_AUTH_TOKEN")).compute_signature(f"{demo.url}/hooks/twilio", form)
        async with http.post("/hooks/twilio", data=form, headers={"X-Twilio-Signature": signature}) as answer:
            assert 200 == answer.status
        assert "whatsapp" == (await outbox(http, "+6281200000001"))[0]["channel"]

        query = {"from": "+6281200000002", "to": "1708", "text": "LAPOR jalan rusak", "id": "k-1"}
        async with http.get(f"/hooks/sms/{demo.secret('SMS_WEBHOOK_SECRET')}", params=query) as answer:
            assert 200 == answer.status
        assert "sms" == (await outbox(http, "+6281200000002"))[0]["channel"]


async def test_a_second_demo_says_that_one_is_running(demo):
    second = await demo.run("bot", "demo")
    assert (1, "") == (second.status, second.out)
    assert demo.url in second.err
    assert f"(process {demo.process.pid})" in second.err


async def test_the_terminal_stays_clear_and_other_commands_join(demo):
    assert "{" not in demo.process.said()
    assert '"web_ready"' in (demo.directory / ".data" / "demo.log").read_text()
    assert 0o600 == demo.file.stat().st_mode & 0o777
    assert {"url", "mongodb_url", "token", "pid"} <= json.loads(demo.file.read_text()).keys()
    parked = await demo.run("bot", "parked")
    assert (0, "Nothing is parked.\n") == (parked.status, parked.out)
    doctor = await demo.run("bot", "doctor")
    assert 0 == doctor.status, doctor.out


async def test_it_ends_at_once_though_somebody_listens(fresh):
    await fresh.process.start()
    token = json.loads(fresh.file.read_text())["token"]
    async with aiohttp.ClientSession(fresh.url, headers={"Authorization": f"Bearer {token}"}) as http:
        listening = asyncio.create_task(http.get("/sim/messages", params={"address": "sim:sms:siti", "wait": "60"}).__aenter__())
        await asyncio.sleep(0.3)
        fresh.process.signal(signal.SIGTERM)
        started = asyncio.get_running_loop().time()
        assert 200 == (await listening).status
        assert 0 == await fresh.process.wait()
    # Two seconds on a quiet machine.
    assert asyncio.get_running_loop().time() - started < 5
    assert not fresh.file.exists()
    assert fresh.process.said().endswith("Stopping: finishing what is in flight ...\n")
    log = (fresh.directory / ".data" / "demo.log").read_text()
    assert "store_unavailable" not in log
    assert '"error"' not in log


async def test_it_can_be_ended_while_it_starts(fresh):
    starting = asyncio.create_task(fresh.process.start())
    async with asyncio.timeout(20):
        while not (fresh.directory / ".data" / "mongodb").exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.01)
    fresh.process.signal(signal.SIGINT)
    assert 0 == await fresh.process.wait()
    with pytest.raises(AssertionError, match="ended at its start"):
        await starting
    assert "" == fresh.process.said()


async def test_after_kill_9_it_starts_again_with_its_data(fresh):
    await fresh.process.start()
    said = (await fresh.chats("--channel", "sms", script=SCRIPTS["sms"])).out
    [number], [ticket] = set(RECEIPT.findall(said)), set(TICKET.findall(said))
    left = children(fresh.process.pid)
    await fresh.process.kill()
    assert fresh.file.exists()
    assert 2 == len(left), "mongod and the core"

    await fresh.process.start()
    assert ticket in (await fresh.chats("--channel", "sms", script=(f"STATUS {number}",))).out
    async with asyncio.timeout(10):
        while any(map(is_alive, left)):  # noqa: ASYNC110  # they end by themselves
            await asyncio.sleep(0.05)
    await fresh.process.stop()
    assert not fresh.file.exists()


def children(pid):
    """The process ids of its children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
        return "Z" != Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


async def test_with_no_demo_running_chat_brings_its_own(fresh):
    said = (await fresh.chats("--channel", "sms", script=SCRIPTS["sms"])).out
    assert 1 == len(set(RECEIPT.findall(said)))
    assert 1 == len(set(TICKET.findall(said)))
    assert not fresh.file.exists()
