"""Which answer to correct. The one that is named is asked anew, and the summary comes straight after it."""

import re

from bot.conversation import flow, replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk

_WORDS = {
    "kind": "jenis kategorinya kind type",
    "text": "isi laporan teks cerita judul text story",
    "where": "lokasi tempat alamat dimana mana where place location",
    "when": "tanggal tgl hari waktu kapan when date day",
    "agency": "instansi dinas tujuan agency",
    "category": "kategori topik category topic",
    "evidence": "foto bukti lampiran file berkas gambar video evidence photo photos",
    "visibility": "rahasia anonim terbuka privasi tampilan visibility",
    "name": "nama name",
}
_NAMES = {word: name for name, words in _WORDS.items() for word in words.split()}
_CHANGE = replies.vocabulary("ubah ganti koreksi ralat perbaiki salah edit change fix correct wrong revisi")
_MOST_WORDS = 3
_LINK = re.compile(r"^(?:(?:jadi|menjadi|ke|itu|adalah|ialah|yang benar|harusnya|seharusnya|should be|is|to)\b[\s:,]*)+", re.IGNORECASE)


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Offer what may be changed."""
    talk.ask("ask.correct", [Offer(step.name) for step in flow.correctable(talk.draft, talk.capabilities)], again=again)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take the name of an answer."""
    named = reply.value or read(talk, f"ubah {reply.text}")
    return start(talk, named, reply.text) if named else Outcome.UNCLEAR


def start(talk: Talk, name: str, said: str) -> Outcome:
    """Ask it anew; the old answer stands until then. "ubah tanggal kemarin" brings the new answer along."""
    talk.draft.correcting = name
    talk.close()
    talk.open(name)
    step = flow.BY_NAME[name]
    given = _given(said, name)
    if given:
        return step.hear(talk, Reply(given))
    step.ask(talk, False)
    return Outcome.STAYS


def read(talk: Talk, text: str) -> str | None:
    """The answer a text wants to change: "ubah lokasi", "lokasinya salah", "tanggal". None when it names none."""
    said = replies.words(text[:200])
    possible = {step.name for step in flow.correctable(talk.draft, talk.capabilities)}
    named = [_NAMES[stem] for word in said if (stem := word.removesuffix("nya")) in _NAMES and _NAMES[stem] in possible]
    begins = bool(said) and (said[0] in _CHANGE or (bool(named) and said[0].removesuffix("nya") in _NAMES))
    return named[0] if named and (begins or set(said) & _CHANGE) and (begins or len(said) <= _MOST_WORDS) else None


def wants_change(text: str) -> bool:
    """As in "ubah", "ada yang salah", "tidak"."""
    said = set(replies.words(text[:200]))
    return replies.means_no(text) or bool(said & _CHANGE)


def _given(said: str, name: str) -> str:
    """What follows "ubah <answer>" or "<answer>nya"; nothing when it is only filling words, or says that it is wrong."""
    first, _, rest = said.partition(" ")
    named, _, given = (rest if first.casefold() in _CHANGE else said).partition(" ")
    stem = "".join(replies.words(named)[:1]).removesuffix("nya")
    given = _LINK.sub("", given.strip(" :="))
    words = replies.words(given)
    if _NAMES.get(stem) != name or replies.is_filler(words) or set(words) <= _CHANGE or replies.means_no(given):
        return ""
    return given


QUESTION = Question("correct", ask, hear)
