"""Meters, datum, ordinary alerts and movement: what outside systems would say."""

import itertools
import random
from xml.etree import ElementTree as Tree

import pytest

from demo import meters, ordinary
from demo.datum import to_gcj02
from demo.folder import Folder, Sensor
from demo.meters import DAY_MS, HOUR_MS
from demo.movement import Fleet, metres

NOON = 1_773_806_400_000  # 2026-03-18 12:00 in Shanghai


def test_the_chinese_datum_lies_half_a_kilometre_off() -> None:
    lat, lon = to_gcj02(39.90733, 116.39123)
    assert lat == pytest.approx(39.908731, abs=2e-6)
    assert lon == pytest.approx(116.397471, abs=2e-6)


def test_a_meter_shows_the_same_value_whenever_it_is_asked(outside: Folder) -> None:
    for sensor in outside.sensors:
        assert meters.value_at(sensor, NOON) == meters.value_at(sensor, NOON)


def test_meters_stay_in_their_band_on_an_ordinary_day(outside: Folder) -> None:
    for sensor in outside.sensors:
        values = [meters.value_at(sensor, NOON + n * 300_000) for n in range(288)]
        inside = [value for value in values if sensor.low <= value <= sensor.high]
        assert len(inside) >= 0.97 * len(values), sensor.id


def test_the_power_load_of_the_city_follows_the_day(outside: Folder) -> None:
    load = [sensor for sensor in outside.sensors if sensor.metric == "power_load"]

    def total(hour: int) -> float:
        return sum(meters.value_at(sensor, NOON + (hour - 12) * HOUR_MS) for sensor in load)

    assert 1300 < total(3) < total(9) < 2800
    assert total(18) > total(3) * 1.25


def test_about_75_ambulances_go_out_a_day() -> None:
    days = [sum(meters.dispatches(NOON + d * DAY_MS + n * 300_000) for n in range(288))
            for d in range(20)]  # fmt: skip
    assert 68 < sum(days) / 20 < 82
    assert len(set(days)) > 5


def test_the_past_is_complete_and_ends_now(outside: Folder) -> None:
    sensor: Sensor = next(s for s in outside.sensors if s.metric == "power_load")
    times = [at for at, _ in meters.past(sensor, 60, NOON + 1234, 24)]
    assert len(times) == 288
    assert times[-1] == NOON
    assert {b - a for a, b in itertools.pairwise(times)} == {300_000}


def test_an_ordinary_day_brings_as_many_alerts_as_the_list_says(outside: Folder) -> None:
    day = ordinary.Day(outside, "one", load=1.0)
    for source in day._sources:
        hours = [day.rate(source, NOON + n * 600_000) for n in range(144)]
        assert sum(hours) / 144 == pytest.approx(source["day"], rel=0.02), source["id"]


def test_the_morning_is_busier_than_the_night(outside: Folder) -> None:
    day = ordinary.Day(outside, "two")
    police = next(source for source in day._sources if source["id"] == "110")
    assert day.rate(police, NOON - 2 * HOUR_MS) > 1.5 * day.rate(police, NOON - 8 * HOUR_MS)


def test_a_report_is_what_the_door_accepts(outside: Folder) -> None:
    day = ordinary.Day(outside, "three", load=5000.0)
    reports = [report for n in range(40) for report in day.roll(NOON + n, 1000)]
    assert {report.source for report in reports} >= {"110", "119", "grid", "park"}
    for report in reports:
        assert 0 < len(report.body["title"]) <= 200
        assert report.body["severity"] in (2, 3, 4)
        assert report.body["expires_at"] > report.body["occurred_at"]
        assert ordinary.closing(report, NOON)["ext_id"] == report.body["ext_id"]
    assert len({report.body["ext_id"] for report in reports}) == len(reports)


def test_a_source_speaks_its_own_datum(outside: Folder) -> None:
    day = ordinary.Day(outside, "four")
    place = outside.spots["PL-HALL"]
    day._rng = random.Random(1)
    there = day._where("grid", place)
    day._rng = random.Random(1)
    here = day._where("110", place)
    off = metres((there["lat"], there["lon"]), (here["lat"], here["lon"]))
    assert 400 < (off[0] ** 2 + off[1] ** 2) ** 0.5 < 700


def test_the_weather_warning_is_one_cap_message_a_day(yunbin, outside: Folder) -> None:
    weather = ordinary.Day(outside, "five").weather
    early, late = NOON, NOON + HOUR_MS
    assert ordinary.warning_of_the_day(weather, yunbin, early) == ordinary.warning_of_the_day(
        weather, yunbin, late
    )
    root = Tree.fromstring(ordinary.warning_of_the_day(weather, yunbin, early))
    space = {"c": "urn:oasis:names:tc:emergency:cap:1.2"}
    assert root.findtext("c:msgType", namespaces=space) == "Alert"
    polygons = root.findall("c:info/c:area/c:polygon", space)
    assert len(polygons) == 10
    for polygon in polygons:
        points = (polygon.text or "").split()
        assert points[0] == points[-1]
        lat, lon = map(float, points[0].split(","))
        assert 37 < lat < 38
        assert 118 < lon < 120


def test_a_unit_that_was_sent_arrives_when_its_speed_says(outside: Folder) -> None:
    fleet = Fleet(outside)
    engine = fleet.movers["FIR-GK-01"]
    goal = outside.spots["PL-TANK-V1203"]
    far = sum(part**2 for part in metres((goal.lat, goal.lon), (engine.lat, engine.lon))) ** 0.5
    fleet.send("FIR-GK-01", goal.lat, goal.lon, far / 100)
    for second in range(99):
        list(fleet.step(float(second), 1.0, NOON))
    assert engine.goal is not None
    for second in range(99, 103):
        list(fleet.step(float(second), 1.0, NOON))
    assert (engine.lat, engine.lon) == (goal.lat, goal.lon)


def test_a_silent_receiver_is_missing_until_it_speaks_again(outside: Folder) -> None:
    fleet = Fleet(outside)
    fleet.silence("ENV-03", 60.0)
    assert "ENV-03" not in {row["unit"] for row in fleet.step(1.0, 1.0, NOON)}
    assert "ENV-03" in {row["unit"] for row in fleet.step(61.0, 1.0, NOON)}


def test_a_thousand_units_walk_and_stay_near_their_base(outside: Folder) -> None:
    fleet = Fleet(outside)
    for n in range(120):
        rows = list(fleet.step(n * 5.0, 5.0, NOON))
    assert len(rows) > 990
    moving = [row for row in rows if row["speed"] > 0]
    assert len(moving) > 300
    for mover in fleet.movers.values():
        away = metres((mover.lat, mover.lon), (mover.unit.lat, mover.unit.lon))
        assert (away[0] ** 2 + away[1] ** 2) ** 0.5 < 5500, mover.unit.id
