"""The harness of tests/faults: its table of steps fits the product, its signals strike where they are told to, its clauses excuse only
what they should. That a whole run turns red by each defect is what `make faults` tries itself.
"""

import json
import os
import random
import subprocess
import sys
from types import ModuleType

import pytest

from bot.channels import report_token
from tests.fakes.twilio import Sent
from tests.faults import invariants, next_version, steps, victim
from tests.faults.defects import DEFECTS
from tests.faults.findings import Findings
from tests.faults.ledger import Fault, Ledger, Told
from tests.faults.providers import WhatsApp
from tests.faults.scenarios import providers
from tests.faults.trouble import IN_A_ROW, Trouble


@pytest.mark.parametrize("place", sorted(place for step in steps.STEPS.values() for place in step.functions))
def test_every_step_is_in_the_product(place):
    assert callable(victim.resolve(place))


def test_each_named_step_has_both_moments():
    named = {"verify", "write", "answer", "send", "settle", "forward", "ticket", "event"}
    assert named <= set(steps.STEPS)
    assert 2 * len(steps.STEPS) == len(set(steps.POINTS))
    assert {steps.WEB, steps.WORKER} == set(map(steps.role_of, steps.POINTS))


def test_the_next_version_and_every_defect_find_what_they_patch():
    """In a process of their own, which they spoil."""
    install = (
        "from tests.faults import defects, next_version\nnext_version.install()\nfor each in defects.DEFECTS.values():\n    each.install()"
    )
    done = subprocess.run([sys.executable, "-c", install], capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    assert (0, "") == (done.returncode, done.stderr)


def test_the_next_version_keeps_the_field_that_it_does_not_know():
    plain = {"draft": {"started": "2026-11-20T03:00:00+00:00", "name": "Siti", next_version.LACKING: {"m1": "where"}}}
    rewrite = (
        "import json, sys\nfrom tests.faults import next_version\nfrom bot.conversation import session\nnext_version.install()\n"
        "read = session.decode(json.load(sys.stdin))\nassert not read.draft.sources\nprint(json.dumps(session.encode(read)))"
    )
    done = subprocess.run([sys.executable, "-c", rewrite], input=json.dumps(plain), capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    assert (plain["draft"], "") == (json.loads(done.stdout or "{}").get("draft"), done.stderr)


@pytest.fixture
def struck(monkeypatch):
    """What has happened, in order, in a program with one step that is called three times."""
    happened = []
    program = ModuleType("a_program")
    program.work = happened.append
    monkeypatch.setitem(sys.modules, "a_program", program)
    monkeypatch.setitem(steps.STEPS, "work", steps.Step(steps.WEB, ("a_program:work",)))
    monkeypatch.setattr(os, "kill", lambda *_: happened.append("struck"))

    def strike(point, nth):
        victim.strike_at(point, nth, 9)
        for number in (1, 2, 3):
            program.work(number)
        return happened

    return strike


@pytest.mark.parametrize(
    ("point", "nth", "expected"),
    [("before:work", 1, ["struck", 1, 2, 3]), ("before:work", 3, [1, 2, "struck", 3]), ("after:work", 2, [1, 2, "struck", 3])],
)
def test_a_signal_strikes_at_its_pass(struck, point, nth, expected):
    assert expected == struck(point, nth)


def test_there_are_enough_defects_and_each_is_expected_to_be_seen_by_something_that_is_checked():
    known = {check.__name__ for check in invariants.INVARIANTS} | {"zombies_write_nothing"}
    assert len(DEFECTS) >= 10
    assert set() == {name for defect in DEFECTS.values() for name in defect.expected} - known
    assert set() == {point for defect in DEFECTS.values() for point in defect.at} - set(steps.POINTS)


def repeated(faults, *, pids=(1, 2), at=(10.0, 16.0), text="Halo"):
    """What is said of one thing told twice."""
    ledger = Ledger(faults=list(faults))
    ledger.told = [Told("sms:+62", words, "m1/0", pid, moment) for words, pid, moment in zip(("Halo", text), pids, at, strict=True)]
    found = Findings({}, [], 0, [], {}, [], [], ledger, {}, {}, lease=4.0)
    return invariants.broken(found, [invariants.repeats_follow_a_fault, invariants.repeats_are_word_for_word]).keys()


def killed(pid, at):
    return Fault("random", frozenset({pid}), at, at)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"faults": [killed(1, 10.2)]}, set()),
        ({"faults": [killed(1, 9.5)]}, set()),  # what it had sent was read after its end
        ({"faults": [killed(1, 8.5)]}, {"repeats_follow_a_fault"}),  # but not so long after
        ({"faults": [Fault("stopped", frozenset({1}), 5.0, 9.5)]}, {"repeats_follow_a_fault"}),  # nor after a sleep
        ({"faults": [Fault("mongod", None, 9.0, 11.0)]}, set()),
        ({"faults": [Fault("answer_lost", frozenset({1}), 9.9, 10.1)], "at": (10.0, 60.0)}, set()),  # its back-off was long
        ({"faults": [Fault("answer_lost", frozenset({2}), 9.9, 10.1)], "at": (10.0, 60.0)}, {"repeats_follow_a_fault"}),
        ({"faults": []}, {"repeats_follow_a_fault"}),
        ({"faults": [killed(3, 10.2)]}, {"repeats_follow_a_fault"}),  # somebody else died
        ({"faults": [killed(1, 10.2)], "at": (2.0, 16.0)}, {"repeats_follow_a_fault"}),  # it had been settled long before
        ({"faults": [killed(1, 10.2)], "at": (10.0, 60.0)}, {"repeats_follow_a_fault"}),  # far too late
        ({"faults": [killed(1, 10.2)], "text": "Hai"}, {"repeats_are_word_for_word"}),
        ({"faults": [Fault("stopped", frozenset({2}), 5.0, 15.9)]}, set()),  # a zombie ends the word it was at
        ({"faults": [Fault("stopped", frozenset({2}), 5.0, 10.0)], "at": (10.0, 30.0)}, {"repeats_follow_a_fault"}),
    ],
)
def test_what_may_be_told_again(case, expected):
    assert expected == repeated(**case)


