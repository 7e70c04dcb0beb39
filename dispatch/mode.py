"""What mode a place is in: the gravest of the activations that meet it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from dispatch import canonical
from dispatch.access import meets
from dispatch.models import event
from dispatch.vocabulary import REAL, Mode

RANK = {Mode.PEACETIME: 0, Mode.STANDBY: 1, Mode.WARTIME: 2}
SWITCHES = ("ActivationStarted", "ActivationEnded")


def effective(
    activations: Iterable[Mapping[str, Any]], jurisdiction: Sequence[str]
) -> tuple[Mode, int | None, list[str]]:
    """The mode and level of a jurisdiction, and the ids of the activations that meet it.

    activations: rows of those that stand; the gravest comes first.
    """
    own = [row for row in activations if meets(jurisdiction, scope_of(row))]
    own.sort(key=lambda row: (-RANK[Mode(row["mode"])], row["level"], row["id"]))
    if not own:
        return Mode.PEACETIME, None, []
    return Mode(own[0]["mode"]), int(own[0]["level"]), [row["id"] for row in own]


def scope_of(row: Mapping[str, Any]) -> list[str]:
    """The scope of a state row, decoded or not."""
    return list(row["scope"] if "scope" in row else canonical.loads(row["scope_json"]))


def epoch(connection: Connection, seq: int | None = None, realm: str = REAL) -> int:
    """The number of the last switch of any mode, up to `seq`; 0 if there was none."""
    query = select(func.max(event.c.seq)).where(event.c.realm == realm, event.c.type.in_(SWITCHES))
    if seq is not None:
        query = query.where(event.c.seq <= seq)
    return int(connection.execute(query).scalar() or 0)
