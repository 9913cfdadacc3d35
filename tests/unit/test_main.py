"""What `python -m bot` says when a command cannot do its work."""

import pytest

from bot.__main__ import main
from bot.commands import migrate
from bot.errors import LaporError, SettingsError, StoreUnavailable


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StoreUnavailable("NetworkTimeout 50"), 1, ("MongoDB", "NetworkTimeout 50", "MONGODB_URL", "primary", "python -m bot doctor")),
        (SettingsError(["PORT is not a number.", "CORE_URL is not set."]), 2, ("- PORT is not a number.", "- CORE_URL is not set.")),
        (LaporError("The key does not open it."), 1, ("The key does not open it.",)),
    ],
)
def test_a_failure_is_told_with_where_to_look(monkeypatch, capsys, error, status, words):
    def fails(_argv):
        raise error

    monkeypatch.setattr(migrate, "main", fails)
    assert status == main(["migrate"])
    said = capsys.readouterr()
    assert "" == said.out
    assert not [each for each in words if each not in said.err]


def test_a_wrong_command_is_told_the_right_ones(capsys):
    assert 2 == main(["migrat"])
    assert "migrate" in capsys.readouterr().err
