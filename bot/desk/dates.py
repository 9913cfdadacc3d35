"""Times as the pages show them, in Western Indonesian time."""

from datetime import date, datetime, timedelta

from bot.clock import WIB
from bot.desk.words import Translate


def when(moment: datetime, t: Translate) -> str:
    """`21 Nov 2026, 20.40 WIB`."""
    local = moment.astimezone(WIB)
    month = t("desk.months").split()[local.month - 1]
    return f"{local.day} {month} {local.year}, {local:%H.%M} WIB"


def day(date_: date, t: Translate) -> str:
    """`21 Nov 2026`."""
    return f"{date_.day} {t('desk.months').split()[date_.month - 1]} {date_.year}"


def lasting(seconds: int, t: Translate) -> str:
    """How long something takes, in its two largest units: `4 menit 10 detik`."""
    units = (("days", seconds // 86_400), ("hours", seconds // 3600 % 24), ("minutes", seconds // 60 % 60), ("seconds", seconds % 60))
    first = next((index for index, (_, n) in enumerate(units) if n), len(units) - 1)
    shown = [(unit, n) for number, (unit, n) in enumerate(units[first : first + 2]) if n or not number]
    return " ".join(t(f"desk.{unit}", n=n) for unit, n in shown)


def age(moment: datetime, now: datetime, t: Translate) -> str:
    """How long ago, in its largest unit: `3 jam`."""
    passed = max(now - moment, timedelta())
    if passed >= timedelta(days=1):
        return t("desk.days", n=passed.days)
    if passed >= timedelta(hours=1):
        return t("desk.hours", n=passed.seconds // 3600)
    if passed >= timedelta(minutes=1):
        return t("desk.minutes", n=passed.seconds // 60)
    return t("desk.seconds", n=passed.seconds)
