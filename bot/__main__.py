"""`python -m bot COMMAND`: each command is a module of `bot.commands`, imported when it is asked for."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from bot.errors import LaporError, SettingsError, StoreUnavailable

COMMANDS: Mapping[str, str] = {
    "demo": "start everything here: database, web, worker and the reference core",
    "web": "serve the webhooks",
    "worker": "carry out what is due: replies left over, forwarding, reconciliation",
    "migrate": "create the database's indexes",
    "chat": "talk to the bot in the terminal",
    "parked": "list, show, replay or remove what could not be handled",
    "doctor": "try every setting and say how to mend it",
    "accounts": "the desk's accounts: add, list, disable, enable, reset, role",
    "audit": "the desk's audit log: verify, head, list",
    "numbers": "reports, redirects and drafts left, by the day: tables, or CSV",
    "understand": "say what messages mean: JSON lines in, JSON lines out",
    "wording": "print all that is said to citizens as one page",
}


def usage() -> str:
    """The commands, a line each."""
    lines = "\n".join(f"  {name:<12}{text}" for name, text in COMMANDS.items())
    return f"usage: python -m bot COMMAND [options]\n\n{lines}\n\nEach command has --help.\n"


def main(argv: Sequence[str]) -> int:
    """0 good, 1 failed, 2 wrong use or settings."""
    if not argv or argv[0] in ("-h", "--help"):
        print(usage(), end="")
        return 0 if argv else 2
    if argv[0] not in COMMANDS:
        print(f"There is no command {argv[0]!r}.\n\n{usage()}", end="", file=sys.stderr)
        return 2
    try:
        status: int = import_module(f"bot.commands.{argv[0]}").main(argv[1:])
    except SettingsError as error:
        print("The settings need mending:\n" + "\n".join(f"- {problem}" for problem in error.problems), file=sys.stderr)
        return 2
    except StoreUnavailable as error:
        print(
            f"MongoDB did not do in time what it was asked ({error}): see that the server in MONGODB_URL runs and has a primary. "
            "`python -m bot doctor` tries it.",
            file=sys.stderr,
        )
        return 1
    except LaporError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
