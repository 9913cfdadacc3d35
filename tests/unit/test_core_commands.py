"""`python -m core` without a database: help, wrong use, wrong settings."""

import pytest

from core.__main__ import main

COMMANDS = [
    "serve",
    "list",
    "show",
    "verify",
    "postpone",
    "dispose",
    "progress",
    "answer",
    "ask",
    "complete",
    "archive",
    "not-ours",
    "reopen",
    "fetch",
    "sweep",
]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("MONGODB_URL", "CORE_MONGODB_URL", "CORE_TOKEN", "CORE_EVENTS_URL", "CORE_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert 0 == ended.value.code
    assert f"python -m core {command}" in capsys.readouterr().out


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ") and line[4] != " "]
    assert sorted(COMMANDS) == sorted(listed)


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["show"],
        ["postpone", "1"],
        ["postpone", "1", "--missing", "shoe_size"],
        ["dispose", "1"],
        ["archive", "1"],
        ["not-ours", "1"],
        ["answer", "1"],
        ["list", "--status", "lost"],
        ["list", "--limit", "0"],
        ["sweep", "--at", "tomorrow"],
    ],
)
def test_wrong_use(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert 2 == ended.value.code


@pytest.mark.parametrize(("arguments", "problems"), [([], 2), (["serve"], 2), (["list"], 1)])
def test_wrong_settings(arguments, problems, capsys):
    assert 2 == main(arguments)
    assert problems == len(capsys.readouterr().err.splitlines())
