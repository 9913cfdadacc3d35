"""Text into words: lower case, SMS short forms written out, and where one thought ends."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

MAX_READ = 2000
"""Characters of a text that are looked at: longer ones say what they are about before that, and a turn stays fast."""

_WORD_AND_GAP = re.compile(r"([^\W_]+(?:['`\u2018\u2019][^\W_]+)*)([\W_]*)")
_QUOTES = str.maketrans("", "", "'`\u2018\u2019")
_NEW_THOUGHT = re.compile("[,;:?!()\n\u2013\u2014]| - |\\. ")
_LETTERS_DIGIT_TWO = re.compile(r"^([a-z]{3,})2$")

SHORT_FORMS = {
    short: full
    for full, shorts in {
        "harga": "hrg hrga",
        "yang": "yg yng iang",
        "tidak": "tdk tak ga gak gk nggak ngga ndak tida ngak enggak engga tdak gag tiada",
        "sudah": "sdh sudh dah udah udh uda wis dh",
        "belum": "blm blum belom blom blon",
        "bulan": "bln",
        "tahun": "thn",
        "hari": "hr",
        "minggu": "mgg mggu mingu",
        "kemarin": "kmrn kmaren kemaren kmarin kemrin kemren kemarn kmren wingi kamari",
        "tanggal": "tgl tggl tangal",
        "jalan": "jln dalan",
        "saya": "sy sya aku gue gw ane",
        "kami": "kmi",
        "dengan": "dgn dg dngn",
        "untuk": "utk untk u/",
        "karena": "krn karna krena",
        "kalau": "klo kalo kl klu",
        "bisa": "bs bsa",
        "mohon": "mhn mohom",
        "tolong": "tlg tlng tolng tulung",
        "terima": "trima",
        "bagaimana": "gmn gmna gimana bgmn bgmana gmana piye",
        "kapan": "kpn",
        "berapa": "brp brapa piro",
        "sangat": "sgt sngt",
        "banyak": "bnyk byk banyk",
        "orang": "org",
        "dari": "dr",
        "pada": "pd",
        "depan": "dpn",
        "dekat": "dkt",
        "tempat": "tmpt",
        "sampai": "smp sampe smpe",
        "juga": "jg jga",
        "sama": "sm",
        "lagi": "lg lgi",
        "saja": "aja sj",
        "bapak": "bpk",
        "pemerintah": "pmrnth pmrintah",
        "masyarakat": "masy msyrkt",
        "rumah": "rmh omah",
        "sekolah": "sklh skolah sekola",
        "rusak": "rsk rusk",
        "lampu": "lmpu lamp",
        "dibayar": "dbayar dbyr dibyr",
        "tolonglah": "tlglah",
        "apakah": "apkh",
        "kenapa": "knp knpa ngopo kok",
        "mengapa": "mngapa",
        "malam": "mlm mlem",
        "ada": "ad",
        "dan": "n",
        "warga": "wrga",
        "kepala": "kpl kepla",
        "kantor": "ktr kntr",
        "listrik": "lstrk listrk",
        "semalam": "smlm smalam",
        "sekali": "skali skli",
    }.items()
    for short in shorts.split()
}


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())


class Plain(NamedTuple):
    """Words to look for phrases in."""

    text: str
    """One space between, and one at either end, so that ` word ` can be looked for."""
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in lower case, without apostrophes."""

    texts: tuple[str, ...]
    gaps: tuple[str, ...]
    """What stood between each word and the one before; nothing before the first."""


def starts_thought(gap: str) -> bool:
    """True when a comma, a full stop, a line or the like separates a word from the one before."""
    return gap != " " and _NEW_THOUGHT.search(gap) is not None


@lru_cache(maxsize=8)  # one turn reads its few texts for one thing after the other
def split_words(text: str) -> Words:
    """The words of the first MAX_READ characters, as written but for case and apostrophes."""
    found = _WORD_AND_GAP.findall(unicodedata.normalize("NFKC", text[:MAX_READ]).lower())
    texts = [word if word.isalnum() else word.translate(_QUOTES) for word, _ in found]
    return Words(tuple(texts), ("", *[gap for _, gap in found])[:-1])


@lru_cache(maxsize=8)
def full_words(text: str) -> tuple[str, ...]:
    """The same words written out."""
    return tuple([SHORT_FORMS.get(word, word) if word.isalpha() else write_out(word) for word in split_words(text).texts])


def write_out(word: str) -> str:
    """A word's full form: `yg` becomes `yang`, `alun2` `alunalun`; others stay."""
    if word[-1:] == "2" and (doubled := _LETTERS_DIGIT_TWO.match(word)):
        return doubled.group(1) * 2
    return SHORT_FORMS.get(word, word)


@lru_cache(maxsize=8)
def plain(text: str) -> Plain:
    """The text as full words."""
    return plain_of(full_words(text))


def plain_of(words: Sequence[str]) -> Plain:
    """The words in a row."""
    return Plain(f" {' '.join(words)} ", frozenset(words))
