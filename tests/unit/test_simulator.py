"""The simulator: its channel and its routes."""

import base64
import io
import json

import aiohttp
import pytest

from bot.errors import MediaGone, MediaTooLarge
from bot.model import Address, Choice, FileRef, Outbound
from tests.fakes.phones import TOKEN, Phones

SITI = Address("sim", "telegram:siti")
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


async def _silence(phones, message):
    pass


@pytest.fixture
async def phones():
    async with Phones(_silence).serving() as running:
        yield running


@pytest.fixture
async def http(phones):
    async with aiohttp.ClientSession(phones.url, headers=HEADERS) as session:
        yield session


async def get(http, **query):
    async with http.get("/sim/messages", params={"address": str(SITI), **query}) as response:
        assert 200 == response.status
        return await response.json()


async def test_what_is_sent_lies_in_the_outbox_as_the_phone_shows_it(phones, http):
    choices = (Choice("pengaduan", "Keluhan"), Choice("aspirasi", "Usulan"))
    await phones.say(SITI, Outbound("Apa?", choices=choices, question="kind"))
    await phones.say(Address("sim", "telegram:budi"), Outbound("Bukan untuk Siti"))
    shown = {"sequence": 1, "text": "Apa?", "question": "kind", "choices": [{"value": each.value, "label": each.label} for each in choices]}
    assert {"messages": [shown], "next": 1, "pending": False} == await get(http)
    assert {"messages": [], "next": 1, "pending": False} == await get(http, after="1")


async def test_a_repeated_word_is_seen(phones, http):
    for _ in range(2):
        await phones.channel.send(SITI, Outbound("halo"), conversation=str(SITI), effect="e1")
    assert 2 == len((await get(http))["messages"])


async def test_more_than_a_page_is_pending(phones, http):
    for number in range(51):
        await phones.say(SITI, Outbound(str(number)))
    page = await get(http)
    assert (50, True) == (page["next"], page["pending"])
    rest = await get(http, after="50")
    assert (["50"], False) == ([each["text"] for each in rest["messages"]], rest["pending"])


async def test_waiting_ends_when_something_comes(phones, http):
    async def late(phones, message):
        await phones.say(message.address, Outbound("datang"))

    phones.answer = late
    async with http.post("/sim/messages", json={"address": str(SITI), "text": "halo"}) as response:
        assert 200 == response.status
    assert "datang" == (await get(http, wait="10"))["messages"][0]["text"]


async def test_waiting_ends_when_nothing_comes(http):
    assert [] == (await get(http, wait="0.15"))["messages"]


async def test_later_work_is_told_to_those_who_ask(phones, http):
    phones.later.add(SITI)
    assert not (await get(http))["pending"]
    assert (await get(http, later="1"))["pending"]


async def test_files_are_kept_and_can_be_fetched(phones, http):
    data = base64.b64encode(b"\x89PNG halo").decode()
    message = {"address": str(SITI), "id": "m1", "files": [{"name": "a.png", "mime": "image/png", "data": data}] * 2}
    for _ in range(2):  # posted again, it is the same message
        async with http.post("/sim/messages", json=message) as response:
            assert {"id": "m1"} == await response.json()
    first, second = phones.received[0].files
    assert (phones.received[0], 2) == (phones.received[1], len(phones.uploads))
    assert first.ref != second.ref
    assert b"\x89PNG halo" == await phones.channel.fetch(first, limit=9)
    with pytest.raises(MediaTooLarge):
        await phones.channel.fetch(first, limit=8)
    with pytest.raises(MediaGone):
        await phones.channel.fetch(FileRef("upload:none"), limit=9)


async def test_a_large_file_passes(phones, http):
    data = base64.b64encode(bytes(15_000_000)).decode()
    body = json.dumps({"address": str(SITI), "files": [{"name": "v", "data": data}]}).encode()
    async with http.post("/sim/messages", data=io.BytesIO(body)) as response:
        assert 200 == response.status
    assert 15_000_000 == phones.received[0].files[0].size


async def test_messages_without_id_differ(phones, http):
    for _ in range(2):
        async with http.post("/sim/messages", json={"address": str(SITI), "text": "halo"}):
            pass
    assert 2 == len({message.id for message in phones.received})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
async def test_without_the_token_nothing_is_told_or_taken(phones, headers):
    async with aiohttp.ClientSession(phones.url, headers=headers) as stranger:
        async with stranger.get("/sim/messages", params={"address": str(SITI)}) as response:
            assert 403 == response.status
        async with stranger.post("/sim/messages", json={"address": str(SITI), "text": "halo"}) as response:
            assert 403 == response.status
    assert [] == phones.received


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {"text": "halo"},
        {"address": "telegram:1", "text": "halo"},
        {"address": "sms:+6281234567890", "text": "a real citizen's"},
        {"address": "sim:fax:siti"},
        {"address": "sim:sms:"},
        {"address": str(SITI), "pin": {"lat": 91, "lon": 0}},
        {"address": str(SITI), "pin": {"lat": "NaN", "lon": 0}},
        {"address": str(SITI), "pick": {"value": "x"}},
        {"address": str(SITI), "files": [{"name": "a", "data": "%"}]},
        {"address": str(SITI), "files": ["a"]},
    ],
)
async def test_what_cannot_be_read_is_refused(phones, http, message):
    async with http.post("/sim/messages", json=message) as response:
        assert 400 == response.status
    assert [] == phones.received


@pytest.mark.parametrize("query", [{"after": "x"}, {"wait": "-1"}, {"wait": "nan"}, {"address": "sms:+62"}])
async def test_senseless_questions_are_refused(http, query):
    async with http.get("/sim/messages", params={"address": str(SITI), **query}) as response:
        assert 400 == response.status
