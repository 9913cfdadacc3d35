"""The core's settings."""

import json
import os
import subprocess
import sys

import pytest

from core import settings
from core.errors import SettingsError
from core.settings import Database, Settings, Subscription

FULL = {
    "CORE_MONGODB_URL": "mongodb://db/cases?replicaSet=rs0",
    "CORE_TOKEN": "t0ken",
    "CORE_EVENTS_URL": "http://127.0.0.1:8080/hooks/core",
    "CORE_WEBHOOK_SECRET": "whsec_c2VjcmV0LW9uZQ== whsec_c2VjcmV0LXR3bw",
    "CORE_PORT": "9000",
    "HOST": "0.0.0.0",  # noqa: S104  # a value to read, not a socket
}


def test_reads_everything():
    expected = Settings(
        database=Database(FULL["CORE_MONGODB_URL"], "cases"),
        token="t0ken",
        host=FULL["HOST"],
        port=9000,
        subscription=Subscription(FULL["CORE_EVENTS_URL"], ("whsec_c2VjcmV0LW9uZQ==", "whsec_c2VjcmV0LXR3bw")),
    )
    assert expected == settings.read_settings(FULL)


def test_the_intakes_database_is_not_ours():
    expected = Settings(
        database=Database("mongodb://db/intake", "lapor_core"), token="t0ken", host="127.0.0.1", port=8090, subscription=None
    )
    assert expected == settings.read_settings({"MONGODB_URL": "mongodb://db/intake", "CORE_TOKEN": "t0ken"})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"CORE_MONGODB_URL": "postgres://db"}, ["CORE_MONGODB_URL"]),
        ({"CORE_TOKEN": "with space"}, ["CORE_TOKEN"]),
        ({"CORE_PORT": "eighty"}, ["CORE_PORT"]),
        ({"CORE_PORT": "70000"}, ["CORE_PORT"]),
        ({"CORE_EVENTS_URL": "ftp://bot"}, ["CORE_EVENTS_URL"]),
        ({"CORE_WEBHOOK_SECRET": "whsec_c2VjcmV0 plain"}, ["CORE_WEBHOOK_SECRET"]),
        ({"CORE_WEBHOOK_SECRET": "whsec_"}, ["CORE_WEBHOOK_SECRET"]),
        ({"CORE_WEBHOOK_SECRET": ""}, ["CORE_EVENTS_URL and CORE_WEBHOOK_SECRET"]),
        ({"CORE_EVENTS_URL": ""}, ["CORE_EVENTS_URL and CORE_WEBHOOK_SECRET"]),
        ({"CORE_TOKEN": "", "CORE_PORT": "x"}, ["CORE_TOKEN", "CORE_PORT"]),
    ],
)
def test_tells_every_problem_and_no_value(changes, named):
    with pytest.raises(SettingsError) as caught:
        settings.read_settings({name: value for name, value in (FULL | changes).items() if value})
    problems = caught.value.problems
    assert len(named) == len(problems)
    assert all(problem.startswith(name) for problem, name in zip(problems, named, strict=True))
    assert not any(value in problem for problem in problems for value in changes.values() if len(value) > 6)


def test_no_secret_in_the_text_form():
    text = repr(settings.read_settings(FULL))
    assert not any(secret in text for secret in ("t0ken", "c2VjcmV0", "mongodb://"))


@pytest.fixture
def nothing_set(monkeypatch):
    for name in ("MONGODB_URL", *FULL):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def demo(tmp_path):
    def write(**changes):
        (tmp_path / ".data").mkdir()
        contents = {"url": "http://127.0.0.1:8080", "mongodb_url": "mongodb://127.0.0.1:1/", "token": "t0ken", "pid": os.getpid()} | changes
        (tmp_path / ".data" / "demo.json").write_text(json.dumps(contents))
        return tmp_path

    return write


@pytest.mark.usefixtures("nothing_set")
def test_joins_a_running_demo(demo):
    values = settings.environment(demo())
    assert Database("mongodb://127.0.0.1:1/", "lapor_core") == settings.read_database(values)
    assert "t0ken" == settings.read_token(values)


@pytest.mark.usefixtures("nothing_set")
def test_leaves_a_dead_demo_alone(demo):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    values = settings.environment(demo(pid=ended.pid))
    with pytest.raises(SettingsError, match="no demo runs"):
        settings.read_database(values)


@pytest.mark.usefixtures("nothing_set")
def test_own_settings_go_before_a_demo(demo, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", "mongodb://own/")
    assert "mongodb://own/" == settings.read_database(settings.environment(demo())).url


@pytest.mark.usefixtures("nothing_set")
def test_reads_dotenv_below_the_environment(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("CORE_MONGODB_URL=mongodb://file/\nCORE_TOKEN=file\n")
    monkeypatch.setenv("CORE_TOKEN", "process")
    values = settings.environment(tmp_path)
    assert ("mongodb://file/", "process") == (values["CORE_MONGODB_URL"], values["CORE_TOKEN"])


@pytest.mark.usefixtures("nothing_set")
@pytest.mark.parametrize("contents", ["", "[]", "{}", '{"pid": "x"}', '{"pid": 99999999999999999999, "mongodb_url": "", "token": ""}'])
def test_a_broken_demo_file_is_no_demo(tmp_path, contents):
    (tmp_path / ".data").mkdir()
    (tmp_path / ".data" / "demo.json").write_text(contents)
    with pytest.raises(SettingsError):
        settings.read_database(settings.environment(tmp_path))
