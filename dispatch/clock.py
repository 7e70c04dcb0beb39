"""The product's clock: integer milliseconds since the epoch, UTC; and one that nobody can set."""

import time
from collections.abc import Callable
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
JUMP_MS = 2_000  # what is less is a clock being corrected
SETTLED_S = 5.0


def now_ms() -> int:
    """The time now, in milliseconds since the epoch (UTC)."""
    return time.time_ns() // 1_000_000


def offset_ms() -> int:
    """How far the time now lies from this machine's steady clock.

    The steady clock counts from the machine's start, sleep included, whoever sets the other one:
    so this number stays as it is until somebody sets it, whichever process asks.
    """
    return now_ms() - _steady_ms()


class Undisturbed:
    """The time, going on for a few seconds as if nobody had set the clock.

    By then a worker has moved what the store holds, and the new time is taken over.
    """

    def __init__(self, offset: Callable[[], int] = offset_ms) -> None:
        self._asked = offset
        self._offset = offset()
        self._since: float | None = None

    def __call__(self) -> int:
        offset = self._asked()
        if abs(offset - self._offset) <= JUMP_MS:
            self._since = None
        elif self._since is None:
            self._since = time.monotonic()
        elif time.monotonic() - self._since > SETTLED_S:
            self._offset, self._since = offset, None
        return _steady_ms() + self._offset


def machine() -> str:
    """A name of this machine since its start; steady clocks of two names say nothing together."""
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _steady_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
