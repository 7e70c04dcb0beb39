"""What is wrong with a city folder that one row alone cannot know."""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dispatch.city_files import report_doubles
from dispatch.city_records import Person
from dispatch.inputs import KEY_ID
from dispatch.vocabulary import CITY, COUNTED, ForceType, Role

if TYPE_CHECKING:
    from dispatch.city import City

PMTILES = b"PMTiles\x03"
SENSORS, SOURCES, DRONES = "readings.csv", "sources.csv", "drones.csv"
DEVICE = "unit."
"""What the key of a responder's own device is called by, before his id."""


def check(city: "City", problems: list[str]) -> None:
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


def _placed(city: "City") -> tuple[tuple[str, Iterable[Any]], ...]:
    return (
        ("units.csv", city.units),
        ("cameras.csv", city.cameras),
        ("places.csv", city.places),
    )


def _check_links(city: "City", problems: list[str]) -> None:
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
    told = f"should be of {', '.join(COUNTED)}"
    counted = set(COUNTED)
    _check_each(
        city.sources, lambda s: counted.issuperset(s.counts), SOURCES, "counts", problems, told
    )
    _check_keys(city, problems)
    for plan in city.plans:
        for action in plan.actions:
            if action.unit and action.unit not in units:
                problems.append(f"plans.json {plan.id}.{action.seq}, unit: no unit {action.unit}")


def _check_keys(city: "City", problems: list[str]) -> None:
    """In a simulated city each responder has a key, which is made of his id."""
    if city.settings.simulated:
        crews = [one for one in city.people if one.role is Role.RESPONDER]
        told = "should be 1 to 35 of the letters A to z, digits, and . - _"
        fits = lambda one: re.fullmatch(KEY_ID, f"{DEVICE}{one.id}") is not None  # noqa: E731
        _check_each(crews, fits, "people.csv", "id", problems, told)


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
    told: str = "is not known",
) -> None:
    for row in rows:
        if not holds(row):
            value = getattr(row, field)
            shown = ";".join(value) if isinstance(value, tuple) else value
            problems.append(f"{file} id {row.id}, {field}: {shown!r} {told}")


def _check_basemap(city: "City", problems: list[str]) -> None:
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


def check_names(raw: Any, record: type[Any], within: str, problems: list[str]) -> None:
    """Name what stands in the settings and means nothing: it is mistyped, and would be missed."""
    known = {one.name for one in fields(record)}
    for name in raw if isinstance(raw, dict) else ():
        if name not in known:
            problems.append(f"city.toml, {within}{name}: there is no such setting")
