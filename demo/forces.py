"""The forces of the demo city: about a thousand units with base, crew and abilities."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from shapely import Point as Dot
from shapely import contains_xy
from shapely.geometry.base import BaseGeometry

from demo.land import HERE, Land, spot_of
from demo.network import Network
from demo.plane import Point, dice, lon_lat

TOTAL = 1000
Cells = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """One row of units.csv, with its place still in metres."""

    id: str
    name_zh: str
    name_en: str
    force_type: str
    district: str
    spot: Point
    members: int
    vehicles: int
    capabilities: str
    base: str = ""
    leader: str = ""
    phone: str = ""


def muster(land: Land, network: Network, leaders: dict[str, str]) -> list[Unit]:
    """Give all units; `leaders` names who leads a unit, others get a made-up name."""
    lists = tomllib.loads((HERE / "forces.toml").read_text(encoding="utf-8"))
    units = [*_engines(lists["station"]), *_named(lists["unit"])]
    units += _services(lists["service"], land)
    units += _numbered(lists["numbered"], {unit.id for unit in units}, land)
    units += _grid_workers(TOTAL - len(units), land, network)
    return [_with_leader(n, unit, leaders) for n, unit in enumerate(units)]


def _engines(stations: list[Cells]) -> Iterator[Unit]:
    """Give three engines a station; their numbers run through the district's stations in turn."""
    by_district: dict[str, list[Cells]] = defaultdict(list)
    for station in stations:
        by_district[station["district"]].append(station)
    for code, own in by_district.items():
        plain = [one for one in own if "ids" not in one]
        for n in range(3 * len(plain)):
            yield _engine(f"FIR-{code.upper()}-{n + 1:02d}", plain[n % len(plain)], n)
        for station in own:
            for n, name in enumerate(station.get("ids", [])):
                yield _engine(name, station, n)


def _engine(name: str, station: Cells, n: int) -> Unit:
    x, y = spot_of(station)
    special = station.get("special", False)
    can = "firefighting;pump;hazmat;decon;plugging" if special else "firefighting;pump;supply"
    label = f" {name}" if "ids" in station else f" {name[-2:]} 车"
    english = f" {name}" if "ids" in station else f" engine {name[-2:]}"
    spot = (x + n % 3 * 25.0, y)
    return Unit(
        name,
        station["name_zh"] + label,
        station["name_en"] + english,
        "FIR",
        station["district"],
        spot,
        7 if special else 6,
        1,
        can + (";ladder" if n >= 6 else ""),
        station["name_zh"],
    )


def _named(rows: list[Cells]) -> Iterator[Unit]:
    for row in rows:
        yield Unit(
            row["id"],
            row["name_zh"],
            row["name_en"],
            row["force"],
            row["district"],
            spot_of(row),
            row["members"],
            row.get("vehicles", 1),
            row["capabilities"],
            row["name_zh"],
        )


NEAR_PARK = {"POL-GK-11": 1500.0, "POL-GK-12": 2600.0, "MED-GK-01": 2500.0}
"""Metres from the ammonia tank, so that the drill's driving times come true."""


def _services(rows: list[Cells], land: Land) -> Iterator[Unit]:
    names = {d["code"]: (d["name_zh"], d["name_en"]) for d in land.names["district"]}
    for row in rows:
        for code, count in row["count"].items():
            spots = _scatter(count, _built(land, code), f"{row['force']}{code}")
            for n, spot in enumerate(spots, 1):
                name = f"{row['force']}-{code.upper()}-{n:02d}"
                zh = row["name_zh"].format(district=names[code][0], n=n)
                en = row["name_en"].format(district=names[code][1], n=n)
                can = row["capabilities"].split("|")
                place = _near_park(name, land) or spot
                yield Unit(
                    name,
                    zh,
                    en,
                    row["force"],
                    code,
                    place,
                    row["members"],
                    row.get("vehicles", 1),
                    can[n % len(can)],
                    f"{names[code][0]}{row['base']}",
                )


def _near_park(name: str, land: Land) -> Point | None:
    if name not in NEAR_PARK:
        return None
    tank = next(p for p in land.names["poi"] if p["id"] == "PL-TANK-V1203")
    x, y = spot_of(tank)
    reach = NEAR_PARK[name] / 2**0.5
    return (x - reach * 1.2, y - reach * 0.75)


