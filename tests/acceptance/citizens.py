"""Scripted citizens: they answer whatever is asked until they hold a receipt, tapping buttons by the question they stand under."""

import re

from bot.channels import callback

RECEIPT = re.compile(r"\bL[2-9A-HJ-NP-Z]{8}\b")
TICKET = re.compile(r"\b8[0-9]{6}\b")

TAPS = {
    "consent": "ya",
    "kind": "pengaduan",
    "when": "kemarin",
    "visibility": "terbuka",
    "summary": "kirim",
}
"""What this citizen chooses; where they have no preference, the last button: that skips or ends."""

WORDS = ("Kec Cibodas Kota Tangerang", "Lampu jalan mati di depan SDN 3 sejak kemarin", "lewati")
"""What this citizen types where there is no button, in turn."""


class TelegramCitizen:
    """One person with Telegram, who may be told a thing twice."""

    def __init__(self, person, text):
        self.person = person
        self.text = text
        self._typed = 0

    @property
    def receipt(self):
        return receipt(sent.text for sent in self.person.heard)

    async def report(self, server, *, seconds=60.0):
        """Until the receipt."""
        self.person.says(self.text)
        answered = 0
        while self.receipt is None:
            await server.until(lambda: len(self.person.heard) > answered, seconds=seconds)  # noqa: B023  # awaited within the round
            answered = len(self.person.heard)
            if self.receipt is None:
                self._answer(self.person.heard[-1])

    def _answer(self, sent):
        picks = [callback.decode(data) for data in sent.buttons.values()]
        if not picks and TELLS.search(sent.text):
            return
        if not picks:
            self.person.says(WORDS[self._typed % len(WORDS)])
            self._typed += 1
            return
        wanted = TAPS.get(picks[0].question.partition(".")[0])
        chosen = next((pick for pick in picks if pick.value == wanted), picks[-1])
        self.person.taps_data(sent, callback.encode(chosen.question, chosen.value))


TELLS = re.compile("huruf pertama; sisanya")
"""Words that ask nothing: the question comes after them."""
PLACE_AND_DAY = "kec Cibodas Kota Tangerang, kemarin"
ANSWERS = (
    ("[Ss]etuju", "ya"),
    ("Di mana dan kapan", PLACE_AND_DAY),
    (r"Jenisnya\?|yang mana\?", "1"),
    ("Di mana", "kec Cibodas Kota Tangerang"),
    ("Kapan kejadian", "kemarin"),
    ("instansi mana", "lewati"),
    ("tentang apa", "lewati"),
    ("sebagai bukti", "lewati"),
    ("Kirim lagi", "selesai"),
    ("boleh melihat", "1"),
    (r"nama Anda\?", "lewati"),
    ("Cek pengaduan|Sudah benar", "ya"),
)
"""What a citizen without buttons writes when these words are among a question's, in the order of the questions."""


def answer(question):
    """What this citizen writes to a message; None when it asks nothing."""
    return next((words for asked, words in ANSWERS if re.search(asked, question)), None)


def receipt(texts):
    """The receipt number, once somebody was told one."""
    return _first(RECEIPT, texts)


def ticket(texts):
    """The ticket number, once somebody was told one."""
    return _first(TICKET, texts)


def _first(number, texts):
    return next((found[0] for text in texts if (found := number.search(text))), None)
