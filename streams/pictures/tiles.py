"""Indicators as tiles: value, age, band, target, the last 24 hours, and the rows behind them."""

from typing import Any

from sqlalchemy import Select, and_, func, select

from dispatch.models import metric_value
from streams.daytime import DAY
from streams.freshness import freshness
from streams.indicators import keep
from streams.indicators.facts import Facts
from streams.indicators.metric import Metric
from streams.indicators.registry import METRICS
from streams.look import Look, Row
from streams.pictures.picture import Picture
from streams.view import Moment, View

BUCKET = 1_800_000  # half an hour: 48 points of a trend
OWN_PERIOD_S = 60.0  # how often the product's own records are counted


def indicators(look: Look, view: View) -> dict[str, Any]:
    """{tiles}: one per indicator, in the order of the registry."""
    facts = Facts(look)
    scope = keep.name(view.scope)
    last = {row["metric"]: row for row in look.all(_newest(look, scope))}
    trends = _trends(look, scope)
    return {
        "tiles": [
            _tile(facts, metric, view, last.get(metric.id), trends) for metric in METRICS.values()
        ]
    }


def _tile(
    facts: Facts, metric: Metric, view: View, row: Row | None, trends: dict[str, dict[int, Any]]
) -> Row:
    look = facts.look
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
        "period_s": period,
        "low": band.low,
        "high": band.high,
        "scale_low": band.scale_low,
        "scale_high": band.scale_high,
        "target": metric.target,
        "direction": metric.direction,
        "trend": _trend(trends.get(metric.id, {}), look.moment.now),
        "off_target": metric.off_target(value, band),
        "rows": row["rows"] if row else 0,
    }


def _source(facts: Facts, metric: Metric, view: View) -> tuple[dict[str, str], float]:
    """Whose word the indicator is, and how often it normally comes (seconds)."""
    names = facts.look.names
    sensors = facts.sensors(metric.sensor, view.scope) if metric.sensor else []
    id = metric.source or (sensors[0].source if sensors else "")
    if id:
        return names.source(id), facts.period_s(id)
    if metric.sensor:
        return names.text("source.missing"), OWN_PERIOD_S
    return names.text("source.own"), OWN_PERIOD_S


def _in(look: Look, scope: str, start: int) -> Any:
    values = metric_value.c
    return and_(
        values.realm == look.moment.realm,
        values.metric.in_(list(METRICS)),
        values.scope == scope,
        values.at.between(start, look.moment.now),
    )


def _newest(look: Look, scope: str) -> Select[Any]:
    """The last value of each indicator within a day."""
    return _at_most(look, scope, [metric_value.c.metric])


def _at_most(look: Look, scope: str, groups: list[Any]) -> Select[Any]:
    """The newest row of each group within a day."""
    values = metric_value.c
    inside = _in(look, scope, look.moment.now - DAY)
    last = select(values.metric, func.max(values.at).label("at")).where(inside).group_by(*groups)
    newest = last.subquery()
    same = and_(values.metric == newest.c.metric, values.at == newest.c.at)
    whose = and_(values.realm == look.moment.realm, values.scope == scope)
    return select(metric_value).join(newest, same).where(whose)


def _trends(look: Look, scope: str) -> dict[str, dict[int, Any]]:
    """indicator -> number of the half hour -> its last value."""
    half_hour = metric_value.c.at.op("/")(BUCKET)
    found: dict[str, dict[int, Any]] = {}
    for row in look.all(_at_most(look, scope, [metric_value.c.metric, half_hour])):
        found.setdefault(row["metric"], {})[row["at"] // BUCKET] = row["value"]
    return found


def _trend(known: dict[int, Any], now: int) -> list[list[Any]]:
    """[[end of the half hour, value or None], ...] of 24 hours, oldest first."""
    newest = now // BUCKET
    first = newest - DAY // BUCKET + 1
    return [[(n + 1) * BUCKET, known.get(n)] for n in range(first, newest + 1)]


def indicator_rows(look: Look, view: View) -> dict[str, Any]:
    """{columns, rows}: what the tile of the subject counted, no more and no less."""
    metric = METRICS.get(view.subject)
    if metric is None:
        return {"columns": [], "rows": []}
    scope = keep.name(view.scope)
    last = [row for row in look.all(_newest(look, scope)) if row["metric"] == metric.id]
    if not last:
        return {"columns": _columns(look, metric), "rows": []}
    then = last[0]["at"]
    seen = look.board.look(
        look.connection, Moment(keep.seq_at(look.connection, then), then, look.moment.realm)
    )
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
