"""How each indicator is computed from the stored rows: one function each, pandas inside."""

from collections.abc import Callable

import pandas as pd

from streams.indicators.facts import Facts, in_scope
from streams.indicators.metric import Measured, Scope


def order_ack_rate(facts: Facts, scope: Scope) -> Measured:
    """Of the orders of 24 hours whose time to sign is settled: how many in time, in per cent.

    Settled is what was answered, and what was not until its time was over, also if it was called
    back then, as a late order is when it goes to another unit. Only what was called back before,
    unanswered, is left out. A unit that declines in time has answered in time: its word sets the
    desk free to send another. That nobody reaches a unit is no answer.
    """
    rows = in_scope(facts.orders_of_a_day(), scope)
    settled = rows[rows["in_time"].notna()]
    if settled.empty:
        return Measured(None, facts.now, settled)
    share = settled["in_time"].astype(float).mean() * 100
    return Measured(float(share), facts.now, settled)


def calls_of(metric: str) -> Callable[[Facts, Scope], Measured]:
    """Make the measure that counts what an emergency number sent today."""

    def calls(facts: Facts, scope: Scope) -> Measured:
        sources = facts.counted(metric)
        rows = in_scope(facts.alerts_today(sources), scope)
        heard, alive = facts.heard_all(sources)
        return Measured(float(len(rows)) if alive else None, heard, rows)

    return calls


def dispatch_120(facts: Facts, scope: Scope) -> Measured:
    """Ambulances sent out within the last hour: the sum of what each report counted."""
    rows = in_scope(facts.hour_of("dispatch_120"), scope)
    known = in_scope(facts.latest("dispatch_120"), scope)
    sensors = facts.sensors("dispatch_120", scope)
    last = int(known["at"].max()) if len(known) else None
    alive = bool(sensors) and facts.live(last, sensors[0].source)
    return Measured(float(rows["value"].sum()) if alive else None, last, rows)


def power_load(facts: Facts, scope: Scope) -> Measured:
    """The load now: the sum over all meters; one silent meter and there is no sum."""
    used, last, whole = _gauges(facts, "power_load", scope)
    value = float(used["value"].sum()) if whole and len(used) else None
    return Measured(value, last, used)


def water_pressure(facts: Facts, scope: Scope) -> Measured:
    """The mean pressure of the points that report."""
    return _mean(facts, "water_pressure", scope)


def traffic_index(facts: Facts, scope: Scope) -> Measured:
    """The mean congestion index of the districts that report."""
    return _mean(facts, "traffic_index", scope)


def hazmat_alarms(facts: Facts, scope: Scope) -> Measured:
    """Alarms of hazardous plants that are still open or belong to an open incident."""
    sources = facts.counted("hazmat_alarms")
    pending = in_scope(facts.pending_alerts(sources), scope)
    heard, alive = facts.heard_all(sources)
    return Measured(float(len(pending)) if alive else None, heard, pending)


def _mean(facts: Facts, metric: str, scope: Scope) -> Measured:
    used, last, _ = _gauges(facts, metric, scope)
    return Measured(float(used["value"].mean()) if len(used) else None, last, used)


def _gauges(facts: Facts, metric: str, scope: Scope) -> tuple[pd.DataFrame, int | None, bool]:
    """The last readings that still count, as of when, and whether every sensor is among them."""
    sensors = {one.id: one for one in facts.sensors(metric, scope)}
    rows = in_scope(facts.latest(metric), scope)
    lives = [
        facts.live(int(at), sensors[id].source)
        for id, at in zip(rows["sensor"], rows["at"], strict=True)
    ]
    used = rows[pd.Series(lives, index=rows.index, dtype=bool)]
    whole = len(used) == len(sensors)
    if len(used):
        return used, int((used if whole else rows)["at"].min()), whole
    return used, int(rows["at"].max()) if len(rows) else None, whole
