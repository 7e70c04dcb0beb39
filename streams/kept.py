"""What is remembered to save work, and how much of it at most."""

from collections.abc import Hashable
from typing import Any


def forget_oldest(kept: dict[Hashable, Any], most: int) -> None:
    """Let the oldest quarter go once there are more than `most`: not one at each new one."""
    if len(kept) > most:
        for old in list(kept)[: len(kept) - most + most // 4]:
            kept.pop(old, None)
