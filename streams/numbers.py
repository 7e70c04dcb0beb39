"""A sender's own count: which of its messages never came.

Whoever numbers its messages lets a hole be seen. A number that comes late fills its hole; one
that starts again from the beginning begins a new count, in which nothing is missing yet.
"""

from dataclasses import dataclass, field
from typing import Any

HOLES = 50  # ranges that are remembered; what the oldest lacked then counts as lost for good
SETTLE_MS = 3_000  # two ways may bring two numbers in the wrong order: a younger hole is no news


@dataclass
class Hole:
    """Numbers from `first` to `last` have not come; noticed at `at` (ms, UTC)."""

    first: int
    last: int
    at: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


@dataclass
class Numbering:
    """The count of one source. last: the highest number of this count; lost: given up."""

    last: int | None = None
    holes: list[Hole] = field(default_factory=list)
    lost: int = 0
    again: bool = False

    def hear(self, number: int, at: int) -> None:
        """One message with this number has come."""
        if self.last is None:
            self.last = number
        elif number > self.last:
            self._go_on(self.last, number, at)
        elif not self._fill(number):
            self._begin_again(number)
            return
        self.again = False

    @property
    def missing(self) -> int:
        """How many messages never came, so far."""
        return self.lost + sum(hole.size for hole in self.holes)

    def _go_on(self, last: int, number: int, at: int) -> None:
        if number > last + 1:
            self.holes.append(Hole(last + 1, number - 1, at))
            while len(self.holes) > HOLES:
                self.lost += self.holes.pop(0).size
        self.last = number

    def _fill(self, number: int) -> bool:
        """Whether the number stood in a hole, which is smaller now."""
        for n, hole in enumerate(self.holes):
            if hole.first <= number <= hole.last:
                sides = (
                    Hole(hole.first, number - 1, hole.at),
                    Hole(number + 1, hole.last, hole.at),
                )
                self.holes[n : n + 1] = [side for side in sides if side.size > 0]
                return True
        return False

    def _begin_again(self, number: int) -> None:
        """A known number is a repetition; but 0, 1 or 1, 2 is a sender that starts anew."""
        if self.again and number in (1, 2):
            self.lost = self.missing
            self.holes, self.last, self.again = [], number, False
        else:
            self.again = number in (0, 1)


def read(stored: Any) -> Numbering:
    """The count as it was stored; a new one of nothing."""
    if not stored:
        return Numbering()
    holes = [Hole(*one) for one in stored["holes"]]
    return Numbering(stored["last"], holes, stored["lost"], stored["again"])


def stored(numbering: Numbering) -> dict[str, Any]:
    holes = [[one.first, one.last, one.at] for one in numbering.holes]
    return {"last": numbering.last, "holes": holes, "lost": numbering.lost,
            "again": numbering.again}  # fmt: skip


def shown(stored: Any, now: int) -> list[dict[str, int]]:
    """The holes that stand: from which number to which, noticed when."""
    return [
        {"first": one.first, "last": one.last, "at": one.at}
        for one in read(stored).holes
        if one.at <= now - SETTLE_MS
    ]
