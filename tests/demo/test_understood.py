"""What the player sends is understood by the product's own readers, and lands where it should."""

from pathlib import Path

import pytest

from demo import ordinary, scenario
from demo.doors import Doors, Keys
from demo.folder import Folder
from demo.movement import Fleet
from demo.scenario import Stage
from dispatch import city as cities
from dispatch.city import City
from streams.sources import cap, json_alert

NOON = 1_773_806_400_000  # 2026-03-18 12:00 in Shanghai


@pytest.fixture(scope="module")
def city(yunbin: Path) -> City:
    return cities.load(yunbin)


def test_ordinary_alerts_and_their_ends_land_in_the_district_they_name(
    city: City, outside: Folder
) -> None:
    day = ordinary.Day(outside, "understood", load=4000.0)
    reports = [report for n in range(40) for report in day.roll(NOON + n, 1000)]
    strayed = 0
    for report in reports:
        read = json_alert.read(report.body, city)
        strayed += city.district_at(read.lat or 0, read.lon or 0) != report.body["district"]
        assert json_alert.read(ordinary.closing(report, NOON), city).kind == "cancel"
    assert len(reports) > 150
    assert strayed < 0.03 * len(reports), "a few stand across a border, not all across the datum"


def test_the_drills_alerts_are_understood(city: City, outside: Folder) -> None:
    drill = scenario.read(Path("demo/scenarios/d1.json"), outside)
    stage = Stage(drill, outside, Fleet(outside), Doors("http://127.0.0.1", Keys({})))
    events = [event for event in drill.events if event["kind"] == "ALERT"]
    read = [json_alert.read(stage.message(event, NOON), city) for event in events]
    assert {alert.type for alert in read} == {"hazmat_leak", "other"}
    assert all(city.district_at(alert.lat or 0, alert.lon or 0) == "gk" for alert in read)
    first = read[0]
    assert first.reading == {"sensor": "GT-207", "value": 68.0, "unit": "ppm", "limit": 50.0}
    assert city.plans_for(first.category, first.type)[0].id == "PLAN-CHEM"


@pytest.mark.parametrize("hour", [-12, -11, 0, 5, 9, 11])
def test_the_weather_warning_is_understood_at_any_hour(
    city: City, yunbin: Path, outside: Folder, hour: int
) -> None:
    now = NOON + hour * 3_600_000 + 60_000
    weather = ordinary.Day(outside, "weather").weather
    source = next(one for one in city.sources if one.id == "weather")
    read = cap.read(ordinary.warning_of_the_day(weather, yunbin, now).encode(), source, city, now)
    assert read.severity == 4
    assert read.expires_at is not None
    assert read.expires_at > now
    assert read.geometry is not None
