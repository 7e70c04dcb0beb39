"""What stands on the ground: tanks and sheds of the chemical park, port yards, downtown houses."""

import math
from collections.abc import Iterator
from typing import Any

import shapely
from shapely import LineString, Polygon, prepare
from shapely import Point as Dot
from shapely.geometry.base import BaseGeometry

from demo.land import PARK_CELL, PARK_CELLS, Land, in_park
from demo.network import Network
from demo.plane import Point, at, dice, turn

Block = tuple[BaseGeometry, str]  # outline, kind_detail
AMMONIA_CELL = (3, 3)  # holds tank V-1203, which no roll of the dice may take away
ROAD_HALF = 16.0  # metres kept free on both sides of a park road


def park_blocks(land: Land) -> list[Block]:
    """Fill the chemical park's cells with tank farms and sheds."""
    rng, blocks = dice("park"), list[Block]()
    half = (PARK_CELLS * PARK_CELL[0] / 2, PARK_CELLS * PARK_CELL[1] / 2)
    for i in range(PARK_CELLS):
        for j in range(PARK_CELLS):
            corner = (i * PARK_CELL[0] - half[0], j * PARK_CELL[1] - half[1])
            kind = rng.random()
            whole = (i, j) == AMMONIA_CELL
            blocks += _tank_farm(corner, 4, 3, rng, whole) if whole else _cell(corner, kind, rng)
    prepare(land.chemical)
    return [one for one in blocks if land.chemical.contains(one[0])]


def _cell(corner: Point, kind: float, rng: Any) -> Iterator[Block]:
    if kind < 0.42:
        across, down = rng.choice([(3, 2), (4, 3), (5, 3), (4, 4)])
        yield from _tank_farm(corner, across, down, rng)
    elif kind < 0.86:
        yield from _sheds(corner, rng)


def _tank_farm(
    corner: Point, across: int, down: int, rng: Any, whole: bool = False
) -> Iterator[Block]:
    width, height = PARK_CELL[0] - 2 * ROAD_HALF, PARK_CELL[1] - 2 * ROAD_HALF
    radius = min(width / across, height / down) * rng.uniform(0.3, 0.38)
    for a in range(across):
        for d in range(down):
            x = corner[0] + ROAD_HALF + (a + 0.5) * width / across
            y = corner[1] + ROAD_HALF + (d + 0.5) * height / down
            if whole or rng.random() < 0.93:
                yield Dot(in_park(x, y)).buffer(radius, quad_segs=5), "storage_tank"


def _sheds(corner: Point, rng: Any) -> Iterator[Block]:
    x = corner[0] + ROAD_HALF + 14
    while x < corner[0] + PARK_CELL[0] - 90:
        wide, y = rng.uniform(50, 130), corner[1] + ROAD_HALF + 14
        while y < corner[1] + PARK_CELL[1] - 70:
            tall = rng.uniform(40, 120)
            east = min(x + wide, corner[0] + PARK_CELL[0] - ROAD_HALF - 8)
            north = min(y + tall, corner[1] + PARK_CELL[1] - ROAD_HALF - 8)
            if rng.random() < 0.78:
                corners = [(x, y), (east, y), (east, north), (x, north)]
                yield Polygon([in_park(*c) for c in corners]), "industrial"
            y = north + rng.uniform(14, 34)
        x += wide + rng.uniform(16, 40)


def port_blocks() -> list[Block]:
    """Stack containers on the quays."""
    blocks = list[Block]()
    for n in range(4):
        x, y = at(1612 + n * 9, 452 + n * 22)
        for k in range(13):
            for row in (-1, 1):
                spot = (x + 260 + k * 112, y - 60 + k * 40 + row * 62)
                blocks.append((_slab(spot, 92, 46, 19.5), "warehouse"))
    return blocks


def downtown_blocks(network: Network, land: Land) -> list[Block]:
    """Line the streets of the inner city with houses."""
    rng, centre = dice("downtown"), Dot(at(1010, 600))
    hub = centre.buffer(3400)
    lines = [r.line for r in network.roads if r.detail in ("residential", "tertiary")]
    parks = [area for area, _ in land.parks.values()]
    keep = hub.difference(shapely.union_all([land.wet.buffer(30), *parks]))
    streets = shapely.union_all([r.line for r in network.roads if r.line.intersects(hub)])
    prepare(keep)
    clear = keep.difference(streets.buffer(14, quad_segs=1))
    prepare(clear)
    houses = [h for line in lines if line.intersects(hub) for h in _houses(line, rng)]
    return [(house, "building") for house in houses if clear.contains(house)]


def _houses(line: BaseGeometry, rng: Any) -> Iterator[Polygon]:
    for part in shapely.get_parts(line):
        if isinstance(part, LineString):
            yield from _row_of_houses(part, rng)


def _row_of_houses(street: LineString, rng: Any) -> Iterator[Polygon]:
    walked = 40.0
    while walked < street.length - 40:
        a, b = street.interpolate(walked), street.interpolate(walked + 5)
        angle = math.degrees(math.atan2(b.y - a.y, b.x - a.x))
        wide, deep = rng.uniform(26, 60), rng.uniform(16, 34)
        for side in (1, -1):
            off = side * (20 + deep / 2 + rng.uniform(0, 8))
            spot = turn((a.x, a.y + off), angle, (a.x, a.y))
            if rng.random() < 0.7:
                yield _slab(spot, wide, deep, angle)
        walked += wide + rng.uniform(14, 40)


def _slab(spot: Point, wide: float, deep: float, angle: float) -> Polygon:
    x, y = spot
    corners = [(-wide, -deep), (wide, -deep), (wide, deep), (-wide, deep)]
    return Polygon([turn((x + dx / 2, y + dy / 2), angle, spot) for dx, dy in corners])