CITIZEN = "whatsapp:+6281200000001"


@pytest.mark.parametrize(
    ("copies", "state", "wrong"),
    [
        ({"SM1": "arrived"}, "read", []),
        ({"SM1": "arrived"}, "delivered", ["m1/0 is delivered"]),
        ({"SM1": "lost"}, "failed", []),
        ({"SM1": "lost"}, "accepted", ["m1/0 is accepted"]),
        ({"SM1": "lost"}, "read", ["m1/0 is read"]),
        ({"SM1": "arrived", "SM2": "lost"}, "read", []),  # our provider's answer to the first was lost, and then the window closed
        ({"SM1": "arrived", "SM2": "lost"}, "failed", ["m1/0 is failed"]),
        ({"SM1": "lost", "SM2": "lost"}, "failed", []),
    ],
)
def test_how_far_words_must_have_come(copies, state, wrong):
    whatsapp = WhatsApp(Ledger(), None, "", random.Random(1708))
    callback = f"https://lapor.example/hooks/twilio/status?c={report_token.write(CITIZEN, 'm1/0')}"
    whatsapp.messages[:] = [Sent(sid, CITIZEN, "", "Halo", callback) for sid in copies]
    whatsapp.lost = {sid for sid, became in copies.items() if became == "lost"}
    conversation = {"sent": [{"id": "m1/0", "provider_id": [*copies][-1], "state": state}]}
    found = Findings({CITIZEN: conversation}, [], 0, [], {}, [], [], Ledger(), {}, {}, lease=4.0)
    assert wrong == list(providers.gone_back(found, providers.lost_whole(whatsapp)))


def test_trouble_with_one_message_ends():
    trouble = Trouble(random.Random(1708), Ledger(), share=1.0)
    met = [bool(trouble._drawn("m1/0")) for _ in range(2 * (IN_A_ROW + 1))]
    assert [*[True] * IN_A_ROW, False] * 2 == met
