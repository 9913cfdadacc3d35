"""Every key the conversation may say has words: in every language, on every medium, within what an SMS may cost."""

import ast
import re
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from jinja2 import meta, nodes

import bot
from bot.channels import callback
from bot.channels.simulator import CAPABILITIES
from bot.conversation.protocol import Offer, Say
from bot.gsm import Encoding, segments
from bot.model import Medium
from bot.wording import TEMPLATES, Wording

BUTTONS = [replace(capabilities, buttons=True) for capabilities in CAPABILITIES.values()]
NO_BUTTONS = [replace(capabilities, buttons=False) for capabilities in CAPABILITIES.values()]
BY_SMS = [CAPABILITIES[Medium.SMS]]

SEGMENTS = 1
"""SMS parts of a routine message."""
SEGMENTS_OF = {
    "ask.summary": 3,  # the whole report, once, before it is sent
    "ask.category": 2,  # by SMS only when a typed word may mean several
    "ask.visibility": 2,  # four choices that have to be explained, and the place may be echoed before them
}
NEVER_BY_SMS = {"ask.evidence", "ask.item", "ask.skm"}
"""What depends on files, which an SMS carries none of, or is asked in another way."""

LONGEST_QUESTION_ID = "q" * 24
LONGEST_LABEL = {Medium.TELEGRAM: 40, Medium.WHATSAPP: 24}
"""Characters of a label of our own: more is cut off on a phone (Telegram), or refused (WhatsApp's lists)."""


def words(text):
    return frozenset(text.split())


INDONESIAN = words(
    "yang dan untuk tidak anda silakan silahkan laporan atau dengan dari kami sudah belum akan bisa ini itu kirim balas nomor pada mohon"
    " ulangi terima kasih apakah bagaimana kapan lokasi kejadian karena jika bila"
)
ENGLISH = words("the and for not you your please report or with from we have been will can this that send reply is are of to if")
PARSING = ("conversation/understanding/", "conversation/replies.py", "conversation/categories.py", "conversation/commands.py")
"""Where Indonesian is read, not spoken."""


@pytest.fixture(scope="module")
def catalogue():
    from bot.conversation.catalogue import CATALOGUE

    return CATALOGUE


@cache
def wording():
    return Wording(TEMPLATES)


@cache
def languages():
    return wording().languages


def samples(info):
    """The parameters of a key: the usual ones, and each of their variants."""
    return [dict(info.params), *({**info.params, **variant} for variant in info.variants)]


def everything(catalogue, media):
    """Each key with each sample in each language on each of the media: where, what."""
    for (key, info), language, capabilities in product(catalogue.items(), languages(), media):
        offers = tuple(Offer(value) for value in info.offers)
        for number, params in enumerate(samples(info)):
            say = Say(key, params, offers, question=LONGEST_QUESTION_ID, language=language)
            yield (key, language, str(capabilities.medium), number), wording().render(say, capabilities)


def variants(language, key):
    """The files that speak for a key."""
    return [path for path in sorted((TEMPLATES / language).glob(f"{key}*.j2")) if re.fullmatch(rf"{re.escape(key)}(@\w+)?\.j2", path.name)]


@cache
def placeholders(name):
    """What a template and the parts it includes want to be given."""
    environment = wording()._environment
    tree = environment.parse((TEMPLATES / name).read_text())
    imported = {part if isinstance(part, str) else part[1] for found in tree.find_all(nodes.FromImport) for part in found.names}
    included = (placeholders(part) for part in meta.find_referenced_templates(tree) if part)
    return (meta.find_undeclared_variables(tree) - imported).union(*included)


def test_there_are_two_languages():
    assert ("en", "id") == languages()


def test_every_key_has_words_in_every_language(catalogue):
    assert {} == {language: missing for language in languages() if (missing := sorted(set(catalogue) - wording().keys(language)))}


def test_no_words_are_orphaned(catalogue):
    assert {} == {language: orphans for language in languages() if (orphans := sorted(wording().keys(language) - set(catalogue)))}


def test_no_part_is_orphaned():
    files = [path for path in TEMPLATES.rglob("*.j2") if path.parent.name != "desk"]
    mentioned = {part for path in files for part in re.findall(r'"([\w/.@-]+\.j2)"', path.read_text())}
    parts = {str(path.relative_to(TEMPLATES)) for path in files if path.name.startswith("_") and path.name != "_names.j2"}
    assert set() == parts - mentioned


@pytest.mark.parametrize("media", [BUTTONS, NO_BUTTONS], ids=["buttons", "no buttons"])
def test_everything_can_be_said_on_every_medium(catalogue, media):
    for where, out in everything(catalogue, media):
        assert out.text.strip() == out.text, where
        assert out.text, where
        assert not re.search(r"\{[{%#]|[%#}]\}|\bUndefined\b|\bNone\b(?! of)|\bTrue\b|\bFalse\b|\n{3}|  \n|object at 0x", out.text), (
            where,
            out.text,
        )


