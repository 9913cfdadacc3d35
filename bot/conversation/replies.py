"""Reads the short words people answer with. Indonesian first, as typed on phones; English understood."""

import re
from collections.abc import Iterable
from functools import lru_cache

_LOOKED_AT = 1_000
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]+")
_STRETCHED = re.compile(r"(.)\1{2,}")
_NUMBER = re.compile(r"(?:no|nomor|nomer|pilih|pilihan|number|option)?[\s.#(]*(\d{1,2})\s*[.)]*")


def vocabulary(words: str) -> frozenset[str]:
    """A set of words, written with blanks between them."""
    return frozenset(words.split())


_YES = vocabulary(
    "ya iya y yaa iyaa iyah yah yup yep yes yoi ok oke okey okay okee sip siap setuju benar betul bener btul sudah sesuai lanjut kirim"
    " boleh mau agree correct right sure send continue nggih inggih"
)
_NO = vocabulary("tidak tdk tak gak ga g nggak enggak engga nda ndak no n nope bukan jangan jgn batal salah ogah emoh disagree never")
_FILLER = vocabulary(
    "saja aja dong deh lah ya pak bu min kak mas mbak bang admin saya aku sih kok nih tolong mohon please silakan silahkan sekarang now"
    " itu ini laporan laporannya report terima kasih makasih thanks kami sangat sudah udah sdh dah semua semuanya"
)
_AROUND_NO = _FILLER | vocabulary("setuju mau jadi usah perlu benar betul sesuai agree thanks boleh dulu")
_SKIP = vocabulary("lewati lewat lewatkan skip kosong kosongkan nanti none nothing nope")
_KEEP = vocabulary("tetap sama lanjut keep same benar betul")
_DONE = vocabulary("selesai sudah udah sdh dah cukup beres done finish finished habis itu")
_UNKNOWN = vocabulary("lupa entah unknown forgot")
_KNOWING = vocabulary("tahu tau ingat inget yakin pasti jelas know sure remember punya ada")
_GREETING = vocabulary(
    "halo hallo hai hi hello hey hei hay p ping tes test testing assalamualaikum asalamualaikum assalamu alaikum askum samlekum salam"
    " permisi punten misi selamat pagi siang sore malam met good morning afternoon evening min admin pak bu kak mas mbak bot gan bos"
    " sugeng enjing dalu lapor apa kabar"
)
_THANKS = vocabulary(
    "terima kasih makasih trims trimakasih terimakasih tks thx thanks thank you tq suwun nuwun matur hatur mantap bagus siap"
)
_ABOUT_TIME = vocabulary(
    "hari hr minggu mgg pekan bulan bln tahun thn lalu yang yg jam pukul pagi siang sore malam kemarin kmrn kemaren tadi td tanggal tgl"
    " ini sejak sudah sdh dari baru saja senin selasa rabu kamis jumat sabtu ahad dua tiga empat lima enam tujuh ago last day days week"
    " weeks month months yesterday today since on at"
)
_LOOSE_TIME = vocabulary(
    "bulan bln tahun thn minggu mgg pekan dulu lama sebulan setahun seminggu beberapa awal akhir pertengahan tiap setiap terus"
    " selalu januari februari maret april mei juni juli agustus september oktober november desember month months year years week weeks"
    " ago every january february march may june july august october december"
)
_GREETING_OR_COUNT = _GREETING | vocabulary("123 1 2 3")
_NOT = _NO | vocabulary("dont don")
_TIME = _ABOUT_TIME | _LOOSE_TIME
_WORDED_NUMBERS = {"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_THUMB_UP, _THUMB_DOWN = "\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}"


