"""Where a text names areas: each mention with what was said before it (kec, kota, Jl., RSUD ...), not yet weighed."""

from typing import NamedTuple

from bot.conversation.understanding.gazetteer import Gazetteer, Name, is_city
from bot.conversation.understanding.levels import DISTRICT, PROVINCE, REGENCY, VILLAGE
from bot.conversation.understanding.normalise import split_words, starts_thought
from bot.conversation.understanding.place_words import (
    COMPANY,
    CORRECTIONS,
    FEATURE,
    FULL_FORMS,
    LAMPS,
    LEVEL,
    LOCATIVE,
    MARKERS,
    SITE,
    STREET,
    STREET_ENDS,
    STREET_KINDS,
    TOLL_GATE,
    Marker,
)

_SHORTEST_MISSPELT = 7
_ABOVE_VILLAGES = (PROVINCE, REGENCY, DISTRICT)
_TIES = frozenset("-/.")
"""What ties a word to the one before: `Bau-Bau`, `16/11`."""
_TELLING = CORRECTIONS | COMPANY | MARKERS.keys() | STREET | FEATURE
"""The words that mean something though no name begins with them."""


class Mention(NamedTuple):
    """One name in the text, and the areas that bear it. A tuple, for it is cheaper to make, and to make another of."""

    start: int
    """Index of its first word."""
    end: int
    """Index after its last word."""
    name: str
    """As written, in lower case."""
    marker: Marker = Marker.NONE
    areas: tuple[str, ...] = ()
    """Provinces, regencies and districts it could be."""
    villages: tuple[str, ...] = ()
    site: bool = False
    """It names a market, a hospital or the like: that tells the town, not the district."""
    guessed: bool = False
    """A letter of it had to be changed."""
    weak: bool = False
    """It follows the word for a road or a river, and may be no more than their name."""
    anchored: bool = False
    """Nothing but a place can stand here: `di` or a school stands before it."""

    def of_level(self, level: int) -> tuple[str, ...]:
        """The readings of one level above the villages."""
        return tuple([code for code in self.areas if len(code) == level])

    def lies_in(self, other: "Mention") -> bool:
        """True when what this one names can lie in what the other names."""
        upper = [code for code in other.areas if len(code) <= DISTRICT]
        return any(code.startswith(area) and code != area for code in (*self.areas, *self.villages) for area in upper)


