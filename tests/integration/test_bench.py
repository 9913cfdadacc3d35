"""The benchmark itself, small: real processes on a real mongod, which are gone when it is done."""

import os
import re
from dataclasses import replace

import pytest

from bench import citizens, driver, growth, guided, servers, sharing, soak, start
from bench.citizens import MESSAGES, floor_talk, guided_report
from bench.guided import FLOOR, OURS, Load
from bot.store import connection


@pytest.fixture(scope="module")
async def site(tmp_path_factory):
    async with servers.site(tmp_path_factory.mktemp("bench")) as site:
        yield site


@pytest.fixture
def hurried(monkeypatch):
    """No time for what comes after a round."""
    monkeypatch.setattr(driver, "QUIET_SECONDS", 0.05)


def rows(section):
    """By first column, the cells of all tables."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.text.splitlines() if line.startswith("|")]
    return {line[0]: line[1:] for line in lines}


async def test_a_guided_report_takes_eight_messages_and_costs_something(site):
    async with servers.bot(site, OURS) as server:
        played = await driver.play(server, guided_report, at_once=2, people=3, mongod=site.mongod)

    assert ((), 3 * MESSAGES) == (played.unanswered, played.messages)
    assert len(played.timings.answered) == len(played.timings.turned)
    assert min(played.server_cpu, played.mongod_cpu, played.driver_cpu, played.seconds) > 0
    db = connection.connect(site.mongodb_url, "bench")
    assert 3 == await db.reports.count_documents({})
    db.client.close()


@pytest.mark.usefixtures("hurried")
async def test_floors_peers_and_the_bot_stand_in_one_table(site):
    section = await guided.measure(site, [Load(1, 1, with_peers=True)], rounds=1)

    found = rows(section)
    assert {FLOOR, OURS, guided.PTB, guided.ECHO} <= found.keys()
    assert "1.00" == found[FLOOR][1]
    assert {"0"} == {found[name][-1] for name in (FLOOR, OURS, guided.PTB, guided.ECHO)}
    assert found["p50 to the floor alone"][-1] in ("aim", "pass", "MISSED")


async def test_what_a_peer_answered_is_stored(site):
    async with servers.server(site, "peer", "bench.peers.ptb_bot", path="/hooks/telegram") as server:
        await driver.play(server, guided.questionnaire.answers, at_once=1, people=1, mongod=site.mongod)

    db = connection.connect(site.mongodb_url, f"bench_{server.port}")
    (chat,) = await db.chats.find().to_list(None)
    db.client.close()
    assert {question.key for question in guided.questionnaire.QUESTIONS} == chat["data"].keys()


@pytest.mark.usefixtures("hurried")
async def test_processes_on_one_port_are_told_apart(site, monkeypatch):
    monkeypatch.setattr(sharing, "PEOPLE", 8)
    monkeypatch.setattr(sharing, "AT_ONCE", 8)
    monkeypatch.setattr(sharing, "WAYS", (sharing.Way(1, roaming=False), sharing.Way(2, roaming=False)))

    found = rows(await sharing.measure(site, rounds=1))

    assert ["100%", "100%", "0"] == found["1 web"][-3:]
    assert re.fullmatch(r"\d+%", found["2 web"][-2])


async def test_a_database_is_filled_and_used(site, monkeypatch):
    monkeypatch.setattr(growth, "PEOPLE", 2)

    found = rows(await growth.measure(site, (10, 300), rounds=1))

    assert found["10"][-1] == found["300"][-1] == "0"
    db = connection.connect(site.mongodb_url, "growth_300")
    assert 304 == await db.reports.count_documents({}) == await db.conversations.count_documents({})
    assert 300 - 2 == await db.reports.count_documents({"ticket": {"$exists": True}})
    db.client.close()


@pytest.mark.usefixtures("hurried")
async def test_memory_is_looked_at_on_the_way(site):
    found = rows(await soak.measure(site, 10 * MESSAGES))

    assert {f"{step * MESSAGES}" for step in range(1, 11)} <= found.keys()


async def test_starting_is_timed(site):
    found = rows(await start.measure(site, rounds=1))

    assert 3 == sum(name.startswith("`python -m bot") for name in found)


async def test_a_message_without_a_reply_is_counted_and_not_waited_for_long(site, monkeypatch):
    monkeypatch.setattr(citizens, "PATIENCE_SECONDS", 0.3)
    async with servers.server(site, "silent", "bench.floors", path="/echo") as server:
        played = await driver.play(server, floor_talk, at_once=1, people=2, mongod=site.mongod)

    assert 2 == len(played.unanswered)
    assert 0 == played.messages


async def test_a_refusal_stops_the_measurement(site):
    async with servers.bot(site, "refused") as server:
        with pytest.raises(RuntimeError, match="403"):
            await driver.play(replace(server, headers={}), floor_talk, at_once=1, people=1, mongod=site.mongod)


async def test_a_server_that_does_not_start_says_why(site):
    with pytest.raises(RuntimeError, match="No module named"):
        async with servers.server(site, "none", "bench.no_such_server", path="/"):
            pass


async def test_processes_end_with_their_block(site):
    async with servers.bot(site, "ends", workers=1) as server:
        pids = server.pids

    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
