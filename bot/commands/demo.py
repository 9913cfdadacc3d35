"""`python -m bot demo`: database, web, worker and the reference core in one go, with nothing to set up."""

import asyncio
import base64
import json
import os
import secrets
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot import settings as settings_module
from bot.commands import joining, running
from bot.commands.joining import DemoInfo
from bot.errors import SettingsError
from bot.standin import PATHS

CORE_PATIENCE_SECONDS = 20
CORE_PORT = 8090
STOP_PATIENCE_SECONDS = 10

_CHANNELS: Mapping[str, tuple[str, ...]] = {
    "SMS (Kannel)": ("SMS_WEBHOOK_SECRET", "SMS_SEND_URL", "SMS_SEND_USERNAME", "SMS_SEND_PASSWORD", "SMS_SENDER"),
    "Telegram": ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "TELEGRAM_API_URL", "TELEGRAM_FILE_URL"),
    "Twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_FROM", "TWILIO_SMS_FROM", "TWILIO_API_URL"),
}
"""A channel of which the operator has set nothing is made up whole, pointing to the stand-in."""


def main(argv: Sequence[str]) -> int:
    """Until Ctrl-C."""
    running.parse("demo", "Start database, web, worker and the reference core here; data is kept in .data/ between runs.", argv)
    if other := joining.running_demo():
        print(f"A demo is running here already (process {other.pid}): {other.url}", file=sys.stderr)
        return 1
    return running.run(_demo)


async def _demo() -> int:
    ended = running.ending()
    async with demo(joining.DATA) as info:
        print(_where_to_look(info), flush=True)
        await ended.wait()
        print("Stopping: finishing what is in flight ...", flush=True)
    return 0


@asynccontextmanager
async def private_demo() -> AsyncIterator[DemoInfo]:
    """For `chat` when no demo runs: one on a free port, on the same data, that ends with it."""
    async with demo(joining.DATA, port=_free_port()) as info:
        yield info


@asynccontextmanager
async def demo(data: Path, *, port: int | None = None) -> AsyncIterator[DemoInfo]:
    """Everything, running. `port` overrules PORT. Raises SettingsError, StoreUnsuitable."""
    from bot.app import Demo, opened

    async with AsyncExitStack() as stack:
        environ = settings_module.environment()
        if port is not None:
            environ["PORT"] = str(port)
        kept = _kept_secrets(data)
        if "MONGODB_URL" not in environ:
            from bot.store.mongod import embedded

            environ["MONGODB_URL"] = await stack.enter_async_context(embedded(data / "mongodb"))
        complete = _completed(environ, kept)
        settings = running.loaded(complete)
        _require_free(settings["HOST"], settings.port)
        if "CORE_URL" not in environ:
            await stack.enter_async_context(_core(complete))
        app = await stack.enter_async_context(opened(settings, Demo(token=kept["token"])))
        await app.store.migrate()
        await stack.enter_async_context(app.working())
        await stack.enter_async_context(app.serving())
        made_up = {name: value for name, value in complete.items() if environ.get(name) != value}
        info = DemoInfo(f"http://127.0.0.1:{settings.port}", complete["MONGODB_URL"], kept["token"], os.getpid(), made_up)
        joining.write(info, data)
        stack.callback((data / joining.FILE).unlink, missing_ok=True)
        yield info


def _kept_secrets(data: Path) -> dict[str, str]:
    """Drawn once and kept, so that what was configured against a demo works the next day."""
    data.mkdir(mode=0o700, exist_ok=True)
    path = data / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    drawn = {
        "token": secrets.token_urlsafe(24),
        "CORE_TOKEN": secrets.token_urlsafe(24),
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
    }
    complete = {**drawn, **kept}
    if complete != kept:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(complete, file, indent=1)
    return complete


def _completed(environ: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """What is set stays; what is missing is made up so that everything is on."""
    port = environ.get("PORT", settings_module.DEFAULTS["PORT"])
    url = f"http://127.0.0.1:{port}"
    complete = {"PUBLIC_BASE_URL": url, **environ}
    standins = {name: url + path for name, path in PATHS.items()}
    for names in _CHANNELS.values():
        if not any(name in environ for name in names):
            complete |= {name: standins.get(name) or kept[name] for name in names}
    if "CORE_URL" not in environ:
        core_port = environ.get("CORE_PORT") or str(CORE_PORT if _is_free("127.0.0.1", CORE_PORT) else _free_port())
        complete |= {
            "CORE_PORT": core_port,
            "CORE_URL": f"http://127.0.0.1:{core_port}",
            "CORE_EVENTS_URL": environ.get("CORE_EVENTS_URL", f"{url}/hooks/core"),
            "CORE_TOKEN": environ.get("CORE_TOKEN", kept["CORE_TOKEN"]),
            "CORE_WEBHOOK_SECRET": environ.get("CORE_WEBHOOK_SECRET", kept["CORE_WEBHOOK_SECRET"]),
        }
    return complete


@asynccontextmanager
async def _core(environ: Mapping[str, str]) -> AsyncIterator[None]:
    """The reference core as a process of its own."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "core", "serve", env={**os.environ, **environ})
    try:
        await _answering("127.0.0.1", int(environ["CORE_PORT"]), process)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_PATIENCE_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answering(host: str, port: int, process: asyncio.subprocess.Process) -> None:
    for _ in range(CORE_PATIENCE_SECONDS * 10):
        if process.returncode is not None:
            raise SettingsError([f"The reference core ended at its start (exit status {process.returncode}); its words stand above."])
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise SettingsError([f"The reference core did not answer on port {port} within {CORE_PATIENCE_SECONDS} seconds."])


def _require_free(host: str, port: int) -> None:
    if not _is_free(host, port):
        raise SettingsError([f"PORT {port} is taken by another program: end it, or choose another with PORT=8081 make run."])


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _where_to_look(info: DemoInfo) -> str:
    """A few lines for whoever has just started it."""
    made_up = info.environment
    secrets_shown = "\n".join(
        f"  {name:<26}{made_up[name]}"
        for name in ("SMS_WEBHOOK_SECRET", "TELEGRAM_WEBHOOK_SECRET", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
        if name in made_up
    )
    python = Path(sys.executable)
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else shutil.which("python3") or python
    return f"""
The LAPOR! intake bot is ready on {info.url}

  {shown} -m bot chat                  talk to it (also --channel sms | whatsapp)
  {shown} -m core list                 be the officer: list, dispose, answer, complete ...
  {info.url}/outbox          what went out to the stand-in providers
  {info.url}/privasi         the privacy notice; /readyz and /metrics for operators

Webhooks take messages with these made-up secrets (kept in .data/):
{secrets_shown}

Ctrl-C ends it; data stays in .data/.
"""
