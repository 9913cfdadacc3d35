"""The report that the peers take: eight messages like the bot's own, the first of them unasked."""

from dataclasses import dataclass

from bench.citizens import PLACES, Citizen, story


@dataclass(frozen=True, slots=True)
class Question:
    """One step. Without choices, whatever is written is the answer."""

    key: str
    words: str
    choices: tuple[str, ...] = ()


QUESTIONS = (
    Question("story", "Ceritakan apa yang terjadi."),
    Question("consent", "Apakah Anda setuju laporan dan nomor Anda kami simpan untuk menangani laporan?", ("ya", "tidak")),
    Question("place", "Di kecamatan dan kabupaten atau kota apa?"),
    Question("agency", "Tahu instansi mana yang harus menanganinya?", ("lewati",)),
    Question("evidence", "Punya foto, video, atau dokumen sebagai bukti?", ("lewati",)),
    Question("visibility", "Siapa yang boleh melihat?", ("terbuka", "anonim", "rahasia")),
    Question("name", "Siapa nama Anda?", ("profil", "lewati")),
    Question("summary", "Mohon dicek dulu. Sudah benar?", ("kirim", "ubah")),
)
RECEIVED = "Terima kasih, laporan Anda sudah kami terima. Nomor laporan: {number}"


def reply(step: int, chat: int) -> tuple[str, tuple[str, ...]]:
    """What is said once the answer to question `step` is stored: the next question and its choices, or thanks."""
    if step + 1 == len(QUESTIONS):
        return RECEIVED.format(number=f"L{chat}"), ()
    following = QUESTIONS[step + 1]
    return following.words, following.choices


async def answers(citizen: Citizen) -> None:
    """The citizen's side."""
    await citizen.says(story(citizen.chat))
    for question in QUESTIONS[1:]:
        await (citizen.taps(question.choices[0]) if question.choices else citizen.says(PLACES[citizen.chat % len(PLACES)]))
