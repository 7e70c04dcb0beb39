"""The rows that several pictures start from, each read once a look."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Table, cast, func, or_, select

from dispatch.models import activation, alert, incident, order, unit
from dispatch.vocabulary import (
    CITY,
    OPEN_ALERTS,
    OPEN_INCIDENTS,
    UNSIGNED,
    ActivationState,
    AlertState,
    OrderState,
)
from streams.look import Look, Row
from streams.view import View

MANY = 300  # open alerts that a screen shows one by one; more are folded
FEW = 3  # of those that are alike
CELLS = 100  # cells a degree: about a kilometre


@dataclass(frozen=True)
class Waiting:
    """The alerts that wait in a jurisdiction, as many of them as a screen can show.

    count, new: how many there are in all; alike: id of a row -> how many like it are not shown.
    """

    rows: list[Row]
    count: int
    new: int
    alike: dict[str, int]


def waiting_alerts(look: Look, view: View) -> Waiting:
    """All open alerts; of a storm the worst and most urgent, and few of those that are alike.

    Alike are those of one source, type and level that lie within about a kilometre.
    """
    return look.once(("alerts.waiting", view.scope), lambda: _waiting(look, view))


def _waiting(look: Look, view: View) -> Waiting:
    mine = (look.valid(alert), alert.c.state.in_(OPEN_ALERTS), *within(alert, view))
    query = select(alert.c.state, func.count()).where(*mine).group_by(alert.c.state)
    counts = {row[0]: row[1] for row in look.connection.execute(query)}
    total, new = sum(counts.values()), counts.get(AlertState.NEW, 0)
    if total <= MANY:
        rows = look.rows(alert, alert.c.state.in_(OPEN_ALERTS), *within(alert, view))
        return Waiting(rows, total, new, {})
    found = look.connection.execute(_folded(mine)).all()
    rows = look.numbered(alert, [row.key for row in found])
    hidden = {row.key: row.together - FEW for row in found if row.place == 1}
    alike = {shown["id"]: hidden.get(row.key, 0) for shown, row in zip(rows, found, strict=True)}
    return Waiting(rows, total, new, {id: n for id, n in alike.items() if n > 0})


def _folded(mine: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    """The first FEW of each kind and place, the most urgent first, MANY in all."""
    cell = [cast(column * CELLS, Integer) for column in (alert.c.lat, alert.c.lon)]
    together = [alert.c.source, alert.c.type, alert.c.severity, *cell]
    place = func.row_number().over(partition_by=together, order_by=(alert.c.ack_due, alert.c.row))
    some = (
        select(
            alert.c.row.label("key"),
            alert.c.severity,
            alert.c.ack_due,
            place.label("place"),
            func.count().over(partition_by=together).label("together"),
        )
        .where(*mine)
        .subquery()
    )
    first = select(some.c.key, some.c.place, some.c.together).where(some.c.place <= FEW)
    return first.order_by(some.c.severity, some.c.ack_due, some.c.key).limit(MANY)


def open_incidents(look: Look) -> list[Row]:
    wanted = incident.c.state.in_(OPEN_INCIDENTS)
    return look.once("incidents.open", lambda: look.rows(incident, wanted))


def linked_alerts(look: Look) -> list[Row]:
    """Alerts of the open incidents."""
    ids = [id for one in open_incidents(look) for id in one["alerts"]]

    def read() -> list[Row]:
        return look.rows(alert, alert.c.id.in_(ids), alert.c.state == AlertState.LINKED)

    return look.once("alerts.linked", read) if ids else []


def orders(look: Look) -> list[Row]:
    """Every order of an open incident, drafts too."""
    ids = [one["id"] for one in open_incidents(look)]
    if not ids:
        return []
    return look.once("orders", lambda: look.rows(order, order.c.incident.in_(ids)))


def orders_of(look: Look, incident_id: str) -> list[Row]:
    """All orders of one incident, open or not."""
    mine = order.c.incident == incident_id
    return look.once(("orders", incident_id), lambda: look.rows(order, mine))


def current_activations(look: Look) -> list[Row]:
    """Activations that hold or wait for a signature."""
    states = (ActivationState.ACTIVE, ActivationState.PROPOSED)
    wanted = activation.c.state.in_(states)
    return look.once("activations.current", lambda: look.rows(activation, wanted))


def unit_rows(look: Look) -> dict[str, Row]:
    """State rows of the units that ever had an order, by id."""
    return look.once("units", lambda: {row["id"]: row for row in look.rows(unit)})


def within(table: Table, view: View) -> list[ColumnElement[bool]]:
    """The condition that a row's scope meets the view's; nothing for the city's own view."""
    if CITY in view.scope:
        return []
    codes = [json.dumps(code, ensure_ascii=False) for code in (*view.scope, CITY)]
    return [or_(*(table.c.scope_json.contains(code, autoescape=True) for code in codes))]


def overdue(row: Row, now: int) -> bool:
    """Whether an order should have been signed for before `now`."""
    due = row["ack_due"]
    return row["state"] in UNSIGNED and due is not None and due < now


def tally(rows: list[Row], now: int) -> dict[str, int]:
    """How an incident's orders stand; drafts and cancelled ones do not count."""
    sent = [one for one in rows if one["state"] not in (OrderState.DRAFT, OrderState.CANCELLED)]
    done = (OrderState.DONE, OrderState.VERIFIED)
    return {
        "total": len(sent),
        "unsigned": sum(one["state"] in UNSIGNED for one in sent),
        "overdue": sum(overdue(one, now) for one in sent),
        "done": sum(one["state"] in done for one in sent),
    }


def title_of(look: Look, incident_id: Any) -> str | None:
    found = look.find(incident, incident_id)
    return found["title"] if found else None
