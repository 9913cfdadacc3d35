"""What operators watch, under Prometheus' usual names and units. Labels are small closed sets: never an id, never a text."""

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.durations import Durations

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


def _histogram(name: str, what: str, *labels: str, buckets: tuple[float, ...] = _FAST) -> Durations:
    durations = Durations(name, what, labels, buckets=buckets)
    REGISTRY.register(durations)
    return durations


# The way in
INBOUND = _counter(
    "lapor_inbound_total",
    "Messages of citizens, by what became of them: applied, duplicate, or why they were refused (forbidden, malformed).",
    "channel",
    "outcome",
)
WEBHOOK_SECONDS = _histogram("lapor_webhook_seconds", "From a provider's call to our answer.", "channel")
PARSE_SECONDS = _histogram("lapor_parse_seconds", "Verifying a provider's call and reading it.", "channel")
TURN_SECONDS = _histogram("lapor_turn_seconds", "Computing one turn of a conversation and its words, without the write.")
COMMIT_SECONDS = _histogram("lapor_commit_seconds", "From handing in a turn to its durable, majority-acknowledged write.")
HELD = _counter("lapor_held_total", "Messages put aside because their sender writes too fast; a worker applies them in order.")
REDIRECT_CLAIMS = _counter(
    "lapor_redirect_claims_total", "Redirect codes that citizens came with: first, again (the same citizen), refused.", "outcome"
)

# The spool, while the database is away
SPOOL = _counter(
    "lapor_spool_total",
    "What became of arrivals at the spool: spooled, refused (full, or the disk refuses); later applied, parked or unreadable.",
    "outcome",
)
SPOOL_ENTRIES = _gauge("lapor_spool_entries", "Arrivals that wait in this process's spool.")
SPOOL_BYTES = _gauge("lapor_spool_bytes", "How much of the disk they take.")
SPOOL_OLDEST_SECONDS = _gauge("lapor_spool_oldest_seconds", "How long the oldest of them has waited; 0 when there is none.")
RECOVERED = _counter("lapor_recovered_total", "Messages in a provider's own list that never reached us, taken in from there.", "channel")
MUTED = _counter("lapor_muted_total", "Conversations muted because the other side answers like a machine; parked as automatic_answerer.")

# The way out to citizens
SEND = _counter("lapor_send_total", "Messages to citizens handed to a provider, by outcome: sent, or an error code.", "channel", "outcome")
SEND_SECONDS = _histogram("lapor_send_seconds", "One call to a provider that sends a message.", "channel", buckets=_SLOW)
SETTLE_SECONDS = _histogram(
    "lapor_settle_seconds", "Recording durably what was carried out; it waits up to half a second for company.", "collection"
)
HELD_BACK = _counter(
    "lapor_held_back_total",
    "Words refused because WhatsApp's 24 hours were over; said when the citizen writes, or at once when they just have.",
)
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
EVENT_SECONDS = _histogram("lapor_event_seconds", "Applying one event from the core, durably.")

# What waits; the last five are read from the database by each worker, every ten seconds
CARRIAGES = _gauge("lapor_carriages", "Documents whose effects this process is carrying out now.", "collection")
PARKED = _counter("lapor_parked_total", "Things parked for a person to look at, by error code or what they are.", "reason")
PENDING_EFFECTS = _gauge("lapor_pending_effects", "Documents with effects still to carry out, by collection.", "collection")
DUE_LAG_SECONDS = _gauge("lapor_due_lag_seconds", "How long the document that is due longest has been waiting for a worker.", "collection")

WAITING_EFFECTS = _gauge(
    "lapor_waiting_effects",
    "Effects not carried out yet, of the 2,000 documents due first, by channel (for reports: the target) and kind.",
    "collection",
    "channel",
    "kind",
)
WAITING_OLDEST_SECONDS = _gauge(
    "lapor_waiting_oldest_seconds", "How long the oldest of them has been due.", "collection", "channel", "kind"
)
PARKED_ITEMS = _gauge("lapor_parked_items", "What lies parked now, up to 10,000 items, by reason.", "reason")
PARKED_OLDEST_SECONDS = _gauge("lapor_parked_oldest_seconds", "How long the oldest of them has been parked.", "reason")
HELD_SENDERS = _gauge("lapor_held_senders", "Senders whose messages are put aside now because they write too fast, up to 1,000.")
HELD_OLDEST_SECONDS = _gauge("lapor_held_oldest_seconds", "How long the oldest of their messages has been put aside.")

# The process
BUILD_INFO = _gauge("lapor_build_info", "Always 1; the label says which version this is.", "version")
DRAINING = _gauge("lapor_draining", "Whether the process is ending (1): it takes nothing new and finishes what it has.")
CLOCK_AHEAD_SECONDS = _gauge(
    "lapor_clock_ahead_seconds", "How far business time was moved ahead of real time; 0 but in demonstrations and tests."
)

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
