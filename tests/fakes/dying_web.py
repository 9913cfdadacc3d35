"""`python -m tests.fakes.dying_web PLACE COUNT`: the web process, which kills itself the COUNTth time it comes to a place.

written: an entry of the spool is durable, and nobody has been answered. applied: a spooled message is applied, and still lies on the disk.
"""

import os
import signal
import sys

from bot.__main__ import main
from bot.spool.segment import Segment
from bot.spool.spool import Spool


class Doom:
    def __init__(self, count):
        self._left = count

    def comes(self):
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def arm(place, doom):
    if place == "written":
        write = Segment.write

        def dying_write(self, batch):
            outcomes = write(self, batch)
            doom.comes()
            return outcomes

        Segment.write = dying_write
    elif place == "applied":
        remove = Spool.remove

        async def dying_remove(self, slot):
            doom.comes()
            await remove(self, slot)

        Spool.remove = dying_remove
    else:
        raise SystemExit(f"there is no place {place!r}")


if __name__ == "__main__":
    arm(sys.argv[1], Doom(int(sys.argv[2])))
    sys.exit(main(["web"]))
