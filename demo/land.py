"""The ground of the demo city: coast, districts, waters, towns, parks, the chemical park."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from shapely import LineString, Polygon, box, make_valid, unary_union
from shapely import Point as Dot
from shapely.geometry.base import BaseGeometry

from demo.plane import Point, at, blob, curve, dice, rough, turn

HERE = Path(__file__).parent / "yunbin"
WORLD = box(*at(-1100, 2000), *at(3000, -700))

NODES: dict[str, Point] = {
    "A": (300, 140),
    "B": (830, 60),
    "C": (1480, 70),
    "D": (1700, 650),
    "E": (1590, 1190),
    "F": (1020, 1260),
    "G": (420, 1170),
    "H": (190, 690),
    "P": (800, 430),
    "Q": (1190, 395),
    "R": (1240, 770),
    "S": (790, 830),
    "X": (1000, 408),
    "Y": (1010, 812),
}
BORDERS = {
    **{"AB": 90, "BC": 70, "EF": 70, "FG": 80, "GH": 90, "HA": 90, "PX": 26, "XQ": 26},
    **{"QC": 50, "QR": 46, "RD": 46, "RY": 36, "YS": 36, "PS": 46, "XY": 36, "HP": 80},
}  # name of both ends: raggedness in sketch units
COAST: dict[str, list[Point]] = {
    "north": [(1500, -700), (1440, -380), (1400, -180), (1425, -40), (1480, 70)],
    "CD": [
        *[(1480, 70), (1560, 170), (1640, 252), (1700, 330), (1655, 425)],
        *[(1612, 462), (1628, 500), (1665, 540), (1700, 650)],
    ],
    "DE": [
        *[(1700, 650), (1668, 700), (1720, 800), (1690, 900), (1760, 1010)],
        *[(1690, 1110), (1590, 1190)],
    ],
    "south": [(1590, 1190), (1530, 1330), (1560, 1500), (1480, 1720), (1500, 2000)],
}
PARK_CENTRE, PARK_TURN = at(1585, 325), 38.0
PARK_CELLS, PARK_CELL = 8, (430.0, 380.0)  # metres between the park's roads


@dataclass
class Land:
    """Every area of the city, in metres."""

    names: dict[str, Any]
    land: BaseGeometry
    districts: dict[str, BaseGeometry]
    rivers: dict[str, BaseGeometry]
    lakes: dict[str, BaseGeometry]
    ponds: list[BaseGeometry]
    parks: dict[str, tuple[BaseGeometry, bool]]
    urban: BaseGeometry
    towns: dict[str, BaseGeometry]
    chemical: BaseGeometry
    port: list[BaseGeometry]
    works: list[BaseGeometry]
    wet: BaseGeometry = field(default_factory=Polygon)


@cache
def survey() -> Land:
    """Draw the ground; the same every time."""
    names = tomllib.loads((HERE / "land.toml").read_text(encoding="utf-8"))
    piers = _piers()
    edges = _edges()
    land = unary_union([_mainland(edges), *piers])
    districts = {d["code"]: _ring(d["edges"], edges) for d in names["district"]}
    districts["gk"] = unary_union([districts["gk"], *piers])
    rivers = {w["name_zh"]: _river(w).intersection(land) for w in names["water"]}
    lakes = {w["name_zh"]: _oval(w, 0.3) for w in names["lake"]}
    ponds = [pond.intersection(land) for pond in _ponds()]
    wet = unary_union([*rivers.values(), *lakes.values(), *ponds])
    parks = {p["name_zh"]: (_oval(p, 0.16), p.get("wood", False)) for p in names["park"]}
    parks = {n: (area.intersection(land), wood) for n, (area, wood) in parks.items()}
    urban = Polygon(blob((1010, 615), 300, 236, 0.22, dice("urban"))).intersection(land)
    towns = {t[0]: _town(t).intersection(land) for rows in names["town"].values() for t in rows}
    chemical = park_box().intersection(land.buffer(-150))
    works = [area.intersection(land) for area in _works()]
    return Land(
        names,
        land,
        districts,
        rivers,
        lakes,
        ponds,
        parks,
        urban,
        towns,
        chemical,
        piers,
        works,
        wet,
    )


def park_box() -> Polygon:
    """Give the chemical park's outline."""
    half = (PARK_CELLS * PARK_CELL[0] / 2, PARK_CELLS * PARK_CELL[1] / 2)
    corners = [(-half[0], -half[1]), (half[0], -half[1]), half, (-half[0], half[1])]
    return Polygon([in_park(*corner) for corner in corners])


def in_park(along: float, across: float) -> Point:
    """Turn metres along and across the chemical park into metres of the city."""
    point = (PARK_CENTRE[0] + along, PARK_CENTRE[1] + across)
    return turn(point, PARK_TURN, PARK_CENTRE)


