"""Messages that could not be understood: kept, with the reason, until somebody has seen them."""

from collections.abc import Sequence
from typing import Any

from dispatch import canonical
from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.errors import Refused
from dispatch.inputs import Body, Id
from dispatch.log import Answer, Request, Work
from dispatch.models import quarantine
from dispatch.vocabulary import CITY, REAL
from dispatch.writer import Writer

PAYLOAD_MAX = 16_384  # characters: enough to see what it was


class Seen(Body):
    quarantine: Id


def scope_of(city: City, source: str) -> tuple[str, ...]:
    """Whose a source's messages are: its districts', or the city's if nobody knows it."""
    return next((one.districts for one in city.sources if one.id == source), (CITY,))


def keep(
    writer: Writer,
    door: str,
    channel: str,
    payload: str,
    reason: Refused,
    key: str,
    now: int,
    realm: str = REAL,
    scope: Sequence[str] = (CITY,),
) -> Answer:
    """Put a refused message aside for the desk. key: the same for the same message.

    Nobody has understood what it says and of whom: only a desk whose jurisdiction contains the
    whole scope sees it and clears it.
    """
    content = {"door": door, "channel": channel, "payload": payload, "reason": reason.detail}

    def run(work: Work) -> dict[str, Any]:
        id = f"QU-{work.seq}"
        work.put(
            quarantine,
            id,
            door=door[:20],
            channel=shown(channel, 120),
            field=shown(reason.field, 120),
            reason=shown(reason.detail, 400),
            payload=shown(payload, PAYLOAD_MAX),
            received_at=now,
            scope_json=canonical.dumps(list(scope)),
        )
        work.emit("MessageQuarantined", id, scope, {"door": door, "code": reason.code})
        return {"quarantine": id}

    return writer.command(Request(f"door:{door}"[:64], key, content, run, now, realm))


def shown(text: str, most: int) -> str:
    """The beginning of what a stranger said, as text that every store can hold."""
    return text.replace("\0", "")[:most]


def seen(work: Work, body: Seen, actor: Actor, city: City) -> dict[str, Any]:
    """Somebody has seen it: it leaves the list."""
    row = work.get(quarantine, body.quarantine, "quarantine")
    scope = canonical.loads(row["scope_json"])
    require(actor, "quarantine.handle", scope)
    if row["seen_by"] is None:
        work.put(quarantine, row["id"], seen_by=actor.id)
        work.emit("QuarantineSeen", row["id"], scope)
    return {"quarantine": row["id"]}
