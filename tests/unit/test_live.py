"""Copies of conversations: bounded, and those that are over go first."""

from bot.live import Live
from bot.ports import StoredConversation


def test_those_that_are_over_go_first():
    live = Live(capacity=2)
    live.put(StoredConversation("telegram:1"), over=False)
    live.put(StoredConversation("telegram:2"), over=True)
    live.put(StoredConversation("telegram:3"), over=False)
    assert [live.get(f"telegram:{number}") is not None for number in (1, 2, 3)] == [True, False, True]


def test_then_the_least_recently_used():
    live = Live(capacity=2)
    for number in (1, 2):
        live.put(StoredConversation(f"telegram:{number}"), over=False)
    live.get("telegram:1")
    live.put(StoredConversation("telegram:3"), over=False)
    assert [live.get(f"telegram:{number}") is not None for number in (1, 2, 3)] == [True, False, True]
