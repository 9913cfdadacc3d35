"""Citizens who report, answer what they are asked, add to their report, and whose every word can be told from anybody else's."""

import asyncio
import random
import re
from collections.abc import Sequence
from itertools import count
from typing import Protocol

from bot.channels import callback
from tests.acceptance.citizens import TAPS, receipt, ticket
from tests.faults.ledger import Ledger, Told
from tests.faults.providers import Providers

CANARY = re.compile(r"zq[bcdfghjk]{8}", re.IGNORECASE)
"""In every text, name and file of a citizen; no word, place or name has it."""

PLACE, DAY = "kec Cibodas Kota Tangerang", "kemarin"
AREA = "36.71.09"
STORY = "Lampu jalan mati di depan pasar lama, gelap sekali"
ADDITIONS = 2

_ANSWERS = (
    ("Cek pengaduan|Sudah benar", "ya"),
    ("[Ss]etuju", "ya"),
    ("Di mana dan kapan", f"{PLACE}, {DAY}"),
    ("Di mana|daerah mana", PLACE),
    ("Kapan kejadian|Tanggalnya belum", DAY),
    ("instansi mana", "lewati"),
    ("sebagai bukti", "photo"),
    ("Kirim lagi", "selesai"),
    ("boleh melihat|Pilih salah satu", "terbuka"),
    (r"nama Anda\?|Cukup nama", "name"),
)
"""What is answered when these words are among a question's."""

_ADDED = "Sudah kami tambahkan"


def draw_canary(chance: random.Random) -> str:
    return "zq" + "".join(chance.choices("bcdfghjk", k=8))


class Phone(Protocol):
    """One person's end of a channel."""

    conversation: str
    carries_files: bool

    async def write(self, text: str) -> None:
        """Until the provider has handed it over."""

    async def send_photo(self, data: bytes) -> None:
        """The same."""

    async def reply(self, told: Told, words: str) -> None:
        """Answer a question, by its buttons where it has some."""

    def lay_aside(self) -> None:
        """For longer than a day, as far as the provider can tell."""


class Citizen:
    """One person with one report."""

    def __init__(self, phone: Phone, canary: str, ledger: Ledger, chance: random.Random, *, pause: float) -> None:
        """`pause`: seconds they think before an answer, at most."""
        self.phone = phone
        self.canary = canary
        self.text = f"{STORY} {self.word(0)}"
        self.name = f"Budi {canary}"
        self.photo = b"\x89PNG\r\n\x1a\n" + bytes(600) + canary.encode()
        self.heard: list[Told] = []
        self.served = False
        self.silent_for = 0.0
        """Seconds after the receipt in which they neither read nor write."""
        self._chance = chance
        self._pause = pause
        self._news: asyncio.Queue[Told] = asyncio.Queue()
        self._answered: set[str] = set()
        ledger.listeners[phone.conversation] = self._hear

    @property
    def conversation(self) -> str:
        return self.phone.conversation

    @property
    def files(self) -> int:
        """How many they send."""
        return int(self.phone.carries_files)

    def word(self, number: int) -> str:
        """The canary's form in the n-th text."""
        return f"{self.canary}-{number}"

    def words(self) -> Sequence[str]:
        """Of the report and of what is added to it."""
        return [self.word(number) for number in range(1 + ADDITIONS)]

    async def live(self) -> None:
        """From the first words until the ticket is known and everything is added."""
        await self.phone.write(self.text)
        while not receipt(self._texts()):
            await self._answer(await self._next())
        if self.silent_for:
            self.phone.lay_aside()
            await asyncio.sleep(self.silent_for)
            await self.phone.write("BANTUAN")
        while not (number := ticket(self._texts())):
            await self._next()
        await asyncio.gather(*(self.phone.write(f"TAMBAH {number} tiangnya sudah miring {word}") for word in self.words()[1:]))
        while len({told.effect for told in self.heard if _ADDED in told.text}) < ADDITIONS:
            await self._next()
        self.served = True

    def _hear(self, told: Told) -> None:
        self.heard.append(told)
        self._news.put_nowait(told)

    async def _next(self) -> Told:
        """The next message that is no repetition."""
        while (told := await self._news.get()).effect in self._answered:
            pass
        self._answered.add(told.effect)
        return told

    def _texts(self) -> list[str]:
        return [told.text for told in self.heard]

    async def _answer(self, told: Told) -> None:
        words = next((words for asked, words in _ANSWERS if re.search(asked, told.text)), None)
        if words is None:
            return
        await asyncio.sleep(self._chance.uniform(0, self._pause))
        if words == "photo":
            await self.phone.send_photo(self.photo)
        else:
            await self.phone.reply(told, self.name if words == "name" else words)


