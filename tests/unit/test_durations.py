"""What is counted in plain numbers comes out as the client library's own histogram would."""

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from bot.durations import Durations

BUCKETS = (0.001, 0.5, 1)
OBSERVED = (0.0, 0.001, 0.002, 0.5, 0.7, 1, 30.0)


def scraped(metric):
    registry = CollectorRegistry()
    registry.register(metric)
    return generate_latest(registry)


def test_a_scrape_reads_as_one_of_the_librarys_own():
    library = Histogram("seconds", "How long.", ("channel",), registry=None, buckets=BUCKETS)
    ours = Durations("seconds", "How long.", ("channel",), buckets=BUCKETS)
    assert scraped(library) == scraped(ours)  # nobody measured: no series
    for channel, observed in (("sms", OBSERVED), ("telegram", OBSERVED[3:])):
        for seconds in observed:
            library.labels(channel).observe(seconds)
            ours.labels(channel).observe(seconds)
    assert scraped(library) == scraped(ours)


def test_without_labels_there_is_a_series_from_the_start():
    library = Histogram("seconds", "How long.", registry=None, buckets=BUCKETS)
    assert scraped(library) == scraped(Durations("seconds", "How long.", (), buckets=BUCKETS))


def test_a_block_is_measured_also_when_it_raises():
    ours = Durations("seconds", "How long.", (), buckets=BUCKETS)
    with ours.time():
        pass
    with pytest.raises(LookupError), ours.time():
        raise LookupError
    (family,) = ours.collect()
    assert 2 == next(sample.value for sample in family.samples if sample.name == "seconds_count")


@pytest.mark.parametrize("values", [(), ("sms", "sent")])
def test_values_are_as_many_as_labels(values):
    with pytest.raises(ValueError, match="labels channel"):
        Durations("seconds", "How long.", ("channel",), buckets=BUCKETS).labels(*values)
