"""The weather as the city's own stations say it, with its time and freshness."""

from typing import Any

from streams.freshness import freshness
from streams.indicators.facts import Facts, in_scope
from streams.look import Look, Row
from streams.pictures.picture import Picture
from streams.view import View

METRICS = ("temperature", "wind_speed", "wind_dir")


def weather(look: Look, view: View) -> dict[str, Any]:
    """{temperature, wind_speed, wind_dir}: the newest reading of each, None without a station."""
    facts = Facts(look)
    return {metric: _newest(facts, metric, view) for metric in METRICS}


def _newest(facts: Facts, metric: str, view: View) -> Row | None:
    sensors = {one.id: one for one in facts.sensors(metric, view.scope)}
    if not sensors:
        return None
    rows = in_scope(facts.latest(metric), view.scope)
    if not len(rows):
        return None
    last = rows.sort_values("at").iloc[-1]
    sensor, at = sensors[last["sensor"]], int(last["at"])
    fresh = freshness(at, facts.period_s(sensor.source), facts.now)
    return {
        "value": float(last["value"]),
        "unit": sensor.unit,
        "at": at,
        "source": facts.look.names.source(sensor.source),
        "freshness": fresh,
    }


PICTURES = (Picture("weather", weather, every_s=15.0),)
