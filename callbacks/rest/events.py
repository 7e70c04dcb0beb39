"""The log's events over REST, for desks."""

from typing import Annotated

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from callbacks.rest.registry import Api, answer, query
from callbacks.services import Services
from callbacks.who import current
from dispatch import log
from dispatch.access import meets

MOST = 500


class After(BaseModel):
    model_config = ConfigDict(extra="forbid")
    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


class Told(BaseModel):
    """One event: what happened, to what, when (ms, UTC)."""

    seq: int
    at: int
    type: str
    subject: str
    incident: str | None
    scope: list[str]
    actor: str
    body: dict[str, object]


class Events(BaseModel):
    """Events in order; ask again after `to`, until it is `head`."""

    events: list[Told]
    to: int
    head: int


def mount(api: Api, services: Services) -> None:
    @api.get("/api/v1/events", rights=("log.read",), query=After, answer=Events)
    def events() -> Response:
        """The events after a number that concern the asker's jurisdiction."""
        asked = query(After)
        scope = current().actor.scope

        def read(connection: Connection) -> tuple[int, list[log.Event]]:
            return log.head(connection), log.events_after(connection, asked.after, asked.limit)

        head, found = services.database.read(read)
        seen = [one for one in found if one.realm == services.realm and meets(scope, one.scope)]
        to = found[-1].seq if found else asked.after
        return answer({"events": [_told(one) for one in seen], "to": to, "head": head})


def _told(one: log.Event) -> dict[str, object]:
    return {
        "seq": one.seq,
        "at": one.at,
        "type": one.type,
        "subject": one.subject,
        "incident": one.incident,
        "scope": list(one.scope),
        "actor": one.actor,
        "body": one.body,
    }
