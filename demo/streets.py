"""The streets of the demo city: rings and radials, grids that follow rank, lanes to villages."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import LineString, Polygon
from shapely import Point as Dot
from shapely.geometry.base import BaseGeometry

from demo import villages
from demo.land import PARK_CELL, PARK_CELLS, Land, in_park
from demo.network import Network, Road
from demo.plane import Point, at, curve, dice, turn

PARK_LOW = 11  # the park's blocks are seen from afar
RING_M = (7500.0, 6450.0)
INNER_M = (3100.0, 2700.0)
CENTRE = at(1010, 620)


def build(land: Land) -> Network:
    """Draw every road."""
    network = Network()
    _named(network, land.names["road"])
    _rings(network, land.names["rings"])
    dry = land.wet.buffer(25)
    _city_grid(network, land, dry)
    for name, area in land.towns.items():
        _town_grid(network, name, area.difference(land.urban).difference(land.chemical), dry)
    for n, area in enumerate(land.works):
        _town_grid(network, f"works{n}", area.difference(land.chemical), dry, step=420)
    _park_roads(network, land)
    _port_roads(network)
    network.villages = villages.scatter(land)
    joints = [_on_ring(RING_M, n / 16 * math.tau) for n in range(16)]
    villages.tie(network, land, joints)
    _railways(network, land)
    return network


def _named(network: Network, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        line: BaseGeometry = LineString(list(curve(*row["points"]).coords) + _park_end(row))
        if row["detail"] in ("motorway", "trunk"):
            line = _to_ring(line)
        network.add([line], row["detail"], row["name_zh"], row["name_en"])


def _park_end(row: dict[str, Any]) -> list[Point]:
    return [in_park(*row["park"])] if "park" in row else []


def _to_ring(line: BaseGeometry) -> BaseGeometry:
    """Let a fast road end on the ring: cut what lies inside, close a gap outside."""
    ring = Polygon([_on_ring(RING_M, step / 120 * math.tau) for step in range(120)])
    kept = max(shapely.get_parts(line.difference(ring)), key=lambda part: part.length)
    coords = list(kept.coords)
    for end, where in ((0, 0), (-1, len(coords))):
        dot = Dot(coords[end])
        edge = ring.exterior.interpolate(ring.exterior.project(dot))
        if 1 < dot.distance(edge) < 1500:
            coords.insert(where, (edge.x, edge.y))
    return LineString(coords)


def _rings(network: Network, names: dict[str, list[str]]) -> None:
    for radii, detail, (zh, en) in (
        (RING_M, "trunk", names["outer"]),
        (INNER_M, "primary", names["inner"]),
    ):
        ring = [_on_ring(radii, step / 120 * math.tau) for step in range(121)]
        network.add([LineString(ring)], detail, zh, en)


def _on_ring(radii: Point, angle: float) -> Point:
    """Give a point of a ring that is rounder than a box and squarer than an ellipse."""
    cos, sin = math.cos(angle), math.sin(angle)
    swell = (abs(cos) ** 2.5 + abs(sin) ** 2.5) ** (-1 / 2.5)
    return (CENTRE[0] + radii[0] * cos * swell, CENTRE[1] + radii[1] * sin * swell)


def _bend(p: Point, size: float) -> Point:
    """Shift a point a little, by a slow wave, so that no street is ruled."""
    x, y = p
    return (
        x + size * (math.sin(y / 2300 + 1.3) + 0.5 * math.sin(x / 1300 + y / 1700)),
        y + size * (math.sin(x / 2700 + 0.4) + 0.5 * math.sin(y / 1500 - x / 1900)),
    )


@dataclass(frozen=True)
class Grid:
    """A field of streets: where, how turned, how far apart, how ragged."""

    name: str
    centre: Point
    angle: float
    step: float
    reach: float
    bend: float
    ranks: tuple[tuple[int, str], ...]
    gaps: float

    def rank(self, index: int) -> str:
        return next((detail for every, detail in self.ranks if index % every == 0), "residential")

    def lines(self) -> Iterator[tuple[str, int, bool, LineString]]:
        """Yield rank, index, whether it runs north, and the line of each stretch."""
        count, rng = int(self.reach / self.step), dice(self.name)
        shift = [rng.uniform(-0.22, 0.22) for _ in range(-count, count + 1)]
        for north in (True, False):
            for i in range(-count, count + 1):
                rank = self.rank(i)
                off = 0.0 if rank != "residential" else shift[i + count]
                for run in self._runs(i + off, north, rank, count, rng):
                    yield rank, i, north, LineString(run)

    def _runs(
        self, i: float, north: bool, rank: str, count: int, rng: Any
    ) -> Iterator[list[Point]]:
        run: list[Point] = []
        for j in range(-count, count + 1):
            far = math.hypot(i, j) / count
            if rank == "residential" and rng.random() < self.gaps + 0.35 * far**2:
                if len(run) > 1:
                    yield run
                run = []
            across, along = (i * self.step, j * self.step)
            spot = (across, along) if north else (along, across)
            at_home = (self.centre[0] + spot[0], self.centre[1] + spot[1])
            run.append(_bend(turn(at_home, self.angle, self.centre), self.bend))
        if len(run) > 1:
            yield run


def _clip(lines: list[LineString], area: BaseGeometry, hole: BaseGeometry) -> list[BaseGeometry]:
    cut = shapely.intersection(lines, area)
    kept = shapely.difference(cut, hole)
    return [line for line in shapely.get_parts(kept) if line.length > 60]


def _city_grid(network: Network, land: Land, dry: BaseGeometry) -> None:
    old = Polygon(_oval_ring(at(895, 610), 2600, 2300))
    parks = shapely.unary_union([area for area, _ in land.parks.values()])
    ranks = ((16, "primary"), (4, "secondary"), (2, "tertiary"))
    whole = Grid("city", CENTRE, -5, 235, 10_500, 150, ranks, 0.13)
    core = Grid("old", at(895, 610), 9, 150, 2_700, 60, ((8, "tertiary"),), 0.2)
    for grid, area in ((whole, land.urban.difference(old)), (core, old)):
        streets: dict[tuple[str, str, str], list[LineString]] = {}
        for rank, i, north, line in grid.lines():
            named = _street_name(land.names["city_streets"], grid.name, rank, i, north)
            streets.setdefault((rank, *named), []).append(line)
        for (rank, zh, en), lines in streets.items():
            minor = rank == "residential"
            lesser = parks if rank == "tertiary" else Polygon()
            hole = shapely.union(dry, parks) if minor else lesser
            reach = area if minor or grid is core else land.urban
            network.add(_clip(lines, reach, hole), rank, zh, en)


def _oval_ring(centre: Point, rx: float, ry: float) -> list[Point]:
    turns = [n / 64 * math.tau for n in range(64)]
    return [(centre[0] + rx * math.cos(t), centre[1] + ry * math.sin(t)) for t in turns]


def _street_name(
    names: dict[str, list[list[str]]], grid: str, rank: str, i: int, north: bool
) -> tuple[str, str]:
    """Name the great streets of the city grid; each name serves once."""
    listed = names["north" if north else "east"]
    n = i // 4 + len(listed) // 2
    if grid != "city" or rank not in ("primary", "secondary") or not 0 <= n < len(listed):
        return "", ""
    return listed[n][0], listed[n][1]


def _town_grid(
    network: Network, name: str, area: BaseGeometry, dry: BaseGeometry, step: float = 240
) -> None:
    if area.is_empty:
        return
    west, south, east, north = area.bounds
    centre = ((west + east) / 2, (south + north) / 2)
    rng = dice(f"town{name}")
    reach = max(east - west, north - south) / 2 * 1.3
    grid = Grid(name, centre, rng.uniform(-30, 30), step, reach, 40, ((5, "tertiary"),), 0.16)
    by_rank: dict[str, list[LineString]] = {}
    for rank, _, _, line in grid.lines():
        by_rank.setdefault(rank, []).append(line)
    for rank, lines in by_rank.items():
        network.add(_clip(lines, area, dry), rank)


def _park_roads(network: Network, land: Land) -> None:
    """Lay the chemical park's grid."""
    half = (PARK_CELLS * PARK_CELL[0] / 2, PARK_CELLS * PARK_CELL[1] / 2)
    for n in range(PARK_CELLS + 1):
        x, y = n * PARK_CELL[0] - half[0], n * PARK_CELL[1] - half[1]
        rank = "tertiary" if n in (0, PARK_CELLS // 2, PARK_CELLS) else "service"
        across = LineString([in_park(x, -half[1]), in_park(x, half[1])])
        along = LineString([in_park(-half[0], y), in_park(half[0], y)])
        names = land.names["park_roads"]
        for line, way in ((across, "across"), (along, "along")):
            zh, en = names[way][n]
            network.roads.append(Road(line.intersection(land.chemical), rank, zh, en, PARK_LOW))


def _port_roads(network: Network) -> None:
    network.add([curve((1488, 470), (1550, 470), (1606, 462), (1640, 520))], "secondary")
    for n in range(4):
        x, y = at(1612 + n * 9, 452 + n * 22)
        network.add([LineString([(x, y - 100), (x + 1700, y + 460)])], "service")


MAIN_LINE = [(-1100, 1000), (0, 880), (400, 880), (700, 880), (900, 800), (1030, 772)]
MAIN_LINE += [(1180, 800), (1330, 740), (1440, 560), (1500, 490), (1600, 470)]
SOUTH_LINE = [(1030, 772), (1120, 900), (1130, 1100), (1180, 1400), (1200, 2000)]


def _railways(network: Network, land: Land) -> None:
    lines = [curve(*MAIN_LINE), curve(*SOUTH_LINE)]
    rail = land.names["railway"]
    network.add(lines, "rail", rail["name_zh"], rail["name_en"])
