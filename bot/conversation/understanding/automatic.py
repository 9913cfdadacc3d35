"""The phrases of automatic replies: out of office, "this message was sent automatically", and what bots say first."""

import re

_LOOKED_AT = 500
"""Characters: they stand at the beginning."""

_PHRASES = re.compile(
    r"\b(?:(?:pesan|balasan|jawaban) (?:ini )?(?:(?:dikirim|dibalas|dijawab) )?(?:secara )?otomatis"
    r"|di ?luar (?:jam (?:kerja|operasional|layanan)|kantor)|sedang (?:tidak (?:di|berada di) (?:tempat|kantor)|cuti)"
    r"|(?:terima ?kasih|thank you|thanks) (?:telah|sudah|for) (?:menghubungi|mengirim pesan|contacting|your message|reaching out)"
    r"|akan segera (?:kami )?(?:membalas|merespons?|menghubungi|dibalas|balas|respons?)"
    r"|(?:jangan|mohon tidak|tidak perlu) (?:mem)?balas pesan ini"
    r"|auto(?:matic|mated)?[ -]?(?:reply|response|message)|out of (?:the )?office|do not reply"
    r"|(?:will|ll) (?:get back|reply|respond) to you)\b",
    re.IGNORECASE,
)


def is_automatic_reply(text: str) -> bool:
    """Whether one of them is in it. A person may quote one: several in a row, at once, are a machine's."""
    return _PHRASES.search(" ".join(text[:_LOOKED_AT].split())) is not None
