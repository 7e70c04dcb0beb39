"""Where the units are: some wait at their base, some walk their rounds, some drive to a scene."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from demo.folder import Folder, Unit

METRES_PER_LAT = 110_990.0
ROUNDS: dict[str, tuple[float, float]] = {
    "GRD": (1.3, 900.0),
    "POL": (8.5, 4500.0),
    "CGT": (5.0, 3000.0),
    "VOL": (1.1, 500.0),
}  # m/s and metres around the base; every other force waits at its base
PAUSE_S = (20.0, 240.0)
JITTER_M = 1.5  # what a receiver at rest reports
SILENT_A_DAY = 0.15  # times a unit's receiver falls silent
SILENT_S = (120.0, 420.0)


@dataclass
class Mover:
    """One unit on its way; `goal` is None while it rests."""

    unit: Unit
    lat: float
    lon: float
    goal: tuple[float, float] | None = None
    speed: float = 0.0
    heading: float = 0.0
    rest_until: float = 0.0
    silent_until: float = 0.0
    ordered: bool = False


@dataclass
class Fleet:
    """All units; `step` moves them on and gives what their receivers say."""

    folder: Folder
    seed: str = "fleet"
    movers: dict[str, Mover] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        for unit in self.folder.units.values():
            mover = Mover(unit, unit.lat, unit.lon)
            mover.rest_until = self._rng.uniform(0, PAUSE_S[1])
            self.movers[unit.id] = mover

    def send(self, unit: str, lat: float, lon: float, speed: float) -> None:
        """Let a unit drive to a place and stay there until it is released."""
        mover = self.movers[unit]
        mover.goal, mover.speed, mover.ordered = (lat, lon), speed, True

    def release(self, unit: str) -> None:
        """Let a unit go home."""
        mover = self.movers[unit]
        mover.goal, mover.speed = (mover.unit.lat, mover.unit.lon), 11.0
        mover.ordered = False

    def silence(self, unit: str, until: float) -> None:
        """Let a unit's receiver say nothing until a moment of this fleet's clock."""
        self.movers[unit].silent_until = until

    def step(self, now: float, passed: float, at: int) -> Iterator[dict[str, Any]]:
        """Move all units; now and passed are seconds, at is ms UTC for the reports."""
        for mover in self.movers.values():
            self._move(mover, now, passed)
            if self._rng.random() < SILENT_A_DAY * passed / 86_400:
                mover.silent_until = now + self._rng.uniform(*SILENT_S)
            if mover.silent_until <= now:
                yield self._report(mover, at)

    def _move(self, mover: Mover, now: float, passed: float) -> None:
        if mover.goal is None and mover.rest_until <= now and not mover.ordered:
            self._next_round(mover)
        if mover.goal is None:
            return
        north, east = metres(mover.goal, (mover.lat, mover.lon))
        left = math.hypot(north, east)
        if left <= mover.speed * passed:
            mover.lat, mover.lon = mover.goal
            mover.goal = None
            mover.rest_until = now + self._rng.uniform(*PAUSE_S)
            return
        mover.heading = math.degrees(math.atan2(east, north)) % 360
        share = mover.speed * passed / left
        mover.lat += (mover.goal[0] - mover.lat) * share
        mover.lon += (mover.goal[1] - mover.lon) * share

    def _next_round(self, mover: Mover) -> None:
        if mover.unit.force not in ROUNDS:
            return
        pace, reach = ROUNDS[mover.unit.force]
        home = (mover.unit.lat, mover.unit.lon)
        near = [
            (spot.lat, spot.lon)
            for kind in ("junction", "village", "street", "town", "hospital", "school")
            for spot in self.folder.places.get(kind, [])
            if spot.district == mover.unit.district
            and math.hypot(*metres((spot.lat, spot.lon), home)) < reach
        ]
        turn, far = self._rng.uniform(0, math.tau), reach * 0.15 * self._rng.random()
        goal = self._rng.choice([*near, home])
        mover.goal = moved(goal, far * math.cos(turn), far * math.sin(turn))
        mover.speed = pace * self._rng.uniform(0.7, 1.2)

    def _report(self, mover: Mover, at: int) -> dict[str, Any]:
        off = (self._rng.gauss(0, JITTER_M), self._rng.gauss(0, JITTER_M))
        lat, lon = moved((mover.lat, mover.lon), *off)
        row: dict[str, Any] = {"unit": mover.unit.id, "at": at}
        row |= {"lat": round(lat, 6), "lon": round(lon, 6)}
        row["speed"] = round(mover.speed, 1) if mover.goal else 0.0
        return {**row, "heading": round(mover.heading, 1)} if mover.goal else row


def metres(to: tuple[float, float], start: tuple[float, float]) -> tuple[float, float]:
    """Give how far north and east a place lies from another."""
    wide = METRES_PER_LAT * math.cos(math.radians(start[0]))
    return (to[0] - start[0]) * METRES_PER_LAT, (to[1] - start[1]) * wide


def moved(start: tuple[float, float], north: float, east: float) -> tuple[float, float]:
    """Give the place some metres north and east of another."""
    wide = METRES_PER_LAT * math.cos(math.radians(start[0]))
    return start[0] + north / METRES_PER_LAT, start[1] + east / wide
