"""Names in a trie, and villages in the bytes of their table: what dicts of strings would answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.understanding.levels import DISTRICT, PROVINCE, REGENCY, VILLAGE
from bot.conversation.understanding.names import ENDS, Ends, Names
from bot.conversation.understanding.village_table import VillageTable

HALF_A_PAIR = "\ud83d"
WORDS = st.text("abc", min_size=1, max_size=4)

TABLE = VillageTable(
    b"11.01.01.2001,11.01.01,Keude Bakongan\n"
    b'11.01.01.2002,11.01.01,"Kampung ""Baru"""\n'
    b"11.01.02.2001,11.01.02,Sukamaju\n"
    b"32.01.24.1001,32.01.24,Pa\xe2\x80\x99rappunganta\n"
)


NAMES = Names({"bandung": ("32.04", "32.73"), "cibodas": ("36.71.09",), "banten": ("36",)}, ["sukamaju", "cibodas", "sukamaju", "ban"])


class TestNames:
    def test_levels_are_those_of_all_that_bear_the_name(self):
        levels = {name: NAMES.levels(name) for name in ("bandung", "cibodas", "banten", "sukamaju", "suka")}
        assert levels == {"bandung": {REGENCY}, "cibodas": {DISTRICT, VILLAGE}, "banten": {PROVINCE}, "sukamaju": {VILLAGE}, "suka": set()}

    def test_villages_are_named_by_their_place(self):
        assert [list(NAMES.villages(name)) for name in ("sukamaju", "cibodas", "bandung", "nowhere")] == [[0, 2], [1], [], []]

    def test_a_text_begins_with_shorter_names_first(self):
        assert NAMES.begun_by("bandungraya") == ["ban", "bandung"]
        assert NAMES.begun_by("jakarta") == []

    def test_what_begins_so_comes_in_order(self):
        assert list(NAMES.beginning("ban")) == ["ban", "bandung", "banten"]

    def test_half_a_surrogate_pair_is_in_no_name(self):
        assert HALF_A_PAIR not in NAMES
        assert not list(NAMES.beginning(HALF_A_PAIR))
        assert not NAMES.villages(HALF_A_PAIR)

    @given(st.dictionaries(WORDS, st.sets(st.sampled_from(["32", "32.01", "32.01.24"]), min_size=1)), st.lists(WORDS), WORDS)
    def test_they_answer_as_dicts_would(self, areas, villages, asked):
        names = Names({name: tuple(codes) for name, codes in areas.items()}, villages)
        assert list(names.villages(asked)) == [place for place, name in enumerate(villages) if name == asked]
        assert names.levels(asked) == {len(code) for code in areas.get(asked, ())} | ({VILLAGE} if asked in villages else set())
        assert (asked in names) == (asked in {*areas, *villages})
        assert names.begun_by(asked) == [asked[:end] for end in range(1, len(asked) + 1) if asked[:end] in {*areas, *villages}]


class TestEnds:
    @given(st.sets(st.text("abc", min_size=2 * ENDS, max_size=8)), st.text("abc", min_size=2 * ENDS - 1, max_size=9))
    def test_either_end_is_enough(self, names, word):
        assert set(Ends(names).like(word)) == {name for name in names if name[:ENDS] == word[:ENDS] or name[-ENDS:] == word[-ENDS:]}


class TestTheVillageTable:
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