def clean(text: str) -> str:
    """The text without control characters (some carriers and databases choke on them) and surrounding blanks."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@lru_cache(maxsize=8)  # a turn asks one thing after the other of its few texts
def words(text: str) -> tuple[str, ...]:
    """The words in lower case, punctuation and emoji left out, stretched letters shortened: "Yaaaa!!" is ("ya",).

    Of a very long text only the beginning is read: it is no short answer anyhow.
    """
    return tuple(_WORD.findall(_STRETCHED.sub(r"\1", text[:_LOOKED_AT].casefold())))


def is_blank(text: str) -> bool:
    """Nothing but punctuation or blanks. An emoji is something."""
    return all(not character.isalnum() and ord(character) < 0x2000 for character in text)


def is_stray(text: str) -> bool:
    """Blank, a bare number or a yes: no answer where words are asked for."""
    return is_blank(text) or number(text) is not None or means_yes(text)


def number(text: str) -> int | None:
    """A choice given as a number: "2", "2.", "(2)", "nomor 2", "dua"."""
    folded = text.casefold().strip()
    found = _NUMBER.fullmatch(folded)
    return int(found[1]) if found else _WORDED_NUMBERS.get(folded)


def means_yes(text: str) -> bool:
    """As in "ya", "iya kak", "ok", "setuju", a thumb up."""
    if text.startswith(_THUMB_UP):
        return True
    said = words(text)
    return _only(said, _YES, _FILLER) and _NO.isdisjoint(said)


def means_no(text: str) -> bool:
    """As in "tidak", "gak jadi", "tidak setuju", a thumb down."""
    said = words(text)
    return text.startswith(_THUMB_DOWN) or (said[:1] != ("ya",) and _only(said, _NO, _AROUND_NO))


def yes_with_rest(text: str) -> str | None:
    """What follows a leading yes: "ya, sudah diperbaiki" gives "sudah diperbaiki". None when it does not begin with one."""
    first, _, rest = text.partition(" ")
    said = words(first)
    return rest.strip() if said and _YES.issuperset(said) else None


def means_skip(text: str) -> bool:
    """As in "lewati", "skip", "-", "tidak ada", "tidak tahu"."""
    return text in {"-", "--", "."} or _only(words(text), _SKIP, _FILLER) or means_unknown(text) or means_no(text)


def means_done(text: str) -> bool:
    """As in "selesai", "sudah", "cukup itu saja"."""
    return _only(words(text), _DONE, _FILLER)


def means_keep(text: str) -> bool:
    """As in "tetap", "sama saja"."""
    return _only(words(text), _KEEP, _FILLER)


def means_unknown(text: str) -> bool:
    """As in "tidak tahu", "gak inget", "lupa"."""
    said = words(text)
    if _only(said, _UNKNOWN, _FILLER):
        return True
    return len(said) <= 5 and not _NOT.isdisjoint(said) and not _KNOWING.isdisjoint(said)


def is_greeting(text: str) -> bool:
    """As in "halo", "p", "selamat pagi admin", a waving hand."""
    said = words(text)
    if not said:
        return text.startswith("\N{WAVING HAND SIGN}")
    return _GREETING_OR_COUNT.issuperset(said) and not all(word.isdigit() for word in said)


def is_thanks(text: str) -> bool:
    """As in "terima kasih", "makasih ya min"."""
    return _only(words(text), _THANKS, _FILLER)


def is_about_time(text: str) -> bool:
    """Nothing but a day or an hour, as in "3 hari yang lalu jam 5 pagi"."""
    return all(word.isdigit() or word in _ABOUT_TIME for word in words(text))


def is_loose_time(text: str) -> bool:
    """A span that names no day, as in "tahun lalu", "sejak bulan Juli", "tiap hari"."""
    said = words(text)
    return not _LOOSE_TIME.isdisjoint(said) and all(word.isdigit() or word in _TIME for word in said)


def is_filler(said: Iterable[str]) -> bool:
    """Whether all of these words say nothing of their own."""
    return _FILLER.issuperset(said)


def _only(said: tuple[str, ...], wanted: frozenset[str], allowed: frozenset[str]) -> bool:
    """At least one wanted word, and nothing but wanted and allowed ones."""
    return not wanted.isdisjoint(said) and all(word in wanted or word in allowed for word in said)