def spot_of(row: dict[str, Any]) -> Point:
    """Give where a named place stands: on the sketch, or in the chemical park's own metres."""
    return in_park(*row["park"]) if "park" in row else at(*row["at"])


def _edges() -> dict[str, list[Point]]:
    edges = {}
    for name, size in BORDERS.items():
        ends = [at(*NODES[name[0]]), at(*NODES[name[1]])]
        edges[name] = _ragged(ends, size * 30, name)
    for name, points in COAST.items():
        edges[name] = _ragged([at(*p) for p in points], 24 * 30, name)
    return edges


def _ragged(points: list[Point], size: float, name: str) -> list[Point]:
    rng, line = dice(name), points[:1]
    for a, b in pairwise(points):
        length = Dot(a).distance(Dot(b))
        line += rough(a, b, min(size, length * 0.22), 5, rng)
    return line


def _ring(names: list[str], edges: dict[str, list[Point]]) -> BaseGeometry:
    ring: list[Point] = []
    for name in names:
        part = edges.get(name) or edges[name[::-1]][::-1]
        ring += part[1:] if ring else part
    return make_valid(Polygon(ring))


def _mainland(edges: dict[str, list[Point]]) -> BaseGeometry:
    coast = edges["north"] + edges["CD"][1:] + edges["DE"][1:] + edges["south"][1:]
    west, south, _, north = WORLD.bounds
    return make_valid(Polygon([*coast, (west, south), (west, north)]))


def _river(water: dict[str, Any]) -> BaseGeometry:
    """Widen a river's line from its spring to its mouth."""
    line = _wind(curve(*water["points"]), water["name_zh"])
    pieces, steps = [], 48
    for n in range(steps):
        part = n / steps
        swell = max(0.0, part - 0.82) / 0.18
        width = water["width"] + (water["mouth"] - water["width"]) * swell**2
        a = line.interpolate(part, normalized=True)
        reach = [line.interpolate(part + k / steps / 4, normalized=True) for k in range(1, 5)]
        pieces.append(LineString([a, *reach]).buffer(width / 2, quad_segs=4))
    return unary_union(pieces)


def _wind(line: LineString, name: str) -> LineString:
    rng = dice(name)
    dots = [line.interpolate(d) for d in range(0, int(line.length), 900)]
    free = [(p.x + rng.uniform(-90, 90), p.y + rng.uniform(-90, 90)) for p in dots]
    last = (line.coords[-1][0], line.coords[-1][1])
    return LineString([*free, last])


def _oval(spot: dict[str, Any], ragged: float) -> BaseGeometry:
    (x, y), (rx, ry) = spot["at"], spot["size"]
    return make_valid(Polygon(blob((x, y), rx, ry, ragged, dice(spot["name_zh"]))))


def _town(row: list[Any]) -> BaseGeometry:
    name, _, x, y, rx, ry = row
    return make_valid(Polygon(blob((x, y), rx, ry, 0.3, dice(name))))


def _piers() -> list[BaseGeometry]:
    """Draw the port: quays that stand out into the bay and a breakwater."""
    quays: list[BaseGeometry] = []
    for n in range(4):
        x, y = at(1612 + n * 9, 452 + n * 22)
        shape = [(0, 0), (1750, 620), (1850, 380), (80, -260)]
        quays.append(Polygon([(x + dx, y + dy) for dx, dy in shape]))
    yard = Polygon([at(1588, 428), at(1625, 440), at(1662, 530), at(1622, 540)])
    wall = LineString([at(1700, 560), at(1730, 520), at(1735, 480)]).buffer(45, cap_style="flat")
    return [*quays, yard, wall, LineString([at(1688, 640), at(1700, 560)]).buffer(45)]


def _ponds() -> list[BaseGeometry]:
    """Draw the salt works behind the coast as rows of shallow basins."""
    ponds: list[BaseGeometry] = []
    for name, x, y, columns, rows in (("a", 1556, 640, 6, 7), ("b", 1590, 930, 5, 6)):
        rng = dice(f"pond{name}")
        for i in range(columns):
            for j in range(rows):
                if rng.random() < 0.82:
                    west, north = at(x + i * 15, y + j * 17)
                    ponds.append(box(west + 25, north - 485, west + 425, north - 25))
    return ponds


def _works() -> list[BaseGeometry]:
    """Draw the industrial estates."""
    spots = [((1260, 530), 36, 26), ((1230, 860), 44, 30), ((760, 480), 34, 24)]
    spots += [((480, 1010), 30, 22), ((1400, 970), 36, 24), ((1500, 400), 30, 22)]
    return [Polygon(blob(spot, rx, ry, 0.1, dice(f"works{spot}"))) for spot, rx, ry in spots]
