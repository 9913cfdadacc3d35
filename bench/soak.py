"""Whether memory stays flat: `python -m bench soak`."""

from dataclasses import dataclass

from bench import driver, results, servers
from bench.citizens import MESSAGES, guided_report
from bench.driver import Round, quantile
from bench.results import Goal, Section
from bench.servers import Site
from bench.usage import resident_megabytes

TITLE = "Soak"
AT_ONCE = 64
STEPS = 10
_WARM = 5
"""Steps after which caches are taken to be full."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where it stood after a part of the messages."""

    messages: int
    round: Round
    web: float
    """Megabytes held, so is the next."""
    mongod: float


async def measure(site: Site, messages: int) -> Section:
    """So many messages by people who come once each: the worst for whatever remembers people."""
    steps: list[Step] = []
    async with servers.bot(site, "soak", "soak") as server:
        for _ in range(STEPS):
            played = await driver.play(server, guided_report, at_once=AT_ONCE, people=messages // MESSAGES // STEPS, mongod=site.mongod)
            done = played.messages + (steps[-1].messages if steps else 0)
            steps.append(Step(done, played, sum(map(resident_megabytes, server.pids)), resident_megabytes(site.mongod)))
    rows = [
        (
            f"{step.messages:,}",
            f"{step.round.rate:.0f}",
            f"{quantile(step.round.timings.turned, 0.99):.2f}",
            f"{step.web:.1f}",
            f"{step.mongod:.0f}",
            len(step.round.unanswered),
        )
        for step in steps
    ]
    figures = results.table(("messages", "messages/s", "p99 ms", "web MB", "mongod MB", "unanswered"), rows)
    flat = Goal(
        f"web's memory after {steps[-1].messages:,} to after {steps[_WARM - 1].messages:,}", steps[-1].web / steps[_WARM - 1].web, 1.05
    )
    return Section(
        TITLE, f"One web process, {AT_ONCE} citizens at once, each a new person with one report.\n\n{figures}\n\n{results.goals([flat])}"
    )
