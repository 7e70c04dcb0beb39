"""Loaded by the product's processes in a test: their wall clock is wrong by what a file says.

libfaketime would do the same below Python, but its `clock_nanosleep` fails with the absolute
deadlines of Python's own `time.sleep`.
"""

import os
import time
from pathlib import Path

FILE = Path(os.environ["TEST_CLOCK_FILE"])
SECOND = 1_000_000_000

_time, _time_ns = time.time, time.time_ns


def _wrong_by() -> float:
    """Seconds."""
    return float(FILE.read_text(encoding="ascii"))


time.time = lambda: _time() + _wrong_by()
time.time_ns = lambda: _time_ns() + round(_wrong_by() * SECOND)
