"""The metrics a scrape shows."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics


def test_scrape_is_prometheus_text_with_our_metrics_and_the_process():
    families = {family.name: family for family in text_string_to_metric_families(metrics.render().decode())}
    assert {"lapor_inbound", "lapor_turn_seconds", "lapor_resent", "process_resident_memory_bytes"} <= families.keys()
    assert "text/plain" in metrics.CONTENT_TYPE


def test_scrape_has_no_series_of_creation_times():
    assert b"_created" not in metrics.render()


def test_counted_thing_shows():
    metrics.SEND.labels("test", "sent").inc()
    assert b'lapor_send_total{channel="test",outcome="sent"} 1.0' in metrics.render()
    metrics.SEND.remove("test", "sent")


@pytest.mark.parametrize(("name", "what"), metrics.documented().items())
def test_name_has_a_unit_and_a_sentence(name, what):
    assert re.fullmatch(r"lapor_[a-z_]+_(total|seconds|info|effects|items|senders|entries|bytes)|lapor_(carriages|draining)", name)
    assert re.fullmatch(r"[A-Z].+\.", what)


def test_documented_names_are_those_of_the_scrape():
    scraped = set(re.findall(r"^# TYPE (lapor_\w+)", metrics.render().decode(), re.MULTILINE))
    assert scraped == set(metrics.documented())
