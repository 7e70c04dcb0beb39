"""Indicators as tiles: value, age, band, target, the last 24 hours, and the rows behind them."""

from typing import Any

from streams.freshness import freshness, valid_until
from streams.indicators import keep
from streams.indicators.facts import Facts
from streams.indicators.kept import newest, trend
from streams.indicators.metric import Metric
from streams.indicators.registry import METRICS
from streams.look import Look, Row
from streams.pictures.picture import Picture
from streams.view import Moment, View

OWN_PERIOD_S = 60.0  # how often the product's own records are counted


def indicators(look: Look, view: View) -> dict[str, Any]:
    """{tiles}: one per indicator, in the order of the registry."""
    facts = Facts(look)
    scope = keep.name(view.scope)
    return {"tiles": [_tile(facts, metric, view, scope) for metric in METRICS.values()]}


def _tile(facts: Facts, metric: Metric, view: View, scope: str) -> Row:
    look = facts.look
    row = newest(look, metric.id, scope)
    band = metric.band.times(metric.share(facts, view.scope))
    source, period = _source(facts, metric, view)
    as_of = row["as_of"] if row else None
    fresh = freshness(as_of, period, look.moment.now)
    measured = row["value"] if row else None
    value = measured if fresh in ("ok", "late") else None
    return {
        "id": metric.id,
        "name": look.names.text(f"metric.{metric.id}.name"),
        "unit": look.names.text(f"metric.{metric.id}.unit"),
        "value": value,
        "last_value": measured,
        "as_of": as_of,
        "measured_at": row["at"] if row else None,
        "source": source,
        "freshness": fresh,
        "valid_until": valid_until(as_of, period),
        "period_s": period,
        "low": band.low,
        "high": band.high,
        "scale_low": band.scale_low,
        "scale_high": band.scale_high,
        "target": metric.target,
        "direction": metric.direction,
        "trend": trend(look, metric.id, scope),
        "off_target": metric.off_target(value, band),
        "rows": row["rows"] if row else 0,
    }


def _source(facts: Facts, metric: Metric, view: View) -> tuple[dict[str, str], float]:
    """Whose word the indicator is, and how often it normally comes (seconds)."""
    names = facts.look.names
    sensors = facts.sensors(metric.sensor, view.scope) if metric.sensor else []
    ids = facts.counted(metric.id) if metric.counts else [one.source for one in sensors]
    if ids:
        return names.source(ids[0]), facts.period_s(ids[0])
    if metric.sensor or metric.counts:
        return names.text("source.missing"), OWN_PERIOD_S
    return names.text("source.own"), OWN_PERIOD_S


def indicator_rows(look: Look, view: View) -> dict[str, Any]:
    """{columns, rows}: what the tile of the subject counted, no more and no less."""
    metric = METRICS.get(view.subject)
    if metric is None:
        return {"columns": [], "rows": []}
    scope = keep.name(view.scope)
    last = newest(look, metric.id, scope)
    if last is None:
        return {"columns": _columns(look, metric), "rows": []}
    then = last["at"]
    moment = Moment(keep.seq_at(look.connection, then), then, look.moment.realm)
    seen = look.board.look(look.connection, moment)
    rows = metric.measure(Facts(seen), view.scope).rows
    shown = rows[list(metric.columns)].astype(object)
    return {
        "columns": _columns(look, metric),
        "rows": [_named(look, metric, line) for line in shown.values.tolist()],
        "measured_at": then,
    }


def _named(look: Look, metric: Metric, line: list[Any]) -> Row:
    """A row by its columns; a district by its name."""
    found = dict(zip(metric.columns, line, strict=True))
    if "district" in found:
        found["district"] = look.names.districts([found["district"]])[0]
    return found


def _columns(look: Look, metric: Metric) -> list[Row]:
    return [{"id": one, "name": look.names.text(f"column.{one}")} for one in metric.columns]


PICTURES = (
    Picture("indicators", indicators, every_s=5.0),
    Picture("indicator_rows", indicator_rows, every_s=5.0, by_subject=True),
)
