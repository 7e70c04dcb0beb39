"""Orders of the open incidents, and those that one unit's phone shows."""

from typing import Any

from sqlalchemy import func, select

from dispatch.access import meets
from dispatch.city_records import Person
from dispatch.geo import distance_m
from dispatch.models import incident, order, position, safety, sending, sharing
from dispatch.vocabulary import HOLDING, OrderState, Role
from streams.daytime import DAY, midnight
from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.rows import open_incidents, orders, unit_rows
from streams.stale import INCIDENT, ORDER, about
from streams.view import View

FINISHED = (OrderState.DONE, OrderState.VERIFIED)


def issued(look: Look, view: View) -> dict[str, Any]:
    """{orders}: all that were issued for open incidents in scope, in order of issue."""
    open_ones = {row["id"]: row for row in open_incidents(look)}
    sent = [row for row in orders(look) if row["state"] != OrderState.DRAFT]
    return {
        "orders": [
            {**with_unit(look, row), **_incident(open_ones[row["incident"]])}
            for row in in_scope(sent, view)
        ]
    }


def _incident(row: Row) -> Row:
    return {"incident_title": row["title"], "incident_level": row["grade"]}


def with_unit(look: Look, row: Row) -> Row:
    """The order with what the city knows about its unit."""
    found = look.board.units.get(row["unit"])
    return {
        **row,
        "unit_name": row.get("unit_name"),
        "force_type": found.force_type if found else None,
        "unit_phone": found.phone if found else None,
        "unit_district": found.district if found else None,
        "proposed_name": look.names.unit(row["proposed"]) if row["proposed"] else None,
    }


def phone(look: Look, view: View) -> dict[str, Any]:
    """One unit's own orders with the place of their incidents; the subject is the unit."""
    known = look.board.units.get(view.subject)
    if known is None:
        return {"orders": [], "unit": None, "fix": None, "done_today": 0}
    row = unit_rows(look).get(view.subject, {})
    mine = [one for one in held(look) if one["unit"] == view.subject]
    mine.sort(key=lambda one: (one["issued_at"] or 0, one["id"]), reverse=True)
    fix = last_fix(look, known.id)
    return {
        "orders": [
            {**one, **_goal(look, one, fix), "command": _command(look, one)} for one in mine
        ],
        "fix": fix,
        "unit": {
            "id": known.id,
            "name": look.names.unit(known.id),
            "force_type": known.force_type,
            "district": known.district,
            "status": row.get("status", "AVAILABLE"),
        },
        "done_today": _done_today(look).get(view.subject, 0),
        "sharing": look.find(sharing, view.subject),
        "sending": look.find(sending, view.subject),
        "safety": look.find(safety, view.subject),
        "command": _on_duty(look, known.district),
    }


def _command(look: Look, row: Row) -> Row | None:
    """Whom the receiver of an order calls: who issued it, by name and telephone."""
    found = next((one for one in look.city.people if one.id == row["issued_by"]), None)
    return _caller(look, found)


def _on_duty(look: Look, district: str) -> Row | None:
    """The shift leader of a district, the one of the smallest jurisdiction first."""
    leads = [one for one in look.city.people if one.role is Role.SHIFT_LEAD]
    near = [one for one in leads if meets((district,), one.districts)]
    return _caller(look, min(near, key=lambda one: len(one.districts), default=None))


def _caller(look: Look, person: Person | None) -> Row | None:
    return {"name": look.names.actor(person.id), "phone": person.phone} if person else None


def held(look: Look) -> list[Row]:
    """Orders that units hold now."""
    return look.once("orders.held", lambda: look.rows(order, order.c.state.in_(HOLDING)))


def last_fix(look: Look, unit: str) -> Row | None:
    """Where the unit was last reported within a day."""
    place, now = position.c, look.moment.now
    query = (
        select(place.lat, place.lon, place.at)
        .where(
            place.realm == look.moment.realm, place.unit == unit, place.at.between(now - DAY, now)
        )
        .order_by(place.at.desc())
        .limit(1)
    )
    return next(iter(look.all(query)), None)


def _goal(look: Look, order_row: Row, fix: Row | None) -> Row:
    """The order's incident, and how far it is from the unit along a straight line."""
    goal = _place(look, order_row["incident"])
    if goal is None or fix is None or goal["lat"] is None:
        return {"incident": goal, "distance_m": None}
    metres = distance_m(fix["lat"], fix["lon"], goal["lat"], goal["lon"])
    return {"incident": goal, "distance_m": round(metres)}


def _place(look: Look, id: str) -> Row | None:
    found = look.find(incident, id)
    if found is None:
        return None
    kept = ("id", "title", "place", "lat", "lon", "category", "type", "grade", "state",
            "reported_at")  # fmt: skip
    return {**{name: found[name] for name in kept}, "level": found["grade"]}


def _done_today(look: Look) -> dict[str, int]:
    def count() -> dict[str, int]:
        start = midnight(look.moment.now, look.city.settings.timezone)
        query = (
            select(order.c.unit, func.count())
            .where(look.valid(order), order.c.state.in_(FINISHED), order.c.issued_at >= start)
            .group_by(order.c.unit)
        )
        return {row[0]: row[1] for row in look.connection.execute(query)}

    return look.once("orders.done_today", count)


PHONE = about("Sharing", "Sending", "Safety", "PersonDown", "HelpAsked")

PICTURES = (
    Picture("orders", issued, INCIDENT | ORDER),
    Picture("phone", phone, INCIDENT | ORDER | PHONE, every_s=60.0, by_subject=True),
)
