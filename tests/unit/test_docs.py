"""The documentation says what the code does: every setting, command, route, error code and metric, and no others.

`docs/operations.md` has a section with a table for each; the names stand in backticks in the first column.
"""

import ast
import re
from functools import cache
from pathlib import Path

import aiohttp
import pytest

from bot import metrics
from bot.channels.protocol import Links

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"


def documented(section):
    """The names in the first column of a section's tables."""
    assert OPERATIONS.exists(), "docs/operations.md is missing"
    parts = re.split(r"^## +(.+?) *$", OPERATIONS.read_text(), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert section in sections, f"docs/operations.md has no section '## {section}'"
    cells = re.findall(r"^\|([^|\n]*)\|", sections[section], re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def assert_documented(section, names):
    said = documented(section)
    assert {"undocumented": [], "documented but unknown": []} == {
        "undocumented": sorted(names - said),
        "documented but unknown": sorted(said - names),
    }


@cache
def modules(*packages):
    """Every module's path and syntax tree."""
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [(path.relative_to(ROOT), ast.parse(path.read_text())) for path in paths]


# ---- what operators must find in the documentation


def test_settings():
    from bot.settings import NAMES

    core = {
        node.value
        for path, tree in modules("core")
        if path.name == "settings.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"HOST|(CORE|MONGODB)_[A-Z_]+", node.value)
    }
    assert len(core) >= 5
    assert_documented("Settings", set(NAMES) | core)


def test_settings_are_read_nowhere_else():
    """A process may hand its whole environment to a child; a single name is asked for in the settings only."""
    readers = {
        str(path)
        for path, tree in (*modules("bot"), *modules("core"))
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("getenv", "get") and ast.unparse(node) in ("os.getenv", "os.environ.get"))
        or (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and ast.unparse(node.value) == "os.environ")
    }
    assert readers <= {"bot/settings.py", "core/settings.py"}


def test_every_setting_of_a_channel_or_target_is_known():
    from bot.channels.registry import ENTRIES
    from bot.forwarder.registry import TARGETS
    from bot.settings import NAMES

    wanted = {name for entry in ENTRIES for name in (*entry.required, *entry.optional)}
    wanted |= {name for target in TARGETS.values() for name in target.required}
    assert set() == wanted - set(NAMES)


def test_error_codes():
    codes = {
        statement.value.value
        for _, tree in modules("bot")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        and "code" in {getattr(target, "id", "") for target in (getattr(statement, "targets", None) or [statement.target])}
    }
    assert {"rate_limited", "forbidden", "settings"} <= codes
    assert_documented("Error codes", codes)


def test_metrics():
    assert_documented("Metrics", set(metrics.documented()))


def test_every_metric_is_set_somewhere():
    names = {name for name in vars(metrics) if name.isupper() and hasattr(getattr(metrics, name), "labels")}
    code = "\n".join(path.read_text() for path in sorted((ROOT / "bot").rglob("*.py")))
    assert [] == sorted(name for name in names if f"metrics.{name}." not in code)


def test_commands():
    from bot.__main__ import COMMANDS
    from core.__main__ import _parser

    core_commands = _parser()._subparsers._group_actions[0].choices
    said = {" ".join(name.split()[:4]) for name in documented("Commands")}
    known = {f"python -m bot {name}" for name in COMMANDS} | {f"python -m core {name}" for name in core_commands}
    assert {"undocumented": [], "documented but unknown": []} == {
        "undocumented": sorted(known - said),
        "documented but unknown": sorted(said - known - {"python -m core"}),
    }


def test_every_command_has_its_module():
    from bot.__main__ import COMMANDS

    assert [] == [name for name in COMMANDS if not (ROOT / "bot" / "commands" / f"{name}.py").exists()]


def sample(name):
    """A value of the right shape for a setting."""
    if name.endswith("_URL"):
        return "https://provider.example/bot"
    if name.endswith(("_FROM", "_SENDER")):
        return "+14155550100"
    return {"TELEGRAM_TOKEN": "123456789:" + "A" * 35, "TWILIO_ACCOUNT_SID": "AC" + "0" * 32}.get(name, "0123456789abcdef" * 2)


async def test_routes():
    from bot.channels.registry import ENTRIES
    from bot.simulator.pages import ROUTES as SIMULATOR
    from bot.web import ROUTES

    links = Links("https://public.example", "https://private.example")
    routes = {f"{method} {path}" for method, path in (*ROUTES, *SIMULATOR)}
    async with aiohttp.ClientSession() as http:
        for entry in ENTRIES:
            settings = {**entry.optional, **{name: sample(name) for name in entry.required}}
            routes |= {f"{hook.method} {hook.path}" for hook in entry.build(settings, links, http).hooks}
    assert_documented("Routes", routes)


def test_routes_of_the_desk():
    from bot.desk.routes import ROUTES

    assert_documented("The desk", {f"{route.method} {route.path}" for route in ROUTES})


# ---- the files themselves

_OWN_ENVIRONMENT = re.compile(r"\.(venv.*|git|data|hypothesis|\w+_cache)|__pycache__|node_modules")


def files(folder=ROOT):
    """Every file of the repository, as far as one can tell without git."""
    for path in sorted(folder.iterdir()):
        if _OWN_ENVIRONMENT.fullmatch(path.name) or path.name == ".env":
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def anchors(text):
    """How the headings of a page are linked to."""
    headings = re.findall(r"^#+ +(.+?) *$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/operations.md"])
