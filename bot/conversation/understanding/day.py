"""The day of an event, read from everyday Indonesian, some Javanese and English. A grammar of small rules, tried from the surest on.

A count of days or weeks is that many days back; a weekday is the last such day before today; months and loose spans (`sebulan`,
`minggu lalu`, `tiap hari`) give no day, and neither does anything still to come.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from bot.conversation.understanding.normalise import MAX_READ, word_set

_OLDEST_YEARS = 2


def _numbered(lists: str, start: int) -> dict[str, int]:
    """Every word of the n-th line stands for `start` + n."""
    return {word: number for number, line in enumerate(lists.strip().splitlines(), start) for word in line.split()}


def _any_of(words: Mapping[str, int]) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


_NUMBERS = _numbered(
    """
    satu se sak sa siji a one
    dua duo rong loro two
    tiga telung telu tilu tigo three
    empat patang papat opat ampek four
    lima limang limo five
    enam enem genep six
    tujuh pitung pitu seven
    delapan wolung wolu eight
    sembilan sangang sanga nine
    sepuluh ten
    """,
    start=1,
)
_WEEKDAYS = _numbered(
    """
    senin snin sennin senen monday
    selasa slasa tuesday
    rabu rebo wednesday
    kamis kemis thursday
    jumat jum'at jumaat jmt friday
    sabtu sbtu setu saturday
    minggu mgg ahad sunday
    """,
    start=0,
)
_MONTHS = _numbered(
    """
    januari jan january
    februari feb pebruari february
    maret mar mrt march
    april apr
    mei may
    juni jun june
    juli jul july
    agustus agu agt agst ags aug august
    september sep sept
    oktober okt october oct
    november nov nop nopember
    desember des dec december
    """,
    start=1,
)
_NUMBER = rf"(?P<n>\d{{1,2}}|{_any_of(_NUMBERS)})"
_WEEKDAY = rf"(?P<weekday>{_any_of(_WEEKDAYS)})"
_MONTH = rf"(?P<month>{_any_of(_MONTHS)})"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>20\d\d)"
_DATE_WORDS = "tanggal tangal tgl tggl"
_ENGLISH_MONTHS = "november october august september december january february march april june july"
_DATE_WORD = r"(?:tanggal|tangal|tgl|tggl)[.:]? ?"
_YESTERDAY = r"(?:ke?m[ae]?r[aei]n|kmaren|kmrn|kmr|kmarin|kemrin|kemren|kemarn|kamari|wingi|yesterday)"
_YESTERDAYS = " ".join(
    [
        *(f"k{first}m{second}r{third}n" for first in ("e", "") for second in ("a", "e", "") for third in "aei"),
        "kmaren kmrn kmr kmarin kemrin kemren kemarn kamari wingi yesterday",
    ]
)
"""The words of that pattern."""
_AGO = rf"(?:(?:yang|yg|ingkang|sing)? ?(?:lalu|lewat|silam|kepungkur|kapungkur)|{_YESTERDAY}|terakhir|trakhir|ini|belakangan|ago|iki)"
_SINCE = r"(?:sudah|sdh|udah|udh|dah|wis|selama|slama|sejak|dari|for|since|nyaris|hampir|lebih dari|lebih|kurang lebih|sekitar)"
_NIGHT = r"(?:malam|malem|mlm|bengi|peuting|dalu)"
_DAYTIME = r"(?:pagi|pg|siang|sore|subuh|petang|dini hari|esuk|isuk|enjing|awan)"
_LONG_UNIT = r"(?:minggu|mgg|pekan|bulan|bln|wulan|tahun|thn|lebaran|puasa|semester|musim|ramadhan|pemilu|pilkada|natal|month|week|year)"

_NUMBER_OF_SOMETHING = re.compile(
    r"(?:\b(?:rt|rw|rtrw|no|nomor|nomer|blok|gang|gg|km|pasal|uu|pp|perpres|perda|permen|jam|pukul|pkl|kavling|kav|juz|skor|jl|jln|jalan|lapangan|taman"
    r"|univ|universitas|stadion|monumen|sd|sdn|smp|smpn|sma|sman|smk|smkn|kelas|lantai|unit|kamar|rp|kode|sk|bundaran|gedung|kelurahan|kel|desa)"
    r"[. ]*(?:raya )?|[/\d.,])$"
)
_DATE_BEFORE = re.compile(rf"(?:{_DATE_WORD}|\b{_any_of(_WEEKDAYS)},? ?\(?)$")
_EVERY_BEFORE = re.compile(
    r"\b(?:setiap|tiap|tiap2|saban|every|sampai|sampe|hingga|s/d|sd|pasar|psr|kec|kecamatan)\.? ?(?:hari|hr|malam|malem|mlm)? ?$|[-&] ?$"
)
_UNTIL_BEFORE = re.compile(r"\b(?:sampai|sampe|smpe|smp|hingga|s/d|sd|until|till)(?: dengan| dgn)? ?$")
_PAST_BEFORE = re.compile(rf"\b{_SINCE} ?$")
_NO_PAST_BEFORE = re.compile(
    r"(?:\b(?:jadwal|setiap|tiap|per|dalam|maksimal|maks|paling|lama|lambat|cuti|izin|ijin|libur|diskon|promo|umur|usia|usianya|umurnya|masa|janji"
    r"|janjinya|katanya|estimasi|waktu|buka|berlaku|proses|ke|kali|x|dari|hari|bayi|jam|pukul|pkl)|\d|/|-) ?$"
)
_NO_PAST_AFTER = re.compile(
    r" ?(?:kerja|sekali|skali|lagi|lg\b|ke ?depan|mendatang|depan|sebelum|setelah|kali\b|hari\b|jam\b|\d+ ?(?:x|kali)|dua kali"
    rf"|tiga kali|-|semalam|{_any_of(_WEEKDAYS)}\b)"
)
_TO_COME = re.compile(r",? ?(?:depan|dpn|besok|bsk|nanti|mendatang|yad|yang akan|yg akan|tiap|setiap)\b")
_WEEKDAY_AFTER = re.compile(
    rf" ?(?:-|s/d|sd|sampai|hingga|dan|&|sampe| ) ?{_any_of(_WEEKDAYS)}\b(?! (?:lalu|kemarin|kmrn|yang lalu|yg lalu))"
)
_LAST_WEEK_AFTER = re.compile(rf" ?(?:(?:di )?(?:minggu|pekan|mgg)) (?:lalu|yang lalu|yg lalu|{_YESTERDAY})\b")
_SUNDAY_BEFORE = re.compile(rf"\b(?:hari|hr|{_NIGHT}|sejak|dari|pada) $")
_SUNDAY_AFTER = re.compile(rf",? ?\(?(?:{_DAYTIME}|{_NIGHT}|{_DATE_WORD}|\d{{1,2}}[/-]\d|\d{{1,2}} {_any_of(_MONTHS)})\b")
_NIGHT_BEFORE = re.compile(rf"\b{_NIGHT} (?:hari )?$")
_WEEK_AFTER = re.compile(rf" (?:lalu|{_YESTERDAY}|ini|depan|ke)\b")
_DAY_BEFORE = re.compile(r"\b(?:hari|hr) $")
_VAGUE_BEFORE = re.compile(rf"\b{_LONG_UNIT} $|[-] ?$")
_VAGUE_AFTER = re.compile(rf"2\b|[ -]{_YESTERDAY}")
_FRACTIONS = frozenset({(1, 2), (1, 3), (1, 4), (3, 4), (2, 3), (24, 7)})

_SIGN = re.compile(r"[^\W\d_]+|20(?=\d\d)|[-/]")
_UNIT = re.compile("h(?:ari|ri?)|d(?:ino|ina|ay)|poe|m(?:inggu|ingu|gg)|pekan|week")
_COUNTED = "#"
"""The sign of a unit of days or weeks, which may be grown together with its number: `seminggu`."""

Rule = Callable[[re.Match[str], date], date | None]


def read_day(text: str, today: date) -> date | None:
    """The day that the text speaks of, or None. Never after `today`, never more than two years before it."""
    text = " ".join(text[:MAX_READ].lower().replace("\u2019", "'").split())
    signs = _signs_in(text)
    oldest = _on(today.year - _OLDEST_YEARS, today.month, min(today.day, 28))
    for needed, pattern, rule in _RULES:
        if needed.isdisjoint(signs):
            continue
        for match in pattern.finditer(text):
            day = rule(match, today)
            if day is not None and oldest is not None and oldest <= day <= today:
                return day
    return None


def _signs_in(text: str) -> set[str]:
    """What tells which rules may find something: every run of letters, the beginnings of years, dashes, slashes, and units of time."""
    signs = set(_SIGN.findall(text))
    if _UNIT.search(text):
        signs.add(_COUNTED)
    return signs


def _on(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _back(today: date, days: int) -> date | None:
    return today - timedelta(days=days) if days < today.toordinal() else None


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - 40) : match.start()]


def _after(match: re.Match[str]) -> str:
    return match.string[match.end() : match.end() + 40]


def _number(word: str, names: Mapping[str, int]) -> int:
    return int(word) if word.isdigit() else names[word]


def _written_date(match: re.Match[str], today: date) -> date | None:
    """`5 november`, `17-8-2026`, `tgl 5/11`: without a year, the last such day."""
    if _NUMBER_OF_SOMETHING.search(_before(match)):
        return None
    day, month, year = int(match["day"]), _number(match["month"], _MONTHS), match["year"]
    if year:
        return _on(int(year), month, day)
    return next((past for back in (0, 1) if (past := _on(today.year - back, month, day)) and past <= today), None)


def _bare_date(match: re.Match[str], today: date) -> date | None:
    """`5/11` and `5-11`: a date only if it cannot be a fraction, or a word before it says so."""
    said = _DATE_BEFORE.search(_before(match))
    if not said and (match["sign"] != "/" or (int(match["day"]), int(match["month"])) in _FRACTIONS):
        return None
    return _written_date(match, today)


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    """`tgl 9`, `tanggal 5 bulan lalu`: the last such day."""
    if _EVERY_BEFORE.search(_before(match)) or _TO_COME.match(_after(match)):
        return None
    months_back = range(1, 2) if match["last"] else range(3)
    for back in months_back:
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        past = _on(year, month + 1, int(match["day"]))
        if past and past <= today:
            return past
    return None


def _count(match: re.Match[str], today: date) -> date | None:
    """`sudah 3 hari`, `seminggu`, `rong minggu`, `2 weeks ago`."""
    number = _number(match["n"], _NUMBERS)
    days = number if match["days"] else number * 7
    if not match["ago"]:
        before = _before(match)
        if _NO_PAST_AFTER.match(_after(match)):
            return None
        if not _PAST_BEFORE.search(before) and (_NO_PAST_BEFORE.search(before) or (match["n"] in ("se", "a", "sa") and match["days"])):
            return None
    return _back(today, days)


def _weekday(match: re.Match[str], today: date) -> date | None:
    """`senin lalu`, `hari minggu`, `malam jumat`: the last such day before today."""
    before, after = _before(match), _after(match)
    if _EVERY_BEFORE.search(before) or _TO_COME.match(after) or (_WEEKDAY_AFTER.match(after) and not _LAST_WEEK_AFTER.match(after)):
        return None
    number = _WEEKDAYS[match["weekday"]]
    if match["weekday"] in ("minggu", "mgg", "senen", "setu") and not (_SUNDAY_BEFORE.search(before) or _SUNDAY_AFTER.match(after)):
        return None
    if match["weekday"] in ("minggu", "mgg") and _WEEK_AFTER.match(after) and not _DAY_BEFORE.search(before):
        return None
    if _LAST_WEEK_AFTER.match(after):
        return today - timedelta(days=today.weekday() + 7 - number)
    if number == today.weekday() and after.startswith(" ini"):
        return today
    night_before = 1 if _NIGHT_BEFORE.search(before) else 0
    return today - timedelta(days=((today.weekday() - number - 1) % 7 + 1) + night_before)


def _two_days_ago(_match: re.Match[str], today: date) -> date | None:
    return _back(today, 2)


def _yesterday(match: re.Match[str], today: date) -> date | None:
    vague = _VAGUE_BEFORE.search(_before(match)) or _VAGUE_AFTER.match(_after(match))
    return None if vague else _back(today, 1)


def _today(match: re.Match[str], today: date) -> date | None:
    return None if _UNTIL_BEFORE.search(_before(match)) else today


def _rule(signs: str, pattern: str, rule: Rule) -> tuple[frozenset[str], re.Pattern[str], Rule]:
    """`signs`: without any of them it cannot match."""
    return word_set(signs), re.compile(rf"(?<!\w){pattern}(?!\w)"), rule


_RULES = (
    _rule("20", r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)", _written_date),
    _rule("20", rf"{_DAY} ?[/.-] ?{_MONTH_NUMBER} ?[/.-] ?{_YEAR}", _written_date),
    _rule(" ".join(_MONTHS), rf"{_DAY}(?: ?(?:-|s/d|sampai|dan) ?\d{{1,2}})?[ -]?{_MONTH}(?:[ -]{_YEAR})?", _written_date),
    _rule(_DATE_WORDS, rf"{_DATE_WORD}{_DAY} (?:bulan|bln) {_MONTH_NUMBER}(?P<year>)", _written_date),
    _rule(
        _ENGLISH_MONTHS,
        rf"(?P<month>{_ENGLISH_MONTHS.replace(' ', '|')}) {_DAY}(?:(?:st|nd|rd|th)?)(?P<year>)",
        _written_date,
    ),
    _rule("- /", rf"{_DAY}(?P<sign>[/-]){_MONTH_NUMBER}(?P<year>)(?!\d|[/-]\d)", _bare_date),
    _rule(_DATE_WORDS, rf"{_DATE_WORD}{_DAY}(?![/.-]?\d)(?P<last> (?:bulan|bln) (?:lalu|kemarin|kmrn|yang lalu|yg lalu))?", _day_of_month),
    _rule(
        _COUNTED,
        rf"{_NUMBER} ?(?:(?P<days>hari|hr|hri|dino|dina|poe|days?)|minggu|mgg|mggu|mingu|pekan|weeks?)(?:an)?(?P<ago> {_AGO}\b)?",
        _count,
    ),
    _rule(" ".join([*_WEEKDAYS, "jum"]), _WEEKDAY, _weekday),
    _rule(
        "lusa dulu dulunya selumbari wingenane wingenan before",
        rf"(?:{_YESTERDAY} (?:lusa|dulu|dulunya)|lusa {_YESTERDAY}|selumbari|wingenane|wingenan|day before yesterday)",
        _two_days_ago,
    ),
    _rule(
        "tadi td mau wau semalam semalem smlm smalam last",
        rf"(?:(?:tadi|td|mau|wau) {_NIGHT}|{_NIGHT} tadi|(?<!sehari )(?:semalam|semalem|smlm|smalam)|last night)",
        _yesterday,
    ),
    _rule(_YESTERDAYS, _YESTERDAY, _yesterday),
    _rule(
        "tadi td mau ini iki barusan barusaja baru today tonight this lalu",
        rf"(?:(?:tadi|td|mau) {_DAYTIME}|{_DAYTIME} (?:ini|tadi|iki)|{_NIGHT} ini|barusan|barusaja|baru(?: saja| aja| sj)|(?:hari"
        rf"|hr|dina|dino) (?:ini|iki)"
        r"|tadi|today|tonight|this (?:morning|afternoon|evening)|(?:\d|1\d|se|setengah|satu|dua|tiga|beberapa) ?(?:jam"
        r"|menit)(?: yang| yg)? lalu)",
        _today,
    ),
)
