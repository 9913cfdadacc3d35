"""`python -m core`: a person plays the officer, beside a running core or without one."""

import asyncio
import hashlib
import json

import pytest
from aiohttp import web

from core.__main__ import main
from tests.fakes import reference_core
from tests.fakes.reference_core import TOKEN


@pytest.fixture
async def database(mongodb_url, monkeypatch, tmp_path):
    async with reference_core.database(mongodb_url) as database:
        monkeypatch.setenv("CORE_MONGODB_URL", database.url)
        monkeypatch.setenv("CORE_TOKEN", TOKEN)
        monkeypatch.chdir(tmp_path)
        yield database


@pytest.fixture
async def core(database):
    async with reference_core.running(database) as client:
        yield client


@pytest.fixture
def command(capsys):
    """Run one command in a thread of its own; its exit status and what it said."""

    async def run(*arguments):
        capsys.readouterr()  # what the core itself has logged meanwhile
        status = await asyncio.to_thread(main, arguments)
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


async def test_an_officer_brings_a_report_to_its_end(core, command):
    ticket = await core.file("r1")
    steps = [
        ("verify", ticket, "--field-check"),
        ("dispose", ticket, "--agency", "Dinas PU"),
        ("progress", ticket),
        ("ask", ticket, "RT berapa?"),
        ("answer", ticket, "Sudah diperbaiki", "--wants-answer"),
        ("complete", ticket, "--note", "Terima kasih"),
        ("reopen", ticket),
    ]
    for step in steps:
        status, said = await command(*step)
        assert (0, ticket) == (status, said[: len(ticket)]), said
    _, page = await core.get("/v1/events")
    told = [(event["status"], event["note"], (event["message"] or {}).get("wants_answer")) for event in page["events"]]
    assert [
        ("disposed", None, None),
        ("in_progress", None, None),
        ("in_progress", None, True),
        ("answered", None, True),
        ("completed", "Terima kasih", None),
        ("in_progress", None, None),
    ] == told
    assert "Dinas PU" == page["events"][0]["agency"]


async def test_the_other_ends(core, command):
    postponed, archived, declined = [await core.file(f"r{n}") for n in range(3)]
    assert 0 == (await command("postpone", postponed, "--missing", "location", "body", "--note", "Di mana?"))[0]
    assert 0 == (await command("archive", archived, "--note", "Ganda"))[0]
    assert 0 == (await command("not-ours", declined, "--note", "Hubungi 110"))[0]
    _, page = await core.get("/v1/events")
    told = [(event["status"], event["missing"], event["note"]) for event in page["events"]]
    assert [
        ("postponed", ["location", "body"], "Di mana?"),
        ("archived", [], "Ganda"),
        ("not_our_authority", [], "Hubungi 110"),
    ] == told


async def test_verify_tells_what_is_missing(core, command):
    ticket = await core.file("r1", occurred_on=None, location=None)
    status, said = await command("verify", ticket)
    assert 1 == status
    assert "missing: occurred_on location" in said


async def test_lists_and_shows(core, command):
    first, second = await core.file("r1"), await core.file("r2", title="Lampu \u001b[31mmati\u202e")
    await core.post(f"/v1/reports/{first}/messages", {"id": "m1", "text": "RT 3", "attachments": []})
    await command("dispose", second, "--agency", "Dinas PU")
    _, listed = await command("list")
    assert [second, first] == [line.split()[0] for line in listed.splitlines()]
    assert "\u001b" not in listed
    assert "\u202e" not in listed
    _, disposed = await command("list", "--status", "disposed", "--json")
    assert [second] == [json.loads(line)["ticket"] for line in disposed.splitlines()]
    _, shown = await command("show", first)
    assert all(words in shown for words in ("Sudah tiga hari", "Cibodas", "Budi sms +6281234567890", "citizen CitizenMessage: text=RT 3"))
    _, whole = await command("show", first, "--json")
    assert ("r1", "RT 3") == (json.loads(whole)["report"]["id"], json.loads(whole)["history"][0]["words"]["text"])


async def test_sweeps_as_if_it_were_later(core, command):
    ticket = await core.file("r1")
    await command("postpone", ticket, "--missing", "body")
    assert (0, "0 ended\n") == await command("sweep")
    assert (0, "1 ended\n") == await command("sweep", "--at", "2099-01-01T00:00:00+07:00")
    assert "archived" == (await core.get(f"/v1/reports/{ticket}"))[1]["status"]


@pytest.fixture
async def media():
    """An intake's media: `/photo` is there, `/moved` goes elsewhere."""

    async def photo(request):
        return web.Response(status=200 if f"Bearer {TOKEN}" == request.headers.get("Authorization") else 403, body=b"\xff\xd8photo")

    async def moved(_request):
        raise web.HTTPFound("/photo")

    application = web.Application()
    application.add_routes([web.get("/photo", photo), web.get("/moved", moved)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def attachment(url, **changes):
    data = b"\xff\xd8photo"
    facts = {"id": "m1", "name": "../../foto.jpg", "mime": "image/jpeg", "size": len(data), "url": url}
    return facts | {"sha256": hashlib.sha256(data).hexdigest()} | changes


async def test_fetches_attachments_filed_and_added(core, command, media, tmp_path):
    ticket = await core.file("r1", attachments=[attachment(f"{media}/photo")])
    added = {"id": "o1", "text": "", "attachments": [attachment(f"{media}/photo", name="tanpa nama")]}
    assert 201 == (await core.post(f"/v1/reports/{ticket}/messages", added))[0]
    status, said = await command("fetch", ticket, str(tmp_path / "bukti"))
    assert (0, [f"{ticket}-1.jpg", f"{ticket}-2"]) == (status, [line.rpartition("/")[2] for line in said.splitlines()])
    assert b"\xff\xd8photo" == (tmp_path / "bukti" / f"{ticket}-1.jpg").read_bytes()


async def test_keeps_nothing_that_is_not_the_file_filed(core, command, media, tmp_path):
    wrong = [
        ("/photo", {"sha256": "0" * 64}, "not the file"),
        ("/photo", {"size": 3}, "not the file"),
        ("/photo", {"size": 300}, "shorter"),
        ("/gone", {}, "answers 404"),
        ("/moved", {}, "answers 302"),
    ]
    for number, (path, changes, reason) in enumerate(wrong):
        ticket = await core.file(f"r{number}", attachments=[attachment(media + path, **changes)])
        status, said = await command("fetch", ticket, str(tmp_path / "bukti"))
        assert (1, True) == (status, reason in said), said
    assert [] == list((tmp_path / "bukti").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "1"), "no report with this ticket"),
        (("dispose", "1", "--agency", "X"), "no report with this ticket"),
        (("progress", "TICKET"), "not possible while the report is received"),
        (("dispose", "TICKET", "--agency", " "), "needs the agency"),
        (("complete", "TICKET"), "not possible while the report is received"),
    ],
)
async def test_a_step_that_cannot_be_taken_fails_and_says_why(core, command, arguments, said):
    ticket = await core.file("r1")
    status, words = await command(*(ticket if argument == "TICKET" else argument for argument in arguments))
    assert 1 == status
    assert said in words


async def test_no_database_is_a_failure(command, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("CORE_MONGODB_URL", f"mongodb://127.0.0.1:{unused_tcp_port}/")
    monkeypatch.setattr("core.store.connection.TIMEOUT_MS", 50)
    status, said = await command("list")
    assert 1 == status
    assert all(each in said for each in ("core: MongoDB did not", "ServerSelectionTimeoutError", "CORE_MONGODB_URL"))
