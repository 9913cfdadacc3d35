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
        return next((found[0] for sent in self.person.heard if (found := RECEIPT.search(sent.text))), None)

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
        if not picks:
            self.person.says(WORDS[self._typed % len(WORDS)])
            self._typed += 1
            return
        wanted = TAPS.get(picks[0].question.partition(".")[0])
        chosen = next((pick for pick in picks if pick.value == wanted), picks[-1])
        self.person.taps_data(sent, callback.encode(chosen.question, chosen.value))
