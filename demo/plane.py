"""The local plane on which the demo city is drawn: metres east and north of the anchor."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from shapely import LineString

Point = tuple[float, float]

ANCHOR_LAT, ANCHOR_LON = 37.40, 118.90  # a made-up coast stands here
SKETCH_M = 30.0  # one unit of the city's sketch
SKETCH_X, SKETCH_Y = 960.0, 640.0  # the anchor on the sketch, whose y points down
METRES_PER_LAT = 110_990.0
METRES_PER_LON = 111_320.0 * math.cos(math.radians(ANCHOR_LAT))
SEED = 20260318


def dice(name: str) -> random.Random:
    """Give a random stream of its own for one purpose, the same in every run."""
    return random.Random(f"{SEED}-{name}")


def at(x: float, y: float) -> Point:
    """Turn a point of the sketch into metres."""
    return ((x - SKETCH_X) * SKETCH_M, (SKETCH_Y - y) * SKETCH_M)


def lon_lat(point: Point) -> Point:
    return (ANCHOR_LON + point[0] / METRES_PER_LON, ANCHOR_LAT + point[1] / METRES_PER_LAT)


def to_degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn an array of (east, north) into (lon, lat)."""
    return metres / (METRES_PER_LON, METRES_PER_LAT) + (ANCHOR_LON, ANCHOR_LAT)


def to_world(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn an array of (east, north) into web-mercator coordinates, 0..1 from the north-west."""
    degrees = to_degrees(metres)
    x = degrees[:, 0] / 360 + 0.5
    sine = np.sin(np.radians(degrees[:, 1]))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return np.column_stack((x, y))


def rough(a: Point, b: Point, size: float, depth: int, rng: random.Random) -> list[Point]:
    """Give the points of a ragged line that leads from just after a to b."""
    if depth == 0:
        return [b]
    middle = (
        (a[0] + b[0]) / 2 + (rng.random() - 0.5) * size,
        (a[1] + b[1]) / 2 + (rng.random() - 0.5) * size,
    )
    first = rough(a, middle, size * 0.52, depth - 1, rng)
    return first + rough(middle, b, size * 0.52, depth - 1, rng)


def smooth(points: Sequence[Point], rounds: int = 3) -> list[Point]:
    """Round the corners of a line, its ends stay."""
    line = list(points)
    for _ in range(rounds):
        cut = [line[0]]
        for a, b in pairwise(line):
            cut.append((a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25))
            cut.append((a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75))
        line = [*cut, line[-1]]
    return line


def curve(*sketch: Point) -> LineString:
    """Draw a smooth line through the neighbourhood of sketch points."""
    return LineString(smooth([at(*p) for p in sketch]))


def turn(point: Point, degrees: float, about: Point) -> Point:
    """Turn a point counter-clockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = point[0] - about[0], point[1] - about[1]
    return (about[0] + x * cos - y * sin, about[1] + x * sin + y * cos)


def blob(sketch: Point, rx: float, ry: float, ragged: float, rng: random.Random) -> list[Point]:
    """Give an uneven oval; the radii are sketch units."""
    waves = [(k, rng.random() * math.tau, ragged * rng.random() / k) for k in range(2, 8)]
    ring = []
    for step in range(96):
        angle = step / 96 * math.tau
        r = 1 + sum(size * math.sin(k * angle + phase) for k, phase, size in waves)
        ring.append(at(sketch[0] + rx * r * math.cos(angle), sketch[1] + ry * r * math.sin(angle)))
    return ring
