"""What an indicator is: how it is measured, what is normal, and which way is better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from streams.indicators.facts import Facts

Scope = tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """One measurement: no data is None, never 0.

    rows: what was counted, one row each; as_of: ms UTC of the oldest fact that counts.
    """

    value: float | None
    as_of: int | None
    rows: pd.DataFrame


@dataclass(frozen=True)
class Band:
    """The quiet range and the ends of the one scale on which the tile draws it."""

    low: float | None
    high: float | None
    scale_low: float
    scale_high: float

    def times(self, share: float) -> "Band":
        """The band of a part of the city; what is unknown stays so."""
        if share == 1:
            return self
        low, high = (
            None if one is None else round(one * share, 1) for one in (self.low, self.high)
        )
        return Band(low, high, round(self.scale_low * share, 1), round(self.scale_high * share, 1))


Measure = Callable[["Facts", Scope], Measured]
Share = Callable[["Facts", Scope], float]


def whole(_facts: "Facts", _scope: Scope) -> float:
    """A band that is the same everywhere: a mean, a rate."""
    return 1.0


@dataclass(frozen=True)
class Metric:
    """One indicator. Its texts are `metric.<id>.name` and `metric.<id>.unit`.

    direction: which way is better: up, down or none.
    counts: the alerts of those sources count that name it in the city folder (`counts`);
    sensor: or the `metric` of the sensors that are read; neither: the product's own records.
    share: which part of the city's band is the scope's.
    columns: which columns of the rows are shown, in order.
    """

    id: str
    direction: str
    band: Band
    measure: Measure
    columns: tuple[str, ...]
    target: float | None = None
    counts: bool = False
    sensor: str = ""
    share: Share = whole
    digits: int = 0
    events: frozenset[str] = frozenset()

    def off_target(self, value: float | None, band: Band) -> bool:
        """Whether a value is worse than its target; without one, outside its band."""
        if value is None:
            return False
        if self.target is not None:
            return value < self.target if self.direction == "up" else value > self.target
        above = band.high is not None and value > band.high and self.direction != "up"
        below = band.low is not None and value < band.low and self.direction != "down"
        return above or below
