"""Whether the citizen wishes to stay unnamed, or the report to stay out of public sight. Two independent wishes."""

import re

from bot.conversation.understanding.normalise import plain
from bot.conversation.understanding.phrases import Phrases

_SECRET = re.compile(r" (?:di)?rahasia(?:kan)?(?:lah)?(?= )")
_PERSON = re.compile(r" (?:nama|namaku|nya|identitas|identitasku|pelapor|jati|nomor|no) ")
_WORDS_AROUND = 4
_UNNAMED = Phrases(
    r"anonim|anonymous|anonymously|tanpa nama|(?:jangan|tidak usah|tidak mau|tidak ingin|mohon tidak"
    r"|tolong tidak) (?:\S+ ){0,2}(?:nama|identitas)"
    r"|(?:sembunyikan|samarkan|lindungi) (?:nama|identitas)|(?:nama|identitas) (?:\S+ ){0,3}(?:disembunyikan|disamarkan|dilindungi)"
)
_UNSEEN = Phrases(
    "confidential|jangan (?:dipublikasikan|dipublikasi|dipublis|disebarkan|disebarluaskan|ditampilkan ke publik|dibuka ke umum)"
)


def wants_secrecy(text: str) -> tuple[bool, bool]:
    """(anonymous, confidential): what the text asks for in so many words."""
    said = plain(text)
    secrets = [_about_a_person(said.text, match) for match in _SECRET.finditer(said.text)] if "rahasia" in said.text else []
    return any(secrets) or _UNNAMED.search(said) is not None, not all(secrets) or _UNSEEN.search(said) is not None


def _about_a_person(words: str, secret: re.Match[str]) -> bool:
    """True when it is the name that is to be kept secret, not the report."""
    before = words[: secret.start()].split()[-_WORDS_AROUND:]
    after = words[secret.end() :].split()[:_WORDS_AROUND]
    return _PERSON.search(f" {' '.join(before)}  {' '.join(after)} ") is not None
