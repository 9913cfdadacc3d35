"""Figures are judged and kept."""

import signal

import pytest

from bench import __main__ as command_line
from bench import results
from bench.citizens import Timings
from bench.driver import Round, medians, quantile
from bench.results import Goal, Section


@pytest.fixture(autouse=True)
def own_signals():
    """The command takes SIGTERM for itself."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("value", "more", "verdict"),
    [(0.95, True, "aim"), (0.9, True, "aim"), (0.8, True, "pass"), (0.7, True, "MISSED"), (0.7, False, "aim"), (0.95, False, "MISSED")],
)
def test_a_goal_is_judged(value, more, verdict):
    passes, aim = (0.75, 0.9) if more else (0.9, 0.75)

    assert verdict == Goal("x", value, passes, aim, more_is_better=more).verdict


def test_without_an_aim_there_is_only_passing():
    assert "pass" == Goal("x", 0.1, 1.0).verdict
    assert "MISSED" == Goal("x", 1.1, 1.0).verdict


def test_a_table_is_markdown_and_even():
    assert results.table(("", "a/s"), [("echo", 12), ("the floor", 3)]).splitlines() == [
        "|           | a/s |",
        "|-----------|----:|",
        "| echo      |  12 |",
        "| the floor |   3 |",
    ]


def test_goals_say_their_units_and_verdicts():
    lines = results.goals([Goal("memory", 81.26, 120, 80, unit="MB"), Goal("time", 1.3, 1.2)]).splitlines()

    assert "| memory |  81.3 MB | 120 MB | 80 MB |   pass |" == lines[2]
    assert "| time   |      1.3 |    1.2 |       | MISSED |" == lines[3]


def test_only_what_was_measured_is_rewritten():
    old = "# Old words\n\n## B\n\nold b\n\n### in b\n\nstays\n\n## A\n\nold a\n"

    new = results.merged(old, "# Results\n", [Section("A", "new a\n")], ["A", "B", "C"])

    assert "# Results\n\n## A\n\nnew a\n\n## B\n\nold b\n\n### in b\n\nstays\n" == new


def test_a_part_that_is_no_more_goes():
    assert "# R\n" == results.merged("# R\n\n## Gone\n\nx\n", "# R", [], ["A"])


def round_of(seconds, turned, **more):
    return Round(
        **{
            "messages": len(turned),
            "seconds": seconds,
            "server_cpu": 0.002,
            "mongod_cpu": 0.001,
            "driver_cpu": 0.5,
            "timings": Timings(answered=turned, turned=turned),
            "unanswered": (),
        }
        | more
    )


def test_figures_are_a_message_and_medians():
    found = medians([round_of(1.0, [0.010, 0.030]), round_of(2.0, [0.020, 0.020], unanswered=("x",)), round_of(4.0, [0.5, 0.5])])

    assert 1.0 == found.rate
    assert 30.0 == pytest.approx(found.p50)
    assert 1000.0 == pytest.approx(found.server_microseconds)
    assert 500.0 == pytest.approx(found.mongod_microseconds)
    assert 0.25 == found.driver_busy
    assert 1 == found.unanswered


def test_quantiles():
    hundred = [n / 1000 for n in range(100)]

    assert 50.0 == quantile(hundred, 0.5)
    assert 99.0 == quantile(hundred, 0.99)
    assert 99.0 == quantile(hundred, 1.0)


def test_provenance_says_what_was_run_where():
    said = results.provenance("python -m bench soak")

    assert said.startswith("`python -m bench soak` at commit ")
    assert "CPUs" in said
    assert "Python 3." in said


def test_the_command_keeps_what_it_measured(tmp_path, monkeypatch, capsys):
    async def measured(part, options, command):
        return Section(part.title, f"`{command}`, {options.messages} messages")

    monkeypatch.setattr(command_line, "_measured", measured)
    monkeypatch.setattr(command_line, "RESULTS", tmp_path / "RESULTS.md")

    command_line.main(["soak", "start", "--messages", "80", "--write"])

    kept = (tmp_path / "RESULTS.md").read_text()
    assert kept.startswith("# Results\n")
    assert kept.index("## Start") < kept.index("## Soak")
    assert "`python -m bench soak start --messages 80 --write`, 80 messages" in kept
    assert "## Soak" in capsys.readouterr().out


def test_usually_what_takes_long_is_left_out(monkeypatch):
    parts = []

    async def measured(part, _options, _command):
        parts.append(part.title)
        return Section(part.title, "")

    monkeypatch.setattr(command_line, "_measured", measured)
    command_line.main(["--loads", "1,512"])
    usual = parts.copy()
    command_line.main(["all"])

    assert "Soak" not in usual
    assert [*usual, "Growth", "Soak"] == parts[len(usual) :]


def test_loads_are_chosen_by_how_many_talk_at_once():
    assert [1, 512] == [load.at_once for load in command_line._loads("512,1")]