def test_page_is_there(name):
    assert (ROOT / name).exists(), f"{name} is missing"


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in (path for path in files() if path.suffix == ".md"):
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", link):
                continue
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text())):
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert [] == broken


def _either(*halves):
    """A pattern for words given in halves, so that this file does not contain them."""
    return "|".join(re.escape(first + second) for first, second in halves)


REGISTRY_HOST = re.compile(
    _either(
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("registry.np", "mjs.org"),
        ("crates", ".io"),
        ("proxy.gol", "ang.org"),
        ("ruby", "gems.org"),
        ("docker", ".io"),
        ("ghc", "r.io"),
        ("deb.deb", "ian.org"),
    ).encode()
)
MACHINE_PATH = re.compile(rf"(?<![\w./:}}-])({_either(('/wo', 'rk'), ('/ro', 'ot'))})(?=[/\s'\"`),;]|$)".encode(), re.MULTILINE)
TEMPORARY_PATH = re.compile(rf"(?<![\w.}}-]){_either(('/tm', 'p/'), ('/ho', 'me/'))}".encode())


def naming(pattern, paths):
    return [
        f"{path.relative_to(ROOT)}: {found[0].decode()}"
        for path in paths
        if path.is_file() and (found := pattern.search(path.read_bytes()))
    ]


def test_no_file_names_a_package_registry():
    assert [] == naming(REGISTRY_HOST, files())


def test_no_file_names_a_place_of_the_machine_it_was_written_on():
    assert [] == naming(MACHINE_PATH, files())


def test_no_page_names_a_temporary_folder():
    assert [] == naming(TEMPORARY_PATH, (path for path in files() if path.suffix in (".md", ".yaml", ".toml") or path.name == "Makefile"))


def test_locks_carry_no_addresses():
    locks = [path for path in files() if path.suffix == ".lock"]
    assert len(locks) >= 2
    for lock in locks:
        odd = [
            line for line in lock.read_text().splitlines() if "://" in line or re.match(r"\s*(-i|-f|--(index|extra|find|trusted))\b", line)
        ]
        assert [] == odd, lock.name


def test_every_locked_package_has_its_hashes():
    for lock in (path for path in files() if path.suffix == ".lock"):
        packages = [line for line in lock.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert [] == [line for line in packages if not line.endswith("\\")], lock.name
        assert [] == [line for line in packages if "==" not in line], lock.name


def test_forbidden_names_are_found():
    for text in ("https://py" + "pi.org/simple", "files.python" + "hosted.org"):
        assert REGISTRY_HOST.search(text.encode())
    for text in ("see /wo" + "rk/main", "(/ro" + "ot)", "'/wo" + "rk/shared/x'"):
        assert MACHINE_PATH.search(text.encode())
    for text in ("https://host/wo" + "rk/x", "net" + "work/a", "/wo" + "rker", "./ro" + "ot/x"):
        assert not MACHINE_PATH.search(text.encode())
