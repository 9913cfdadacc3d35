"""What was held back until a citizen writes, said at last."""

import pytest

from bot import clock, effects
from bot.model import Effect

NOW = clock.now()
REPORT, ANOTHER = "4" * 32, "5" * 32


def words(id_, lane=effects.SPEECH):
    return Effect(id_, lane, "say", {"text": id_}, due=NOW)


def said(unsaid, *pending):
    return [each.id for each in effects.said_at_last([words(id_) for id_ in unsaid], pending=pending, now=NOW)]


@pytest.mark.parametrize(
    ("pending", "expected"),
    [
        ((), ["ticket", "1", "2"]),
        ((words(f"{REPORT}:3/0"),), ["ticket"]),
        ((words(f"{REPORT}:3/0"), words(f"{REPORT}:2/0")), ["ticket"]),
        ((words(f"{REPORT}:2/0"),), ["ticket", "2"]),  # that itself, tried again
        ((words(f"{ANOTHER}:3/0"),), ["ticket", "1", "2"]),
        ((words(f"{REPORT}:3/0/brief", "nudge"),), ["ticket", "1", "2"]),  # of words that are held back as well
        ((words("SM1/0"),), ["ticket", "1", "2"]),
    ],
)
def test_a_status_is_not_said_after_a_later_one_that_is_on_its_way(pending, expected):
    unsaid = [f"{REPORT}:{key}/0" for key in ("ticket", "1", "2")]
    assert [f"{REPORT}:{key}/0/at-last" for key in expected] == said(unsaid, *pending)


def test_an_agencys_message_is_said_however_late():
    message = f"{REPORT}:message:msg_8812359_3/0"
    assert [f"{message}/at-last"] == said([message], words(f"{REPORT}:4/0"))
