"""The small city with sources and sensors, and looks at its store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.city import City
from dispatch.city_records import MapSettings, Sensor, Settings, Source
from dispatch.database import Database
from dispatch.log import head
from dispatch.vocabulary import REAL, Datum, Role
from layouts.texts import LANGUAGES, Texts
from streams.look import Board
from streams.pictures import take
from streams.view import Moment, View
from tests.conftest import ENGINES
from tests.dispatch.centre import Centre
from tests.dispatch.conftest import PEOPLE, PLAN, UNITS, _district
from tests.streams.redis_server import Server

Take = Callable[..., dict[str, Any]]
CITY_DESK = View(Role.OFFICER, ("city",))
EAST_DESK = View(Role.OFFICER, ("e",))
WEST_DESK = View(Role.OFFICER, ("w",))


def _source(
    id: str, kind: Any, period: float, *districts: str, datum: Datum = Datum.WGS84, counts: str = ""
) -> Source:
    names = (f"{id}源", f"Source {id}")
    counted = (counts,) if counts else ()
    where = districts or ("city",)
    return Source(id, *names, "org", kind, datum, period, where, counts=counted)


def _sensor(id: str, metric: str, district: str, source: str, low: float, high: float) -> Sensor:
    west = {"e": 118.05, "w": 118.15}.get(district, 118.1)
    return Sensor(
        id=id,
        name_zh=id,
        name_en=id,
        metric=metric,
        unit="",
        district=district,
        lat=37.05,
        lon=west,
        source=source,
        normal_low=low,
        normal_high=high,
    )


SOURCES = (
    _source("gas", "json", 60, "e"),
    _source("grid", "json", 900, datum=Datum.GCJ02),
    _source("110", "json", 1800, counts="calls_110"),
    _source("119", "json", 21_600, counts="calls_119"),
    _source("park", "json", 60, "e", counts="hazmat_alarms"),
    _source("120", "readings", 300),
    _source("power", "readings", 60),
    _source("water", "readings", 60),
    _source("traffic", "readings", 300),
    _source("weather", "cap", 300),
    _source("iot", "redis", 60),
    _source("positions", "positions", 5, datum=Datum.GCJ02),
)
SENSORS = (
    _sensor("m.power.e", "power_load", "e", "power", 100, 200),
    _sensor("m.power.w", "power_load", "w", "power", 300, 600),
    _sensor("m.water.e", "water_pressure", "e", "water", 0.28, 0.4),
    _sensor("m.water.w", "water_pressure", "w", "water", 0.28, 0.4),
    _sensor("m.traffic.e", "traffic_index", "e", "traffic", 1.0, 1.8),
    _sensor("m.120", "dispatch_120", "city", "120", 0, 4),
)


@pytest.fixture(scope="session")
def city() -> City:
    """Districts e and w side by side, six units, one plan, every kind of source."""
    place = MapSettings(37.05, 118.1, 10, "base.pmtiles", "示意", "sketch")
    settings = Settings(
        "小城", "Smalltown", "中心", "Centre", 2000, True, "Asia/Shanghai", place, counts={}
    )
    districts = (_district("e", 118.0), _district("w", 118.1))
    return City(Path(), settings, districts, UNITS, (), SOURCES, PEOPLE, (), SENSORS, (PLAN,))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Modules marked `both_stores` run on PostgreSQL too: the words are the same, the store's ways
    are not."""
    if (
        metafunc.definition.get_closest_marker("both_stores")
        and "store_url" in metafunc.fixturenames
    ):
        metafunc.parametrize("store_url", ENGINES, indirect=True)


@pytest.fixture
def store_url(request: pytest.FixtureRequest) -> str:
    """SQLite, where nothing else is asked for."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
def centre(database: Database, city: City) -> Iterator[Centre]:
    opened = Centre(database, city)
    yield opened
    opened.writer.close()


def words(key: str) -> dict[str, str]:
    """The product's own texts, as the composition root hands them down."""
    return {lang: Texts(lang)(key) for lang in LANGUAGES}


@pytest.fixture
def board(city: City) -> Board:
    return Board(city, words)


@pytest.fixture
def picture(centre: Centre, board: Board) -> Take:
    """Takes a picture by name: live, or at an earlier moment of the log."""

    def look(
        name: str, view: View = CITY_DESK, seq: int | None = None, now: int | None = None,
        realm: str = REAL,
    ) -> dict[str, Any]:  # fmt: skip
        def read(connection: Any) -> dict[str, Any]:
            number = head(connection) if seq is None else seq
            moment = Moment(number, centre.now if now is None else now, realm)
            return take(board.look(connection, moment), name, view)

        return centre.database.read(read)

    return look


@pytest.fixture
def server() -> Iterator[Server]:
    """A Redis of the test's own."""
    made = Server()
    made.start()
    yield made
    made.close()
