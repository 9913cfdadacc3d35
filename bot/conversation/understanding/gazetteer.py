"""The administrative areas and how they are called: exact names, everyday names, and names with one letter wrong.

Codes are those of the tables: `32` province, `32.01` regency, `32.01.24` district, `32.01.24.2012` village.
"""

import functools
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import accumulate, groupby
from operator import itemgetter

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.conversation.understanding.normalise import word_set

_NOT_IN_KEYS = dict.fromkeys(map(ord, " -'\u2019`.\"()*/,"))
_KIND_OF_REGENCY = re.compile(r"^(?:kabupaten|kota)")
_SIDES = word_set("""
    utara selatan barat timur tengah tenggara kota pusat hulu hilir ulu ilir kidul lor wetan kulon laut darat dalam luar i ii iii iv
    v
""")
_ALIKE = 80
"""Per cent of likeness from which a name inside a known area counts as meant."""
_ENDS = 3
_WORDS_KEPT = 4_000
_SHORTEST_TOWN = 5
_LONGEST_NAME = 5
"""Words."""
_NAME_AT = len("11.01.01.2001,11.01.01,")
PROVINCE, REGENCY, DISTRICT, VILLAGE = 2, 5, 8, 13
"""The levels, as the length of their codes."""
_NO_LEVEL: frozenset[int] = frozenset()
_VILLAGE_ONLY = frozenset({VILLAGE})

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
    text = resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    return text.splitlines()[1:]


