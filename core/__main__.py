"""`python -m core`: the routing core, and the commands to play its officer. Exit status 0 good, 1 failed, 2 wrong use or settings."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from core import app, logs, officer
from core.errors import CoreError, SettingsError, StoreUnavailable
from core.settings import environment, read_settings


def main(arguments: Sequence[str]) -> int:
    """Run one command."""
    given = _parser().parse_args(arguments or ["serve"])
    try:
        asyncio.run(given.run(given))
    except SettingsError as error:
        sys.stderr.write("".join(f"core: {problem}\n" for problem in error.problems))
        return 2
    except StoreUnavailable as error:
        hint = "see that the server in CORE_MONGODB_URL, or MONGODB_URL, runs and has a primary"
        sys.stderr.write(f"core: MongoDB did not do in time what it was asked ({error}): {hint}\n")
        return 1
    except (CoreError, OSError) as error:
        sys.stderr.write(f"core: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="The reference routing core. Without a command: serve.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="answer the API, send events, close what nobody answers", description="Run until SIGTERM.")
    serve.set_defaults(run=_serve)
    officer.add_commands(commands)
    return parser


async def _serve(_given: argparse.Namespace) -> None:
    settings = read_settings(environment())
    logs.configure()
    await app.serve(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
