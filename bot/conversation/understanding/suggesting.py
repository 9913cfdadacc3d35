"""Areas whose names go on from what somebody has typed so far: `cibod` is Kecamatan Cibodas, `cibodas tange` only the one in Tangerang."""

import functools
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from bot.conversation.understanding.area import Places
from bot.conversation.understanding.gazetteer import Gazetteer, key_of
from bot.conversation.understanding.levels import REGENCY, VILLAGE

MOST = 8
"""Suggestions at once."""

_SHORTEST = 3
"""Letters before anything is suggested."""
_LOOKED_AT = 100
"""Characters typed; the last ones, for a place is named after what stands there."""
_WEIGHED = 300
"""Areas that are looked at closely: of `su` there would be thousands."""
_LEVELS = {
    "kec": "kecamatan",
    "kel": "kelurahan",
    "ds": "desa",
    "kab": "kabupaten",
    **{word: word for word in ("kecamatan", "kelurahan", "desa", "kabupaten", "kota")},
}
"""Words that say which kind of area is meant."""


class Suggestions:
    """Over all names. Read-only; one copy serves all."""

    def __init__(self, gazetteer: Gazetteer, places: Places) -> None:
        self._gazetteer = gazetteer
        self._places = places

    @classmethod
    @functools.cache
    def load(cls) -> "Suggestions":
        """Of the tables there are."""
        return cls(Gazetteer.load(), Places.load())

    def of(self, typed: str) -> Sequence[str]:
        """Area codes, the likeliest first; none for what begins no name. At most `MOST`."""
        words = typed[-_LOOKED_AT:].lower().replace(",", " ").replace(".", " ").split()
        names = [word for word in words if word not in _LEVELS]
        levels = [_LEVELS[word] for word in words if word in _LEVELS]
        for start in range(len(names)):
            for end in range(len(names), start, -1):
                key = key_of("".join(names[start:end]))
                if found := self._fitting(key, [*levels, *names[end:]], whole=end < len(names)):
                    return found
        return []

    def _fitting(self, key: str, besides: Sequence[str], *, whole: bool) -> Sequence[str]:
        """Areas of a name (`whole`), or of those that begin so, in whose full name each other word begins a word."""
        if len(key) < _SHORTEST:
            return []
        exact = set(self._named(key))
        codes = dict.fromkeys(chain(self._named(key), () if whole else islice(self._beginning(key), _WEIGHED)))
        found = [code for code in codes if self._says(code, besides)]
        return sorted(found, key=lambda code: (code not in exact, len(code) == VILLAGE))[:MOST]

    def _says(self, code: str, words: Sequence[str]) -> bool:
        label = self._places.name(code).lower().replace(",", "").split()
        return all(any(part.startswith(word) for part in label) for word in words)

    def _named(self, key: str) -> Iterator[str]:
        """Areas of that very name; provinces are too wide for a report."""
        return (code for code in (*self._gazetteer.areas(key), *self._gazetteer.villages(key)) if len(code) >= REGENCY)

    def _beginning(self, key: str) -> Iterator[str]:
        return chain.from_iterable(map(self._named, self._gazetteer.names_beginning(key)))
