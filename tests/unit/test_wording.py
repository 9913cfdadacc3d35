"""The renderer, with templates of its own. What the real ones say is checked in test_wording_catalogue."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.protocol import Offer, Say
from bot.model import Capabilities, Choice, Medium, Menu
from bot.wording import TEMPLATES, Wording, _length, _shorten

TELEGRAM = Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096)
WHATSAPP = Capabilities(Medium.WHATSAPP, buttons=False, media=True, pins=True, max_text=1600)
SMS = Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=1000)

YES_NO = '{% set choices = {"ya": "Ya, setuju", "tidak": "Tidak"} %}\n'
BOTH = (Offer("ya"), Offer("tidak"))


@pytest.fixture
def wording(tmp_path):
    """Makes a Wording over files given as a mapping of path to text."""

    def make(files):
        for language in ("id", "en"):
            (tmp_path / language).mkdir(exist_ok=True)
            (tmp_path / language / "_names.j2").write_text((TEMPLATES / language / "_names.j2").read_text())
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        return Wording(tmp_path)

    return make


def text_of(wording, template, capabilities=TELEGRAM, language="id", **params):
    return wording({f"{language}/k.j2": template}).render(Say("k", params, language=language), capabilities).text


def test_file_is_the_text_without_its_last_newline(wording):
    assert "Halo, Siti.\nApa kabar?" == text_of(wording, "Halo, {{ nama }}.\nApa kabar?\n", nama="Siti")


def test_language_decides_the_words(wording):
    words = wording({"id/k.j2": "Halo", "en/k.j2": "Hello"})
    assert "Halo" == words.render(Say("k"), TELEGRAM).text
    assert "Hello" == words.render(Say("k", language="en"), TELEGRAM).text


def test_words_that_are_the_same_for_all_are_filled_in_once_for_each_thing_they_depend_on(wording):
    words = wording({"id/k.j2": YES_NO + "{{ 'Lagi' if again else 'Halo' }} {{ n }}", "en/k.j2": YES_NO + "Hello {{ n }}"})

    def said(language="id", capabilities=TELEGRAM, question="k.1", offers=BOTH, **params):
        say = Say("k", {"again": False, "n": 1, **params}, offers, question=question, language=language)
        return words.render(say, capabilities)

    first = said()
    assert first == said()
    assert "k.2" == said(question="k.2").question
    assert ("Lagi 1", "Halo 2", "Hello 1") == (said(again=True).text, said(n=2).text, said(language="en").text)
    assert "Halo 1\n1. Ya, setuju\n2. Tidak" == said(capabilities=SMS).text
    assert ("tidak",) == tuple(choice.value for choice in said(offers=BOTH[1:]).choices)


def test_words_with_something_of_a_citizens_in_them_are_not_kept(wording):
    words = wording({"id/k.j2": "Halo, {{ nama }}."})
    for name in ("Siti", "Budi Santoso", "12345678"):
        assert f"Halo, {name}." == words.render(Say("k", {"nama": name}), TELEGRAM).text
    own = (Offer("profil", "Siti"),)
    assert ("Siti",) == tuple(each.label for each in words.render(Say("k", {"nama": "anda"}, own), TELEGRAM).choices)
    assert {} == words._kept


def test_nor_with_something_of_theirs_in_a_part(wording):
    words = wording({"id/k.j2": "{{ noted.name or noted.what }} {{ n }}"})
    for noted in ({"what": "place", "name": "Kec. Cibodas"}, {"what": "place", "name": "Budi"}, {"what": "place", "name": 1.5}):
        assert f"{noted['name']} 1" == words.render(Say("k", {"noted": noted, "n": 1}), TELEGRAM).text
    assert {} == words._kept
    for noted in ({"what": "thanks", "name": None}, {"what": "back", "name": ""}):
        assert [f"{noted['what']} 1"] * 2 == [words.render(Say("k", {"noted": noted, "n": 1}), TELEGRAM).text for _ in range(2)]
    assert 2 == len(words._kept)


def test_words_are_kept_apart_whatever_their_parameters_are_made_of(wording):
    words = wording({"id/k.j2": "{{ a }} {{ b }} {{ c }}"})
    variants = [{"a": {"b": "c"}, "c": ""}, {"a": "b", "b": "c", "c": ""}, {"a": {"b": {"c": ""}}}, {"a": {}, "b": "c", "c": ""}]
    given = [{"a": None, "b": None, "c": None} | params for params in variants]
    said = [words.render(Say("k", params), TELEGRAM).text for params in (*given, *given)]
    assert [f"{params['a']} {params['b']} {params['c']}" for params in (*given, *given)] == said
    assert 4 == len(words._kept)


def test_kept_words_are_of_one_length_and_shape(wording):
    words = wording({"id/k.j2": YES_NO + "Setuju sekali?"})
    for capabilities in (WHATSAPP, replace(WHATSAPP, max_text=30), SHAPES, replace(SHAPES, menus=(Menu(3, 10, 40),)), TELEGRAM):
        fresh = wording({"id/k.j2": YES_NO + "Setuju sekali?"})
        assert fresh.render(Say("k", offers=BOTH), capabilities) == words.render(Say("k", offers=BOTH), capabilities)


def test_a_name_that_is_a_methods_too_means_the_method(wording):
    template = "{{ x.items()|length }} {{ x.get('a') }} {{ x.a }} {{ x['items'] }}"
    assert "2 1 1 3" == text_of(wording, template, x={"items": 3, "a": 1})
    with pytest.raises(jinja2.UndefinedError):
        text_of(wording, "{{ x.b }}", x={"a": 1})


def test_medium_may_have_words_of_its_own(wording):
    words = wording({"id/k.j2": "panjang", "id/k@sms.j2": "pendek"})
    assert "pendek" == words.render(Say("k"), SMS).text
    assert "panjang" == words.render(Say("k"), WHATSAPP).text


def test_medium_may_have_the_only_words(wording):
    assert "pendek" == wording({"id/k@sms.j2": "pendek"}).render(Say("k"), SMS).text


@pytest.mark.parametrize("say", [Say("other"), Say("k", language="fr"), Say("_part"), Say("page.k.html"), Say("../en/k")])
def test_key_without_words_is_a_lookup_error(wording, say):
    words = wording({"id/k.j2": "x", "id/_part.j2": "x", "id/page.k.html.j2": "x"})
    with pytest.raises(LookupError):
        words.render(say, TELEGRAM)


def test_missing_parameter_is_an_error(wording):
    with pytest.raises(jinja2.UndefinedError):
        text_of(wording, "Halo, {{ nama }}.")


def test_mistake_in_a_template_stops_the_start(wording):
    with pytest.raises(jinja2.TemplateSyntaxError):
        wording({"id/k.j2": "{{ nama "})


@pytest.mark.parametrize("name", ["id/k@sns.j2", "id/k k.j2", "id/@sms.j2"])
def test_misnamed_file_stops_the_start(wording, name):
    with pytest.raises(ValueError, match="is the name of no key"):
        wording({name: "x"})


def test_keys_are_those_with_words(wording):
    words = wording({"id/a.j2": "", "id/b@sms.j2": "", "id/ask.kind.j2": "", "id/_p.j2": "", "id/page.x.html.j2": "", "en/a.j2": ""})
    assert {"a", "b", "ask.kind"} == words.keys("id")
    assert {"a"} == words.keys("en")
    assert ("en", "id") == words.languages


def test_parts_can_be_included(wording):
    words = wording({"id/k.j2": '{% include "id/_p.j2" %} Selesai.', "id/_p.j2": "Halo {{ nama }}."})
    assert "Halo Siti. Selesai." == words.render(Say("k", {"nama": "Siti"}), TELEGRAM).text


# ---- choices


def test_buttons_are_labelled_by_the_template_in_the_order_offered(wording):
    out = wording({"id/k.j2": YES_NO + "Setuju?\n"}).render(Say("k", offers=(Offer("tidak"), Offer("ya")), question="q1"), TELEGRAM)
    assert ("Setuju?", (Choice("tidak", "Tidak"), Choice("ya", "Ya, setuju")), "q1") == (out.text, out.choices, out.question)


def test_without_buttons_choices_are_numbered_lines(wording):
    out = wording({"id/k.j2": YES_NO + "Setuju?\n"}).render(Say("k", offers=BOTH), WHATSAPP)
    assert ("Setuju?\n1. Ya, setuju\n2. Tidak", ()) == (out.text, out.choices)


def test_labels_that_are_data_win(wording):
    out = wording({"id/k.j2": YES_NO + "Mana?"}).render(Say("k", offers=(Offer("ya", "Kec. Cibodas"), Offer("tidak"))), TELEGRAM)
    assert (Choice("ya", "Kec. Cibodas"), Choice("tidak", "Tidak")) == out.choices


def test_labels_may_come_from_an_imported_part(wording):
    words = wording(
        {"id/k.j2": '{% from "id/_p.j2" import both %}{% set choices = both %}Setuju?', "id/_p.j2": '{% set both = {"ya": "Ya"} %}'}
    )
    assert (Choice("ya", "Ya"),) == words.render(Say("k", offers=(Offer("ya"),)), TELEGRAM).choices


def test_template_of_a_medium_without_choices_names_the_numbers_itself(wording):
    words = wording({"id/k.j2": YES_NO + "Setuju?", "id/k@sms.j2": "Balas 1 setuju, 2 tidak"})
    assert "Balas 1 setuju, 2 tidak" == words.render(Say("k", offers=BOTH), SMS).text


def test_such_a_template_still_lists_data_under_its_own_number(wording):
    words = wording({"id/k.j2": YES_NO + "?", "id/k@sms.j2": "Balas 1 setuju"})
    assert "Balas 1 setuju\n2. Cibodas" == words.render(Say("k", offers=(Offer("ya"), Offer("x", "Cibodas"))), SMS).text


def test_template_of_a_medium_with_choices_is_numbered(wording):
    words = wording({"id/k.j2": YES_NO + "Setuju?", "id/k@sms.j2": '{% set choices = {"ya": "Ya", "tidak": "Tdk"} %}\nOk?'})
    assert "Ok?\n1. Ya\n2. Tdk" == words.render(Say("k", offers=BOTH), SMS).text


def test_labels_a_medium_does_not_say_are_the_usual_ones(wording):
    words = wording({"id/k.j2": YES_NO + "?", "id/k@whatsapp.j2": '{% set choices = {"ya": "Y"} %}Ok?', "id/k@telegram.j2": "Tap"})
    assert "Ok?\n1. Y\n2. Tidak" == words.render(Say("k", offers=BOTH), WHATSAPP).text
    assert (Choice("ya", "Ya, setuju"), Choice("tidak", "Tidak")) == words.render(Say("k", offers=BOTH), TELEGRAM).choices


@pytest.mark.parametrize("capabilities", [TELEGRAM, WHATSAPP, SMS])
def test_offer_without_a_label_is_a_lookup_error(wording, capabilities):
    with pytest.raises(LookupError, match="lain"):
        wording({"id/k.j2": YES_NO + "?"}).render(Say("k", offers=(Offer("lain"),)), capabilities)


# ---- choices where buttons come in shapes

SHAPES = replace(WHATSAPP, buttons=True, menus=(Menu(2, 10, 40), Menu(4, 24, 40)))


def offered(wording, labels, text="Mana?"):
    return wording({"id/k.j2": text}).render(Say("k", offers=tuple(Offer(label, label) for label in labels)), SHAPES)


@pytest.mark.parametrize("labels", [["a", "b"], ["a" * 10, "b"], ["a" * 24, "b", "c", "d"]])
def test_choices_that_fit_into_a_shape_are_buttons(wording, labels):
    out = offered(wording, labels)
    assert ("Mana?", labels) == (out.text, [choice.label for choice in out.choices])


@pytest.mark.parametrize("labels", [["a"], ["a", "b", "c"], ["a" * 11, "b"], ["a" * 25, "b", "c", "d"], ["a", "a"], list("abcde")])
def test_choices_that_do_not_are_numbered(wording, labels):
    out = offered(wording, labels)
    assert ("Mana?" + "".join(f"\n{n}. {label}" for n, label in enumerate(labels, 1)), ()) == (out.text, out.choices)


def test_choices_under_a_text_too_long_for_a_shape_are_numbered(wording):
    assert offered(wording, ["a", "b"], "x" * 40).choices
    assert ("x" * 41 + "\n1. a\n2. b", ()) == (offered(wording, ["a", "b"], "x" * 41).text, offered(wording, ["a", "b"], "x" * 41).choices)


def test_where_there_are_shapes_words_without_choices_have_none(wording):
    out = wording({"id/k.j2": "Halo"}).render(Say("k"), SHAPES)
    assert ("Halo", ()) == (out.text, out.choices)


# ---- notices in brief


@pytest.mark.parametrize(
    ("say", "brief"),
    [
        (Say("notice.status", {"number": "8812345", "status": "in_progress", "title": "Rahasia"}), ("8812345", "sedang dikerjakan", "id")),
        (Say("notice.status", {"number": "8812345", "status": "in_progress"}, language="en"), ("8812345", "being worked on", "en")),
        (Say("notice.completed", {"number": "8812345", "status": "completed"}), ("8812345", "selesai", "id")),
        (
            Say("notice.message", {"number": "8812345", "status": "answered", "text": "Rahasia"}),
            ("8812345", "ada pesan dari instansi", "id"),
        ),
        (Say("notice.refused", {"receipt": "L23456789"}), ("L23456789", "sedang diperiksa petugas", "id")),
        (Say("notice.media_late", {"number": "8812345", "count": 1}), None),
        (Say("notice.media_failed", {"number": None, "reason": "media_gone"}), None),
        (Say("told.status", {"number": "8812345", "status": "completed"}), None),
        (Say("ask.menu"), None),
    ],
)
def test_a_notice_in_brief_tells_number_status_and_date(real, say, brief):
    found = real.brief(say, date(2026, 11, 5))
    assert brief == (found and (found.number, found.status, found.language))
    if found:
        assert "05/11/2026" == found.day
        assert all(each in found.text for each in (found.number, found.status, found.day))
        assert "Rahasia" not in repr(found)


# ---- a citizen's text is data


HOSTILE = ["{{ 7*7 }}", "{% set choices = {'ya': 'jahat'} %}", "{# #}", "<b>&amp;</b>", '{"$gt": ""}', "\u202eabc", "%s {0} $x"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_citizen_comes_out_as_it_is(wording, text):
    assert f"Anda: {text}." == text_of(wording, "Anda: {{ isi }}.", isi=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_label_that_is_data_comes_out_as_it_is(wording, text):
    assert f"?\n1. {text}" == wording({"id/k.j2": "?"}).render(Say("k", offers=(Offer("x", text),)), WHATSAPP).text


def test_parameter_called_choices_names_no_choice(wording):
    with pytest.raises(LookupError):
        wording({"id/k.j2": "?"}).render(Say("k", {"choices": {"ya": "jahat"}}, (Offer("ya"),)), TELEGRAM)


# ---- SMS


def test_sms_is_turned_into_the_gsm_alphabet(wording):
    assert "Jalan \"rusak\" - 'parah'..." == text_of(wording, "Jalan “rusak” \u2013 \u2018parah\u2019…", SMS)


def test_sms_labels_are_turned_too(wording):
    assert "?\n1. 'A'" == wording({"id/k.j2": "?"}).render(Say("k", offers=(Offer("a", "\u2018A\u2019"),)), SMS).text


def test_sms_with_another_script_stays_as_it_was_written(wording):
    assert "“李” ô" == text_of(wording, "{{ isi }}", SMS, isi="“李” ô")


def test_other_media_keep_their_typography(wording):
    assert "“rusak”" == text_of(wording, "“rusak”", WHATSAPP)


# ---- length


def test_long_text_is_cut_after_a_word(wording):
    out = text_of(wording, "{{ isi }}", SMS, isi="kata " * 400)
    assert out.endswith("kata...")
    assert 990 < len(out) <= 1000


def test_choices_survive_a_long_text(wording):
    out = wording({"id/k.j2": YES_NO + "{{ isi }}"}).render(Say("k", {"isi": "kata " * 400}, BOTH), SMS).text
    assert out.endswith("kata...\n1. Ya, setuju\n2. Tidak")
    assert len(out) <= 1000


@given(st.text(alphabet=st.sampled_from("ab \n😀é\ud800")), st.integers(0, 30))
def test_shortened_text_fits_and_is_a_beginning(text, limit):
    short = _shorten(text, limit)
    assert _length(short) <= limit
    if _length(text) <= limit:
        assert text == short
    elif limit >= 3:
        assert short.endswith("...")
        assert text.replace("\ud800", "").startswith(short[:-3].replace("\ud800", ""))


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=12))
def test_shortened_sentence_ends_with_a_whole_word(words):
    short = _shorten(" ".join(words), 20)
    if short.endswith("..."):
        kept = short[:-3].split(" ")
        assert words[: len(kept)] == kept


# ---- filters


@pytest.mark.parametrize(
    ("template", "value", "language", "expected"),
    [
        ("{{ x|tanggal }}", date(2026, 11, 20), "id", "Jumat, 20 November 2026"),
        ("{{ x|tanggal }}", date(2026, 11, 20), "en", "Friday, 20 November 2026"),
        ("{{ x|tanggal }}", "2026-08-02", "id", "Minggu, 2 Agustus 2026"),
        ("{{ x|tanggal }}", datetime(2026, 11, 19, 17, 30, tzinfo=UTC), "id", "Jumat, 20 November 2026"),
        ("{{ x|tanggal_pendek }}", date(2026, 11, 5), "id", "05/11/2026"),
        ("{{ x|jam }}", datetime(2026, 11, 20, 7, 5, tzinfo=UTC), "id", "14.05"),
        ("{{ x|jam }}", datetime(2026, 11, 20, 7, 5, tzinfo=UTC), "en", "14:05"),
        ("{{ x|jam }}", "2026-11-20T07:05:00+00:00", "id", "14.05"),
        ("{{ x|ribuan }}", 20000, "id", "20.000"),
        ("{{ x|ribuan }}", 20000, "en", "20,000"),
        ("{{ x|ribuan }}", 999, "id", "999"),
        ("{{ x|ringkas(12) }}", "jalan rusak parah", "id", "jalan..."),
        ("{{ x|ringkas(17) }}", "jalan rusak parah", "id", "jalan rusak parah"),
    ],
)
def test_filter(wording, template, value, language, expected):
    assert expected == text_of(wording, template, language=language, x=value)


@pytest.fixture(scope="module")
def real():
    return Wording(TEMPLATES)


def test_every_day_and_month_has_a_name_in_every_language(real):
    for language in real.languages:
        names = real._environment.get_template(f"{language}/_names.j2").module
        assert (7, 12) == (len(set(names.days)), len(set(names.months)))


# ---- pages


def test_page_escapes_its_parameters(wording):
    words = wording({"id/page.k.html.j2": "<p>{{ nama }}</p>"})
    assert "<p>&lt;b&gt;</p>" == words.page("k", "id", nama="<b>")


def test_unknown_page_is_a_lookup_error(wording):
    with pytest.raises(LookupError):
        wording({}).page("k", "id")


class Outline(HTMLParser):
    """Checks that tags close in order, and keeps what a page is made of."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attrs = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attrs += [(tag, *attr) for attr in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()


