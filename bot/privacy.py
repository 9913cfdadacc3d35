"""The privacy notice's version and figures. A change of what it promises is a new version: consent is then asked again."""

from datetime import date

from bot.conversation.session import WITHOUT_CONSENT
from bot.intake import APPLIED_FOR
from bot.redirecting import LASTS

VERSION = "2026-11"
PUBLISHED = date(2026, 11, 21)


def parameters(agency: str, contact: str) -> dict[str, object]:
    """What the page needs. `agency`: who is responsible; `contact`: where questions go."""
    return {
        "agency": agency,
        "contact": contact,
        "version": VERSION,
        "published": PUBLISHED,
        "draft_days": WITHOUT_CONSENT.days,
        "redirect_days": LASTS.days,
        "dedupe_hours": int(APPLIED_FOR.total_seconds() // 3600),
    }
