"""What a demo makes up where nothing is set."""

import pytest

from bot import tcp_port
from bot.commands import demo


@pytest.mark.parametrize(("ours", "is_free", "usual"), [("8080", True, True), ("8080", False, False), ("8090", True, False)])
def test_the_core_listens_where_nobody_else_does_and_we_do_not(monkeypatch, ours, is_free, usual):
    monkeypatch.setattr(tcp_port, "is_free", lambda *_: is_free)
    monkeypatch.setattr(tcp_port, "free", lambda: 40_000)
    assert usual == (demo._core_port(ours) == demo.CORE_PORT)
