"""The rows that several pictures start from, each read once a look."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, Subquery, func, or_, select

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
ALIKE = ("severity", "source", "type", "cell")


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
    query = select(alert.c.state, func.count()).where(*_open(look, view, alert))
    by_state = look.connection.execute(query.group_by(alert.c.state))
    counts = {row[0]: row[1] for row in by_state}
    total, new = sum(counts.values()), counts.get(AlertState.NEW, 0)
    if total <= MANY:
        rows = look.rows(alert, alert.c.state.in_(OPEN_ALERTS), *within(alert, view))
        return Waiting(rows, total, new, {})
    hidden = _folded(look, view)
    order = (alert.c.severity, alert.c.ack_due, alert.c.row)
    keys = select(alert.c.row).where(alert.c.row.in_(hidden)).order_by(*order).limit(MANY)
    shown = list(look.connection.execute(keys).scalars())
    rows = look.numbered(alert, shown)
    alike = {row["id"]: hidden[key] for row, key in zip(rows, shown, strict=True)}
    return Waiting(rows, total, new, {id: n for id, n in alike.items() if n > 0})


def _open(look: Look, view: View, table: FromClause) -> list[ColumnElement[bool]]:
    """The condition of an open alert in a view's jurisdiction."""
    state = (table.c.closed_at.is_(None), table.c.state.in_(OPEN_ALERTS))
    return [look.valid(table), *state, *within(table, view)]


def _folded(look: Look, view: View) -> dict[int, int]:
    """The first FEW of each kind and place by key; the very first with how many are hidden."""
    return _walked(look, view) if look.live else _numbered(look, view)


def _numbered(look: Look, view: View) -> dict[int, int]:
    """As it was at a past moment, for which there is no index: one pass numbers all that waited."""
    kind = [alert.c[name] for name in ALIKE]
    order = (alert.c.ack_due, alert.c.row)
    place = func.row_number().over(partition_by=kind, order_by=order).label("place")
    together = func.count().over(partition_by=kind).label("together")
    columns = (alert.c.row.label("key"), alert.c.severity, alert.c.ack_due, place, together)
    every = select(*columns).where(*_open(look, view, alert)).subquery()
    first = select(every.c.key, every.c.place, every.c.together).where(every.c.place <= FEW)
    query = first.order_by(every.c.severity, every.c.ack_due, every.c.key).limit(MANY)
    found = look.connection.execute(query)
    return {row.key: row.together - FEW if row.place == 1 else 0 for row in found}


def _walked(look: Look, view: View) -> dict[int, int]:
    """As it is now: one walk along an index counts the kinds, and the first of each are looked up.

    To number all that wait took a second and more in a storm.
    """
    kinds = _kinds(look, view)
    firsts = [_nth(look, view, kinds, n).label(f"key{n}") for n in range(FEW)]
    hidden: dict[int, int] = {}
    for together, first, *others in look.connection.execute(select(kinds.c.together, *firsts)):
        hidden[first] = together - FEW
        hidden |= {key: 0 for key in others if key is not None}
    return hidden


def _kinds(look: Look, view: View) -> Subquery:
    """The kinds of alerts that wait, the worst and most urgent first, with their number."""
    kind = [alert.c[name] for name in ALIKE]
    due = func.min(alert.c.ack_due)
    query = select(*kind, func.count().label("together")).where(*_open(look, view, alert))
    return query.group_by(*kind).order_by(alert.c.severity, due).limit(MANY).subquery()


def _nth(look: Look, view: View, kinds: Subquery, n: int) -> ScalarSelect[int]:
    """The key of the alert of a kind whose turn it is as the n-th."""
    other = alert.alias()
    same = [other.c[name] == kinds.c[name] for name in ALIKE]
    found = select(other.c.row).where(*_open(look, view, other), *same)
    return found.order_by(other.c.ack_due, other.c.row).offset(n).limit(1).scalar_subquery()


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


def within(table: FromClause, view: View) -> list[ColumnElement[bool]]:
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
    """The title of an incident; those of the open ones are read at once."""
    titles = look.once(
        "incidents.titles", lambda: {one["id"]: one["title"] for one in open_incidents(look)}
    )
    if incident_id in titles:
        return str(titles[incident_id])
    found = look.find(incident, incident_id)
    return found["title"] if found else None
