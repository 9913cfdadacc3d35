"""How alike two texts are, by the words they share."""

from bot.conversation.understanding.normalise import full_words, word_set

_FEW_WORDS = 3
"""Of a text with fewer words that say something, nothing can be told."""
_WORDS_AT_MOST = 60
_EMPTY = word_set("""
    yang dan di ke dari ini itu ada sudah belum tidak saya kami untuk dengan pada karena sangat sekali tolong mohon lapor pak bu
    hari minggu bulan tahun kota kabupaten kab kec kecamatan kelurahan desa the and is of in at to for our my please
""")


def words_of(text: str) -> frozenset[str]:
    """The words of a text that say something."""
    said = [word for word in full_words(text) if word not in _EMPTY and not word.isdecimal()]
    return frozenset(said[:_WORDS_AT_MOST])


def likeness(some: frozenset[str], others: frozenset[str]) -> float:
    """The share of common words among all, from 0 to 1."""
    return len(some & others) / len(some | others) if len(some) >= _FEW_WORDS and others else 0.0
