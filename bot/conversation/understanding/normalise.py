"""Text into words: lower case, SMS short forms written out, and where one thought ends."""

import re
import unicodedata
from dataclasses import dataclass

MAX_READ = 2000
"""Characters of a text that are looked at: longer ones say what they are about before that, and a turn stays fast."""

_WORD = re.compile(r"[^\W_]+(?:['`\u2018\u2019][^\W_]+)*")
_QUOTES = str.maketrans("", "", "'`\u2018\u2019")
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


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text, in lower case, without apostrophes."""

    text: str
    gap: str
    """What stood between the word before and this one."""

    @property
    def joined(self) -> bool:
        """True when a dash or a slash ties it to the word before: `Bau-Bau`, `16/11`."""
        return self.gap in ("-", "/", ".")

    @property
    def starts_thought(self) -> bool:
        """True when a comma, a full stop, a line or the like separates it from the word before."""
        return any(mark in self.gap for mark in ",;:?!()\n\u2013\u2014") or " - " in self.gap or ". " in self.gap


def split_words(text: str) -> list[Word]:
    """The words of the first MAX_READ characters, as written but for case and apostrophes."""
    text = unicodedata.normalize("NFKC", text[:MAX_READ]).lower()
    words = []
    end = 0
    for match in _WORD.finditer(text):
        words.append(Word(match.group().translate(_QUOTES), text[end : match.start()]))
        end = match.end()
    return words


def write_out(word: str) -> str:
    """A word's full form: `yg` becomes `yang`, `alun2` `alunalun`; others stay."""
    full = SHORT_FORMS.get(word)
    if full is not None:
        return full
    doubled = _LETTERS_DIGIT_TWO.match(word)
    return doubled.group(1) * 2 if doubled else word


def plain(text: str) -> str:
    """The text as full words with one space between, and one at either end, so that ` word ` can be looked for."""
    return " " + " ".join(write_out(word.text) for word in split_words(text)) + " "
