"""The administrative areas and how they are called: exact names, everyday names, and names with one letter wrong.

Codes are those of the tables: `32` province, `32.01` regency, `32.01.24` district, `32.01.24.2012` village.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import accumulate, chain

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.conversation.understanding.area_table import AreaTable
from bot.conversation.understanding.levels import DISTRICT, REGENCY, VILLAGE
from bot.conversation.understanding.names import ENDS, Ends, Names
from bot.conversation.understanding.normalise import word_set

_NOT_IN_KEYS = dict.fromkeys(map(ord, " -'\u2019`.\"()*/,"))
_KIND_OF_REGENCY = re.compile(r"^(?:kabupaten|kota)")
_SIDES = word_set("""
    utara selatan barat timur tengah tenggara kota pusat hulu hilir ulu ilir kidul lor wetan kulon laut darat dalam luar i ii iii iv
    v
""")
_ALIKE = 80
"""Per cent of likeness from which a name inside a known area counts as meant."""
_WORDS_KEPT = 4_000
_SHORTEST_TOWN = 5
_LONGEST_NAME = 5
"""Words."""

Name = tuple[int, frozenset[int]]
"""A name in a text: the index after its last word, and the levels of the areas that bear it."""


def key_of(name: str) -> str:
    """What names are compared by: lower case without spaces and signs, so that `Bau-Bau` is `baubau`."""
    key = name.lower().replace(" ", "")
    return key if key.isalnum() else key.translate(_NOT_IN_KEYS)


def is_city(regency: str) -> bool:
    """True for a Kota, False for a Kabupaten."""
    return regency[3:] >= "71"


def read_lines(file: str) -> list[str]:
    """The lines of a data file, without its header."""
    return _read(file).decode().splitlines()


def _read(file: str) -> bytes:
    """A data file without its header."""
    return resources.files(__package__).joinpath("data", file).read_bytes().partition(b"\n")[2]


class Gazetteer:
    """All areas by key. Read-only; one copy serves all."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        """Of provinces and regencies, by code."""
        self._areas: dict[str, tuple[str, ...]] = {}
        """Codes by name: provinces, regencies and everyday names, but no district's own."""
        # Asked of every longer word that is no name: the same few thousand words of everyday make nearly all texts.
        self._near = functools.lru_cache(maxsize=_WORDS_KEPT)(self._look_near)
        self._kin: dict[str, tuple[str, ...]] = {}
        self._districts, self._villages = AreaTable(_read("districts.csv")), AreaTable(_read("villages.csv"))
        self._read_upper_levels()
        self._official = dict(self._areas)
        towns = self._find_towns()
        self._read_aliases()
        towns = {key: codes for key, codes in towns.items() if key not in self._areas}
        self._areas.update(towns)
        tables = {DISTRICT: _Keys(self._districts), VILLAGE: _Keys(self._villages)}
        self._all_names = Names(self._areas, tables)
        words: dict[str, list[str]] = {"!": [], "?": [], "~": []}
        for line in read_lines("everyday.txt"):
            words[line[0]] += line[1:].split()
        self.everyday = frozenset(words["!"])
        """Names that are ordinary words: a place only with a marker, or right before the area they lie in."""
        self.half_everyday = frozenset(words["?"])
        """The same, but `di` before them is enough."""
        self.not_misspelt = frozenset(words["~"])
        """Ordinary words one letter away from a regency's name."""
        upper = chain(self._areas, tables[DISTRICT])
        self._ends = Ends(key for key in upper if len(key) >= ENDS * 2 and key not in self.everyday and key not in towns)

    @classmethod
    @functools.cache
    def load(cls) -> "Gazetteer":
        """The tables, read on the first call (about a fifth of a second)."""
        return cls()

    def areas(self, key: str) -> tuple[str, ...]:
        """Provinces, regencies and districts of that name, everyday names included."""
        own = self._areas.get(key, ())
        districts = self._districts.codes(self._all_names.places(key, DISTRICT))
        return (*own, *(code for code in districts if code not in own)) if districts else own

    def regencies(self, key: str, *, city: bool) -> tuple[str, ...]:
        """The Kota, or else the Kabupaten, of which this is the official name."""
        return tuple(code for code in self._official.get(key, ()) if len(code) == REGENCY and is_city(code) == city)

    def villages(self, key: str) -> tuple[str, ...]:
        """Villages of that name."""
        return tuple(self._villages.codes(self._all_names.places(key, VILLAGE)))

    def is_place(self, key: str) -> bool:
        """True when any area or village has that name."""
        return key in self._all_names

    def names_in(self, words: Sequence[str], breaks: Sequence[bool]) -> list[list[Name]]:
        """For each word the names that begin with it, the longest first. None goes on over a break, which stands before the word."""
        known = self._all_names
        found = []
        end = len(words)
        for start in range(end - 1, -1, -1):
            following = words[start : min(start + _LONGEST_NAME, end)]
            names = known.begun_by("".join(following))
            inside = not names or len(names[-1]) < len(following[0])  # nearly always: `ja` and `jala`, before `jalan`
            found.append([] if inside else self._whole_words(names, start, following))
            if breaks[start]:
                end = start
        found.reverse()
        return found

    def _whole_words(self, names: Sequence[str], start: int, words: Sequence[str]) -> list[Name]:
        """Those of the names that end where a word does, the longest first."""
        after = {length: index for index, length in enumerate(accumulate(map(len, words)), start + 1)}
        return [(after[len(name)], self._all_names.levels(name)) for name in reversed(names) if len(name) in after]

    def names_beginning(self, key: str) -> Iterator[str]:
        """The keys of areas and villages that begin so, in alphabetical order."""
        return self._all_names.beginning(key)

    def kin(self, key: str) -> tuple[str, ...]:
        """Regencies named after a side of this one: Bandung Barat for `bandung`."""
        return self._kin.get(key, ())

    def near(self, key: str, level: int) -> tuple[str, ...]:
        """Provinces, regencies or districts whose name of 6 letters or more is one letter away: left out, added, wrong, or swapped."""
        return self._near(key, level) if len(key) >= ENDS * 2 - 1 else ()

    def _look_near(self, key: str, level: int) -> tuple[str, ...]:
        near = {name for name in self._ends.like(key) if OSA.distance(name, key, score_cutoff=1) == 1}
        return tuple(sorted({code for name in near for code in self.areas(name) if len(code) == level}))

    def near_in(self, area: str, key: str) -> str | None:
        """The district of a regency, or the village of a district, whose name is most like `key`; None when none is alike."""
        inside = self._districts.within(area) if len(area) == REGENCY else self.villages_in(area)
        names = {code: key_of(self.name_of(code)) for code in inside}
        found = process.extractOne(key, names, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return found[2] if found else None

    def name_of(self, code: str) -> str:
        """The area's own name as the tables write it; KeyError for an unknown code."""
        if len(code) < DISTRICT:
            return self._names[code]
        return (self._districts if len(code) == DISTRICT else self._villages).name(code)

    def villages_in(self, district: str) -> list[str]:
        """Codes of a district's villages."""
        return self._villages.within(district)

    def regencies_in(self, province: str) -> list[str]:
        """Codes of a province's regencies."""
        return [code for code in self._names if len(code) == REGENCY and code.startswith(province)]

    def districts_beginning(self, key: str) -> list[str]:
        """Districts whose name begins with `key` and goes on: Ciawigebang for `ciawi`."""
        names = (name for name in self.names_beginning(key) if name != key)
        return sorted(code for name in names for code in self.areas(name) if len(code) == DISTRICT)

    def _read_upper_levels(self) -> None:
        provinces = (line.split(",", 1) for line in read_lines("provinces.csv"))
        for code, name in chain(provinces, AreaTable(_read("regencies.csv")).items()):
            self._names[code] = name
            key = key_of(name)
            if len(code) == REGENCY:
                key = _KIND_OF_REGENCY.sub("", key)
                self._add(key.removeprefix("administrasi"), code)
                self._add(key.removeprefix("kepulauan"), code)
            self._add(key, code)

    def _add(self, key: str, code: str) -> None:
        codes = self._areas.get(key, ())
        if code not in codes:
            self._areas[key] = (*codes, code)

    def _find_towns(self) -> dict[str, tuple[str, ...]]:
        """Names of which only parts are areas: Cikarang of Cikarang Utara and Cikarang Barat, Lombok of Lombok Tengah."""
        stems: dict[str, set[str]] = {}
        known = {*self._areas, *_Keys(self._districts)}
        for code, name in chain(self._names.items(), self._districts.items()):
            words = name.lower().removeprefix("kabupaten ").removeprefix("kota ").split()
            if len(words) > 1 and words[-1] in _SIDES:
                stem = key_of("".join(words[:-1]))
                stems.setdefault(stem, set()).add(code[:REGENCY])
                if len(code) == REGENCY:
                    self._kin[stem] = (*self._kin.get(stem, ()), code)
        return {key: tuple(sorted(codes)) for key, codes in stems.items() if key not in known and len(key) >= _SHORTEST_TOWN}

    def _read_aliases(self) -> None:
        for line in read_lines("aliases.csv"):
            names, _, codes = line.rpartition(",")
            self._areas.update(dict.fromkeys(map(key_of, names.split("|")), tuple(codes.split())))


class _Keys:
    """The keys of a table's names, made anew each time they are gone through."""

    def __init__(self, table: AreaTable) -> None:
        self._table = table

    def __iter__(self) -> Iterator[str]:
        return map(key_of, self._table)
