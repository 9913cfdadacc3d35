"""Names in a trie, and areas in the bytes of their tables: what dicts of strings would answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.understanding.area_table import AreaTable
from bot.conversation.understanding.levels import DISTRICT, PROVINCE, REGENCY, VILLAGE
from bot.conversation.understanding.names import ENDS, Ends, Names

HALF_A_PAIR = "\ud83d"
WORDS = st.text("abc", min_size=1, max_size=4)

TABLE = AreaTable(
    b"11.01.01.2001,11.01.01,Keude Bakongan\n"
    b'11.01.01.2002,11.01.01,"Kampung ""Baru"""\n'
    b"11.01.02.2001,11.01.02,Sukamaju\n"
    b"32.01.24.1001,32.01.24,Pa\xe2\x80\x99rappunganta\n"
)


DISTRICTS = AreaTable(b"36.71.02,36.71,Jatiuwung\n36.71.09,36.71,Cibodas\n")
NAMES = Names(
    {"bandung": ("32.04", "32.73"), "banten": ("36",)},
    {DISTRICT: ["cibodas", "cibodas", "coblong"], VILLAGE: ["sukamaju", "cibodas", "sukamaju", "ban"]},
)


class TestNames:
    def test_levels_are_those_of_all_that_bear_the_name(self):
        levels = {name: NAMES.levels(name) for name in ("bandung", "cibodas", "banten", "sukamaju", "suka")}
        assert levels == {"bandung": {REGENCY}, "cibodas": {DISTRICT, VILLAGE}, "banten": {PROVINCE}, "sukamaju": {VILLAGE}, "suka": set()}

    def test_what_is_in_a_table_is_named_by_its_place(self):
        asked = ("sukamaju", "cibodas", "bandung", "nowhere")
        assert [list(NAMES.places(name, VILLAGE)) for name in asked] == [[0, 2], [1], [], []]
        assert [list(NAMES.places(name, DISTRICT)) for name in asked] == [[], [0, 1], [], []]

    def test_a_text_begins_with_shorter_names_first(self):
        assert NAMES.begun_by("bandungraya") == ["ban", "bandung"]
        assert NAMES.begun_by("jakarta") == []

    def test_what_begins_so_comes_in_order(self):
        assert list(NAMES.beginning("ban")) == ["ban", "bandung", "banten"]

    def test_half_a_surrogate_pair_is_in_no_name(self):
        assert HALF_A_PAIR not in NAMES
        assert not list(NAMES.beginning(HALF_A_PAIR))
        assert not NAMES.places(HALF_A_PAIR, VILLAGE)

    @given(
        st.dictionaries(WORDS, st.sets(st.sampled_from(["32", "32.01", "32.01.24"]), min_size=1)), st.lists(WORDS), st.lists(WORDS), WORDS
    )
    def test_they_answer_as_dicts_would(self, areas, districts, villages, asked):
        tables = {DISTRICT: districts, VILLAGE: villages}
        names = Names({name: tuple(codes) for name, codes in areas.items()}, tables)
        every = {*areas, *districts, *villages}
        for level, table in tables.items():
            assert list(names.places(asked, level)) == [place for place, name in enumerate(table) if name == asked]
        in_tables = {level for level, table in tables.items() if asked in table}
        assert names.levels(asked) == {len(code) for code in areas.get(asked, ())} | in_tables
        assert (asked in names) == (asked in every)
        assert names.begun_by(asked) == [asked[:end] for end in range(1, len(asked) + 1) if asked[:end] in every]


class TestEnds:
    @given(st.sets(st.text("abc", min_size=2 * ENDS, max_size=8)), st.text("abc", min_size=2 * ENDS - 1, max_size=9))
    def test_either_end_is_enough(self, names, word):
        assert set(Ends(names).like(word)) == {name for name in names if name[:ENDS] == word[:ENDS] or name[-ENDS:] == word[-ENDS:]}


class TestAnAreaTable:
    def test_names_are_given_as_they_are_meant(self):
        assert [TABLE.name(code) for code in ("11.01.01.2001", "11.01.01.2002", "32.01.24.1001")] == [
            "Keude Bakongan",
            'Kampung "Baru"',
            "Pa\u2019rappunganta",
        ]

    @pytest.mark.parametrize("code", ["11.01.01.2003", "99.99.99.9999", "00.00.00.0000"])
    def test_an_unknown_code_has_no_name(self, code):
        with pytest.raises(KeyError):
            TABLE.name(code)

    def test_places_are_the_lines(self):
        assert len(TABLE) == len(list(TABLE)) == 4
        assert TABLE.codes([3, 0]) == [TABLE.code(3), TABLE.code(0)] == ["32.01.24.1001", "11.01.01.2001"]

    def test_a_district_has_its_own(self):
        assert TABLE.within("11.01.01") == ["11.01.01.2001", "11.01.01.2002"]
        assert TABLE.within("11.01.03") == TABLE.within("99.01.01") == []

    def test_each_level_has_codes_of_its_own_length(self):
        assert list(DISTRICTS.items()) == [("36.71.02", "Jatiuwung"), ("36.71.09", "Cibodas")]
        assert (DISTRICTS.name("36.71.09"), DISTRICTS.within("36.71")) == ("Cibodas", ["36.71.02", "36.71.09"])
