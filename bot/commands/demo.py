"""`python -m bot demo`: database, web, worker and the reference core in one go, with nothing to set up."""

import asyncio
import base64
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import settings as settings_module
from bot import tcp_port
from bot.child_process import end_with_us
from bot.commands import joining, running
from bot.commands.joining import DemoInfo, DemoRuns
from bot.errors import DeliveryError, SettingsError
from bot.staff.model import Role

if TYPE_CHECKING:
    from bot.app import App

CORE_PATIENCE_SECONDS = 20
CORE_PORT = 8090
LOG = "demo.log"
STOP_PATIENCE_SECONDS = 10

_CHANNELS: Mapping[str, tuple[str, ...]] = {
    "SMS (Kannel)": ("SMS_WEBHOOK_SECRET", "SMS_SEND_URL", "SMS_SEND_USERNAME", "SMS_SEND_PASSWORD", "SMS_SENDER"),
    "Telegram": ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "TELEGRAM_API_URL", "TELEGRAM_FILE_URL"),
    "Twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_FROM", "TWILIO_SMS_FROM", "TWILIO_API_URL"),
}
"""A channel of which the operator has set nothing is made up whole, pointing to the stand-in."""

DESK_OFFICE = "Pemerintah Kota Contoh"
DESK_ACCOUNTS: Mapping[str, tuple[str, Role]] = {
    "petugas": ("Sari Wulandari", Role.ENTRY),
    "pengawas": ("Bambang Hartono", Role.SUPERVISOR),
    "auditor": ("Dewi Lestari", Role.AUDITOR),
}
"""Login -> name and role."""

