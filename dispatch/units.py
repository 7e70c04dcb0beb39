"""Units: what each is doing, who holds it, and which suits a need best.

A unit that was never ordered has no row: it is available.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, select

from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.city_records import Unit
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.inputs import Body, Id, MaybeProse
from dispatch.log import Row, Work
from dispatch.models import loan, order, position, unit
from dispatch.scoring import Candidate, Duty, Fix, Heard, Need, hear, order_of, score
from dispatch.vocabulary import REAL, ForceType, LoanState, Role, UnitStatus

__all__ = ["Candidate", "Duty", "Fix", "Heard", "Need", "hear", "recommend", "score"]

DAY_MS = 86_400_000
SHIFT_MS = 12 * 3_600_000
FREE = {"status": UnitStatus.AVAILABLE.value, "current_order": None}


class SetStatus(Body):
    unit: Id
    status: UnitStatus
    reason: MaybeProse = ""


def find(city: City, id: str, field: str = "unit") -> Unit:
    """The unit of this id. Raises Invalid."""
    for one in city.units:
        if one.id == id:
            return one
    raise Invalid("unknown_unit", field, f"no unit {id}")


def state(work: Work, id: str) -> Row:
    """What a unit is doing; one that was never ordered is free."""
    return work.find(unit, id) or FREE


def hold(work: Work, id: str, order_id: str, field: str = "unit") -> None:
    """Give a free unit to an order. Raises Conflict, saying who holds it."""
    row = state(work, id)
    if row["current_order"] not in (None, order_id):
        about = {"unit": id, "order": row["current_order"]}
        raise Conflict("held_by_another", field, f"{id} is held by {about['order']}", about)
    if row["status"] in (UnitStatus.OFF_DUTY, UnitStatus.OUT_OF_SERVICE):
        raise Conflict("unit_unavailable", field, f"{id} is {row['status']}", {"unit": id})
    _set(work, id, UnitStatus.ASSIGNED, order_id)


def advance(work: Work, id: str, order_id: str, status: UnitStatus) -> None:
    """The unit goes on with the order that holds it."""
    row = work.find(unit, id)
    if row is not None and row["current_order"] == order_id and row["status"] != status:
        _set(work, id, status, order_id)


def release(work: Work, id: str, order_id: str) -> None:
    """The unit is free again, if this order held it."""
    row = work.find(unit, id)
    if row is not None and row["current_order"] == order_id:
        _set(work, id, UnitStatus.AVAILABLE, None)


def set_status(work: Work, body: SetStatus, actor: Actor, city: City) -> dict[str, Any]:
    """A free unit goes off duty, out of service, or comes back; its own people may say so."""
    known = find(city, body.unit)
    if actor.role is Role.RESPONDER and actor.unit != body.unit:
        raise Forbidden("not_your_unit", "unit", "this is another unit")
    require(actor, "unit.status", [] if actor.unit == body.unit else [known.district])
    if body.status in (UnitStatus.ASSIGNED, UnitStatus.EN_ROUTE, UnitStatus.ON_SCENE):
        raise Invalid("by_order_only", "status", "orders set this status")
    row = state(work, body.unit)
    if row["current_order"] is not None:
        raise Conflict("held_by_another", "unit", f"held by {row['current_order']}",
                       {"unit": body.unit, "order": row["current_order"]})  # fmt: skip
    if row["status"] != body.status:
        _set(work, body.unit, body.status, None)
        said = {"status": body.status.value, "reason": body.reason}
        work.emit("UnitStatusChanged", body.unit, [known.district], said)
    return {"unit": body.unit, "status": body.status.value}


def recommend(
    connection: Connection,
    city: City,
    need: Need,
    now: int,
    realm: str = REAL,
    seq: int | None = None,
) -> list[Candidate]:
    """Every unit of the needed force, the best first; those that cannot be offered come last.

    seq: the log's number at which the units' states count; None for now.
    """
    asked = [one for one in city.units if need.force_type in (None, one.force_type)]
    fixes = last_fixes(connection, [one.id for one in asked], now, realm)
    duties = duties_at(connection, now, realm, seq)
    return rank(asked, need, fixes, duties, now)


def rank(
    asked: Iterable[Unit],
    need: Need,
    fixes: dict[str, Fix],
    duties: dict[str, Duty],
    now: int,
) -> list[Candidate]:
    """Score and sort units, and mark the engine that would leave its district without cover."""
    listed = list(asked)
    districts = {one.id: one.district for one in listed}
    found = [score(u, need, fixes.get(u.id), duties.get(u.id, Duty()), now) for u in listed]
    left = Counter(districts[one.id] for one in found if one.offered and not one.lent)
    covered = need.force_type is ForceType.FIR
    return sorted(
        (
            replace(one, last_of_district=True)
            if covered and one.offered and not one.lent and left[districts[one.id]] == 1
            else one
            for one in found
        ),
        key=order_of,
    )


def last_fixes(
    connection: Connection, ids: list[str], now: int, realm: str = REAL
) -> dict[str, Fix]:
    """Where each unit was last reported within a day before `now`."""
    asked = {"realm": realm, "since": now - DAY_MS, "now": now}
    wanted = set(ids)
    return {
        row.unit: Fix(row.lat, row.lon, row.at, row.speed)
        for row in connection.execute(_last_places(), asked)
        if row.unit in wanted
    }


@cache
def _last_places() -> Select[Any]:
    """The last place of every unit: two searches in the index for each, however many there are."""
    place = position.c
    mine = place.realm == bindparam("realm")
    known = select(func.min(place.unit).label("unit")).where(mine).cte("known", recursive=True)
    further = select(func.min(place.unit)).where(mine, place.unit > known.c.unit)
    known = known.union_all(
        select(further.correlate(known).scalar_subquery()).where(known.c.unit.is_not(None))
    )
    inside = place.at.between(bindparam("since"), bindparam("now"))
    newest = select(func.max(place.at)).where(mine, place.unit == known.c.unit, inside)
    last = select(known.c.unit, newest.correlate(known).scalar_subquery().label("at")).subquery()
    same = and_(place.unit == last.c.unit, place.at == last.c.at)
    return (
        select(place.unit, place.lat, place.lon, place.at, place.speed).join(last, same).where(mine)
    )


def duties_at(
    connection: Connection, now: int, realm: str = REAL, seq: int | None = None
) -> dict[str, Duty]:
    """What each unit that was ever ordered or is lent is doing, at number `seq` or now."""
    rows = connection.execute(select(unit).where(unit.c.realm == realm, _valid(unit, seq)))
    lent = _lent(connection, realm, seq)
    recent = (
        select(order.c.unit, func.count())
        .where(
            order.c.realm == realm,
            _valid(order, seq),
            order.c.issued_at > now - SHIFT_MS,
        )
        .group_by(order.c.unit)
    )
    load = {id: count for id, count in connection.execute(recent).all()}
    idle = {id: Duty(load=load.get(id, 0), lent=to) for id, to in lent.items()}
    known = {
        row["id"]: (UnitStatus(row["status"]), row["current_order"]) for row in rows.mappings()
    }
    doing = {id: Duty(*said, load.get(id, 0), lent.get(id)) for id, said in known.items()}
    return {**idle, **doing}


def _lent(connection: Connection, realm: str, seq: int | None) -> dict[str, str]:
    """The units that are lent: to which incident each."""
    out = (loan.c.realm == realm, loan.c.state == LoanState.LENT.value, _valid(loan, seq))
    rows = connection.execute(select(loan.c.unit, loan.c.incident).where(*out)).all()
    return {unit_id: incident_id for unit_id, incident_id in rows}


def as_dict(candidate: Candidate) -> dict[str, Any]:
    """A candidate as JSON values."""
    return {
        **{name: value for name, value in vars(candidate).items()},
        "capabilities": list(candidate.capabilities),
        "missing": list(candidate.missing),
        "heard": candidate.heard.value,
        "status": candidate.status.value,
    }


def _valid(table: Any, seq: int | None) -> Any:
    if seq is None:
        return table.c.to_seq.is_(None)
    return and_(table.c.from_seq <= seq, (table.c.to_seq.is_(None)) | (table.c.to_seq > seq))


def _set(work: Work, id: str, status: UnitStatus, order_id: str | None) -> Row:
    values = {"status": status.value, "current_order": order_id, "status_at": work.now}
    return work.put(unit, id, **values)