PRIVACY = {
    "agency": "Dinas <Contoh>",
    "contact": "privasi@contoh.example",
    "version": "2026-11",
    "published": date(2026, 11, 1),
    "draft_days": 7,
    "redirect_days": 14,
    "dedupe_hours": 48,
}


@pytest.mark.parametrize(("language", "day"), [("id", "Minggu, 1 November 2026"), ("en", "Sunday, 1 November 2026")])
def test_privacy_notice(real, language, day):
    page = real.page("privasi", language, **PRIVACY)
    outline = Outline()
    outline.feed(page)
    assert [] == outline.open
    assert ("html", "lang", language) in outline.attrs
    assert {"header", "main", "footer", "h1", "h2", "time"} <= set(outline.tags)
    assert 1 == outline.tags.count("h1")
    assert not {"script", "img", "link", "iframe"} & set(outline.tags)
    for said in (
        "Dinas &lt;Contoh&gt;",
        "privasi@contoh.example",
        "2026-11",
        day,
        "7 ",
        "14 ",
        "48 ",
        "72 ",
        "HAPUS DATA",
        "NIK",
        "?lang=",
    ):
        assert said in page


def test_a_template_that_has_changed_is_compiled_anew(wording):
    assert "lama" == text_of(wording, "lama")
    assert "lama" == text_of(wording, "lama")
    assert "baru" == text_of(wording, "baru")


def test_where_nothing_may_be_kept_templates_are_compiled_all_the_same(wording, tmp_path):
    (tmp_path / "__pycache__").write_text("no directory")
    assert "Halo" == text_of(wording, "Halo")
