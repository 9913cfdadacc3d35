"""`python -m bot.books.reader`: a file on standard input, its lines as JSON on standard output. It knows no secret, and has bounds."""

import json
import resource
import sys
from contextlib import suppress

from bot.books import reading
from bot.books.grid import FILE_AT_MOST, BookRefused

MEMORY_AT_MOST = 512 << 20
"""Bytes of address space."""
CPU_SECONDS = 5
_FILES = 16


def main() -> None:
    """Read within bounds; whatever happens, say something."""
    _bound()
    data = sys.stdin.buffer.read(FILE_AT_MOST + 1)
    try:
        said: object = {"lines": [(line.number, line.cells, line.formulas) for line in reading.read(data)]}
    except BookRefused as refused:
        said = {"refused": refused.key}
    except Exception:  # noqa: BLE001  # a file that breaks the parser is refused like any other
        said = {"refused": "unread"}
    json.dump(said, sys.stdout)


def _bound() -> None:
    limits = ((resource.RLIMIT_AS, MEMORY_AT_MOST), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_NOFILE, _FILES))
    for what, most in (*limits, (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # a system that has a lower bound already
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
