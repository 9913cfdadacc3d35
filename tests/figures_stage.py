"""Numbers of some months, as the worker would have counted them, for the tests of the page."""

import random
from collections import Counter
from datetime import date, timedelta

from bot.figures.model import Counts
from bot.figures.tally import total, two_digits

CITY, PROVINCE_OFFICE = "Pemerintah Kota Contoh", "Pemerintah Provinsi Contoh"
REGENCIES = ("36.71", "36.03", "32.73", "32.04", "31.74", "33.74", "35.78", "12.71", "73.71", "36.72", "51.71", "")
CHANNELS = ("telegram", "whatsapp", "sms", "desk")
KINDS = ("pengaduan", "aspirasi", "informasi")
LEFT = ("consent expired", "consent refused", "where cancelled", "where expired", "summary cancelled", "text expired", "evidence erased")
NETWORKS = ("instagram", "facebook", "x", "whatsapp")


def drawn(chance, names, most):
    return {name: count for index, name in enumerate(names) if (count := chance.randint(0, most) // (index + 1))}


def of_day(chance, accounts, *, busy):
    """An office's day."""
    sent = drawn(chance, NETWORKS, busy)
    by = drawn(chance, accounts, busy)
    channels = drawn(chance, CHANNELS, 2 * busy)
    seconds = Counter(str(two_digits(round(chance.lognormvariate(5.4, 0.8)))) for _ in range(sum(channels.values())))
    return Counts(
        channels=channels,
        kinds=drawn(chance, KINDS, 2 * busy),
        regions=drawn(chance, REGENCIES, 2 * busy),
        seconds=seconds,
        messages={str(number): busy // abs(number - 7) for number in range(3, 17) if number != 7 and busy // abs(number - 7)}
        | {"7": busy + 2},
        left=drawn(chance, LEFT, busy),
        sent=sent,
        opened={name: count * 2 // 3 for name, count in sent.items()},
        completed={name: count // 2 for name, count in sent.items()},
        sent_by=by,
        opened_by={name: count * 2 // 3 for name, count in by.items()},
        completed_by={name: count // 2 for name, count in by.items()},
    )


async def counted(store, today: date, at, accounts=("rina",), days=90):
    """Two offices and what came by itself, over so many days until today."""
    chance = random.Random(1708)
    for age in range(days):
        day = today - timedelta(days=age)
        weekend = day.weekday() >= 5
        offices = {
            CITY: of_day(chance, accounts, busy=4 if weekend else 12),
            PROVINCE_OFFICE: of_day(chance, ("admin-lain",), busy=3),
        }
        alone = of_day(chance, (), busy=9 if weekend else 28)
        await store.figures.keep(day, {**offices, "": total([*offices.values(), alone])}, at)
