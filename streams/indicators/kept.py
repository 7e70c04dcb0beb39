"""Values that were kept: the last one before a moment, and the last of each half hour."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, select

from dispatch.models import metric_value
from streams.daytime import DAY
from streams.look import Look, Row

BUCKET = 1_800_000  # half an hour: 48 points of a trend
SEEN = "source_seen"  # the series of sources' counters, a row each 15 s; scope is the source


def newest(look: Look, metric: str, scope: str) -> Row | None:
    """The last value of an indicator within a day, or None."""
    found = look.connection.execute(_newest_query(), _asked(look, metric, scope)).mappings()
    row = found.first()
    return dict(row) if row else None


def trend(look: Look, metric: str, scope: str) -> list[list[Any]]:
    """[[end of the half hour, its last value or None], ...] of 24 hours, oldest first."""
    last = look.moment.now // BUCKET * BUCKET
    asked = {**_asked(look, metric, scope), "first": last - DAY + BUCKET, "last": last}
    return [list(row) for row in look.connection.execute(_trend_query(), asked)]


def _asked(look: Look, metric: str, scope: str) -> Row:
    now = look.moment.now
    known = {"realm": look.moment.realm, "metric": metric, "scope": scope}
    return {**known, "since": now - DAY, "now": now}


def _whose() -> list[ColumnElement[bool]]:
    values = metric_value.c
    return [getattr(values, name) == bindparam(name) for name in ("realm", "metric", "scope")]


@cache
def _newest_query() -> Select[Any]:
    at = metric_value.c.at
    inside = at.between(bindparam("since"), bindparam("now"))
    return select(metric_value).where(*_whose(), inside).order_by(at.desc()).limit(1)


@cache
def _trend_query() -> Select[Any]:
    """One search in the index for each point, however many values were kept between."""
    values = metric_value.c
    first = bindparam("first", type_=BigInteger)
    starts = select(first.label("start")).cte(recursive=True)
    starts = starts.union_all(
        select(starts.c.start + BUCKET).where(starts.c.start < bindparam("last"))
    )
    inside = and_(values.at >= starts.c.start, values.at < starts.c.start + BUCKET)
    value = (
        select(values.value)
        .where(*_whose(), inside, values.at <= bindparam("now"))
        .order_by(values.at.desc())
        .limit(1)
        .correlate(starts)
        .scalar_subquery()
    )
    return select(starts.c.start + BUCKET, value).order_by(starts.c.start)
