"""The same work on a small and on a large database: `python -m bench growth`."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from bench import driver, population, results, servers
from bench.citizens import Server, guided_report
from bench.driver import Medians, Round, medians
from bench.results import Goal, Section
from bench.servers import Site
from bot.store import connection, schema

TITLE = "Growth"
SIZES = (10_000, 1_000_000)
AT_ONCE = 64
PEOPLE = 192
CACHE_GIGABYTES = 1
"""Of mongod for both databases; the usual quarter is for machines that only try the program."""


async def measure(site: Site, sizes: Sequence[int], rounds: int) -> Section:
    """Interleaved rounds on databases of so many conversations and reports each, in one mongod."""
    async with AsyncExitStack() as stack:
        started = {size: await stack.enter_async_context(servers.bot(site, f"{size:,}", _database(size))) for size in sizes}
        held = {size: await _fill(site, started[size], size) for size in sizes}
        taken: dict[int, list[Round]] = {size: [] for size in sizes}
        for turn in range(rounds + 1):
            for size, server in started.items():
                played = await _play(site, server)
                if turn:  # the first warms up
                    taken[size].append(played)
    words = (
        f"Medians of {rounds} interleaved rounds of {PEOPLE} reports, {AT_ONCE} citizens at once, on databases of their own in one mongod "
        f"with {CACHE_GIGABYTES} GB of cache. Stored are copies of documents that the program wrote itself, spread over a year, the "
        "country and all categories."
    )
    found = {size: medians(each) for size, each in taken.items()}
    return Section(TITLE, f"{words}\n\n{_figures(found, held)}\n\n{results.goals(_goals(found))}")


async def _fill(site: Site, server: Server, size: int) -> float:
    """The first reports are the program's own, the others are made after them; the megabytes then, indexes included and not compressed."""
    db = connection.connect(site.mongodb_url, _database(size), seconds=600)
    try:
        await db.client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=f"cache_size={CACHE_GIGABYTES}G")
        await _play(site, server)
        await population.multiply(db, size)
        stats = [await db.command("collStats", name) for name in (schema.CONVERSATIONS, schema.REPORTS)]
        return float(sum(each["size"] + each["totalIndexSize"] for each in stats)) / 2**20
    finally:
        db.client.close()


async def _play(site: Site, server: Server) -> Round:
    return await driver.play(server, guided_report, at_once=AT_ONCE, people=PEOPLE, mongod=site.mongod)


def _database(size: int) -> str:
    return f"growth_{size}"


def _figures(found: Mapping[int, Medians], held: Mapping[int, float]) -> str:
    rows = [
        (
            f"{size:,}",
            f"{held[size]:,.0f}",
            f"{each.rate:.0f}",
            f"{each.p50:.2f}",
            f"{each.p99:.2f}",
            f"{each.server_microseconds:.0f}",
            f"{each.mongod_microseconds:.0f}",
            each.unanswered,
        )
        for size, each in found.items()
    ]
    return results.table(("stored", "MB", "messages/s", "p50 ms", "p99 ms", "CPU us", "mongod us", "unanswered"), rows)


def _goals(found: Mapping[int, Medians]) -> list[Goal]:
    small, large = found[min(found)], found[max(found)]
    return [
        Goal("time a message, largest to smallest", small.rate / large.rate, 1.2),
        Goal("p50, largest to smallest", large.p50 / small.p50, 1.2),
    ]
