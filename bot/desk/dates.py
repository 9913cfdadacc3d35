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
