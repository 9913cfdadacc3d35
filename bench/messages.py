"""A guided report, each message durable before its 200 and each reply posted to a stand-in, beside floors in the same run.

`python -m bench.messages [--citizens 1,64] [--rounds 3]`. Ratios are to the floor "one journaled majority write and one reply".
"""

import argparse
import asyncio
import base64
import os
import secrets
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.driver import Citizen, Round, Server, StandIn, round_of
from bot.channels import callback
from bot.store.mongod import embedded
from bot.store.store import Store

TOKEN = "1708:bench-token-of-thirty-characters-or-more"
SECRET = "bench-secret"
FLOOR_MESSAGES = 8
TAPS = {"consent": "ya", "kind": "pengaduan", "when": "kemarin", "visibility": "terbuka", "summary": "kirim"}


async def floor_talk(citizen: Citizen) -> None:
    """As many messages as a guided report has."""
    for _ in range(FLOOR_MESSAGES):
        await citizen.says("Lampu jalan mati di depan SDN 3")


async def report(citizen: Citizen) -> None:
    """Answers what is asked until the receipt."""
    await citizen.says("Lampu jalan mati di depan SDN 3 sejak kemarin")
    while True:
        heard = await citizen.hears()
        picks = [callback.decode(button["callback_data"]) for row in _keyboard(heard) for button in row]
        if picks:
            wanted = TAPS.get(picks[0].question.partition(".")[0])
            chosen = next((pick for pick in picks if pick.value == wanted), picks[-1])
            await citizen.taps(callback.encode(chosen.question, chosen.value))
        elif "STATUS" in heard["text"]:
            return
        else:
            await citizen.says("Kec Cibodas Kota Tangerang")


OURS = "guided report"
TALKS = {"echo": floor_talk, "write": floor_talk, "write and reply": floor_talk, OURS: report}
"""The floors' names end in their route."""


def _keyboard(heard: dict[str, Any]) -> list[list[dict[str, str]]]:
    markup = heard.get("reply_markup") or {}
    decoded = orjson.loads(markup) if isinstance(markup, str) else markup
    rows: list[list[dict[str, str]]] = decoded.get("inline_keyboard", [])
    return rows


async def measure(citizens: list[int], rounds: int) -> None:
    """Interleaved rounds; medians."""
    with tempfile.TemporaryDirectory() as directory:
        standin = StandIn(TOKEN)
        await standin.start()
        async with (
            embedded(Path(directory)) as mongodb_url,
            _server("bench.floors", mongodb_url, standin) as floors,
            _server("bot", mongodb_url, standin) as bot,
        ):
            servers = {name: Server(f"{floors}/{name.rpartition(' ')[2]}", {}, standin) for name in TALKS}
            servers[OURS] = Server(f"{bot}/hooks/telegram", {"X-Telegram-Bot-Api-Secret-Token": SECRET}, standin)
            for number in citizens:
                taken: dict[str, list[Round]] = {name: [] for name in TALKS}
                for turn in range(rounds + 1):
                    first = 1_000_000 * (turn + 1) + 10_000 * number
                    measured = {
                        name: await round_of(talk, number, first + 2_000 * n, servers[name]) for n, (name, talk) in enumerate(TALKS.items())
                    }
                    if turn:  # the first warms up
                        for name, each in measured.items():
                            taken[name].append(each)
                _show(number, taken)
        await standin.stop()


def _show(number: int, taken: dict[str, list[Round]]) -> None:
    floor = statistics.median(each.rate for each in taken["write and reply"])
    print(f"\n{number} citizens at once")
    print(f"{'':<18}{'messages/s':>12}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for name, rounds in taken.items():
        rate = statistics.median(each.rate for each in rounds)
        p50 = statistics.median(each.quantile(0.5) for each in rounds)
        p99 = statistics.median(each.quantile(0.99) for each in rounds)
        print(f"{name:<18}{rate:>12.0f}{rate / floor:>8.2f}{p50:>9.2f}{p99:>9.2f}")


@asynccontextmanager
async def _server(module: str, mongodb_url: str, standin: StandIn) -> AsyncIterator[str]:
    """A process of its own; its URL."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "PORT": str(port)}
    if module == "bot":
        environ |= _settings(url, mongodb_url, standin)
        store = await Store.open(environ["MONGODB_URL"])
        await store.migrate()
        await store.close()
        arguments = ["bot", "web"]
    else:
        arguments = [module, str(port), mongodb_url, f"{standin.url}/bot{TOKEN}/sendMessage"]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, env=environ, stderr=asyncio.subprocess.DEVNULL)
    try:
        await _answering(port)
        yield url
    finally:
        process.terminate()
        await process.wait()


def _settings(url: str, mongodb_url: str, standin: StandIn) -> dict[str, str]:
    host, _, options = mongodb_url.partition("/?")
    return {
        "MONGODB_URL": f"{host}/bench?{options}",
        "PUBLIC_BASE_URL": url,
        "CORE_URL": "http://127.0.0.1:9",
        "CORE_TOKEN": secrets.token_hex(8),
        "CORE_WEBHOOK_SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_URL": f"{standin.url}/bot",
        "TELEGRAM_FILE_URL": f"{standin.url}/file/bot",
    }


async def _answering(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise RuntimeError("a server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.messages", description=__doc__)
    parser.add_argument("--citizens", default="1,64")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    uvloop.run(measure([int(each) for each in options.citizens.split(",")], options.rounds))


if __name__ == "__main__":
    main()