def test_languages_want_the_same_parameters_and_those_exist(catalogue):
    wanted = {
        key: {
            language: set().union(*(placeholders(f"{language}/{path.name}") for path in variants(language, key)))
            for language in languages()
        }
        for key in catalogue
    }
    assert {} == {key: names for key, names in wanted.items() if names["id"] != names["en"]}
    assert {} == {key: odd for key, names in wanted.items() if (odd := names["id"] - set(catalogue[key].params))}


def test_languages_have_the_same_variants(catalogue):
    odd = {key for key in catalogue if len({tuple(path.name for path in variants(language, key)) for language in languages()}) != 1}
    assert set() == odd


def test_every_offer_has_a_label_that_fits(catalogue):
    for (key, language, medium, _), out in everything(catalogue, BUTTONS):
        assert catalogue[key].offers == tuple(choice.value for choice in out.choices), (key, language, medium)
        labels = [choice.label for choice in out.choices]
        assert len(labels) == len(set(labels)), (key, language, labels)
        for label in labels:
            assert label.strip(), (key, language, medium)
            assert len(label) <= LONGEST_LABEL.get(medium, 160), (key, language, medium, label)


def test_no_label_is_orphaned(catalogue):
    offered = {value for info in catalogue.values() for value in info.offers}
    for key, language in product(catalogue, languages()):
        for path in variants(language, key):
            module = wording()._environment.get_template(f"{language}/{path.name}").make_module(dict(catalogue[key].params))
            orphans = set(getattr(module, "choices", {})) - (set(catalogue[key].offers) or offered)
            assert set() == orphans, (key, path.name)


def test_every_offer_fits_into_a_telegram_button(catalogue):
    offers = [(key, value) for key, info in catalogue.items() for value in info.offers]
    unfit = [(key, value) for key, value in offers if callback.encode(LONGEST_QUESTION_ID, value) == "q::"]
    assert [] == unfit


def test_offers_without_buttons_stand_in_the_words(catalogue):
    for where, out in everything(catalogue, NO_BUTTONS):
        missing = [n for n, _ in enumerate(catalogue[where[0]].offers, 1) if not re.search(rf"(?<!\d){n}(?!\d)", out.text)]
        assert [] == missing, (where, out.text)


def test_sms_is_in_the_gsm_alphabet(catalogue):
    odd = [where for where, out in everything(catalogue, BY_SMS) if segments(out.text).encoding is not Encoding.GSM7]
    assert [] == odd


def test_sms_costs_no_more_than_its_budget(catalogue):
    over = {}
    for (key, language, _, sample), out in everything(catalogue, BY_SMS):
        cost = segments(out.text)
        if key not in NEVER_BY_SMS and cost.count > SEGMENTS_OF.get(key, SEGMENTS):
            over[f"{language}/{key} #{sample}"] = f"{cost.count} parts ({cost.units} septets), budget {SEGMENTS_OF.get(key, SEGMENTS)}"
    assert {} == over


def test_budgets_are_those_of_real_keys(catalogue):
    assert set() == (NEVER_BY_SMS | set(SEGMENTS_OF)) - set(catalogue)


# ---- one language a file, and none in the code


def strangers(text, foreign):
    return set(re.findall(r"[a-z]+", text.casefold())) & foreign


def sentences(text):
    return [part for part in re.split(r"[.!?\n:]", re.sub(r"\{[{%#].*?[%#}]\}", " ", text, flags=re.DOTALL)) if part.strip()]


@pytest.mark.parametrize(("language", "foreign"), [("id", ENGLISH), ("en", INDONESIAN)])
def test_words_are_in_their_own_language(language, foreign):
    odd = [
        (path.name, sentence.strip())
        for path in sorted((TEMPLATES / language).glob("*.j2"))
        if not path.name.startswith("page.")
        for sentence in sentences(path.read_text())
        if len(strangers(sentence, foreign)) >= 3
    ]
    assert [] == odd


def literals(path):
    """String literals of a module, docstrings left out: line and text."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_no_indonesian_sentence_stands_in_the_code():
    root = Path(bot.__file__).parent
    odd = [
        f"{path.relative_to(root)}:{line}"
        for path in sorted(root.rglob("*.py"))
        if not path.relative_to(root).as_posix().startswith(PARSING)
        for line, text in literals(path)
        if len(strangers(text, INDONESIAN)) >= 3
    ]
    assert [] == odd


def test_the_check_for_sentences_finds_one():
    assert len(strangers("Laporan Anda sudah kami terima.", INDONESIAN)) >= 3
    assert len(strangers("Your report has been received by the core.", INDONESIAN)) < 3


@pytest.mark.parametrize(("language", "channel"), [("id", Medium.SMS), ("en", Medium.TELEGRAM)])
def test_command_prints_the_whole_wording(catalogue, capsys, language, channel):
    from bot.commands.wording import main

    assert 0 == main(["--language", language, "--channel", channel])
    page = capsys.readouterr().out
    assert list(catalogue) == re.findall(r"^## (\S+)$", page, re.MULTILINE)
    assert (channel is Medium.SMS) == (" gsm7:" in page)