class MentionFinder:
    """Reads the words of one text from left to right."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        words = split_words(text)
        self._words = words.texts
        self._gaps = words.gaps
        self._breaks = [gap != " " and starts_thought(gap) for gap in words.gaps]
        self._full_words = tuple([FULL_FORMS.get(word, word) for word in self._words])
        self._gazetteer = gazetteer
        self._named = gazetteer.names_in(self._words, self._breaks)
        if self._full_words != self._words:
            in_full = gazetteer.names_in(self._full_words, self._breaks)
            self._named = [_either(written, full) for written, full in zip(self._named, in_full, strict=True)]

    def find(self) -> list[Mention]:
        """All mentions, in order; those that the text itself corrects are left out."""
        mentions: list[Mention] = []
        corrections: list[int] = []
        at = 0
        while at < len(self._words):
            word = self._words[at]
            ordinary = not self._named[at] and word not in _TELLING  # as by far the most words are
            if word in CORRECTIONS:
                corrections.append(at)
            if not ordinary and self._names_no_area(at):
                if (weak := self._road_of(at)) is not None:
                    mentions.append(weak)
                at = self._after_name(at)
            elif word in COMPANY:
                at = self._after_company(at)
            elif (mention := self._alike(at) if ordinary else self._marked(at) or self._bare(at)) is not None:
                mentions.append(self._with_marker_behind(mention))
                at = mentions[-1].end
            else:
                at += 1
        return _without_corrected(mentions, corrections)

    def _names_no_area(self, at: int) -> bool:
        """True for the word before a street's or a river's name."""
        word = self._words[at]
        if word == "tol":
            return at == 0 or self._words[at - 1] not in TOLL_GATE
        if (word not in STREET and word not in FEATURE) or (at and self._words[at - 1] in LAMPS):
            return False
        return self._longest(at, _ABOVE_VILLAGES, least=2) is None  # Gunung Kidul and Sungai Penuh are no mountain and no river

    def _after_name(self, at: int) -> int:
        """The index after a street's name: `Jl. Surabaya` is not Surabaya, but `Jl. Margonda Raya Depok` is in Depok."""
        longest = 4 if self._words[at] in STREET else 1
        at += 1
        while self._goes_on(at) and self._words[at] in STREET_KINDS:
            at += 1
        first = at
        if self._two_areas(at):
            return at
        while self._goes_on(at) and at < first + longest:
            word = self._words[at]
            if word in STREET_ENDS or word in MARKERS or word in SITE or word.isdigit():
                return at
            area = self._longest(at, (PROVINCE, REGENCY))
            if area and at > first and self._gaps[at] not in _TIES:
                return at
            at = area or at + 1
        return at

    def _road_of(self, at: int) -> Mention | None:
        """`jalan Kediri`, written out, may be a road in Kediri; `Jl. Kediri` is a street of that name."""
        if self._words[at] not in ("jalan", "sungai", "kali", "jembatan"):
            return None
        at += 1
        while self._goes_on(at) and self._words[at] in STREET_KINDS:
            at += 1
        end = self._longest(at, (REGENCY,)) if self._goes_on(at) else None
        return self._mention(at, end, Marker.NONE)._replace(weak=True) if end is not None else None

    def _two_areas(self, at: int) -> bool:
        """True when two names stand here of which one lies in the other: then both are meant as places."""
        inner = self._longest(at, _ABOVE_VILLAGES) if self._goes_on(at) else None
        if inner is None or not self._goes_on(inner):
            return False
        start = inner + (self._words[inner] in MARKERS)
        outer = self._longest(start, _ABOVE_VILLAGES) if self._goes_on(start) else None
        if outer is None:
            return False
        first, second = self._mention(at, inner, Marker.NONE), self._mention(start, outer, Marker.NONE)
        return first.lies_in(second) or second.lies_in(first)

    def _after_company(self, at: int) -> int:
        """The index after the first word of a firm's name: `PT Semarang Makmur`."""
        at += 1
        if not self._goes_on(at) or self._words[at] in STREET_ENDS or self._words[at] in MARKERS:
            return at
        return self._longest(at, (PROVINCE, REGENCY)) or at + 1

    def _marked(self, at: int) -> Mention | None:
        """The name after a marker, if one stands here."""
        marker = MARKERS.get(self._words[at])
        start = at + 1
        if marker is None or not self._goes_on(start):
            return None
        end = self._longest(start, (LEVEL[marker],))
        if end is not None:
            either = self._gaps[at] == "/" and at > 0 and self._words[at - 1] in MARKERS  # kab/kota Bandung
            return self._mention(start, end, Marker.NONE if either else marker)
        if self._longest(at, _ABOVE_VILLAGES, least=2) is not None or self._words[start] in MARKERS:
            return None  # the marker is part of a name: Kota Bangun
        if self._longest(start, _ABOVE_VILLAGES) is not None:
            return self._bare(start)
        return self._misspelt(start, marker)

    def _misspelt(self, start: int, marker: Marker) -> Mention | None:
        """A name after a marker that no area bears as written."""
        word = self._words[start]
        if word in STREET_ENDS or word.isdigit() or len(word) < 4:
            return None
        level = LEVEL[marker]
        pair = word + self._words[start + 1] if self._goes_on(start + 1) else ""
        for end, key in ((start + 2, pair), (start + 1, word)):
            if near := self._gazetteer.near(key, level):
                return Mention(start, end, key, marker, _narrow(near, marker), guessed=True)
        return Mention(start, start + 1, word, marker, villages=self._gazetteer.villages(word), guessed=True)

    def _bare(self, at: int) -> Mention | None:
        """The name that begins here without a marker."""
        if not self._named[at]:
            return self._alike(at)
        end = self._longest(at, _ABOVE_VILLAGES)
        village_end = self._longest(at, (VILLAGE,))
        before = self._before(at)
        anchored = before in LOCATIVE or before in SITE
        if village_end and village_end > (end or 0) and MARKERS.keys().isdisjoint(self._words[at + 1 : village_end]):
            return self._longer_village(at, end, village_end)._replace(site=before in SITE, anchored=anchored)
        if end is not None:
            return self._mention(at, end, Marker.NONE)._replace(site=before in SITE, anchored=anchored)
        return self._alike(at)

    def _before(self, at: int) -> str:
        """The word before; of `SDN 3 Cibodas` the one before the number."""
        before = self._words[at - 1] if at else ""
        return self._words[at - 2] if before.isdigit() and at > 1 else before

    def _alike(self, at: int) -> Mention | None:
        """A longer word that is a regency's name but for one letter."""
        word = self._words[at]
        if len(word) < _SHORTEST_MISSPELT or word in self._gazetteer.not_misspelt:
            return None
        near = self._gazetteer.near(word, REGENCY)
        if not near:
            return None
        before = self._before(at)
        return Mention(at, at + 1, word, areas=near, guessed=True, anchored=before in LOCATIVE or before in SITE)

    def _longer_village(self, at: int, end: int | None, village_end: int) -> Mention:
        """Padang Bulan is not Padang; Bekasi Jaya is in Bekasi."""
        village = self._mention(at, village_end, Marker.NONE)
        around = self._mention(at, end, Marker.NONE).areas if end is not None else ()
        return village._replace(areas=tuple(area for area in around if any(code.startswith(area) for code in village.villages)))

    def _with_marker_behind(self, mention: Mention) -> Mention:
        """`Tangerang Kota`, `Bekasi kab`: the marker follows, and no other name follows it."""
        at = mention.end
        if mention.marker is not Marker.NONE or not self._goes_on(at):
            return mention
        marker = MARKERS.get(self._words[at])
        if marker not in (Marker.KABUPATEN, Marker.KOTA) or self._marked(at) is not None:
            return mention
        return mention._replace(marker=marker, areas=_narrow(mention.areas, marker), end=at + 1)

    def _mention(self, start: int, end: int, marker: Marker) -> Mention:
        key = self._key(start, end)
        name = " ".join(self._words[start:end])
        areas = self._gazetteer.areas(key)
        if marker in (Marker.KABUPATEN, Marker.KOTA):
            areas = self._gazetteer.regencies(key, city=marker is Marker.KOTA) or areas
        known = any(len(code) <= REGENCY for code in areas)
        villages = self._gazetteer.villages(key) if marker is Marker.VILLAGE or (marker is Marker.NONE and not known) else ()
        return Mention(start, end, name, marker, _narrow(areas, marker), villages)

    def _longest(self, start: int, levels: tuple[int, ...], *, least: int = 1) -> int | None:
        """The end of the longest name of at least so many words that begins at `start` and is borne by an area of these levels."""
        for end, borne_by in self._named[start]:
            if end >= start + least and not borne_by.isdisjoint(levels):
                return end
        return None

    def _key(self, start: int, end: int) -> str:
        written = "".join(self._words[start:end])
        return written if self._gazetteer.is_place(written) else "".join(self._full_words[start:end])

    def _goes_on(self, at: int) -> bool:
        """True when a word stands at this index and no new thought begins with it; `kec.` and `Kota:` are no ends."""
        return at < len(self._words) and (not self._breaks[at] or self._gaps[at].lstrip().startswith((".", ":")))


def _either(written: list[Name], full: list[Name]) -> list[Name]:
    """The names as written, or else in full, the longest first."""
    return sorted((dict(full) | dict(written)).items(), reverse=True)


def _narrow(areas: tuple[str, ...], marker: Marker) -> tuple[str, ...]:
    """The readings that the marker allows; all of them when it allows none."""
    if marker in (Marker.KABUPATEN, Marker.KOTA):
        kept = tuple([code for code in areas if len(code) == REGENCY and is_city(code) == (marker is Marker.KOTA)])
        return kept or tuple(code for code in areas if len(code) <= REGENCY) or areas
    if marker is Marker.VILLAGE:
        return ()
    if marker is Marker.NONE:
        return areas
    level = LEVEL[marker]
    return tuple([code for code in areas if len(code) == level]) or areas


def _without_corrected(mentions: list[Mention], corrections: list[int]) -> list[Mention]:
    """`Kec. Sepatan? eh kec Teluknaga`: what is said after the correction replaces its like before it."""
    for at in corrections:
        after = {mention.marker for mention in mentions if mention.start > at}
        mentions = [mention for mention in mentions if mention.start > at or mention.marker not in after]
    return mentions
