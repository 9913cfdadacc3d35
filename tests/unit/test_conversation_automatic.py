"""Machines that answer us are muted; people are not, however angry or quick they are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation import automatic, engine
from bot.conversation.protocol import Drawn, Heard, MyReports, Notice, Say, SetAside
from bot.conversation.session import decode
from bot.model import Address, FileRef, Inbound, Pick
from tests.unit.test_conversation_engine import NOW, SMS, TABLES, TELEGRAM, VIEW

ANSWERS = {MyReports(): ()}
DRAWN = Drawn("r1", "L23456789", "ABCD2345")
OUT_OF_OFFICE = [
    "Terima kasih telah menghubungi kami. Kami akan segera membalas.",
    "Pesan ini dikirim secara otomatis, mohon tidak membalas pesan ini.",
    "Maaf, saat ini di luar jam kerja.",
    "I am out of office until Monday.",
    "This is an automated reply, ticket 4711",
]


class Sender:
    """Somebody who writes, at a pace of theirs."""

    def __init__(self, *, pace=2.0, capabilities=TELEGRAM):
        self.session, self.now, self.pace, self.count = {}, NOW, pace, 0
        self.capabilities = capabilities

    def writes(self, text="", *, after=None, quiet=True, **more):
        """What is said and set aside."""
        self.now += timedelta(seconds=self.pace if after is None else after)
        self.count += 1
        message = Inbound(str(self.count), Address("telegram", "42"), text, **more)
        turn = engine.advance(self.session, Heard(message, DRAWN, self.capabilities, quiet=quiet), self.now, answers=ANSWERS, tables=TABLES)
        self.session = turn.session
        return turn.effects

    @property
    def muted(self):
        rhythm = decode(self.session).rhythm
        return rhythm is not None and rhythm.muted


def mute(sender, text="Halo, ada yang bisa kami bantu?"):
    for _ in range(automatic.SAME_AT_MOST + 1):
        effects = sender.writes(text)
    assert sender.muted
    return effects


def test_a_machine_that_says_the_same_to_everything_is_muted_and_its_words_are_kept():
    machine = Sender()
    (aside,) = mute(machine)
    assert ("Halo, ada yang bisa kami bantu?", automatic.REASON, True) == (aside.message.text, aside.reason, aside.first)
    (again,) = machine.writes("Halo, ada yang bisa kami bantu?")
    assert not again.first


def test_every_message_before_that_is_answered():
    machine = Sender()
    for _ in range(automatic.SAME_AT_MOST):
        assert any(isinstance(effect, Say) for effect in machine.writes("Halo, ada yang bisa kami bantu?"))
    assert not machine.muted


@pytest.mark.parametrize("text", OUT_OF_OFFICE)
def test_automatic_replies_are_known_by_their_phrases_sooner_also_when_each_is_another(text):
    machine = Sender()
    for number in range(automatic.PHRASES_AT_MOST):
        machine.writes(f"{text} #{number}")
    assert not machine.muted
    machine.writes(f"{text} #last")
    assert machine.muted


def test_an_angry_person_who_repeats_halo_is_answered():
    angry = Sender(pace=1.0)
    for _ in range(5):
        assert any(isinstance(effect, Say) for effect in angry.writes("halo"))
    assert not angry.muted


def test_a_person_who_takes_their_time_is_never_muted():
    patient = Sender(pace=automatic.SECONDS.total_seconds() + 1)
    for _ in range(50):
        patient.writes("halo min")
        patient.writes(OUT_OF_OFFICE[0])
    assert not patient.muted


def test_words_that_come_while_ours_are_on_their_way_are_a_flood_and_no_answers():
    flooding = Sender(pace=0.01)
    for number in range(100):
        flooding.writes("halo min", quiet=number % 3 == 0)
    assert not flooding.muted


@pytest.mark.parametrize("text", ["4", "42", "ya", "BANTUAN", "STATUS", "/start", "anjing lu"])
def test_short_answers_commands_and_insults_are_peoples(text):
    sender = Sender(pace=0.5)
    for _ in range(30):
        sender.writes(text)
    assert not sender.muted


def test_taps_and_files_break_the_row():
    sender = Sender()
    for _ in range(4):
        for _ in range(automatic.SAME_AT_MOST - 1):
            sender.writes("halo min")
        sender.writes(files=(FileRef("f"),))
    assert not sender.muted


def test_another_text_after_a_pause_is_a_persons():
    machine = Sender()
    mute(machine)
    assert [SetAside] == [type(effect) for effect in machine.writes("Lampu jalan mati di Cibodas", after=5)]
    assert [SetAside] == [type(effect) for effect in machine.writes("Halo, ada yang bisa kami bantu?", after=3600)]
    assert [SetAside] == [type(effect) for effect in machine.writes(OUT_OF_OFFICE[0], after=3600)]
    assert any(isinstance(effect, Say) for effect in machine.writes("Lampu jalan mati di Cibodas", after=61))
    assert not machine.muted


def test_a_tap_is_a_persons_at_once():
    machine = Sender()
    mute(machine)
    assert any(isinstance(effect, Say) for effect in machine.writes(after=1, pick=Pick("consent.1", "ya")))
    assert not machine.muted


def test_what_is_kept_of_a_mute_is_bounded_and_so_is_the_session():
    machine = Sender(capabilities=SMS)
    mute(machine)
    kept = sum(len(machine.writes("Halo, ada yang bisa kami bantu?")) for _ in range(3 * automatic.SET_ASIDE_AT_MOST))
    assert automatic.SET_ASIDE_AT_MOST - 1 == kept
    rhythm = decode(machine.session).rhythm
    assert (True, 12) == (rhythm.muted, len(rhythm.words))


def test_notices_are_told_all_the_same():
    machine = Sender()
    mute(machine)
    notice = Notice("r1:2", "status", replace(VIEW, mine=True), TELEGRAM)
    turn = engine.advance(machine.session, notice, machine.now, answers={}, tables=TABLES)
    assert any(isinstance(effect, Say) for effect in turn.effects)


def test_an_operator_can_have_them_answered_again():
    machine = Sender()
    mute(machine)
    machine.session = automatic.unmuted(machine.session)
    assert any(isinstance(effect, Say) for effect in machine.writes("halo"))
