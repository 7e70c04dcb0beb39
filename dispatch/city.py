"""A city is a folder: read it, check all of it, find places in it."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from dispatch.areas import District, district_at, read_districts
from dispatch.city_checks import check, check_names
from dispatch.city_files import CityError, parse, read_rows, read_text, report_doubles
from dispatch.city_records import (
    Camera,
    Drone,
    MapSettings,
    Person,
    Place,
    Plan,
    Sensor,
    Settings,
    Source,
    Unit,
)
from dispatch.datum import to_wgs84
from dispatch.vocabulary import Datum

__all__ = ["City", "CityError", "Hit", "load"]

Record = TypeVar("Record", Unit, Camera, Drone, Place, Sensor, Source, Person, Plan)
SENSORS, DRONES = "readings.csv", "drones.csv"


@dataclass(frozen=True)
class Hit:
    """One answer of the search for a place; kind is a place's own, or unit, camera, district."""

    kind: str
    id: str
    name_zh: str
    name_en: str
    district: str
    lat: float
    lon: float


@dataclass(frozen=True)
class City:
    """Everything a city folder says."""

    folder: Path
    settings: Settings
    districts: tuple[District, ...]
    units: tuple[Unit, ...]
    cameras: tuple[Camera, ...]
    sources: tuple[Source, ...]
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    sensors: tuple[Sensor, ...]
    plans: tuple[Plan, ...]
    drones: tuple[Drone, ...] = ()

    @property
    def basemap(self) -> Path:
        return self.folder / self.settings.map.basemap

    @property
    def codes(self) -> tuple[str, ...]:
        """District codes, in the order of the file."""
        return tuple(one.code for one in self.districts)

    def district_at(self, lat: float, lon: float) -> str | None:
        """Give the code of the district that holds the point, None outside the city."""
        return district_at(self.districts, lat, lon)

    def plans_for(self, category: str, kind: str) -> list[Plan]:
        """Give the plans that fit, the one that names the type first."""
        fitting = [plan for plan in self.plans if plan.fit(category, kind)]
        return sorted(fitting, key=lambda plan: -plan.fit(category, kind))

    def search(self, text: str, limit: int = 10, kind: str = "") -> list[Hit]:
        """Find places, districts, units and cameras by part of a name or id, or one kind of them.

        Whole names come first, then names that begin so, then those that hold the text.
        """
        wanted = _fold(text)
        if not wanted:
            return []
        hits = (hit for hit in self._hits() if kind in ("", hit.kind))
        ranked = ((_rank(hit, wanted), n, hit) for n, hit in enumerate(hits))
        return [hit for rank, _, hit in sorted(r for r in ranked if r[0] < 3)[:limit]]

    def _hits(self) -> Iterator[Hit]:
        for place in self.places:
            yield _hit(place.kind, place)
        for area in self.districts:
            names = (area.code, area.name_zh, area.name_en, area.code)
            yield Hit("district", *names, area.lat, area.lon)
        for unit in self.units:
            yield _hit("unit", unit)
        for camera in self.cameras:
            yield _hit("camera", camera)


def load(folder: Path | str) -> City:
    """Read and check a city folder; CityError names every file, row and field that is wrong."""
    root, problems = Path(folder), list[str]()
    if not root.is_dir():
        raise CityError(root, ["the folder does not exist"])
    settings = _read_settings(root, problems)
    city = _read(root, settings, problems)
    if city is not None:
        check(city, problems)
    if problems or city is None:
        raise CityError(root, problems)
    return city


def _read(root: Path, settings: Settings | None, problems: list[str]) -> City | None:
    districts = tuple(read_districts(root / "districts.geojson", problems))
    report_doubles((one.code for one in districts), "districts.geojson", problems)

    def table(name: str, record: type[Record]) -> tuple[Record, ...]:
        rows = tuple(read_rows(root / name, record, problems))
        report_doubles((row.id for row in rows), name, problems)
        return rows

    units = table("units.csv", Unit)
    cameras = tuple(_placed_camera(one) for one in table("cameras.csv", Camera))
    sources, people = table("sources.csv", Source), table("people.csv", Person)
    places, sensors = table("places.csv", Place), table(SENSORS, Sensor)
    plans = tuple(_read_plans(root / "plans.json", problems))
    drones = table(DRONES, Drone) if (root / DRONES).exists() else ()
    if settings is None:
        return None
    records = (units, cameras, sources, people, places, sensors, plans, drones)
    return City(root, settings, districts, *records)


def _placed_camera(one: Camera) -> Camera:
    """The camera with its place in WGS-84, whatever it stood in."""
    lat, lon = to_wgs84(one.lat, one.lon, one.datum)
    return replace(one, lat=lat, lon=lon, datum=Datum.WGS84)


def _read_settings(root: Path, problems: list[str]) -> Settings | None:
    text = read_text(root / "city.toml", problems)
    if text is None:
        return None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"city.toml: {error}")
        return None
    check_names(raw, Settings, "", problems)
    check_names(raw.get("map"), MapSettings, "map.", problems)
    return parse(Settings, raw, "city.toml", problems)


def _read_plans(path: Path, problems: list[str]) -> Iterator[Plan]:
    text = read_text(path, problems)
    try:
        raw: Any = json.loads(text) if text else []
    except ValueError as error:
        problems.append(f"plans.json: {error}")
        return
    if not isinstance(raw, list):
        problems.append("plans.json: should be a list of plans")
        return
    for n, one in enumerate(raw, 1):
        plan = parse(Plan, one, f"plans.json plan {n}", problems)
        if plan is not None:
            report_doubles((str(a.seq) for a in plan.actions), f"plans.json {plan.id}", problems)
            yield plan


def _hit(kind: str, row: Any) -> Hit:
    return Hit(kind, row.id, row.name_zh, row.name_en, row.district, row.lat, row.lon)


def _rank(hit: Hit, wanted: str) -> int:
    """Give 0 for a whole name, 1 for its beginning, 2 for any part, 3 for none."""
    names = [_fold(name) for name in (hit.name_zh, hit.name_en, hit.id)]
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    return 2 if any(wanted in name for name in names) else 3


def _fold(text: str) -> str:
    return "".join(text.casefold().split())
