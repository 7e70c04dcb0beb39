"""Draw the demo city's basemap: a PMTiles file in the schema of Protomaps, marked as a sketch.

Call: python -m demo.basemap FOLDER
"""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import shapely
from shapely import Point as Dot
from shapely.geometry.base import BaseGeometry

from demo import blocks, streets, villages
from demo.land import WORLD, Land, spot_of, survey
from demo.network import KIND, Network
from demo.plane import SEED, at, curve, lon_lat, to_world
from demo.tiles import Cutter, Shape, write

NAME = "basemap.pmtiles"
LOW, HIGH = 6, 15
FIRST = {
    "motorway": 6,
    "trunk": 7,
    "primary": 9,
    "secondary": 10,
    "tertiary": 12,
    "residential": 13,
    "service": 13,
    "track": 12,
    "rail": 8,
}
RANK = {name: 400 - 20 * n for n, name in enumerate(FIRST)}
SOURCES = (
    "plane.py",
    "land.py",
    "network.py",
    "streets.py",
    "villages.py",
    "blocks.py",
    "tiles.py",
    "basemap.py",
)
Tell = Callable[[str], None]


def draw(folder: Path, tell: Tell = print) -> bool:
    """Write the basemap into the folder unless it is there already; say whether it was drawn."""
    stamp, mark = fingerprint(), folder / f"{NAME}.stamp"
    target = folder / NAME
    if target.exists() and mark.exists() and mark.read_text() == stamp:
        tell("basemap: already drawn")
        return False
    started = time.monotonic()
    tell("basemap: coast, districts, waters")
    land = survey()
    tell("basemap: streets")
    network = streets.build(land)
    tell(f"basemap: {len(network.roads)} roads, {len(network.villages)} villages; houses")
    shapes = list(_shapes(land, network))
    tell(f"basemap: {len(shapes)} shapes, cutting tiles of levels {LOW} to {HIGH}")
    cutter = Cutter(LOW, HIGH)
    cutter.cut(shapes, _frame())
    tell(f"basemap: writing {len(cutter.tiles)} tiles")
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        write(file, cutter.tiles, _header(land))
    part.replace(target)
    mark.write_text(stamp)
    took = time.monotonic() - started
    tell(f"basemap: {target.stat().st_size / 1e6:.1f} MB in {took:.1f} s")
    return True


def fingerprint() -> str:
    """Give a hash of everything the drawing depends on."""
    here = Path(__file__).parent
    digest = hashlib.sha256(str(SEED).encode())
    for name in (*SOURCES, "yunbin/land.toml"):
        digest.update((here / name).read_bytes())
    return digest.hexdigest()


def _shapes(land: Land, network: Network) -> Iterator[Shape]:
    yield from _ground(land)
    yield from _uses(land, network)
    yield from _waters(land)
    yield from _buildings(land, network)
    yield from _roads(network)
    yield from _borders(land)
    yield from _labels(land, network)


def _shape(layer: str, outline: BaseGeometry, low: int = 0, **facts: Any) -> Shape:
    return Shape(layer, shapely.transform(outline, to_world), facts, low)


def _names(zh: str, en: str) -> dict[str, str]:
    return {"name": zh, "name:zh": zh, "name:zh-Hans": zh, "name:en": en}


def _ground(land: Land) -> Iterator[Shape]:
    whole = shapely.union_all(list(land.districts.values()))
    yield _shape("earth", land.land.difference(whole), kind="earth")
    for code, area in land.districts.items():
        yield _shape("earth", area, kind="earth", kind_detail="district", district=code)


def _uses(land: Land, network: Network) -> Iterator[Shape]:
    yield _shape("landuse", land.urban.difference(land.wet), 8, kind="residential")
    for area in land.towns.values():
        yield _shape("landuse", area.difference(land.urban), 9, kind="residential")
    for area in villages.areas(network):
        yield _shape("landuse", area, 12, kind="residential", kind_detail="village")
    for area in land.works:
        yield _shape("landuse", area, 9, kind="industrial")
    yield _shape("landuse", land.chemical, 8, kind="industrial", kind_detail="chemical")
    for area in land.port:
        yield _shape("landuse", area, 10, kind="industrial", kind_detail="port")
    for area, wood in land.parks.values():
        dry = area.difference(land.wet)
        yield _shape("landuse", dry, 8 if wood else 10, kind="wood" if wood else "park")


def _waters(land: Land) -> Iterator[Shape]:
    sea = WORLD.difference(land.land)
    yield _shape("water", sea, kind="ocean")
    for area in land.rivers.values():
        yield _shape("water", area, 6, kind="water", kind_detail="river")
    for area in land.lakes.values():
        yield _shape("water", area, 7, kind="lake")
    for area in land.ponds:
        yield _shape("water", area, 10, kind="water", kind_detail="basin")
    for depth, reach in enumerate((900, 2200, 4000)):
        line = land.land.buffer(reach).exterior.intersection(sea.buffer(-10))
        yield _shape("water", line, 9, kind="depth_contour", depth=depth)


