"""The words of the desk's pages: both languages, every key that is asked for, none that nobody asks for."""

import re
from string import Formatter

import pytest

from bot.desk.audit_page import ACTIONS
from bot.desk.frame import _PAGES
from bot.desk.routes import ROUTES
from bot.desk.words import LANGUAGES, Words
from bot.staff.model import Role
from bot.wording import TEMPLATES

DESK = TEMPLATES / "desk"
OPEN = ("action.", "channel.", "detail.", "why.")
"""Catalogues that are looked into with what comes: `named` and `known` fall back where they have nothing."""


@pytest.fixture(scope="module")
def words():
    return Words(DESK / "words")


def asked():
    """Keys and beginnings of keys in templates and code: ("login.title", whole) and ("login.", not whole)."""
    code = (TEMPLATES.parent / "bot" / "desk").glob("*.py")
    sources = [*DESK.glob("*.j2"), *(path for path in code if path.name != "words.py")]
    for path in sources:
        text = path.read_text()
        for key, rest in re.findall(r"""\b(?:t|self\.t|visit\.t|named|known)\(f?["']([\w.]+)["'{%]([^)]*)""", text):
            yield key.rstrip("%"), not (rest.lstrip().startswith(("~", "%")) or key.endswith((".", "_")))
        for done in re.findall(r'done="(\w+)"|else "(replayed)"|done="(\w+)" if', text):
            yield from ((f"done.{name}", True) for name in done if name)
    for route in ROUTES:
        if route.menu:
            yield f"{route.menu}.menu", True
            yield f"{route.menu}.about", True
    yield "done.not_replayable", True


def test_every_key_that_is_asked_for_is_there(words):
    wanted = {key for key, whole in asked() if whole and "." in key}
    assert len(wanted) > 80
    assert set() == wanted - words.keys


def test_every_key_is_asked_for(words):
    known = set(asked())
    whole = {key for key, is_whole in known if is_whole}
    begun = tuple(key for key, is_whole in known if not is_whole and len(key) > 1)
    assert set() == {key for key in words.keys - whole if not key.startswith((*begun, *OPEN))}


def test_what_comes_as_a_value_has_words(words):
    wanted = {f"role.{role}" for role in Role} | {f"action.{action}" for action in ACTIONS}
    wanted |= {f"problem.{part}_{status}" for status in (*_PAGES, 500) for part in ("title", "about")}
    assert set() == wanted - words.keys


def test_both_languages_have_the_same_places_for_values(words):
    def places(key, language):
        return {name for _, name, _, _ in Formatter().parse(words.text(key, language)) if name}

    assert [] == [key for key in words.keys if len({frozenset(places(key, language)) for language in LANGUAGES}) != 1]


def test_no_words_are_empty_or_the_same_by_mistake(words):
    assert [] == [key for key in words.keys for language in LANGUAGES if not words.text(key, language).strip()]
    sentences = [key for key in words.keys if len(words.text(key, "id").split()) >= 4]
    assert len(sentences) > 40
    assert [] == [key for key in sentences if words.text(key, "id") == words.text(key, "en") and not key.endswith("months")]


def test_a_key_without_one_of_the_languages_stops_the_start(tmp_path):
    (tmp_path / "page.toml").write_text('title.id = "Judul"\n')
    with pytest.raises(ValueError, match=r"page\.toml: title must have id and en"):
        Words(tmp_path)


def test_values_are_filled_in_and_unknown_keys_refused(words):
    assert "3 jam" == words.into("id")("desk.hours", n=3)
    with pytest.raises(KeyError):
        words.into("id")("desk.nothing")
    with pytest.raises(KeyError):
        words.into("id")("desk.hours", m=3)


def test_no_page_has_script_or_style_of_its_own():
    odd = [
        path.name
        for path in DESK.glob("*.j2")
        if re.search(r"<style|\bstyle=|\bon\w+=|javascript:|<script(?! src=)|\|safe\b", path.read_text())
    ]
    assert [] == odd
