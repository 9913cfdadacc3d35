"""`--help` answers at once: no command imports for it what only its work needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS

ROOT = Path(__file__).parent.parent.parent
HEAVY = frozenset({"holidays", "motor", "phonenumbers", "pymongo", "telegram", "twilio"})
"""Each of them takes a tenth of a second and more."""
LIGHT_WITHOUT = HEAVY | {"aiohttp", "cryptography", "jinja2", "rapidfuzz", "structlog"}
"""For commands that do nothing before their settings are read."""
LIGHT = ("web", "worker", "migrate", "parked")

ASK = """
import contextlib, io, json, sys
from bot.__main__ import main
for command in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        try:
            main([command, "--help"])
        except SystemExit as end:
            assert end.code == 0, command
    assert "usage" in said.getvalue(), command
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported_by_help(*commands):
    asked = subprocess.run([sys.executable, "-c", ASK, *commands], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    assert 0 == asked.returncode, asked.stderr
    return set(json.loads(asked.stdout))


@pytest.mark.parametrize(("commands", "heavy"), [(LIGHT, LIGHT_WITHOUT), (tuple(COMMANDS), HEAVY)], ids=["light", "all"])
def test_help_imports_nothing_heavy(commands, heavy):
    assert set() == imported_by_help(*commands) & heavy