def _numbered(rows: list[Cells], taken: set[str], land: Land) -> Iterator[Unit]:
    codes = list(land.districts)
    for row in rows:
        for n in range(1, row["count"] + 1):
            name, code = f"{row['force']}-{n:02d}", codes[n % len(codes)]
            if name in taken:
                continue
            (spot,) = _scatter(1, _built(land, code), name)
            zh, en = row["name_zh"].format(n=n), row["name_en"].format(n=n)
            yield Unit(
                name, zh, en, row["force"], code, spot, row["members"], 1, row["capabilities"],
                row["base"],
            )  # fmt: skip


def _grid_workers(count: int, land: Land, network: Network) -> Iterator[Unit]:
    """Give one grid worker after another to streets, towns and villages by people living there."""
    homes = _homes(land, network)
    shares = {d["code"]: d["population"] for d in land.names["district"]}
    total = sum(shares.values())
    numbers: dict[str, int] = defaultdict(lambda: 1)  # 1 is the named one
    for n in range(count):
        code = _share(n, count, shares, total)
        own = homes[code]
        zh, en, spots = own[n % len(own)]
        numbers[code] += 1
        spot = spots[n % len(spots)]
        name = f"GRD-{code.upper()}-{numbers[code]:03d}"
        label = f"网格员 {numbers[code]}"
        yield Unit(
            name,
            f"{zh}{label}",
            f"{en} grid worker {numbers[code]}",
            "GRD",
            code,
            spot,
            1,
            0,
            "notify;report",
            zh,
        )


def _share(n: int, count: int, shares: dict[str, int], total: int) -> str:
    mark, seen = (n + 0.5) / count * total, 0
    for code, share in shares.items():
        seen += share
        if mark < seen:
            return code
    return code


def _homes(land: Land, network: Network) -> dict[str, list[tuple[str, str, list[Point]]]]:
    homes: dict[str, list[tuple[str, str, list[Point]]]] = defaultdict(list)
    for code, rows in land.names["street"].items():
        for zh, en, x, y in rows:
            around = Dot(spot_of({"at": (x, y)})).buffer(1400).intersection(_dry(land, code))
            homes[code].append((zh, en, _scatter(14, around, zh)))
    for code, rows in land.names["town"].items():
        for row in rows:
            area = land.towns[row[0]].intersection(_dry(land, code))
            homes[code].append((row[0], row[1], _scatter(14, area, row[0])))
    for village in network.villages:
        for code, district in land.districts.items():
            if contains_xy(district, *village.spot):
                homes[code].append((village.name_zh, village.name_en, [village.spot]))
    return homes


def _dry(land: Land, code: str) -> BaseGeometry:
    return land.districts[code].difference(land.wet)


def _built(land: Land, code: str) -> BaseGeometry:
    """Give the built-up ground of a district."""
    area = land.urban
    for town in land.towns.values():
        area = area.union(town)
    return area.intersection(_dry(land, code).buffer(-150))


def _scatter(count: int, area: BaseGeometry, name: str) -> list[Point]:
    rng, spots = dice(f"spots{name}"), list[Point]()
    west, south, east, north = area.bounds
    while len(spots) < count:
        spot = (rng.uniform(west, east), rng.uniform(south, north))
        if contains_xy(area, *spot):
            spots.append(spot)
    return spots


SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆丽静敏艳娟"


def _with_leader(n: int, unit: Unit, leaders: dict[str, str]) -> Unit:
    rng = dice(f"leader{unit.id}")
    made_up = rng.choice(SURNAMES) + rng.choice(GIVEN)
    return replace(unit, leader=leaders.get(unit.id, made_up), phone=f"6{1000 + n:04d}")


def rows(units: Iterable[Unit]) -> Iterator[Cells]:
    """Give the rows of units.csv."""
    for unit in units:
        lon, lat = lon_lat(unit.spot)
        cells = {key: value for key, value in vars(unit).items() if key != "spot"}
        yield {**cells, "lat": f"{lat:.6f}", "lon": f"{lon:.6f}"}
