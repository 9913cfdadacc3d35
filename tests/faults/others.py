"""Ordinary people who each write one message, at a steady rate whatever becomes of it, and how long they wait for its answer."""

import asyncio
import time
from itertools import count

from tests.faults.ledger import Told
from tests.faults.stage import Stage

WORDS = "BANTUAN"
ANSWERED_WITHIN = 60.0
"""Seconds, after which somebody is taken to be unanswered."""

_numbers = count(859_000_001)


class Others:
    """By SMS, each on a number of their own."""

    def __init__(self, stage: Stage, rate: float) -> None:
        """`rate`: messages a second."""
        self._stage = stage
        self._rate = rate

    async def write(self, seconds: float) -> list[float]:
        """For so long; seconds until each heard something."""
        began, people = time.monotonic(), []
        for number in range(round(seconds * self._rate)):
            await asyncio.sleep(began + number / self._rate - time.monotonic())
            people.append(asyncio.create_task(ask(self._stage, WORDS)))
        return await asyncio.gather(*people)


async def ask(stage: Stage, words: str) -> float:
    """Somebody writes; seconds until they hear something."""
    number, heard = f"+62{next(_numbers)}", asyncio.get_running_loop().create_future()

    def hear(told: Told) -> None:
        if not heard.done():
            heard.set_result(told)

    stage.ledger.listeners[f"sms:{number}"] = hear
    began = time.monotonic()
    await stage.providers.gateway.receive(number, words)
    await asyncio.wait({heard}, timeout=ANSWERED_WITHIN)
    return time.monotonic() - began


def p99(took: list[float]) -> float:
    """Seconds within which 99 of 100 were answered."""
    return sorted(took)[len(took) * 99 // 100]
