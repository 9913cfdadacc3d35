"""Trace ids: what is read of a caller's header, what is kept, and what goes out."""

import re
from datetime import UTC, datetime

import pytest

from bot import tracing
from bot.model import Effect
from bot.tracing import Trace

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
EFFECT = Effect("1", "say", "say", {"text": "x"}, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"00-{ID}-00f067aa0ba902b7-01", Trace(ID, sampled=True)),
        (f"00-{ID}-00f067aa0ba902b7-00", Trace(ID)),
        (f" 00-{ID}-00f067aa0ba902b7-03 ", Trace(ID, sampled=True)),
        (f"cc-{ID}-00f067aa0ba902b7-01-what-comes-later", Trace(ID, sampled=True)),
        (f"00-{ID}-00f067aa0ba902b7-01-more", None),
        (f"ff-{ID}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{ID}-{'0' * 16}-01", None),
        (f"00-{ID.upper()}-00f067aa0ba902b7-01", None),
        (f"00-{ID[:-1]}-00f067aa0ba902b7-01", None),
        (f"00-{ID}-00f067aa0ba902b7", None),
        ("", None),
        ("\u0660" * 55, None),
    ],
)
def test_a_header_is_read_as_the_recommendation_says(header, expected):
    assert expected == tracing.read(header)


def test_what_is_kept_is_read_back():
    for trace in (Trace(ID), Trace(ID, sampled=True)):
        assert trace == tracing.parse(str(trace))
    for strange in ("", ID, f"{ID}-1", "x", f"00-{ID}-00f067aa0ba902b7-01"):
        assert None is tracing.parse(strange)


def test_each_call_has_a_span_of_its_own():
    trace = Trace(ID, sampled=True)
    sent = [trace.traceparent for _ in range(20)]
    assert 20 == len(set(sent))
    assert all(re.fullmatch(rf"00-{ID}-[0-9a-f]{{16}}-01", each) for each in sent)
    assert {trace} == {tracing.read(each) for each in sent}


def test_new_traces_differ():
    assert 100 == len({tracing.new().id for _ in range(100)})


def test_outside_there_is_no_trace():
    with tracing.bound(Trace(ID)):
        assert ID in tracing.headers()["traceparent"]
        with tracing.bound(None):
            assert {} == tracing.headers()
        assert Trace(ID) == tracing.current()
    assert None is tracing.current()


def test_an_effect_carries_the_trace_it_was_decided_under():
    with tracing.bound(Trace(ID)):
        carried = tracing.carried(EFFECT)
    assert Trace(ID) == tracing.of(carried)
    assert "x" == carried.data["text"]
    with tracing.bound(tracing.new()):
        assert carried == tracing.carried(carried)
    assert EFFECT == tracing.carried(EFFECT)
    assert None is tracing.of(EFFECT)
