"""A small city and its people, and a command centre that works on a store of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shapely.geometry import box, mapping

from dispatch.areas import District
from dispatch.city import City
from dispatch.city_records import (
    MapSettings,
    Person,
    Plan,
    PlanAction,
    Settings,
    Source,
    Text,
    Unit,
)
from dispatch.database import Database
from dispatch.vocabulary import (
    Category,
    Datum,
    ForceType,
    OrderKind,
    Priority,
    Role,
)
from tests.dispatch.centre import Centre


def _district(code: str, west: float) -> District:
    area = box(west, 37.0, west + 0.1, 37.1)
    return District(code, code, code, 1000, mapping(area), area)


def _unit(id: str, force: ForceType, district: str, lat: float, lon: float, *tags: str) -> Unit:
    return Unit(id, id, id, force, district, lat, lon, 6, 1, capabilities=tags)


def _person(id: str, role: Role, *districts: str, unit: str = "") -> Person:
    return Person(id, id, id, role, districts, unit=unit)


UNITS = (
    _unit("FIR-E-01", ForceType.FIR, "e", 37.05, 118.05, "hazmat", "pump"),
    _unit("FIR-E-02", ForceType.FIR, "e", 37.06, 118.06, "pump"),
    _unit("FIR-W-01", ForceType.FIR, "w", 37.05, 118.15, "hazmat", "pump"),
    _unit("POL-E-01", ForceType.POL, "e", 37.04, 118.04),
    _unit("POL-E-02", ForceType.POL, "e", 37.09, 118.09),
    _unit("MED-E-01", ForceType.MED, "e", 37.02, 118.02),
)
PEOPLE = (
    _person("leader", Role.LEADER, "city"),
    _person("leader-2", Role.LEADER, "city"),
    _person("lead", Role.SHIFT_LEAD, "city"),
    _person("lead-e", Role.SHIFT_LEAD, "e"),
    _person("officer", Role.OFFICER, "city"),
    _person("officer-e", Role.OFFICER, "e"),
    _person("officer-w", Role.OFFICER, "w"),
    _person("wall", Role.WALL, "city"),
    _person("admin", Role.ADMIN, "city"),
    *(_person(f"crew-{u.id}", Role.RESPONDER, u.district, unit=u.id) for u in UNITS),
)


def _action(seq: int, force: ForceType, capability: str = "") -> PlanAction:
    return PlanAction(
        seq,
        "initial",
        OrderKind.DISPATCH,
        f"第{seq}步",
        f"step {seq}",
        force,
        0,
        10,
        Priority.FLASH,
        capability=capability,
    )


PLAN = Plan(
    "leak",
    "泄漏",
    "Leak",
    types=("leak",),
    triggers=(),
    levels=(),
    actions=(
        _action(1, ForceType.FIR, "hazmat"),
        _action(2, ForceType.FIR),
        _action(3, ForceType.POL),
        _action(4, ForceType.POL),
        _action(5, ForceType.ENV),
    ),
    end_conditions=(Text("不再泄漏", "The leak is closed"),),
    category=Category.ACCIDENT,
)


@pytest.fixture(scope="session")
def city() -> City:
    return small_city()


def small_city() -> City:
    """Districts e and w side by side, six units, one plan."""
    settings = Settings(
        "小城",
        "Smalltown",
        "中心",
        "Centre",
        1000,
        True,
        "Asia/Shanghai",
        MapSettings(37.05, 118.1, 10, "base.pmtiles", "示意", "sketch"),
        counts={},
    )
    source = Source("gas", "气体", "Gas", "org", "json", Datum.WGS84, 60, ("e",))
    districts = (_district("e", 118.0), _district("w", 118.1))
    return City(Path(), settings, districts, UNITS, (), (source,), PEOPLE, (), (), (PLAN,))


@pytest.fixture
def centre(database: Database, city: City) -> Iterator[Centre]:
    opened = Centre(database, city)
    yield opened
    opened.writer.close()
