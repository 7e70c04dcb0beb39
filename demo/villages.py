"""The open country: villages, the lanes that tie them together, and their few streets."""

from collections.abc import Iterator
from typing import Any

import shapely
from shapely import LineString, MultiPoint
from shapely import Point as Dot
from shapely.geometry.base import BaseGeometry
from shapely.prepared import prep

from demo.land import Land
from demo.network import Network, Village
from demo.plane import Point, dice, turn


def scatter(land: Land) -> list[Village]:
    """Scatter villages over the open country, no two closer than 1.3 km."""
    rng, names, spots = dice("villages"), land.names["village"], list[Dot]()
    built = shapely.unary_union([land.urban, *land.towns.values(), land.chemical, *land.works])
    woods = shapely.unary_union([area for area, _ in land.parks.values()])
    shut = prep(shapely.unary_union([built.buffer(500), land.wet.buffer(250), woods]))
    open_land = prep(shapely.unary_union(list(land.districts.values())).buffer(-500))
    west, south, east, north = shapely.unary_union(list(land.districts.values())).bounds
    for _ in range(2600):
        spot = Dot(rng.uniform(west, east), rng.uniform(south, north))
        far = all(spot.distance(other) > 1300 for other in spots)
        if far and open_land.contains(spot) and not shut.contains(spot):
            spots.append(spot)
    return [_village(n, spot, names) for n, spot in enumerate(spots)]


def _village(n: int, spot: Dot, names: dict[str, list[str]]) -> Village:
    i, j = n % len(names["surnames"]), n // len(names["surnames"]) % len(names["endings"])
    zh = names["surnames"][i] + names["endings"][j]
    return Village(zh, names["surnames_en"][i] + names["endings_en"][j], (spot.x, spot.y))


def tie(network: Network, land: Land, joints: list[Point]) -> None:
    """Tie villages and towns together by short ways, and give each village a few streets."""
    towns = [area.centroid for area in land.towns.values()]
    dots = [Dot(v.spot) for v in network.villages] + towns
    dots += [Dot(spot) for spot in joints]
    wet = prep(shapely.unary_union([*land.lakes.values(), *land.ponds]).buffer(60))
    rng, built = dice("lanes"), land.urban.union(land.chemical)
    for a, b in _neighbours(dots):
        lane = LineString([a, *_sway(a, b, rng), b])
        if lane.length < 5200 and not wet.intersects(lane):
            kept = lane.difference(built)
            rank = "tertiary" if lane.length > 2600 else "track"
            network.add(shapely.get_parts(kept).tolist(), rank)
    for village in network.villages:
        network.add(_hamlet(village.spot, rng), "residential")


def _neighbours(dots: list[Dot]) -> Iterator[tuple[Dot, Dot]]:
    """Yield pairs with no third point inside the circle between them (a Gabriel graph)."""
    tree = shapely.STRtree(dots)
    edges = shapely.delaunay_triangles(MultiPoint(dots), only_edges=True)
    for edge in shapely.get_parts(edges):
        a, b = Dot(edge.coords[0]), Dot(edge.coords[1])
        inside = tree.query(edge.centroid, predicate="dwithin", distance=edge.length / 2 - 1)
        if len(inside) == 0:
            yield a, b


def _sway(a: Dot, b: Dot, rng: Any) -> list[Point]:
    reach = a.distance(b) * 0.07
    spots = ((a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t) for t in (0.3, 0.7))
    return [(x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)) for x, y in spots]


def _hamlet(spot: Point, rng: Any) -> list[LineString]:
    angle, streets = rng.uniform(0, 90), []
    for k in range(-1, 2):
        for flip in (0, 90):
            ends = [(spot[0] + k * 110, spot[1] - 190), (spot[0] + k * 110, spot[1] + 190)]
            line = [turn(end, angle + flip, spot) for end in ends]
            if rng.random() < 0.8:
                streets.append(LineString(line))
    return streets


def areas(network: Network) -> list[BaseGeometry]:
    """Give the ground the villages stand on."""
    return [_yard(village.spot, n) for n, village in enumerate(network.villages)]


def _yard(spot: Point, n: int) -> BaseGeometry:
    rng = dice(f"yard{n}")
    spots = [(spot[0] + rng.gauss(0, 105), spot[1] + rng.gauss(0, 105)) for _ in range(9)]
    return MultiPoint(spots).convex_hull.buffer(45, quad_segs=2)
