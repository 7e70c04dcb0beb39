"""The stored rows that indicators are computed from, as tables of one moment."""

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from dispatch.access import meets
from dispatch.city_records import Sensor
from dispatch.models import alert, order, reading, source_seen
from dispatch.orders import UNREACHABLE
from dispatch.vocabulary import OPEN_ALERTS, OrderState
from streams.daytime import DAY, HOUR, midnight
from streams.freshness import DEAD, SLACK_MS
from streams.indicators.kept import SEEN, newest
from streams.indicators.metric import Scope
from streams.look import Look
from streams.rows import linked_alerts

READING = ["sensor", "sensor_name", "district", "at", "value", "source_name"]
ALERT = ["id", "occurred_at", "received_at", "severity", "title", "place", "state", "scope"]
ORDER = ["id", "issued_at", "text", "unit_name", "state", "ack_due", "acked_at", "in_time", "scope"]


class Facts:
    """Tables of one look, each read once however many indicators use it.

    hindsight: whether readings that came only later count too.
    """

    def __init__(self, look: Look, hindsight: bool = False) -> None:
        self.look, self._hindsight = look, hindsight
        self.now = look.moment.now
        self.today = midnight(self.now, look.city.settings.timezone)

    def sensors(self, metric: str, scope: Scope) -> list[Sensor]:
        """The sensors of this kind that stand in the scope; one of the whole city counts too."""
        kind = [one for one in self.look.city.sensors if one.metric == metric]
        return [one for one in kind if meets(scope, (one.district,))]

    def counted(self, metric: str) -> list[str]:
        """The sources whose alerts this indicator counts, as the city folder says."""
        return [one.id for one in self.look.city.sources if metric in one.counts]

    def period_s(self, source: str) -> float:
        known = (one.period_s for one in self.look.city.sources if one.id == source)
        return next(known, 60.0)

    def live(self, at: int | None, source: str) -> bool:
        """Whether a word of this source is young enough to be counted on."""
        return at is not None and self.now - at <= DEAD * self.period_s(source) * 1000 + SLACK_MS

    def latest(self, metric: str) -> pd.DataFrame:
        """The last reading of each sensor of this kind within a day; columns READING."""
        return self.look.once(("latest", metric), lambda: self._latest(metric))

    def hour_of(self, metric: str) -> pd.DataFrame:
        """Every reading of the last hour of the sensors of this kind; columns READING."""
        return self.look.once(("hour", metric), lambda: self._since(metric, self.now - HOUR))

    def alerts_today(self, sources: list[str]) -> pd.DataFrame:
        """Alerts that the sources sent about today; columns ALERT."""
        wanted = (alert.c.received_at >= self.today, alert.c.source.in_(sources))
        key = ("alerts", *sources)
        return table(self.look.once(key, lambda: self.look.rows(alert, *wanted)), ALERT)

    def pending_alerts(self, sources: list[str]) -> pd.DataFrame:
        """The sources' alerts that nobody has closed; columns ALERT."""
        theirs = (alert.c.state.in_(OPEN_ALERTS), alert.c.source.in_(sources))
        waiting = self.look.once(("pending", *sources), lambda: self.look.rows(alert, *theirs))
        linked = [row for row in linked_alerts(self.look) if row["source"] in sources]
        return table(waiting + linked, ALERT)

    def heard_all(self, sources: list[str]) -> tuple[int | None, bool]:
        """As of when all of them have spoken, and whether each is young enough to count on."""
        last = [self.heard(one) for one in sources]
        known = [at for at in last if at is not None]
        alive = bool(sources) and all(map(self.live, last, sources))
        return min(known, default=None), alive

    def orders_of_a_day(self) -> pd.DataFrame:
        """Orders issued within the last 24 hours, and whether each was answered in time."""
        lately = order.c.issued_at.between(self.now - DAY, self.now)
        rows = self.look.once("orders.day", lambda: self.look.rows(order, lately))
        return table([{**row, **_signed(row, self.now)} for row in rows], ORDER)

    def heard(self, source: str) -> int | None:
        """When the source last said anything, in any of its ways."""
        return self.look.once(("heard", source), lambda: self._heard(source))

    def _heard(self, source: str) -> int | None:
        """The last word: of all if it is that old, else as it was kept then, else its alerts."""
        realm, seen = self.look.moment.realm, source_seen.c
        last = select(seen.last_at).where(
            seen.realm == realm, seen.source == source, seen.last_at <= self.now
        )
        heard = self.look.connection.execute(last).scalar()
        if heard is None and (kept := newest(self.look, SEEN, source)) is not None:
            heard = kept["as_of"]
        return self._last_alert(source) if heard is None else heard

    def _last_alert(self, source: str) -> int | None:
        query = select(func.max(alert.c.received_at)).where(
            alert.c.realm == self.look.moment.realm,
            alert.c.source == source,
            alert.c.received_at.between(self.now - 7 * DAY, self.now),
        )
        return self.look.connection.execute(query).scalar()

    def _latest(self, metric: str) -> pd.DataFrame:
        found = self._since(metric, self.now - HOUR)
        if set(found["sensor"]) != {s.id for s in self.look.city.sensors if s.metric == metric}:
            found = self._since(metric, self.now - DAY)
        return found.sort_values("at").groupby("sensor", as_index=False).last()[READING]

    def _since(self, metric: str, start: int) -> pd.DataFrame:
        sensors = {one.id: one for one in self.look.city.sensors if one.metric == metric}
        query = (
            select(reading.c.sensor, reading.c.at, reading.c.value)
            .where(
                reading.c.realm == self.look.moment.realm,
                reading.c.sensor.in_(sensors),
                reading.c.at.between(start, self.now),
                *([] if self._hindsight else [reading.c.received_at <= self.now]),
            )
            .order_by(reading.c.at)
        )
        frame = pd.DataFrame(self.look.all(query), columns=["sensor", "at", "value"])
        known = {id: self._sensor(one) for id, one in sensors.items()}
        for n, column in enumerate(("sensor_name", "district", "source_name")):
            frame[column] = [known[id][n] for id in frame["sensor"]]
        return frame[READING]

    def _sensor(self, one: Sensor) -> tuple[Any, str, Any]:
        name = {"zh": one.name_zh, "en": one.name_en}
        return name, one.district, self.look.names.source(one.source)


