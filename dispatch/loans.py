"""Units of a neighbouring district on loan to an incident: asked for, answered, given back.

Lent is not handed over: the unit stays its district's own. Until it is given back, or called back
by its district, only the incident that it was lent to may order it. When the time that it was
asked for is over both districts are told; nobody is moved by the system.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from dispatch import canonical, mode, naming, units
from dispatch.access import Actor, may_send, require
from dispatch.city import City
from dispatch.city_records import Unit
from dispatch.deadlines import arm, disarm
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.inputs import Body, Id, MaybeLine, MaybeProse, Prose
from dispatch.log import Row, Work
from dispatch.models import activation, loan, order
from dispatch.order_book import task
from dispatch.vocabulary import (
    CITY,
    HOLDING,
    OPEN_LOANS,
    ActivationState,
    LoanState,
    Mode,
    TimerKind,
    UnitStatus,
)

LOAN = "JY"
MINUTE_MS = 60_000
ANSWER_S = 180  # what a neighbour may take to answer; as long as a second signature


class Ask(Body):
    """minutes: for how long the unit is wanted; purpose: what it is wanted for."""

    incident: Id
    unit: Id
    purpose: MaybeProse = ""
    minutes: Annotated[int, Field(ge=10, le=1440)] = 120


class Grant(Body):
    loan: Id
    note: MaybeLine = ""


class Decline(Body):
    loan: Id
    reason: Prose


class One(Body):
    loan: Id


class GiveBack(Body):
    loan: Id
    reason: MaybeProse = ""


def ask(work: Work, body: Ask, actor: Actor, city: City) -> dict[str, Any]:
    """Ask a neighbouring district for a unit that nobody holds."""
    served = task(work, body.incident, actor)
    known = units.find(city, body.unit)
    scope = canonical.loads(served["scope_json"])
    if known.district in scope or CITY in scope:
        raise Invalid("own_unit", "unit", f"{known.id} is no neighbour's")
    for other in work.rows(loan, loan.c.unit == known.id, loan.c.state.in_(OPEN_LOANS)):
        about = {"loan": other["id"]}
        raise Conflict("already_asked", "unit", f"{other['id']} asks for {known.id}", about)
    _free(work, known.id)
    due = work.now + ANSWER_S * 1000
    new = work.put(
        loan,
        naming.next_id(work, LOAN, city.settings.timezone),
        incident=served["id"],
        unit=known.id,
        home=known.district,
        state=LoanState.ASKED.value,
        scope_json=canonical.dumps(sorted({*scope, known.district})),
        purpose=body.purpose,
        minutes=body.minutes,
        asked_by=actor.id,
        asked_at=work.now,
        answer_due=due,
        note="",
    )
    arm(work, TimerKind.LOAN_ANSWER, new["id"], due)
    _say(work, "LoanAsked", new, text=body.purpose)
    return {"loan": new["id"], "answer_due": due}


def grant(work: Work, body: Grant, actor: Actor, city: City) -> dict[str, Any]:
    """The unit's own district lends it."""
    row = _own(work, body.loan, actor, LoanState.ASKED, LoanState.LENT)
    if row["state"] == LoanState.ASKED:
        _free(work, row["unit"])
        _settle(work, row, LoanState.LENT, "LoanGranted", actor.id, body.note)
    return {"loan": row["id"]}


def decline(work: Work, body: Decline, actor: Actor, city: City) -> dict[str, Any]:
    """The unit's own district keeps it, and says why."""
    row = _own(work, body.loan, actor, LoanState.ASKED, LoanState.DECLINED)
    if row["state"] == LoanState.ASKED:
        _settle(work, row, LoanState.DECLINED, "LoanDeclined", actor.id, body.reason)
    return {"loan": row["id"]}


