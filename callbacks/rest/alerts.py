"""Facts from outside systems: alerts as JSON or CAP, readings, positions."""

from typing import Any

from flask import Response, request
from pydantic import BaseModel

from callbacks.rest.registry import CAP, JSON, XML, Api, answer, body
from callbacks.services import Services
from callbacks.who import current
from dispatch.errors import Forbidden, Invalid
from dispatch.log import Answer
from streams.series import PositionBatch, ReadingBatch
from streams.sources.json_alert import Message

NEW = "new"
ANSWERS = {
    200: "known already, or a later word on a known alert",
    201: "a new alert, and on disk",
    409: "the thing has moved on",
    413: "more than 1 MiB",
    415: "neither JSON nor CAP",
    503: "not written: try again",
}


class Taken(BaseModel):
    """What became of the message.

    outcome: new, updated, repeated, stale, cancelled or remembered.
    """

    alert: str | None
    state: str
    outcome: str
    seq: int


class RowRefused(BaseModel):
    row: int
    field: str
    code: str
    detail: str


class Batch(BaseModel):
    """How many rows were kept, and of the others which, and why."""

    accepted: int
    refused: list[RowRefused]


def mount(api: Api, services: Services) -> None:
    intake = services.intake

    @api.post(
        "/api/v1/alerts",
        rights=("alerts:write",),
        bodies={JSON: Message, CAP: None, XML: None},
        answer=Taken,
        answers=ANSWERS,
    )
    def alerts() -> Response:
        """One alert of the key's own source, its update or its end."""
        if request.mimetype == JSON:
            return _taken(intake.json(current().actor, _own_message()))
        return _taken(intake.cap(current().actor, request.get_data()))

    @api.post(
        "/api/v1/readings", rights=("readings:write",), bodies={JSON: ReadingBatch}, answer=Batch
    )
    def readings() -> Response:
        """Readings of sensors; the same reading again changes nothing."""
        batch = body(ReadingBatch)
        _own(batch.source)
        return answer(intake.readings(current().actor, batch))

    @api.post(
        "/api/v1/positions", rights=("positions:write",), bodies={JSON: PositionBatch}, answer=Batch
    )
    def positions() -> Response:
        """Places of units; the newest of each is on the map within a second."""
        batch = body(PositionBatch)
        _own(batch.source)
        return answer(intake.positions(current().actor, batch))


def _own_message() -> dict[str, Any]:
    content = request.get_json()
    if not isinstance(content, dict):
        raise Invalid("not_an_object", detail="the body should be a JSON object")
    if isinstance(said := content.get("source"), str):
        _own(said)
    return content


def _own(source: str) -> None:
    """A key speaks for its own source alone."""
    own = current().actor.source
    if own is not None and own != source:
        raise Forbidden("not_your_source", "source", f"this key speaks for {own}")


def _taken(done: Answer) -> Response:
    new = done.fresh and done.body["outcome"] == NEW
    return answer({**done.body, "seq": done.seq}, 201 if new else 200)
