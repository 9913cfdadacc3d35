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


def shared(chance, names, count):
    """So many, the first names more often than the last."""
    weights = [1 / (index + 1) for index in range(len(names))]
    return dict(Counter(chance.choices(names, weights, k=count))) if names else {}


def of_day(chance, accounts, *, busy):
    """An office's day."""
    reports, redirects = chance.randint(busy, 3 * busy), chance.randint(0, 2 * busy) if accounts else 0
    channels = shared(chance, CHANNELS if accounts else CHANNELS[:-1], reports)
    by_citizens = reports - channels.get("desk", 0)
    sent, by = shared(chance, NETWORKS, redirects), shared(chance, accounts, redirects)
    return Counts(
        channels=channels,
        kinds=shared(chance, KINDS, reports),
        regions=shared(chance, REGENCIES, reports),
        seconds=Counter(str(two_digits(round(chance.lognormvariate(5.4, 0.8)))) for _ in range(by_citizens)),
        messages=Counter(str(min(max(round(chance.gauss(7, 2.5)), 2), 16)) for _ in range(by_citizens)),
        left=shared(chance, LEFT, chance.randint(0, 2 * busy)),
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
