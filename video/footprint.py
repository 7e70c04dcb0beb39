"""What a camera in the air sees of flat ground: the four corners of its picture, in WGS-84."""

import math
from dataclasses import dataclass

METRES_A_DEGREE = 111_320.0  # of latitude; of longitude at the equator
FARTHEST_M = 3_000.0  # where a ray towards the horizon is cut off
LEVEL = 1e-6

Place = tuple[float, float]
"""Latitude, longitude."""


@dataclass(frozen=True)
class Gaze:
    """Where a camera is and how it looks; degrees, heading from north, elevation down negative.

    height: metres above the ground that is looked at.
    """

    lat: float
    lon: float
    height: float
    heading: float
    elevation: float
    hfov: float
    vfov: float
    roll: float = 0.0


def corners(gaze: Gaze) -> tuple[Place, ...]:
    """Upper left, upper right, lower right, lower left; none if all of the picture is sky.

    A corner above the horizon, or farther than FARTHEST_M, lies at that distance.
    """
    across, up = math.tan(math.radians(gaze.hfov) / 2), math.tan(math.radians(gaze.vfov) / 2)
    rays = [_ray(gaze, x * across, y * up) for x, y in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
    if gaze.height <= 0 or not any(_falls(ray) for ray in rays):
        return ()
    return tuple(_place(gaze, ray) for ray in rays)


def _ray(gaze: Gaze, right: float, up: float) -> tuple[float, float, float]:
    """A direction as east, north, up: `right` and `up` in the picture, one unit ahead."""
    roll, pitch = math.radians(gaze.roll), math.radians(gaze.elevation)
    right, up = (
        right * math.cos(roll) - up * math.sin(roll),
        right * math.sin(roll) + up * math.cos(roll),
    )
    ahead = math.cos(pitch) - up * math.sin(pitch)
    rise = math.sin(pitch) + up * math.cos(pitch)
    turn = math.radians(gaze.heading)
    east = ahead * math.sin(turn) + right * math.cos(turn)
    north = ahead * math.cos(turn) - right * math.sin(turn)
    return east, north, rise


def _falls(ray: tuple[float, float, float]) -> bool:
    return ray[2] < -LEVEL


def _place(gaze: Gaze, ray: tuple[float, float, float]) -> Place:
    east, north, rise = ray
    level = math.hypot(east, north)
    reach = FARTHEST_M / level if level > LEVEL else math.inf
    steps = min(gaze.height / -rise, reach) if _falls(ray) else reach
    return moved(gaze.lat, gaze.lon, east * steps, north * steps)


def moved(lat: float, lon: float, east: float, north: float) -> Place:
    """The place so many metres to the east and the north."""
    wide = METRES_A_DEGREE * max(math.cos(math.radians(lat)), 1e-6)
    return lat + north / METRES_A_DEGREE, lon + east / wide