class TelegramPhone:
    """Taps where there are buttons for it."""

    carries_files = True

    def __init__(self, providers: Providers, canary: str) -> None:
        self._server = providers.telegram
        self._person = self._server.citizen(canary)
        self.conversation = f"telegram:{self._person.id}"

    async def write(self, text: str) -> None:
        self._person.says(text)

    async def send_photo(self, data: bytes) -> None:
        self._person.sends_photo(data)

    async def reply(self, told: Told, words: str) -> None:
        sent = self._server.buttons.pop((told.conversation, told.effect), None)
        picks = [callback.decode(data) for data in sent.buttons.values()] if sent else []
        wanted = TAPS.get(picks[0].question.partition(".")[0]) if picks else None
        if chosen := next((pick for pick in picks if pick.value == wanted), None):
            self._person.taps_data(sent, callback.encode(chosen.question, chosen.value))
        else:
            self._person.says(words)

    def lay_aside(self) -> None:
        """Telegram does not mind."""


class WhatsAppPhone:
    """Numbered choices, answered in words."""

    carries_files = True

    def __init__(self, providers: Providers, canary: str, number: str) -> None:
        self._server = providers.whatsapp
        self._canary = canary
        self.conversation = f"whatsapp:{number}"

    async def write(self, text: str) -> None:
        await self._server.receive(self.conversation, text, ProfileName=self._canary)

    async def send_photo(self, data: bytes) -> None:
        url = self._server.add_media(data, "image/png")
        await self._server.receive(self.conversation, "", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")

    async def reply(self, told: Told, words: str) -> None:
        del told
        await self.write(words)

    def lay_aside(self) -> None:
        self._server.forget(self.conversation)


class SmsPhone:
    """An ordinary telephone."""

    carries_files = False

    def __init__(self, providers: Providers, number: str) -> None:
        self._gateway = providers.gateway
        self._number = number
        self.conversation = f"sms:{number}"

    async def write(self, text: str) -> None:
        await self._gateway.receive(self._number, text)

    async def send_photo(self, data: bytes) -> None:
        raise NotImplementedError("an SMS carries no file")

    async def reply(self, told: Told, words: str) -> None:
        del told
        await self.write(words)

    def lay_aside(self) -> None:
        """Nor does a gateway."""


class Crowd:
    """Everybody who writes during a run."""

    def __init__(self, providers: Providers, ledger: Ledger, chance: random.Random, *, pause: float = 0.2) -> None:
        self.citizens: list[Citizen] = []
        self._providers = providers
        self._ledger = ledger
        self._chance = chance
        self._pause = pause
        self._numbers = count(811_000_000)

    def newcomer(self, medium: str) -> Citizen:
        """Somebody who has never written; `medium`: telegram, whatsapp or sms."""
        canary = draw_canary(self._chance)
        number = f"+62{next(self._numbers)}1"
        phone: Phone
        if medium == "telegram":
            phone = TelegramPhone(self._providers, canary)
        elif medium == "whatsapp":
            phone = WhatsAppPhone(self._providers, canary, number)
        else:
            phone = SmsPhone(self._providers, number)
        citizen = Citizen(phone, canary, self._ledger, self._chance, pause=self._pause)
        self.citizens.append(citizen)
        return citizen

    async def write_until(self, enough: asyncio.Event, slots: Sequence[str]) -> None:
        """So many at once, each on its medium; who is served gives place to the next, until there is enough. Then the last finish."""
        await asyncio.gather(*(self._fill(enough, medium) for medium in slots))

    async def _fill(self, enough: asyncio.Event, medium: str) -> None:
        while not enough.is_set():
            await self.newcomer(medium).live()

    async def each_lives(self, media: Sequence[str], at_once: int) -> None:
        """One citizen for each medium named, so many at once."""
        gate = asyncio.Semaphore(at_once)

        async def live(medium: str) -> None:
            async with gate:
                await self.newcomer(medium).live()

        await asyncio.gather(*map(live, media))
