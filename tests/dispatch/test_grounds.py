"""Why a level is asked for: inputs as they were when it was asked, met, not met or unknown."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from dispatch.city import City
from dispatch.city_records import PlanInput, PlanLevel, Sensor, Text
from dispatch.database import Database
from dispatch.grounds import ALERTS, PEOPLE
from dispatch.models import reading
from dispatch.vocabulary import REAL, Level
from tests.dispatch.centre import Centre

GAS = Sensor("m-1", "探头", "Probe", "gas", "e", 37.05, 118.05, "gas", "ppm", 0, 10, 30)
FAR = replace(GAS, id="m-2", lat=37.09, lon=118.19)


@pytest.fixture
def centre(database: Database, city: City) -> Any:
    none = Text("", "")
    inputs = (
        PlanInput("reading", "浓度", "Gas", at_least=30, metric="gas", within_m=1000),
        PlanInput("alerts", "告警数", "Alerts", at_least=2),
        PlanInput("fact", "伤亡", "Injured", at_least=1, fact="serious", unit="人"),
        PlanInput("fact", "转移", "Moved", at_least=50, fact="moved"),
    )
    level = PlanLevel(Level.III, none, none, inputs, enough=2)
    plan = replace(city.plans[0], levels=(level,))
    opened = Centre(database, replace(city, plans=(plan,), sensors=(GAS, FAR)))
    yield opened
    opened.writer.close()


def asked(centre: Centre, **said: Any) -> dict[str, Any]:
    incident, _ = centre.incident(grade=3, **said)
    id = centre.war(incident, "e", level=3, who="lead")
    found: dict[str, Any] = json.loads(centre.row(id)["grounds_json"])
    return found


def by_name(found: dict[str, Any]) -> dict[str, Any]:
    names = (one["name"] for one in found["inputs"])
    keys = [name if isinstance(name, str) else name["en"] for name in names]
    return dict(zip(keys, found["inputs"], strict=True))


def said(centre: Centre, sensor: str, value: float, ago_s: int) -> None:
    row = {"realm": REAL, "sensor": sensor, "at": centre.now - ago_s * 1000, "value": value}
    row |= {"received_at": centre.now, "quality": "measured", "source": "gas"}
    centre.database.write(lambda c: c.execute(insert(reading), [row]))


def test_each_input_says_its_value_source_time_threshold_and_whether_it_is_met(
    centre: Centre,
) -> None:
    said(centre, "m-1", 34.0, 60)
    said(centre, "m-2", 99.0, 60)
    found = asked(centre)
    assert found["enough"] == 2
    inputs = by_name(found)
    assert inputs["Gas"] == {
        "name": {"zh": "浓度", "en": "Gas"}, "value": 34.0, "unit": "ppm", "source": "m-1",
        "at": centre.now - 60_000, "sign": "at_least", "threshold": 30, "met": True,
    }  # fmt: skip
    assert (inputs["Alerts"]["value"], inputs["Alerts"]["met"]) == (1, False)
    assert (inputs["Injured"]["value"], inputs["Injured"]["met"]) == (None, None)
    assert (inputs["grade"]["value"], inputs["grade"]["met"]) == (3, True)
    assert (inputs["severity"]["value"], inputs["severity"]["met"]) == (2, True)


def test_an_input_has_its_unit_before_anything_is_reported(centre: Centre) -> None:
    inputs = by_name(asked(centre))
    assert {inputs[one]["value"] for one in ("Gas", "Injured")} == {None}
    units = [inputs[one]["unit"] for one in ("Gas", "Alerts", "Injured", "Moved")]
    assert units == ["ppm", ALERTS, "人", PEOPLE]


def test_what_a_sensor_said_long_ago_is_no_ground(centre: Centre) -> None:
    said(centre, "m-1", 34.0, 601)
    assert by_name(asked(centre))["Gas"]["met"] is None


def test_later_readings_change_nothing_of_what_was_signed(centre: Centre) -> None:
    incident, _ = centre.incident(grade=3)
    id = centre.war(incident, "e", level=3, who="lead")
    before = centre.row(id)["grounds_json"]
    said(centre, "m-1", 90.0, 0)
    centre.does("leader", "activation.sign", activation=id)
    assert centre.row(id)["grounds_json"] == before


def test_an_alerts_own_reading_counts_where_the_plan_asks_for_none(centre: Centre) -> None:
    found = asked(centre, reading={"sensor": "x-9", "value": 7, "unit": "V"})
    one = by_name(found)["x-9"]
    assert (one["value"], one["unit"], one["met"]) == (7, "V", None)
