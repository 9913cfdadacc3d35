"""What operators watch, under Prometheus' usual names and units. Labels are small closed sets: never an id, never a text."""

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # else each counter and histogram has a second series that nobody here reads

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST
"""Of what `render` gives."""

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30)


def _counter(name: str, what: str, *labels: str) -> Counter:
    return Counter(name, what, labels, registry=REGISTRY)


def _gauge(name: str, what: str, *labels: str) -> Gauge:
    return Gauge(name, what, labels, registry=REGISTRY)


def _histogram(name: str, what: str, *labels: str, buckets: tuple[float, ...] = _FAST) -> Histogram:
    return Histogram(name, what, labels, registry=REGISTRY, buckets=buckets)


# The way in
INBOUND = _counter(
    "lapor_inbound_total",
    "Messages of citizens, by what became of them: applied, duplicate, or why they were refused (forbidden, malformed).",
    "channel",
    "outcome",
)
WEBHOOK_SECONDS = _histogram("lapor_webhook_seconds", "From a provider's call to our answer.", "channel")
TURN_SECONDS = _histogram("lapor_turn_seconds", "Computing one turn of a conversation and its words, without the write.")
COMMIT_SECONDS = _histogram("lapor_commit_seconds", "From handing in a turn to its durable, majority-acknowledged write.")
HELD = _counter("lapor_held_total", "Messages put aside because their sender writes too fast; a worker applies them in order.")
REDIRECT_CLAIMS = _counter(
    "lapor_redirect_claims_total", "Redirect codes that citizens came with: first, again (the same citizen), refused.", "outcome"
)

# The way out to citizens
SEND = _counter("lapor_send_total", "Messages to citizens handed to a provider, by outcome: sent, or an error code.", "channel", "outcome")
SEND_SECONDS = _histogram("lapor_send_seconds", "One call to a provider that sends a message.", "channel", buckets=_SLOW)
HELD_BACK = _counter("lapor_held_back_total", "Words refused because WhatsApp's 24 hours were over; said when the citizen writes.")
RESENT = _counter("lapor_resent_total", "Messages sent again because we cannot know whether the first went out: the one duplicate allowed.")

# The way to the routing core and back
FORWARD = _counter(
    "lapor_forward_total",
    "Calls to the routing core, by kind of effect, and outcome: filed, done, or an error code.",
    "operation",
    "outcome",
)
FORWARD_SECONDS = _histogram("lapor_forward_seconds", "One call to the routing core.", "operation", buckets=_SLOW)
EVENTS = _counter(
    "lapor_events_total",
    "Events from the core, by outcome: applied, duplicate, stale, unknown (no such report), foreign (of another ticket), failed (a bug).",
    "outcome",
)

# What waits
PARKED = _counter("lapor_parked_total", "Things parked for a person to look at, by error code or what they are.", "reason")
PENDING_EFFECTS = _gauge("lapor_pending_effects", "Documents with effects still to carry out, by collection.", "collection")
DUE_LAG_SECONDS = _gauge("lapor_due_lag_seconds", "How long the document that is due longest has been waiting for a worker.", "collection")

# The desk
SIGN_IN = _counter(
    "lapor_desk_sign_in_total",
    "Who came to the desk's door, by outcome: done, wrong_password, wrong_code, slowed (sent away after too many tries).",
    "outcome",
)

ProcessCollector(registry=REGISTRY)


def documented() -> Mapping[str, str]:
    """Name and help text of every metric of our own, as a scrape shows them."""
    names = {}
    for family in REGISTRY.collect():
        if family.name.startswith("lapor_"):
            names[f"{family.name}_total" if family.type == "counter" else family.name] = family.documentation
    return names


def render() -> bytes:
    """The present values in Prometheus' text format."""
    return generate_latest(REGISTRY)
