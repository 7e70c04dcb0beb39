"""Which pictures a wall shows of an incident: those that look at it, then the near ones.

A dead picture's place goes to the next healthy one; all others stay where they are, and it
comes back to its own place when it lives again.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch.geo import distance_m

SEES_M = 1_200.0  # beyond this an incident is a few points of a picture
NEAR_M = 3_000.0  # beyond this a picture says nothing of the incident
OVER_M = 400.0  # a drone whose picture's middle is so close looks at it
HEALTHY = frozenset({"live", "idle", "opening", "unknown"})
"""`idle` is not known to be dead: a picture is opened when somebody looks."""


class Why(StrEnum):
    """Why a picture is on the wall."""

    PUSHED = "pushed"
    DRONE = "drone"
    SEES = "sees"
    NEAR = "near"
    DISTRICT = "district"


@dataclass(frozen=True)
class Eye:
    """A camera, or a drone as it flies now. fov 360 sees all round; heading from north.

    looks_at: for a drone, the middle of its picture on the ground.
    """

    feed: str
    lat: float
    lon: float
    heading: float
    fov: float
    state: str = "unknown"
    playable: bool | None = None
    drone: bool = False
    looks_at: tuple[float, float] | None = None

    @property
    def healthy(self) -> bool:
        return self.state in HEALTHY and self.playable is not False


@dataclass(frozen=True)
class Push:
    """What somebody put in a place himself."""

    id: str
    slot: int
    feed: str


@dataclass(frozen=True)
class Pick:
    """A place of the wall and its picture; instead_of: the picture that it stands in for."""

    slot: int
    feed: str
    why: Why
    distance_m: int | None = None
    bearing: int | None = None
    instead_of: str | None = None
    push: str | None = None


@dataclass(frozen=True)
class Choice:
    """The wall's places, and what would follow them, the best first."""

    picks: tuple[Pick, ...]
    spares: tuple[Pick, ...] = ()


def choose(
    eyes: Iterable[Eye],
    target: tuple[float, float] | None,
    cells: int,
    pushes: Sequence[Push] = (),
    turn: int = 0,
) -> Choice:
    """The pictures for so many places.

    target: where the incident is; without one the pictures of the district take turns.
    turn: how often they have taken turns.
    """
    known = {eye.feed: eye for eye in eyes}
    pushed = _pushed(pushes, known, target, cells)
    taken = {pick.feed for pick in pushed.values()}
    wanted = [eye for eye in known.values() if eye.feed not in taken]
    ranked = rank(wanted, target) if target else _in_turn(wanted, cells, turn)
    places = [slot for slot in range(1, cells + 1) if slot not in pushed]
    filled, rest = _fill(ranked, known, places)
    picks = sorted([*pushed.values(), *filled], key=lambda pick: pick.slot)
    return Choice(tuple(picks), tuple(rest))


def rank(eyes: Iterable[Eye], target: tuple[float, float]) -> list[Pick]:
    """What may be shown of an incident, the best first, whatever its health; slots not given."""
    found = [pick for eye in eyes if (pick := _pick(eye, target)) is not None]
    order = (Why.DRONE, Why.SEES, Why.NEAR)
    return sorted(found, key=lambda pick: (order.index(pick.why), pick.distance_m, pick.feed))


def sees(eye: Eye, target: tuple[float, float]) -> bool:
    """Whether the place lies in what the camera looks at."""
    if distance_m(eye.lat, eye.lon, *target) > SEES_M:
        return False
    off = abs((_bearing(eye.lat, eye.lon, *target) - eye.heading + 180) % 360 - 180)
    return off <= eye.fov / 2


def _pick(eye: Eye, target: tuple[float, float]) -> Pick | None:
    away = distance_m(eye.lat, eye.lon, *target)
    side = round(_bearing(*target, eye.lat, eye.lon)) % 360
    pick = Pick(0, eye.feed, Why.NEAR, round(away), side)
    if eye.drone:
        over = eye.looks_at is not None and distance_m(*eye.looks_at, *target) <= OVER_M
        return replace(pick, why=Why.DRONE) if over else None
    if sees(eye, target):
        return replace(pick, why=Why.SEES)
    return pick if away <= NEAR_M else None


def _pushed(
    pushes: Sequence[Push],
    known: Mapping[str, Eye],
    target: tuple[float, float] | None,
    cells: int,
) -> dict[int, Pick]:
    """What people put on the wall stays, dead or not: they see that it is dead."""
    shown: dict[int, Pick] = {}
    for push in pushes:
        eye = known.get(push.feed)
        if eye is None or push.slot > cells:
            continue
        pick = (_pick(eye, target) if target else None) or Pick(0, eye.feed, Why.PUSHED)
        shown[push.slot] = replace(pick, slot=push.slot, why=Why.PUSHED, push=push.id)
    return shown


def _in_turn(eyes: Sequence[Eye], cells: int, turn: int) -> list[Pick]:
    """In quiet times every camera is seen once in a while, `cells` at a time."""
    cameras = sorted((eye for eye in eyes if not eye.drone), key=lambda eye: eye.feed)
    if not cameras:
        return []
    start = turn * cells % len(cameras)
    return [Pick(0, eye.feed, Why.DISTRICT) for eye in cameras[start:] + cameras[:start]]


def _fill(
    ranked: Sequence[Pick], known: Mapping[str, Eye], places: Sequence[int]
) -> tuple[list[Pick], list[Pick]]:
    """The best in their places, each that is not healthy replaced by the next that is."""
    best, rest = ranked[: len(places)], ranked[len(places) :]
    spares = [pick for pick in rest if known[pick.feed].healthy]
    filled = []
    for slot, pick in zip(places, best, strict=False):
        if known[pick.feed].healthy or not spares:
            filled.append(replace(pick, slot=slot))
        else:
            filled.append(replace(spares.pop(0), slot=slot, instead_of=pick.feed))
    return filled, spares


def _bearing(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """The direction from one place to another near it, in degrees from north."""
    east = (to_lon - lon) * math.cos(math.radians((lat + to_lat) / 2))
    return math.degrees(math.atan2(east, to_lat - lat)) % 360
