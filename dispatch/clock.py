"""The product's clock: integer milliseconds since the epoch, UTC; and one that nobody can set."""

import time
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


def now_ms() -> int:
    """The time now, in milliseconds since the epoch (UTC)."""
    return time.time_ns() // 1_000_000


def offset_ms() -> int:
    """How far the time now lies from this machine's steady clock.

    The steady clock counts from the machine's start, sleep included, whoever sets the other one:
    so this number stays as it is until somebody sets it, whichever process asks.
    """
    steady = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return now_ms() - steady


def machine() -> str:
    """A name of this machine since its start; steady clocks of two names say nothing together."""
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
