"""How well a unit suits a need, from what is known about it; no store is asked here."""

from dataclasses import dataclass, field
from enum import StrEnum

from dispatch.city_records import Unit
from dispatch.geo import distance_m
from dispatch.vocabulary import ForceType, UnitStatus

CAPABILITY, ARRIVAL, READINESS = 40.0, 40.0, 20.0
SLOW_S = 1800.0  # an arrival as late as this earns no point
MOVING_MS = 60_000  # a moving unit that has not been heard of for longer is lost
PARKED_MS = 600_000
MOVING_M_S = 1.0
DETOUR = 1.3  # a road is longer than the straight line

SPEED_KMH = {
    ForceType.POL: 45.0,
    ForceType.FIR: 40.0,
    ForceType.MED: 40.0,
    ForceType.CGT: 35.0,
    ForceType.GRD: 12.0,
    ForceType.EMT: 50.0,
    ForceType.UTL: 36.0,
    ForceType.TRF: 40.0,
    ForceType.ENV: 50.0,
    ForceType.PAP: 45.0,
    ForceType.VOL: 15.0,
    ForceType.UAV: 54.0,
    ForceType.COM: 40.0,
}
TURNOUT_S = {
    ForceType.POL: 30.0,
    ForceType.FIR: 60.0,
    ForceType.MED: 60.0,
    ForceType.CGT: 60.0,
    ForceType.GRD: 60.0,
    ForceType.EMT: 180.0,
    ForceType.UTL: 120.0,
    ForceType.TRF: 180.0,
    ForceType.ENV: 120.0,
    ForceType.PAP: 180.0,
    ForceType.VOL: 180.0,
    ForceType.UAV: 60.0,
    ForceType.COM: 180.0,
}


class Heard(StrEnum):
    """Where a unit's place comes from: a fresh report, its base, or a report that is too old."""

    FRESH = "fresh"
    BASE = "base"
    LOST = "lost"


@dataclass(frozen=True)
class Fix:
    """Where a unit was last reported; at in ms UTC, speed in m/s."""

    lat: float
    lon: float
    at: int
    speed: float | None = None


@dataclass(frozen=True)
class Need:
    """What is asked for, and where. incident: for which one, if it is one already."""

    force_type: ForceType | None
    lat: float | None
    lon: float | None
    capabilities: tuple[str, ...] = ()
    incident: str | None = None


@dataclass(frozen=True)
class Duty:
    """What a unit is doing: status, the order that holds it, its orders of the last 12 hours.

    lent: the incident that it is lent to; no other may order it.
    """

    status: UnitStatus = UnitStatus.AVAILABLE
    order: str | None = None
    load: int = 0
    lent: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A unit with its score (0..100) and the reasons.

    offered: free, heard of, and not lent to another incident than the one that asks.
    """

    id: str
    score: float
    eta_s: int | None
    distance_m: int | None
    capabilities: tuple[str, ...]
    missing: tuple[str, ...]
    heard: Heard
    fresh_s: int | None
    busy: str | None
    status: UnitStatus
    offered: bool
    last_of_district: bool = False
    lent: str | None = None
    parts: dict[str, float] = field(default_factory=dict)


def score(unit: Unit, need: Need, fix: Fix | None, duty: Duty, now: int) -> Candidate:
    """Score one unit: capability 40, arrival 40, freshness of its place and load 20."""
    has = tuple(one for one in need.capabilities if one in unit.capabilities)
    missing = tuple(one for one in need.capabilities if one not in unit.capabilities)
    heard, age = hear(fix, duty.status, now)
    distance = _distance(unit, need, fix)
    eta = None if distance is None else _eta_s(unit.force_type, distance, duty.status)
    parts = {
        "capability": CAPABILITY * (len(has) / len(need.capabilities) if need.capabilities else 1),
        "arrival": 0.0 if eta is None else ARRIVAL * max(0.0, 1 - eta / SLOW_S),
        "readiness": _readiness(heard, age, duty.load),
    }
    return Candidate(
        id=unit.id,
        score=round(sum(parts.values()), 1),
        eta_s=None if eta is None else round(eta),
        distance_m=None if distance is None else round(distance),
        capabilities=has,
        missing=missing,
        heard=heard,
        fresh_s=age,
        busy=duty.order,
        status=duty.status,
        offered=duty.status is UnitStatus.AVAILABLE
        and duty.order is None
        and duty.lent in (None, need.incident)
        and heard is not Heard.LOST,
        lent=duty.lent,
        parts={name: round(value, 1) for name, value in parts.items()},
    )


def hear(fix: Fix | None, status: UnitStatus, now: int) -> tuple[Heard, int | None]:
    """Whether a unit's place can be trusted, and its age in seconds."""
    if fix is None:
        return Heard.BASE, None
    age = max(0, now - fix.at)
    moving = (fix.speed or 0) > MOVING_M_S or status is UnitStatus.EN_ROUTE
    lost = age > (MOVING_MS if moving else PARKED_MS)
    return (Heard.LOST if lost else Heard.FRESH), age // 1000


def order_of(candidate: Candidate) -> tuple[bool, float, str]:
    """Sorts candidates: those that can be offered first, the best first."""
    return (not candidate.offered, -candidate.score, candidate.id)


def _distance(unit: Unit, need: Need, fix: Fix | None) -> float | None:
    if need.lat is None or need.lon is None:
        return None
    lat, lon = (unit.lat, unit.lon) if fix is None else (fix.lat, fix.lon)
    return distance_m(lat, lon, need.lat, need.lon)


def _eta_s(force: ForceType, distance: float, status: UnitStatus) -> float:
    """Time to arrive along a straight line, lengthened as roads are, after turning out."""
    turnout = 0.0 if status is UnitStatus.EN_ROUTE else TURNOUT_S[force]
    return turnout + distance / pace(force)


def pace(force: ForceType) -> float:
    """Metres of straight line that a force covers in a second, roads being longer than that."""
    return SPEED_KMH[force] / 3.6 / (1.0 if force is ForceType.UAV else DETOUR)


def _readiness(heard: Heard, age: int | None, load: int) -> float:
    freshness = 0.0 if heard is not Heard.FRESH else 1 - min(age or 0, 600) / 600
    return READINESS * (0.5 * freshness + 0.5 / (1 + load))
