"""Where it happened: the mentions of a text, weighed against each other until one area is sure, or a few are left to ask.

Every mention speaks for the regencies it could lie in. The regency that most speaks for wins; when two are level, nobody is told a
regency: they become candidates. Only inside a sure regency are district and village looked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.conversation.understanding.gazetteer import Gazetteer, key_of
from bot.conversation.understanding.levels import DISTRICT, PROVINCE, REGENCY, VILLAGE
from bot.conversation.understanding.mention import Mention, MentionFinder
from bot.conversation.understanding.place_words import Marker

MAX_CANDIDATES = 10
_TEXTS_KEPT = 64
"""Turn after turn asks for the place of the same text."""
_VILLAGES_ELSEWHERE = 3
"""A district's name that villages of more regencies than this bear too does not tell the district."""
_SHORT = 4
"""Letters of a district's name that may be any word, if nothing says that it is a place."""
_MISSPELT_BEYOND_DOUBT = 7
"""Letters beyond which a name with one wrong letter is hardly another word."""

# What a mention speaks with for a regency.
_AS_REGENCY = 6
_AS_MARKED_DISTRICT = 6
_AS_DISTRICT = 4
_AS_MARKED_VILLAGE = 4
_AS_KIN = 3
_AS_PROVINCE = 3
_AS_VILLAGE = 2


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """One of the areas that a name could mean."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class AreaGuess:
    """What a text says about the place."""

    code: str | None
    """As deep as the text is sure of; a province (two digits) when only that is sure."""
    name: str
    """The area's full name when `code` is set, else the citizen's word for it; empty when no place was named."""
    candidates: tuple[AreaChoice, ...] = ()
    """At most ten to choose from: what an ambiguous name could mean, or the regencies of a small province."""
    many: bool = False
    """The name is borne by far more areas than can be asked."""


class Places:
    """The administrative areas, found in free text."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self.find = lru_cache(maxsize=_TEXTS_KEPT)(self._find)
        """Read the place out of a text of any kind."""

    @classmethod
    def load(cls) -> "Places":
        """Read the tables, or take them over from an earlier call."""
        return cls(Gazetteer.load())

    def name(self, code: str) -> str:
        """An area in full, `Kecamatan Cibodas, Kota Tangerang, Banten`; KeyError for an unknown code."""
        names = [self._gazetteer.name_of(code[:level]) for level in (PROVINCE, REGENCY, DISTRICT, VILLAGE) if level <= len(code)]
        if len(code) >= DISTRICT:
            names[2] = f"Kecamatan {names[2]}"
        if len(code) >= VILLAGE:
            names[3] = f"{'Kelurahan' if code[9] == '1' else 'Desa'} {names[3]}"
        return ", ".join(reversed(names))

    def _find(self, text: str) -> AreaGuess:
        mentions = self._plausible(MentionFinder(text, self._gazetteer).find())
        weights = self._weigh(mentions)
        if not weights:
            return self._province_only({code for mention in mentions for code in mention.of_level(PROVINCE)})
        best = max(weights.values())
        winners = sorted(code for code, weight in weights.items() if weight == best)
        if len(winners) == 1 and self._is_sure(winners[0], mentions):
            code = self._deepen(winners[0], mentions)
            return AreaGuess(code, self.name(code))
        return self._ask(winners, mentions)

    def _plausible(self, mentions: list[Mention]) -> list[Mention]:
        """The mentions that may be meant as places: ordinary words, and villages without a marker, need company.
        Roads and rivers tell a place only where nothing else does.
        """
        kept = []
        for at, mention in enumerate(mentions):
            following = mentions[at + 1] if at + 1 < len(mentions) and mentions[at + 1].start <= mention.end + 1 else None
            if (
                mention.marker is not Marker.NONE
                or self._stands_alone(mention)
                or (following is not None and not mention.site and mention.lies_in(following))
            ):
                kept.append(mention)
        return [mention for mention in kept if not mention.weak] or kept

    def _stands_alone(self, mention: Mention) -> bool:
        """True when nothing beside the name is needed to take it for a place."""
        key = key_of(mention.name)
        if key in self._gazetteer.everyday:
            return False
        if mention.of_level(PROVINCE) or (mention.of_level(REGENCY) and not mention.guessed and key not in self._gazetteer.half_everyday):
            return True
        if not mention.areas:
            return mention.anchored and len(_regencies(mention.villages)) > MAX_CANDIDATES
        return mention.anchored or (len(key) > _SHORT and not mention.guessed and key not in self._gazetteer.half_everyday)

    def _weigh(self, mentions: list[Mention]) -> dict[str, int]:
        """How much the text speaks for each regency."""
        weights: dict[str, int] = {}
        votes = [_votes(mention) for mention in mentions]
        for each in votes:
            for regency, weight in each.items():
                weights[regency] = weights.get(regency, 0) + weight
        for mention, each in zip(mentions, votes, strict=True):
            own = mention.of_level(REGENCY)
            provinces = mention.of_level(PROVINCE)
            kin = self._gazetteer.kin(key_of(mention.name)) if own and mention.marker is Marker.NONE else ()
            if not (kin or provinces):
                continue
            for regency, weight in weights.items():
                if regency in own:
                    continue
                if regency in kin and weight > each.get(regency, 0):
                    weights[regency] = weight + _AS_KIN
                elif regency[:PROVINCE] in provinces:
                    weights[regency] = weight + _AS_PROVINCE
        return weights

    def _is_sure(self, regency: str, mentions: list[Mention]) -> bool:
        return any(not mention.weak and self._tells(mention, regency, mentions) for mention in mentions)

    def _tells(self, mention: Mention, regency: str, mentions: list[Mention]) -> bool:
        """True when this mention, among all of them, leaves no doubt that the regency is meant."""
        marked = mention.marker is not Marker.NONE
        if mention.guessed and not (regency in mention.areas and (marked or len(mention.name) > _MISSPELT_BEYOND_DOUBT)):
            return False
        if regency in mention.areas:
            return True
        if _within(regency, mention.of_level(DISTRICT)) and (
            marked or self._tells_district(mention) or not {regency, regency[:PROVINCE]}.isdisjoint(self._around(mentions))
        ):
            return True
        # "jalan desa gelap" is a village road in the dark, though one village bears that name.
        ordinary = key_of(mention.name) in self._gazetteer.everyday
        return mention.marker is Marker.VILLAGE and not ordinary and bool(_within(regency, mention.villages))

    def _around(self, mentions: list[Mention]) -> Iterator[str]:
        """The provinces that are named, and the regencies named after a side of what is named."""
        for mention in mentions:
            yield from mention.of_level(PROVINCE)
            yield from self._gazetteer.kin(key_of(mention.name))

    def _tells_district(self, mention: Mention) -> bool:
        """True when hardly anything else than one district bears the name."""
        return len(_regencies(mention.villages) - _regencies(mention.areas)) <= _VILLAGES_ELSEWHERE

    def _deepen(self, regency: str, mentions: list[Mention]) -> str:
        """The deepest area inside the regency that the text names without doubt."""
        district = self._district(regency, mentions)
        area = district or regency
        marked = [mention for mention in mentions if mention.marker is Marker.VILLAGE]
        for mention in marked:
            villages = _within(area, mention.villages)
            if len(villages) == 1:
                return villages[0]
        alike = (self._gazetteer.near_in(district, key_of(mention.name)) for mention in marked) if district else ()
        return next(filter(None, alike), area)

    def _district(self, regency: str, mentions: list[Mention]) -> str | None:
        named: dict[bool, set[str]] = {True: set(), False: set()}
        for mention in mentions:
            marked = mention.marker is Marker.DISTRICT
            if mention.site or (not marked and self._is_named(regency, mention)):
                continue
            districts = _within(regency, mention.of_level(DISTRICT))
            if marked and not districts and (near := self._gazetteer.near_in(regency, key_of(mention.name))):
                districts = [near]
            named[marked].update(districts)
        for marked in (True, False):
            if len(named[marked]) == 1:
                return named[marked].pop()
        return self._by_village(named[True] | named[False], mentions)

    def _is_named(self, regency: str, mention: Mention) -> bool:
        """True when the mention is the regency's own name, and so not that of its district of the same name."""
        return regency in mention.areas and key_of(self._gazetteer.name_of(regency)).endswith(key_of(mention.name))

    def _by_village(self, districts: set[str], mentions: list[Mention]) -> str | None:
        """Of several districts the one that has the village named in the text."""
        having = {
            district
            for district in districts
            for mention in mentions
            if mention.marker is Marker.VILLAGE and _within(district, mention.villages)
        }
        return having.pop() if len(having) == 1 else None

    def _province_only(self, provinces: set[str]) -> AreaGuess:
        if len(provinces) != 1:
            return AreaGuess(None, "")
        code = provinces.pop()
        regencies = self._gazetteer.regencies_in(code)
        return AreaGuess(code, self.name(code), self._choices(regencies) if len(regencies) <= MAX_CANDIDATES else ())

    def _ask(self, winners: list[str], mentions: list[Mention]) -> AreaGuess:
        """The candidates among which the citizen must choose."""
        asked = next(mention for mention in mentions if any(code in _votes(mention) for code in winners))
        by_regency = any(mention.of_level(REGENCY) for mention in mentions)
        codes = winners if by_regency else [self._deepen(code, mentions) for code in winners]
        many = len(winners) > MAX_CANDIDATES
        if len(mentions) == 1 and not by_regency:
            if asked.of_level(DISTRICT) and len(winners) > 1:
                codes += self._gazetteer.districts_beginning(key_of(asked.name))
            many = many or len(_regencies(asked.areas) | _regencies(asked.villages)) > MAX_CANDIDATES
        return AreaGuess(None, asked.name.title(), self._choices(codes[:MAX_CANDIDATES]), many)

    def _choices(self, codes: Iterable[str]) -> tuple[AreaChoice, ...]:
        return tuple(AreaChoice(code, self.name(code)) for code in codes)


def _votes(mention: Mention) -> dict[str, int]:
    """What one mention speaks for, by regency: the best of its readings."""
    as_village = _AS_MARKED_VILLAGE if mention.marker is Marker.VILLAGE else _AS_VILLAGE
    as_district = _AS_MARKED_DISTRICT if mention.marker is Marker.DISTRICT else _AS_DISTRICT
    votes = {code[:REGENCY]: as_village for code in mention.villages}
    votes.update([(code[:REGENCY], as_district) for code in mention.of_level(DISTRICT)])
    votes.update([(code, _AS_REGENCY) for code in mention.of_level(REGENCY)])
    return votes


def _regencies(codes: Iterable[str]) -> set[str]:
    return {code[:REGENCY] for code in codes if len(code) >= REGENCY}


def _within(area: str, codes: Iterable[str]) -> list[str]:
    return [code for code in codes if code.startswith(area)]