def table(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Rows as a table of exactly these columns; values as they are, ints stay ints."""
    return pd.DataFrame([[row.get(name) for name in columns] for row in rows], columns=columns,
                        dtype=object)  # fmt: skip


def in_scope(frame: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The rows of the scope, by their `scope` or by their `district`."""
    if "district" in frame:
        kept = [meets(scope, (code,)) for code in frame["district"]]
    else:
        kept = [meets(scope, codes) for codes in frame["scope"]]
    return frame[pd.Series(kept, index=frame.index, dtype=bool)]


def _signed(row: dict[str, Any], now: int) -> dict[str, Any]:
    """When an order was signed for, and whether it was answered in time.

    None: there is time left, or it was called back before its time was over.
    """
    stamps, due = row["stamps"] or {}, row["ack_due"]
    acked_at, answered_at = _at(stamps, OrderState.ACKED), _answered(stamps)
    if due is None:
        return {"acked_at": acked_at, "in_time": None}
    if answered_at is not None:
        return {"acked_at": acked_at, "in_time": answered_at <= due}
    called_back = _at(stamps, OrderState.CANCELLED)
    over = due < now if called_back is None else due < called_back
    return {"acked_at": None, "in_time": False if over else None}


def _answered(stamps: dict[str, Any]) -> int | None:
    """When the unit said yes or no; that nobody reached it is the desk's word and no answer."""
    declined = stamps.get(OrderState.DECLINED) or {}
    said_no = None if declined.get("via") == UNREACHABLE else declined.get("at")
    said = [at for at in (_at(stamps, OrderState.ACKED), said_no) if at is not None]
    return min(said, default=None)


def _at(stamps: dict[str, Any], state: OrderState) -> int | None:
    stamp = stamps.get(state)
    return int(stamp["at"]) if stamp else None
