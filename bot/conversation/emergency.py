"""Clear emergencies: the right number is told first, and the report goes on."""

import re

from bot.conversation.talk import Talk

_PHRASES = re.compile(
    r"""\b(?:
      (?:sedang|lagi|sekarang|tolong|ada|terjadi)\s+(?:\w+\s+){0,2}(?:kebakaran|terbakar)
    | (?:kebakaran|terbakar)\s+(?:\w+\s+){0,3}(?:sekarang|saat\s+ini|cepat|tolong|besar)
    | api\s+(?:\w+\s+){0,2}(?:membesar|menjalar|menyala|berkobar)
    | (?:ada|banyak|jatuh)\s+korban(?:\s+jiwa|\s+luka)?
    | korban\s+(?:jiwa|luka|meninggal|tewas|tertimbun|terjebak)
    | (?:kecelakaan|tabrakan)\s+(?:\w+\s+){0,4}(?:luka|berdarah|tewas|korban|sekarang|barusan)
    | (?:sedang|lagi)\s+(?:di)?(?:pukul|pukuli|aniaya|keroyok|rampok|begal|perkosa|bunuh|siksa|hajar)\w*
    | (?:di)(?:pukuli|aniaya|keroyok|rampok|begal|perkosa|siksa)\w*\s+(?:\w+\s+){0,3}(?:sekarang|saat\s+ini)
    | (?:mau|akan|ingin|hendak)\s+(?:bunuh\s+diri|dibunuh)
    | (?:pingsan|sekarat|kejang|tenggelam|hanyut|tertimbun|tersengat)\s+(?:\w+\s+){0,3}(?:sekarang|tolong|cepat|butuh)
    | butuh\s+(?:ambulans|ambulan|ambulance|pemadam|damkar|polisi)\s+(?:sekarang|segera|cepat)
    | (?:house|building)\s+(?:is\s+)?on\s+fire | (?:is|being)\s+(?:beaten|attacked|robbed)\s+(?:right\s+)?now | need\s+an?\s+ambulance
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_PAST = re.compile(r"\b(?:kemarin|kmrn|lalu|pernah|tahun|bulan|minggu|yesterday|last|ago)\b", re.IGNORECASE)
_LOOKED_AT = 2_000


def warn(talk: Talk, text: str) -> None:
    """Tell the emergency numbers, once a draft, when the text says that something happens now."""
    if not talk.draft.warned and sounds_urgent(text):
        talk.draft.warned = True
        talk.say("told.emergency")


def sounds_urgent(text: str) -> bool:
    """Fire now, people hurt, violence now; not what happened yesterday."""
    beginning = text[:_LOOKED_AT]
    return bool(_PHRASES.search(beginning)) and not _PAST.search(beginning)