def withdraw(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Whoever asked does not need it any more."""
    row = _asking(work, body.loan, actor, LoanState.ASKED, LoanState.WITHDRAWN)
    if row["state"] == LoanState.ASKED:
        _settle(work, row, LoanState.WITHDRAWN, "LoanWithdrawn", None)
    return {"loan": row["id"]}


def give_back(work: Work, body: GiveBack, actor: Actor, city: City) -> dict[str, Any]:
    """The unit is its district's again, when no order of the incident holds it."""
    row = _asking(work, body.loan, actor, LoanState.LENT, LoanState.RETURNED)
    if row["state"] == LoanState.LENT:
        _unheld(work, row)
        _return(work, row, actor.id, body.reason)
    return {"loan": row["id"]}


def recall(work: Work, body: GiveBack, actor: Actor, city: City) -> dict[str, Any]:
    """The unit's own district takes it back, when no order of the incident holds it."""
    row = _own(work, body.loan, actor, LoanState.LENT, LoanState.RETURNED)
    if row["state"] == LoanState.LENT:
        _unheld(work, row)
        _return(work, row, actor.id, body.reason, "LoanRecalled")
    return {"loan": row["id"]}


def silence(work: Work, city: City, fired: Row) -> None:
    """Nobody answered: in wartime that counts as yes; in peacetime the request is void."""
    row = work.find(loan, fired["subject"])
    if row is None or row["state"] != LoanState.ASKED:
        return
    if _at_war(work, row) and units.state(work, row["unit"])["status"] == UnitStatus.AVAILABLE:
        _settle(work, row, LoanState.LENT, "LoanGranted", None, silent=True)
    else:
        _settle(work, row, LoanState.LAPSED, "LoanLapsed", None)


def overdue(work: Work, city: City, fired: Row) -> None:
    """The time that a unit was lent for is over: both districts are told."""
    row = work.find(loan, fired["subject"])
    if row is not None and row["state"] == LoanState.LENT:
        _say(work, "LoanOverdue", row, minutes=row["minutes"])


def end_of(work: Work, incident_id: str, by: str) -> None:
    """An incident that is over asks for nothing and gives back what it has."""
    of = loan.c.incident == incident_id
    for row in work.rows(loan, of, loan.c.state == LoanState.ASKED):
        _settle(work, row, LoanState.WITHDRAWN, "LoanWithdrawn", None)
    for row in work.rows(loan, of, loan.c.state == LoanState.LENT):
        _return(work, row, by, "")


def may_order(work: Work, known: Unit, incident_id: str, actor: Actor, field: str) -> None:
    """Whether the actor may order this unit for the incident. Raises Conflict, Forbidden."""
    lent = work.rows(loan, loan.c.unit == known.id, loan.c.state == LoanState.LENT)
    if lent and lent[0]["incident"] != incident_id:
        about = {"unit": known.id, "loan": lent[0]["id"]}
        raise Conflict("lent_out", field, f"{known.id} is lent by {lent[0]['id']}", about)
    if not lent and not may_send(actor.role, actor.scope, known.district):
        raise Forbidden("out_of_scope", field, f"{known.id} is outside your jurisdiction")


def asking(scope: Iterable[str], home: str) -> list[str]:
    """The districts that ask: all that a loan is about but the unit's own."""
    return [one for one in scope if one != home]


def _own(work: Work, id: str, actor: Actor, *states: LoanState) -> Row:
    """A loan of a unit of the actor's jurisdiction, in one of the states."""
    row = work.get(loan, id, "loan")
    require(actor, "loan.answer", [row["home"]])
    return _in(row, *states)


def _asking(work: Work, id: str, actor: Actor, *states: LoanState) -> Row:
    """A loan to an incident of the actor's jurisdiction, in one of the states."""
    row = work.get(loan, id, "loan")
    require(actor, "loan.ask", asking(canonical.loads(row["scope_json"]), row["home"]))
    return _in(row, *states)


def _in(row: Row, *states: LoanState) -> Row:
    if row["state"] not in states:
        about = {"loan": row["id"]}
        raise Conflict("wrong_state", "loan", f"{row['id']} is {row['state']}", about)
    return row


def _settle(
    work: Work, row: Row, state: LoanState, told: str, by: str | None, note: str = "", **more: Any
) -> None:
    disarm(work, row["id"], TimerKind.LOAN_ANSWER)
    values = {"state": state.value, "answered_by": by, "answered_at": work.now, "note": note}
    if state is LoanState.LENT:
        due = work.now + row["minutes"] * MINUTE_MS
        values["due_back"] = due
        arm(work, TimerKind.LOAN_OVER, row["id"], due)
    _say(work, told, work.put(loan, row["id"], **values), reason=note, **more)


def _return(work: Work, row: Row, by: str, reason: str, told: str = "LoanReturned") -> None:
    disarm(work, row["id"], TimerKind.LOAN_OVER)
    values = {"state": LoanState.RETURNED.value, "returned_by": by, "returned_at": work.now}
    _say(work, told, work.put(loan, row["id"], **values), reason=reason)


def _unheld(work: Work, row: Row) -> None:
    """Raise Conflict while an order of the incident holds the unit."""
    own = (order.c.unit == row["unit"], order.c.incident == row["incident"])
    for held in work.rows(order, *own, order.c.state.in_(HOLDING)):
        about = {"order": held["id"]}
        raise Conflict("orders_open", "loan", f"{held['id']} holds {row['unit']}", about)


def _free(work: Work, unit: str) -> None:
    """Raise Conflict unless nobody holds the unit and it is on duty."""
    row = units.state(work, unit)
    if row["current_order"] is not None:
        about = {"unit": unit, "order": row["current_order"]}
        raise Conflict("held_by_another", "unit", f"{unit} is held by {about['order']}", about)
    if row["status"] != UnitStatus.AVAILABLE:
        raise Conflict("unit_unavailable", "unit", f"{unit} is {row['status']}", {"unit": unit})


def _at_war(work: Work, row: Row) -> bool:
    """Whether the districts that ask are at war."""
    active = work.rows(activation, activation.c.state == ActivationState.ACTIVE)
    asks = asking(canonical.loads(row["scope_json"]), row["home"])
    return mode.effective(active, asks)[0] is Mode.WARTIME


def _say(work: Work, type: str, row: Row, **body: Any) -> None:
    known = {"unit": row["unit"], "state": row["state"], "home": row["home"]}
    scope = canonical.loads(row["scope_json"])
    work.emit(type, row["id"], scope, {**known, **body}, row["incident"])