class Gazetteer:
    """All areas by key. Read-only; one copy serves all."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._areas: dict[str, tuple[str, ...]] = {}
        self._villages: dict[str, str] = {}  # and nothing for the names that only larger areas bear: one look tells what is no name
        self._village_lines: dict[str, str] = {}
        # Asked of every longer word that is no name: the same few thousand words of everyday make nearly all texts.
        self._near = functools.lru_cache(maxsize=_WORDS_KEPT)(self._look_near)
        self._districts_of: dict[str, list[str]] = {}
        self._kin: dict[str, tuple[str, ...]] = {}
        self._read_upper_levels()
        self._read_villages()
        towns = self._find_towns()
        self._official = {key: codes for key, codes in self._areas.items() if any(len(code) == REGENCY for code in codes)}
        self._read_aliases()
        self._towns = frozenset(towns.keys() - self._areas.keys())
        self._areas.update((key, towns[key]) for key in self._towns)
        for key in self._areas:
            self._villages.setdefault(key, "")
        words: dict[str, list[str]] = {"!": [], "?": [], "~": []}
        for line in read_lines("everyday.txt"):
            words[line[0]] += line[1:].split()
        self.everyday = frozenset(words["!"])
        """Names that are ordinary words: a place only with a marker, or right before the area they lie in."""
        self.half_everyday = frozenset(words["?"])
        """The same, but `di` before them is enough."""
        self.not_misspelt = frozenset(words["~"])
        """Ordinary words one letter away from a regency's name."""

    @classmethod
    @functools.cache
    def load(cls) -> "Gazetteer":
        """The tables, read on the first call (about a fifth of a second)."""
        return cls()

    def areas(self, key: str) -> tuple[str, ...]:
        """Provinces, regencies and districts of that name, everyday names included."""
        return self._areas.get(key, ())

    def regencies(self, key: str, *, city: bool) -> tuple[str, ...]:
        """The Kota, or else the Kabupaten, of which this is the official name."""
        return tuple(code for code in self._official.get(key, ()) if len(code) == REGENCY and is_city(code) == city)

    def villages(self, key: str) -> tuple[str, ...]:
        """Villages of that name."""
        return tuple(self._villages.get(key, "").split())

    def levels(self, key: str) -> frozenset[int]:
        """The levels of the areas and villages of that name."""
        codes = self._areas.get(key)
        if codes is None:
            return _VILLAGE_ONLY if key in self._villages else _NO_LEVEL
        levels = frozenset(map(len, codes))
        return levels | _VILLAGE_ONLY if self._villages[key] else levels

    def is_place(self, key: str) -> bool:
        """True when any area or village has that name."""
        return key in self._villages

    def names_in(self, words: Sequence[str], breaks: Sequence[bool]) -> list[list[Name]]:
        """For each word the names that begin with it, the longest first. None goes on over a break, which stands before the word."""
        known = self._villages  # most of what is looked up is no name: that must be cheap
        found = []
        end = len(words)
        for start in range(end - 1, -1, -1):
            names = []
            for after, key in enumerate(accumulate(words[start : min(start + _LONGEST_NAME, end)]), start + 1):
                if key in known:
                    names.append((after, self.levels(key)))
            names.reverse()
            found.append(names)
            if breaks[start]:
                end = start
        found.reverse()
        return found

    def names(self) -> Iterator[str]:
        """The keys of all areas and villages, everyday names included."""
        return iter(self._villages)

    def kin(self, key: str) -> tuple[str, ...]:
        """Regencies named after a side of this one: Bandung Barat for `bandung`."""
        return self._kin.get(key, ())

    def near(self, key: str, level: int) -> tuple[str, ...]:
        """Provinces, regencies or districts whose name of 6 letters or more is one letter away: left out, added, wrong, or swapped."""
        return self._near(key, level) if len(key) >= _ENDS * 2 - 1 else ()

    def _look_near(self, key: str, level: int) -> tuple[str, ...]:
        alike = (*self._by_ends.get(key[:_ENDS], ()), *self._by_ends.get("$" + key[-_ENDS:], ()))
        near = {name for name in alike if OSA.distance(name, key, score_cutoff=1) == 1}
        return tuple(sorted({code for name in near for code in self._areas[name] if len(code) == level}))

    def near_in(self, area: str, key: str) -> str | None:
        """The district of a regency, or the village of a district, whose name is most like `key`; None when none is alike."""
        inside = self._districts_of.get(area, []) if len(area) == REGENCY else self.villages_in(area)
        names = {code: key_of(self.name_of(code)) for code in inside}
        found = process.extractOne(key, names, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return found[2] if found else None

    def name_of(self, code: str) -> str:
        """The area's own name as the tables write it; KeyError for an unknown code."""
        if len(code) < VILLAGE:
            return self._names[code]
        for line in self._village_lines[code[:DISTRICT]].splitlines():
            if line.startswith(code):
                return _name_in(line)
        raise KeyError(code)

    def villages_in(self, district: str) -> list[str]:
        """Codes of a district's villages."""
        return [line[:VILLAGE] for line in self._village_lines.get(district, "").splitlines()]

    def regencies_in(self, province: str) -> list[str]:
        """Codes of a province's regencies."""
        return [code for code in self._districts_of if code.startswith(province)]

    def districts_beginning(self, key: str) -> list[str]:
        """Districts whose name begins with `key` and goes on: Ciawigebang for `ciawi`."""
        return [
            code for name, codes in self._areas.items() if name.startswith(key) and name != key for code in codes if len(code) == DISTRICT
        ]

    def _read_upper_levels(self) -> None:
        rows = [line.split(",", 1) for line in read_lines("provinces.csv")]
        rows += [line.split(",", 2)[::2] for file in ("regencies.csv", "districts.csv") for line in read_lines(file)]
        for code, written in rows:
            name = written.strip('"').replace('""', '"')
            self._names[code] = name
            key = key_of(name)
            if len(code) == REGENCY:
                self._districts_of[code] = []
                key = _KIND_OF_REGENCY.sub("", key)
                self._add(key.removeprefix("administrasi"), code)
                self._add(key.removeprefix("kepulauan"), code)
            elif len(code) == DISTRICT:
                self._districts_of[code[:REGENCY]].append(code)
            self._add(key, code)

    def _add(self, key: str, code: str) -> None:
        codes = self._areas.get(key, ())
        if code not in codes:
            self._areas[sys.intern(key)] = (*codes, code)

    def _read_villages(self) -> None:
        lines = read_lines("villages.csv")
        villages = self._villages
        for line in lines:
            key = key_of(line[_NAME_AT:])
            code = line[:VILLAGE]
            villages[key] = f"{villages[key]} {code}" if key in villages else code
        # A text a district: a text a line would take five megabytes more.
        self._village_lines = {district: "\n".join(group) for district, group in groupby(lines, itemgetter(slice(DISTRICT)))}

    def _find_towns(self) -> dict[str, tuple[str, ...]]:
        """Names of which only parts are areas: Cikarang of Cikarang Utara and Cikarang Barat, Lombok of Lombok Tengah."""
        stems: dict[str, set[str]] = {}
        for code, name in self._names.items():
            words = name.lower().removeprefix("kabupaten ").removeprefix("kota ").split()
            if len(words) > 1 and words[-1] in _SIDES:
                stem = key_of("".join(words[:-1]))
                stems.setdefault(stem, set()).add(code[:REGENCY])
                if len(code) == REGENCY:
                    self._kin[stem] = (*self._kin.get(stem, ()), code)
        return {key: tuple(sorted(codes)) for key, codes in stems.items() if key not in self._areas and len(key) >= _SHORTEST_TOWN}

    def _read_aliases(self) -> None:
        for line in read_lines("aliases.csv"):
            names, _, codes = line.rpartition(",")
            own = tuple(codes.split())
            for key in map(key_of, names.split("|")):
                districts = tuple(code for code in self._areas.get(key, ()) if len(code) == DISTRICT and code not in own)
                self._areas[key] = own + districts

    @functools.cached_property
    def _by_ends(self) -> dict[str, list[str]]:
        """Names by their first and by their last three letters: one wrong letter leaves either right."""
        index: dict[str, list[str]] = {}
        for name in self._areas:
            if len(name) >= _ENDS * 2 and name not in self.everyday and name not in self._towns:
                index.setdefault(name[:_ENDS], []).append(name)
                index.setdefault("$" + name[-_ENDS:], []).append(name)
        return index


def _name_in(line: str) -> str:
    return line.split(",", 2)[2].strip('"').replace('""', '"')
