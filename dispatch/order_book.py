"""What all that is done with orders has in common: who may, how long, what is said of it."""

from collections.abc import Mapping
from typing import Any

from dispatch import canonical, mode
from dispatch.access import Actor, require
from dispatch.errors import Conflict
from dispatch.log import Row, Work
from dispatch.models import activation, incident, order
from dispatch.vocabulary import OPEN_INCIDENTS, ActivationState, Mode, OrderState, Priority

ACK_S = {Priority.FLASH: 60, Priority.URGENT: 180, Priority.ROUTINE: 600}
PEACETIME_ACK_S = 1800


def say(work: Work, type: str, row: Row, **body: Any) -> None:
    """Say what happened to an order. body: level is its priority."""
    scope = canonical.loads(row["scope_json"])
    known = {"level": row["priority"], "unit": row["unit"], "state": row["state"]}
    work.emit(type, row["id"], scope, {**known, **body}, row["incident"])


def stamp(
    row: Row, state: OrderState, at: int, by: str, received: int, **more: Any
) -> dict[str, str]:
    """The stamps of an order with one more: when it was so, who said it, when we heard."""
    stamps = canonical.loads(row["stamps_json"])
    stamps[state.value] = {"at": at, "by": by, "received": received, **more}
    return {"stamps_json": canonical.dumps(stamps)}


def task(work: Work, id: str, actor: Actor) -> Row:
    """An open incident that the actor may give orders for."""
    row = work.get(incident, id, "incident")
    require(actor, "order.issue", canonical.loads(row["scope_json"]))
    if row["state"] not in OPEN_INCIDENTS:
        raise Conflict("incident_over", "incident", f"{id} is {row['state']}")
    return row


def follow(
    work: Work, id: str, actor: Actor, right: str, *states: OrderState, field: str = "order"
) -> Row:
    """An order whose incident lies in the actor's jurisdiction, in one of the states."""
    row = work.get(order, id, field)
    require(actor, right, canonical.loads(work.get(incident, row["incident"])["scope_json"]))
    if states and row["state"] not in states:
        raise Conflict("wrong_state", field, f"{id} is {row['state']}", {"order": id})
    return row


def limit(work: Work, scope: list[str], row: Mapping[str, Any]) -> dict[str, int]:
    """How long the unit may take to sign, in seconds: by priority in wartime."""
    if row["ack_set"]:
        return {"ack_limit": row["ack_limit"]}
    active = work.rows(activation, activation.c.state == ActivationState.ACTIVE)
    if mode.effective(active, scope)[0] is Mode.WARTIME:
        return {"ack_limit": ACK_S[Priority(row["priority"])]}
    return {"ack_limit": PEACETIME_ACK_S}