_SHOWN = ("SMS_WEBHOOK_SECRET", "TELEGRAM_WEBHOOK_SECRET", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
"""What it takes to play the providers."""


def main(argv: Sequence[str]) -> int:
    """Until Ctrl-C. Raises DemoRuns, SettingsError or StoreUnsuitable."""
    running.parse("demo", "Start database, web, worker and the reference core here; data is kept in .data/ between runs.", argv)
    if other := joining.running_demo():
        raise DemoRuns(f"A demo is running here already (process {other.pid}): {other.url}")
    return running.run(_demo)


async def _demo() -> int:
    ended = running.ending()
    async with AsyncExitStack() as stack:
        info = await running.unless(ended, stack.enter_async_context(demo(joining.DATA)))
        if info is not None:
            print(_where_to_look(info), flush=True)
            await ended.wait()
            print("Stopping: finishing what is in flight ...", flush=True)
    return 0


@asynccontextmanager
async def private_demo() -> AsyncIterator[DemoInfo]:
    """For `chat` when no demo runs: one on a free port, on the same data, that ends with it. Raises what `demo` raises."""
    async with demo(joining.DATA, port=tcp_port.free()) as info:
        yield info


@asynccontextmanager
async def demo(data: Path, *, port: int | None = None) -> AsyncIterator[DemoInfo]:
    """Everything, running. `port` overrules PORT. Raises DemoRuns, SettingsError, StoreUnsuitable."""
    from bot.app import Demo, opened

    async with AsyncExitStack() as stack:
        stack.enter_context(joining.held(data))
        environ = settings_module.environment()
        if port is not None:
            environ["PORT"] = str(port)
        kept = _kept_secrets(data)
        log = _new_log(data)
        if "MONGODB_URL" not in environ:
            from bot.store.mongod import embedded

            environ["MONGODB_URL"] = await stack.enter_async_context(embedded(data / "mongodb"))
        complete = _completed(environ, kept)
        settings = running.loaded(complete)
        _require_free(settings["HOST"], settings.port)
        if "CORE_URL" not in environ:
            complete = await stack.enter_async_context(_core(environ, kept, complete, log))
            settings = running.loaded(complete)  # the core may have another port now
        app = await stack.enter_async_context(opened(settings, Demo(token=kept["token"], log=log)))
        await app.store.migrate()
        desk_password = await _desk_accounts(app, kept["desk_password"])
        await stack.enter_async_context(app.working())
        await stack.enter_async_context(app.serving())
        info = DemoInfo(
            url=f"http://127.0.0.1:{settings.port}",
            mongodb_url=complete["MONGODB_URL"],
            token=kept["token"],
            pid=os.getpid(),
            environment={name: value for name, value in complete.items() if environ.get(name) != value},
            core_token=settings["CORE_TOKEN"],
            desk_password=desk_password,
        )
        stack.enter_context(joining.announced(info, data))
        yield info


def _new_log(data: Path) -> TextIO:
    """Where the log lines of this run go: a terminal is for people. Left open, for what is logged at the very end."""
    return (data / LOG).open("w")


def _kept_secrets(data: Path) -> dict[str, str]:
    """Drawn once and kept, so that what was configured against a demo works the next day."""
    path = data / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    drawn = {
        "token": secrets.token_urlsafe(24),
        "CORE_TOKEN": secrets.token_urlsafe(24),
        "CORE_OFFICER_TOKEN": secrets.token_urlsafe(24),
        "CORE_WEBHOOK_SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        "SMS_WEBHOOK_SECRET": secrets.token_urlsafe(18),
        "SMS_SEND_USERNAME": "demo",
        "SMS_SEND_PASSWORD": secrets.token_urlsafe(18),
        "SMS_SENDER": "1708",
        "TELEGRAM_TOKEN": f"1708:{secrets.token_urlsafe(26)}",
        "TELEGRAM_WEBHOOK_SECRET": secrets.token_urlsafe(18),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_WHATSAPP_FROM": "+14155238886",
        "TWILIO_SMS_FROM": "+14155550100",
        "DESK_KEY": secrets.token_urlsafe(36),
        "desk_password": secrets.token_urlsafe(9),
    }
    complete = {**drawn, **kept}
    if complete != kept:
        joining.write_private(path, complete)
    return complete


def _completed(environ: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """What is set stays; what is missing is made up so that everything is on."""
    port = environ.get("PORT", settings_module.DEFAULTS["PORT"])
    url = f"http://127.0.0.1:{port}"
    complete = {"PUBLIC_BASE_URL": url, "CLOCK": "movable", "DESK_KEY": kept["DESK_KEY"], **environ}
    from bot.standin import PATHS  # with it comes the HTTP server, which --help does without

    standins = {name: url + path for name, path in PATHS.items()}
    for names in _CHANNELS.values():
        if not any(name in environ for name in names):
            complete |= {name: standins.get(name) or kept[name] for name in names}
    if "CORE_URL" not in environ:
        core_port = environ.get("CORE_PORT") or str(_core_port(port))
        complete |= {
            "CORE_PORT": core_port,
            "CORE_URL": f"http://127.0.0.1:{core_port}",
            "CORE_CLOCK": environ.get("CORE_CLOCK", complete["CLOCK"]),
            "CORE_EVENTS_URL": environ.get("CORE_EVENTS_URL", f"{url}/hooks/core"),
            "CORE_TOKEN": environ.get("CORE_TOKEN", kept["CORE_TOKEN"]),
            "CORE_WEBHOOK_SECRET": environ.get("CORE_WEBHOOK_SECRET", kept["CORE_WEBHOOK_SECRET"]),
            "CORE_OFFICER_TOKEN": environ.get("CORE_OFFICER_TOKEN", kept["CORE_OFFICER_TOKEN"]),
        }
    return complete


def _core_port(ours: str) -> int:
    """The usual one, unless we are to listen there ourselves, or somebody else does."""
    return CORE_PORT if ours != str(CORE_PORT) and tcp_port.is_free(CORE_PORT) else tcp_port.free()


async def _desk_accounts(app: "App", password: str) -> str:
    """One for each role, so that the desk can be tried at once: no second factor is asked for. What opens them."""
    if app.staff is not None:
        for login, (name, role) in DESK_ACCOUNTS.items():
            await app.staff.accounts.add_ready(login, name, DESK_OFFICE, role, password)
    return password


@asynccontextmanager
async def _core(
    environ: Mapping[str, str], kept: Mapping[str, str], complete: dict[str, str], log: TextIO
) -> AsyncIterator[dict[str, str]]:
    """The reference core at work; gives `complete`, or one with another port for the core, where somebody took ours in the same moment."""
    async with AsyncExitStack() as stack:
        while True:
            try:
                await stack.enter_async_context(_core_process(complete, log))
                break
            except SettingsError:
                if "CORE_PORT" in environ or tcp_port.is_free(int(complete["CORE_PORT"])):
                    raise
            complete = _completed(environ, kept)
        yield complete


@asynccontextmanager
async def _core_process(environ: Mapping[str, str], log: TextIO) -> AsyncIterator[None]:
    """A process of its own. Ctrl-C in a terminal is for us: we end it after what still calls it has ended. Raises SettingsError."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "core", "serve"),
        env={**os.environ, **environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=end_with_us(),
    )
    try:
        await _answering(environ["CORE_URL"], environ["CORE_TOKEN"], process)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_PATIENCE_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answering(url: str, token: str, process: asyncio.subprocess.Process) -> None:
    """Until it takes our token: another demo's core may be what listens there."""
    import aiohttp  # not for --help

    from bot.forwarder.core import CoreTarget

    async with aiohttp.ClientSession() as http:
        core = CoreTarget(url, token, http)
        for _ in range(CORE_PATIENCE_SECONDS * 10):
            if process.returncode is not None:
                ended = f"The reference core ended at its start (exit status {process.returncode}): see {joining.DATA / LOG}."
                raise SettingsError([ended])
            with suppress(DeliveryError):
                await core.events(None)
                return
            await asyncio.sleep(0.1)
    raise SettingsError([f"The reference core did not answer at {url} within {CORE_PATIENCE_SECONDS} seconds."])


def _require_free(host: str, port: int) -> None:
    if not tcp_port.is_free(port, host):
        raise SettingsError([f"PORT {port} is taken by another program: end it, or choose another with PORT=8081 make run."])


def _where_to_look(info: DemoInfo) -> str:
    """A few lines for whoever has just started it."""
    made_up = info.environment
    python = Path(sys.executable)
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    places = {
        f"{info.url}/try": "the simulator: three phones, an officer's desk, five cases to practise",
        f"{shown} -m bot chat": "talk to it (also --channel sms | whatsapp)",
        f"{shown} -m core list": "be the officer: list, dispose, answer, complete ...",
        f"{info.url}/outbox": "what went out to the stand-in providers",
        f"{info.url}/privasi": "the privacy notice; /readyz and /metrics for operators",
        str(joining.DATA / LOG): "the log",
    }
    width = max(map(len, places)) + 3
    logins = ", ".join(f"{login} ({role})" for login, (_, role) in DESK_ACCOUNTS.items())
    where = "\n".join(f"  {place:<{width}}{what}" for place, what in places.items())
    secrets_shown = "\n".join(f"  {name:<{width}}{made_up[name]}" for name in _SHOWN if name in made_up)
    return f"""
The LAPOR! intake bot is ready on {info.url}

{where}

Webhooks take messages with these made-up secrets (kept in {joining.DATA}/):
{secrets_shown}

The desk of social media admins is at {info.url}/desk
  {"accounts":<{width}}{logins}
  {"password":<{width}}{info.desk_password}

Ctrl-C ends it; data stays in {joining.DATA}/.
"""
