"""The small city with cameras and a drone, and a command centre in it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dispatch.city import City
from dispatch.city_records import Camera, Unit
from dispatch.database import Database
from dispatch.vocabulary import ForceType
from tests.dispatch.centre import Centre
from tests.dispatch.conftest import small_city

DRONE = Unit("UAV-E-1", "东区无人机 1", "East drone 1", ForceType.UAV, "e", 37.051, 118.052, 2, 1)


def camera(id: str, lat: float, lon: float, heading: float, fov: float = 60) -> Camera:
    district = "e" if lon < 118.1 else "w"
    names = (f"{id} 镜头", f"Camera {id}")
    return Camera(id, *names, district, lat, lon, heading, fov, url=f"cam/{id}")


CAMERAS = (
    camera("C1", 37.052, 118.05, 180),  # 220 m to the north of the leak, looks at it
    camera("C2", 37.0508, 118.05, 0),  # 90 m to the north, looks away
    camera("C3", 37.05, 118.053, 270),  # 270 m to the east, looks at it
    camera("C4", 37.056, 118.056, 0),
    camera("C5", 37.045, 118.05, 0),  # 560 m to the south, looks at it
    camera("C6", 37.06, 118.15, 90),  # in the other district
)


@pytest.fixture(scope="session")
def city() -> City:
    plain = small_city()
    return replace(plain, cameras=CAMERAS, units=(*plain.units, DRONE))


@pytest.fixture
def centre(database: Database, city: City) -> Iterator[Centre]:
    opened = Centre(database, city)
    yield opened
    opened.writer.close()