def _buildings(land: Land, network: Network) -> Iterator[Shape]:
    for outline, detail in blocks.park_blocks(land):
        yield _shape("buildings", outline, 12, kind="building", kind_detail=detail)
    for outline, detail in blocks.port_blocks():
        yield _shape("buildings", outline, 13, kind="building", kind_detail=detail)
    for outline, detail in blocks.downtown_blocks(network, land):
        yield _shape("buildings", outline, 14, kind="building", kind_detail=detail)


def _roads(network: Network) -> Iterator[Shape]:
    for road in sorted(network.roads, key=lambda one: RANK[one.detail]):
        facts = {"kind": KIND[road.detail], "kind_detail": road.detail}
        names = _names(road.name_zh, road.name_en) if road.name_zh else {}
        low = road.low or FIRST[road.detail]
        yield _shape(
            "roads", road.line, low, **facts, **names, min_zoom=low, sort_rank=RANK[road.detail]
        )


def _borders(land: Land) -> Iterator[Shape]:
    inner: list[BaseGeometry] = []
    areas = list(land.districts.values())
    for n, area in enumerate(areas):
        rest = areas[n + 1 :]
        inner += [area.boundary.intersection(other.boundary) for other in rest]
    whole = shapely.union_all(areas)
    lines = shapely.line_merge(shapely.union_all(inner))
    yield _shape("boundaries", lines, 7, kind="county", kind_detail="6")
    outer = whole.boundary.difference(land.land.boundary.buffer(30))
    yield _shape("boundaries", outer, 6, kind="region", kind_detail="5")
    yield _shape("boundaries", land.land.boundary.intersection(WORLD.buffer(-60)), 6, kind="coast")


def _labels(land: Land, network: Network) -> Iterator[Shape]:
    names = land.names
    zh, en = names["city"]
    yield _label("places", (1012, 600), zh, en, 6, "locality", "city", 11)
    for d in names["district"]:
        yield _label("places", d["label"], d["name_zh"], d["name_en"], 9, "locality", "district", 9)
    for key, low, kind, rank in (("town", 11, "locality", 6), ("street", 12, "neighbourhood", 5)):
        for row in (r for rows in names[key].values() for r in rows):
            yield _label("places", row[2:4], row[0], row[1], low, kind, key, rank)
    for v in network.villages:
        facts = _place_facts(13, "locality", "village", 3)
        yield _shape("places", Dot(v.spot), 13, **_names(v.name_zh, v.name_en), **facts)
    yield from _sights(names)


def _sights(names: dict[str, Any]) -> Iterator[Shape]:
    for p in names["poi"]:
        facts = _place_facts(13, p["kind"], "", 0)
        spot = Dot(spot_of(p))
        yield _shape("pois", spot, 13, **_names(p["name_zh"], p["name_en"]), **facts)
    for p in names["park"]:
        yield _label("pois", p["at"], p["name_zh"], p["name_en"], 12, "park", "", 0)
    for p in names["lake"]:
        yield _label("water", p["at"], p["name_zh"], p["name_en"], 11, "lake", "", 0)
    zh, en = names["bay"]
    yield _label("water", (1840, 480), zh, en, 8, "sea", "", 0)
    for w in names["water"]:
        line, named = curve(*w["points"]), _names(w["name_zh"], w["name_en"])
        yield _shape("water", line, 12, kind="river", **named, min_zoom=12)


def _label(
    layer: str, spot: Any, zh: str, en: str, low: int, kind: str, detail: str, rank: int
) -> Shape:
    facts = _place_facts(low, kind, detail, rank)
    return _shape(layer, Dot(at(*spot)), low, **_names(zh, en), **facts)


def _place_facts(low: int, kind: str, detail: str, rank: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": kind, "min_zoom": low, "population_rank": rank}
    return {**facts, "kind_detail": detail} if detail else facts


def _frame() -> tuple[float, float, float, float]:
    """Give the outer edge that is drawn, inside the drawn world."""
    return shapely.transform(WORLD.buffer(-3000), to_world).bounds


def _header(land: Land) -> dict[str, Any]:
    west, south, east, north = WORLD.bounds
    (west, south), (east, north) = lon_lat((west, south)), lon_lat((east, north))
    centre = lon_lat(at(1010, 610))
    e7 = {"min_lon": west, "min_lat": south, "max_lon": east, "max_lat": north}
    e7 |= {"center_lon": centre[0], "center_lat": centre[1]}
    header: dict[str, Any] = {f"{name}_e7": int(value * 1e7) for name, value in e7.items()}
    layers = ("earth", "landuse", "water", "buildings", "roads", "boundaries", "places", "pois")
    metadata = {
        "name": land.names["title"],
        "description": "A made-up city drawn by a program; no real place.",
        "attribution": land.names["attribution"],
        "type": "baselayer",
        "version": "4.0",
        "vector_layers": [{"id": name, "fields": {}} for name in layers],
    }
    return {**header, "center_zoom": 11, "metadata": metadata}


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    draw(folder, lambda text: print(text, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
