"""What a process has used, read from outside it. Linux only."""

import time
from pathlib import Path

_MEGABYTE_IN_KIB = 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads the process has or had; its clock counts nanoseconds, `/proc/PID/stat` hundredths."""
    return time.clock_gettime((~pid << 3) | 2)  # what clock_getcpuclockid(3) makes of a pid


def resident_megabytes(pid: int) -> float:
    """Held now."""
    return _status(pid, "VmRSS") / _MEGABYTE_IN_KIB


def peak_megabytes(pid: int) -> float:
    """The most it ever held."""
    return _status(pid, "VmHWM") / _MEGABYTE_IN_KIB


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
