"""Which grade the known harm of an accident amounts to: a suggestion, a person decides."""

from collections.abc import Mapping
from typing import Any

LIMITS = {"dead": (30, 10, 3), "serious": (100, 50, 10)}
"""From which number on an accident is of grade I, II, III."""


def suggested(facts: Mapping[str, Any]) -> tuple[int, str] | None:
    """(grade, the fact that decides it), or None as long as nobody has told of any harm."""
    found = [
        (_grade(facts[name]["value"], limits), name)
        for name, limits in LIMITS.items()
        if name in facts
    ]
    return min(found, default=None)


def _grade(count: int, limits: tuple[int, ...]) -> int:
    return next((n for n, limit in enumerate(limits, 1) if count >= limit), len(limits) + 1)
