"""A city is a folder: read it, check all of it, find places in it."""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from dispatch.areas import District, district_at, read_districts
from dispatch.city_files import CityError, parse, read_rows, read_text, report_doubles
from dispatch.city_records import (
    Camera,
    Drone,
    Person,
    Place,
    Plan,
    Sensor,
    Settings,
    Source,
    Unit,
)
from dispatch.datum import to_wgs84
from dispatch.vocabulary import CITY, Datum, ForceType, Role

__all__ = ["City", "CityError", "Hit", "load"]

Record = TypeVar("Record", Unit, Camera, Drone, Place, Sensor, Source, Person, Plan)
PMTILES = b"PMTiles\x03"
SENSORS, SOURCES, DRONES = "readings.csv", "sources.csv", "drones.csv"


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
        _check(city, problems)
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


def _check(city: City, problems: list[str]) -> None:
    """Check what one row alone cannot know."""
    _check_basemap(city, problems)
    report_doubles((plan.id for plan in city.plans), "plans.json", problems)
    known = set(city.codes)
    wide = known | {CITY}
    for name, rows in _placed(city):
        _check_each(rows, lambda row: row.district in known, name, "district", problems)
    _check_each(city.sensors, lambda row: row.district in wide, SENSORS, "district", problems)
    for name, owners in (("sources.csv", city.sources), ("people.csv", city.people)):
        _check_each(
            owners,
            lambda row: wide.issuperset(row.districts),
            name,
            "districts",
            problems,
        )
    _check_links(city, problems)


def _placed(city: City) -> tuple[tuple[str, Iterable[Any]], ...]:
    return (
        ("units.csv", city.units),
        ("cameras.csv", city.cameras),
        ("places.csv", city.places),
    )


def _check_links(city: City, problems: list[str]) -> None:
    flying = {unit.id for unit in city.units if unit.force_type is ForceType.UAV}
    _check_each(city.drones, lambda row: row.id in flying, DRONES, "id", problems)
    _check_each(
        city.drones, lambda row: bool(row.url) != bool(row.flight_log), DRONES, "url", problems
    )
    units, sources = {u.id for u in city.units}, {s.id for s in city.sources}
    _check_each(city.people, lambda p: _bound(p, units), "people.csv", "unit", problems)
    _check_each(city.sensors, lambda s: s.source in sources, SENSORS, "source", problems)
    _check_each(
        city.sources, lambda s: (s.kind == "mqtt") == bool(s.address), SOURCES, "address", problems
    )
    for plan in city.plans:
        for action in plan.actions:
            if action.unit and action.unit not in units:
                problems.append(f"plans.json {plan.id}.{action.seq}, unit: no unit {action.unit}")


def _bound(person: Person, units: set[str]) -> bool:
    """A responder acts for a known unit, everybody else for none or a known one."""
    needed = person.role is Role.RESPONDER
    return person.unit in units if needed or person.unit else True


def _check_each(
    rows: Iterable[Any],
    holds: Callable[[Any], bool],
    file: str,
    field: str,
    problems: list[str],
) -> None:
    for row in rows:
        if not holds(row):
            value = getattr(row, field)
            shown = ";".join(value) if isinstance(value, tuple) else value
            problems.append(f"{file} id {row.id}, {field}: {shown!r} is not known")


def _check_basemap(city: City, problems: list[str]) -> None:
    chosen = city.settings.map
    if not city.settings.simulated and not chosen.map_review_no:
        problems.append("city.toml, map.map_review_no: a real city's map needs its review number")
    try:
        with city.basemap.open("rb") as file:
            magic = file.read(len(PMTILES))
    except OSError:
        problems.append(f"city.toml, map.basemap: there is no file {chosen.basemap}")
        return
    if magic != PMTILES:
        problems.append(f"city.toml, map.basemap: {chosen.basemap} is not a PMTiles 3 file")


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
