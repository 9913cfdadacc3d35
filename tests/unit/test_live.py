"""Copies of conversations: bounded, and the least recently used go first."""

from bot.live import Live
from bot.ports import StoredConversation


def test_the_least_recently_used_go_first():
    live = Live(capacity=2)
    for number in (1, 2):
        live.put(StoredConversation(f"telegram:{number}"))
    live.get("telegram:1")
    live.put(StoredConversation("telegram:3"))
    assert [live.get(f"telegram:{number}") is not None for number in (1, 2, 3)] == [True, False, True]
