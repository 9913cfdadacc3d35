"""What a conversation remembers survives storing, and other versions of the program."""

import json
from datetime import UTC, date, datetime, timedelta

from bot.conversation import session
from bot.conversation.session import Asked, Awaited, Consent, Draft, Evidence, Part, Place, Session, decode, encode

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def full():
    return Session(
        language="en",
        consent=Consent("1", NOW, "m1"),
        draft=Draft(
            NOW,
            agreed=True,
            kind="pengaduan",
            parts=[Part("m1", "jalan rusak\nparah")],
            short=True,
            place=Place("Cibodas", "36.71.09", -6.2, 106.6),
            occurred_on=date(2026, 11, 17),
            agency="Dinas PU",
            category="jalan",
            evidence=[Evidence("x-0", "ref", "image/jpeg", "a.jpg", 1000, fetched=True)],
            anonymous=True,
            confidential=True,
            name="Budi",
            settled=["kind", "text"],
            sources={"m1": "text"},
            correcting="when",
            warned=True,
        ),
        asked=Asked("withdraw", 7, ["ya", "tidak"], 1, "m9", {"report": "r1"}, under=Asked("where", 6, data={"codes": ["36.71"]})),
        visits=7,
        heard=NOW,
        wrong=[NOW],
        awaited=[Awaited("r1", "L23456789", "8812345")],
    )


def test_everything_survives_storing():
    assert full() == decode(json.loads(json.dumps(encode(full()))))


def test_the_empty_session_is_an_empty_mapping():
    assert Session() == decode({})
    assert {"v": 1} == encode(Session())


def test_what_a_newer_program_wrote_is_kept():
    stored = json.loads(json.dumps(encode(full())))
    stored |= {"v": 2, "future": {"a": 1}}
    stored["draft"]["mood"] = "calm"
    stored["draft"]["evidence"][0]["hash"] = "abc"
    stored["asked"]["under"]["colour"] = "red"
    assert stored == encode(decode(stored))


def test_decoding_shares_nothing_that_can_be_changed():
    stored = encode(full())
    before = json.dumps(stored)
    read = decode(stored)
    read.draft.parts[0].text = "changed"
    read.draft.sources["m2"] = "kind"
    read.draft.settled.append("where")
    read.asked.values.append("x")
    read.wrong.clear()
    assert before == json.dumps(stored)


def test_a_draft_is_looked_at_after_seven_days_once():
    for agreed in (False, True):
        assert NOW + timedelta(days=7) == session.expires_at(encode(Session(draft=Draft(NOW, agreed=agreed))))
    assert session.expires_at(encode(Session(draft=Draft(NOW, agreed=True, lapsed=True)))) is None
    assert session.expires_at({}) is None


def test_an_expired_draft_is_forgotten_and_a_younger_one_is_not():
    state = Session(draft=Draft(NOW), asked=Asked("consent", 1))
    session.forget_expired(state, NOW + timedelta(days=7) - timedelta(seconds=1))
    assert state.draft is not None
    session.forget_expired(state, NOW + timedelta(days=7))
    assert (None, None) == (state.draft, state.asked)


def test_a_long_draft_is_small():
    state = full()
    state.draft.parts = [Part("m1", "a" * 20_000)]
    assert len(json.dumps(encode(state))) < 60_000


def test_words_that_wait_for_what_becomes_of_them_expire_too():
    state = Session(heard=NOW, asked=Asked("doubt", 1, data={"text": "jual pulsa"}))
    assert NOW + timedelta(days=7) == session.expires_at(encode(state))
    session.forget_expired(state, NOW + timedelta(days=7) - timedelta(seconds=1))
    assert state.asked
    session.forget_expired(state, NOW + timedelta(days=7))
    assert state.asked is None
    assert session.expires_at(encode(state)) is None
