"""What a conversation remembers survives storing, and other versions of the program."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

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


def test_it_is_kept_in_every_class_before_the_rest_and_in_its_order():
    plain = {"b": [{"c": 1}], "a": None, "extra": 2}
    required = {"draft": {"started": NOW.isoformat()}, "consent": {"version": "1", "at": NOW.isoformat(), "message": "m"}}
    required |= {"asked": {"name": "where", "visit": 1}, "survey": {"report": "r", "number": "n"}, "rhythm": {"words": "w"}}
    stored = {name: plain | held for name, held in required.items()}
    stored["draft"] |= {"parts": [plain | {"message": "m", "text": "t"}], "place": plain | {"text": "x"}}
    stored["draft"]["evidence"] = [plain | {"id": "i", "ref": "r"}]
    stored |= {"kept": [stored["draft"]], "awaited": [plain | {"report": "r", "receipt": "L", "number": "n"}]}
    written = encode(decode(plain | stored))
    assert plain | stored | {"v": 1} == written
    draft = written["draft"]
    once = [written, draft, draft["place"], *(written[name] for name in ("consent", "asked", "survey", "rhythm"))]
    listed = [draft["parts"], draft["evidence"], written["kept"], written["awaited"]]
    assert [list(plain)] * 11 == [list(held)[:3] for held in (*once, *(each[0] for each in listed))]


def test_what_is_unknown_is_not_shared_either():
    stored = {"future": [{"a": 1}], "asked": {"name": "x", "visit": 1, "data": {"codes": ["36.71"]}}}
    read = decode(stored)
    read.extra["future"][0]["a"] = 2
    read.asked.data["codes"].clear()
    assert {"future": [{"a": 1}], "asked": {"name": "x", "visit": 1, "data": {"codes": ["36.71"]}}} == stored


def test_what_is_null_is_read_as_its_default_and_defaults_are_not_written():
    started = NOW.isoformat()
    nothing = {"place": None, "settled": None, "sources": None, "kind": None, "short": None, "occurred_on": None}
    read = decode({"draft": {"started": started} | nothing, "kept": None, "language": None, "consent": None})
    assert Session(draft=Draft(NOW)) == read
    assert {"draft": {"started": started}, "v": 1} == encode(read)


def test_a_default_is_never_shared():
    one, other = (decode({"draft": {"started": NOW.isoformat()}}) for _ in range(2))
    one.draft.place.text = "Cibodas"
    one.draft.settled.append("text")
    one.draft.sources["m1"] = "text"
    one.extra["a"] = 1
    assert Session(draft=Draft(NOW)) == other
    assert {"text": "Cibodas"} == encode(one)["draft"]["place"]


def test_what_has_no_default_must_be_there():
    with pytest.raises(KeyError, match="started"):
        decode({"draft": {}})


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
