"""The product's clock: integer milliseconds since the epoch, UTC."""

import time


def now_ms() -> int:
    """The time now, in milliseconds since the epoch (UTC)."""
    return time.time_ns() // 1_000_000
