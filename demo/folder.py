"""What the player needs of a city folder, read straight from its files."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    id: str
    name: str
    kind: str
    district: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Unit:
    id: str
    force: str
    district: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Sensor:
    id: str
    metric: str
    source: str
    low: float
    high: float


@dataclass(frozen=True)
class Source:
    id: str
    kind: str
    datum: str
    period_s: float


@dataclass(frozen=True)
class Folder:
    """The parts of a city that outside systems know."""

    places: dict[str, list[Place]]
    spots: dict[str, Place]
    units: dict[str, Unit]
    sensors: list[Sensor]
    sources: dict[str, Source]


def read(path: Path) -> Folder:
    """Read the folder; it was checked by the product, so a fault here is simply raised."""
    spots = [_place(row) for row in _rows(path / "places.csv")]
    places: dict[str, list[Place]] = defaultdict(list)
    for spot in spots:
        places[spot.kind].append(spot)
    units = [_unit(row) for row in _rows(path / "units.csv")]
    sources = [_source(row) for row in _rows(path / "sources.csv")]
    return Folder(
        dict(places),
        {spot.id: spot for spot in spots},
        {unit.id: unit for unit in units},
        [_sensor(row) for row in _rows(path / "readings.csv")],
        {source.id: source for source in sources},
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("id")]


def _place(row: dict[str, str]) -> Place:
    where = (float(row["lat"]), float(row["lon"]))
    return Place(row["id"], row["name_zh"], row["kind"], row["district"], *where)


def _unit(row: dict[str, str]) -> Unit:
    where = (float(row["lat"]), float(row["lon"]))
    return Unit(row["id"], row["force_type"], row["district"], *where)


def _sensor(row: dict[str, str]) -> Sensor:
    low, high = float(row["normal_low"] or 0), float(row["normal_high"] or 1)
    return Sensor(row["id"], row["metric"], row["source"], low, high)


def _source(row: dict[str, str]) -> Source:
    return Source(row["id"], row["kind"], row["datum"], float(row["period_s"]))
