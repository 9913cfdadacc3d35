"""Recorded conversations go as they went; between them they say everything there is to say.

`pytest tests/unit/test_transcripts.py --update` rewrites them; the difference is to be read.
"""

from functools import cache

import pytest

from bot.conversation.catalogue import CATALOGUE
from tests.transcripts.player import HERE, replayed, transcripts

SAID_BY_INTAKE = {"sorry.parked", "filed.joins", "brief.status", "brief.text"}
"""Said when the conversation itself has failed, in a report's own text, or of a notice while WhatsApp is closed."""


@cache
def replay(path):
    return replayed(path)


@cache
def everything_said():
    return [say for path in transcripts() for say in replay(path)[1]]


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: str(path.relative_to(HERE).with_suffix("")))
def test_goes_as_recorded(path, request):
    now, _ = replay(path)
    if request.config.getoption("--update", default=False):
        path.write_text(now)
    assert path.read_text() == now


def test_every_channel_is_covered():
    assert {"sms", "telegram", "whatsapp"} == {path.parent.name for path in transcripts()}


def test_both_languages_are_covered_on_every_channel_with_words_of_its_own():
    assert {"id", "en"} == {say.language for say in everything_said()}


def test_everything_said_is_in_the_catalogue_with_its_parameters():
    odd = {
        say.key: sorted(set(say.params) ^ set(CATALOGUE[say.key].params)) if say.key in CATALOGUE else "unknown"
        for say in everything_said()
        if say.key not in CATALOGUE or set(say.params) != set(CATALOGUE[say.key].params)
    }
    assert {} == odd


def test_everything_in_the_catalogue_is_said():
    assert set(CATALOGUE) - SAID_BY_INTAKE == {say.key for say in everything_said()}


def test_question_ids_and_values_fit_into_a_button():
    questions = [say for say in everything_said() if say.question]
    assert [] == [say.question for say in questions if len(say.question) > 24]
    assert [] == [offer for say in questions for offer in say.offers if len(f"q:{say.question}:{offer.value}".encode()) > 64]
