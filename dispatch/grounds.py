"""Why a level is asked for: each input of the plan's rule as it was then, met, not met or unknown.

Kept with the proposal, so that later readings change nothing of what was signed.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from dispatch import canonical
from dispatch.city import City
from dispatch.city_records import Plan, PlanInput, PlanLevel, Sensor
from dispatch.geo import distance_m
from dispatch.log import Row, Work
from dispatch.models import alert, reading

FRESH_MS = 600_000  # what a sensor said longer ago than this is no ground
AT_LEAST, AT_MOST = "at_least", "at_most"
ALERTS, PEOPLE = "alerts", "people"  # units in words of our own, where a plan names none


@dataclass(frozen=True)
class Ground:
    """One input. name: {zh, en}, or a word of our own; source: whose word it is.

    unit: as the sensor or the plan says it, else ALERTS or PEOPLE.
    met: None where nothing is known.
    """

    name: dict[str, str] | str
    value: float | None
    unit: str
    source: str
    at: int | None
    sign: str
    threshold: float | None
    met: bool | None


def grounds(work: Work, city: City, row: Row, plan: Plan | None, level: int) -> dict[str, Any]:
    """{enough, inputs}: how many inputs must be met, and each of them."""
    rule = next((one for one in plan.levels if one.level == level), None) if plan else None
    found = [_grade(row, level), _severity(work, row, level)]
    if rule:
        found += [_input(work, city, row, one) for one in rule.inputs]
    named = {one.metric for one in rule.inputs} if rule else set()
    found += list(_readings(work, city, row, named))
    return {"enough": _enough(rule), "inputs": [asdict(one) for one in found]}


def _enough(rule: PlanLevel | None) -> int:
    return rule.enough if rule and rule.inputs else 1


def _grade(row: Row, level: int) -> Ground:
    """What the officer judged the incident to be."""
    grade = int(row["grade"])
    return Ground("grade", grade, "", "", row["opened_at"], AT_MOST, level, grade <= level)


def _severity(work: Work, row: Row, level: int) -> Ground:
    """The worst that any of its alerts said."""
    worst = min(_alerts(work, row), key=lambda one: one["severity"])
    said = int(worst["severity"])
    at = worst["occurred_at"]
    return Ground("severity", said, "", worst["source"], at, AT_MOST, level, said <= level)


def _input(work: Work, city: City, row: Row, asked: PlanInput) -> Ground:
    name = {"zh": asked.zh, "en": asked.en}
    value, unit, source, at = _known(work, city, row, asked)
    sign = AT_LEAST if asked.at_least is not None else AT_MOST
    threshold = asked.at_least if asked.at_least is not None else asked.at_most
    return Ground(name, value, unit, source, at, sign, threshold, _met(value, sign, threshold))


def _known(
    work: Work, city: City, row: Row, asked: PlanInput
) -> tuple[float | None, str, str, int | None]:
    """Value, unit, source and time of what the plan asks for."""
    if asked.kind == "alerts":
        told = _alerts(work, row)
        newest = max(told, key=lambda one: one["received_at"])
        return len(told), asked.unit or ALERTS, newest["source"], newest["received_at"]
    if asked.kind == "fact":
        fact = canonical.loads(row["facts_json"]).get(asked.fact)
        unit = asked.unit or PEOPLE
        return (fact["value"], unit, "", fact["as_of"]) if fact else (None, unit, "", None)
    sensors = [one for one in city.sensors if one.metric == asked.metric]
    near = [one for one in sensors if _away(one, row) <= asked.within_m]
    said = [(value, at, one) for one in near for value, at in _last(work, one)]
    if not said:
        return None, near[0].unit if near else asked.unit, "", None
    worst = max if asked.at_least is not None else min
    value, at, sensor = worst(said, key=lambda one: one[0])
    return value, sensor.unit, sensor.id, at


def _readings(work: Work, city: City, row: Row, named: set[str]) -> Iterator[Ground]:
    """What the alerts themselves measured, against the sensor's own alarm."""
    sensors = {one.id: one for one in city.sensors}
    for one in _alerts(work, row):
        said = canonical.loads(one["reading_json"]) if one["reading_json"] else {}
        value, sensor = said.get("value"), sensors.get(str(said.get("sensor")))
        if not isinstance(value, int | float) or (sensor and sensor.metric in named):
            continue
        unit = str(said.get("unit") or (sensor.unit if sensor else ""))
        name = _both(sensor) if sensor else str(said.get("sensor") or "reading")
        alarm = sensor.alarm if sensor else None
        met = _met(value, AT_LEAST, alarm)
        at = one["occurred_at"]
        yield Ground(_name(name), value, unit, one["source"], at, AT_LEAST, alarm, met)


def _name(name: dict[str, str] | str) -> dict[str, str]:
    return name if isinstance(name, dict) else {"zh": name, "en": name}


def _both(sensor: Sensor) -> dict[str, str]:
    return {"zh": sensor.name_zh, "en": sensor.name_en}


def _met(value: float | None, sign: str, threshold: float | None) -> bool | None:
    if value is None or threshold is None:
        return None
    return value >= threshold if sign == AT_LEAST else value <= threshold


def _away(sensor: Sensor, row: Row) -> float:
    if row["lat"] is None or row["lon"] is None:
        return float("inf")
    return distance_m(sensor.lat, sensor.lon, row["lat"], row["lon"])


def _last(work: Work, sensor: Sensor) -> list[tuple[float, int]]:
    """The sensor's last word, if it is fresh."""
    query = (
        select(reading.c.value, reading.c.at)
        .where(
            reading.c.realm == work.realm,
            reading.c.sensor == sensor.id,
            reading.c.at.between(work.now - FRESH_MS, work.now),
        )
        .order_by(reading.c.at.desc())
        .limit(1)
    )
    return [(float(value), int(at)) for value, at in work.connection.execute(query)]


def _alerts(work: Work, row: Row) -> list[Row]:
    ids = canonical.loads(row["alerts_json"])
    return work.rows(alert, alert.c.id.in_(ids))
