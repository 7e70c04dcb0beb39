"""Many alerts in one request: an answer to each, and one commit for all that were taken."""

from collections.abc import Sequence
from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, Field

from callbacks.rest.registry import JSON, Api, answer, body
from callbacks.services import Services
from callbacks.who import current
from dispatch.errors import Refused
from dispatch.inputs import Body
from dispatch.turns import Outcome
from streams.sources.json_alert import Message

MOST = 500
NEW = "new"
ANSWERS = {
    200: "every alert has its own answer; what was taken is on disk",
    413: "more than 1 MiB: send fewer at a time",
    415: "not JSON",
    503: "nothing was taken: send all again",
}


class Batch(Body):
    """Alerts of the key's own source, in the order in which they happened."""

    alerts: Annotated[list[Any], Field(min_length=1, max_length=MOST)]


class AlertBatch(Body):
    """Alerts of the key's own source, in the order in which they happened."""

    alerts: Annotated[list[Message], Field(min_length=1, max_length=MOST)]


class Problem(BaseModel):
    """Why one alert was refused; sending it again will not help, unless its status is 503."""

    code: str
    field: str
    detail: str


class Item(BaseModel):
    """What became of one alert: as if it had been sent alone.

    status: 201 new, 200 known or a later word on a known one; else it was refused.
    """

    row: int
    ext_id: str | None
    status: int
    alert: str | None = None
    state: str | None = None
    outcome: str | None = None
    seq: int | None = None
    problem: Problem | None = None


class Items(BaseModel):
    """The answers, in the order of the alerts, and how many were taken and refused."""

    accepted: int
    refused: int
    items: list[Item]


def mount(api: Api, services: Services) -> None:
    @api.post(
        "/api/v1/alerts:batch",
        rights=("alerts:write",),
        bodies={JSON: AlertBatch},
        answer=Items,
        answers=ANSWERS,
    )
    def alerts_batch() -> Response:
        """Up to 500 alerts, their updates or ends; each is taken or refused for itself."""
        said = body(Batch).alerts
        return answer(told(said, services.intake.batch(current().actor, said)))


def told(said: Sequence[Any], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The answer to a batch."""
    items = [
        {"row": n, "ext_id": _name(one), **_item(outcome)}
        for n, (one, outcome) in enumerate(zip(said, outcomes, strict=True))
    ]
    refused = sum("problem" in item for item in items)
    return {"accepted": len(items) - refused, "refused": refused, "items": items}


def _item(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {"status": outcome.status, "problem": _problem(outcome)}
    if isinstance(outcome, Exception):
        return {"status": 500, "problem": {"code": "fault", "field": "", "detail": "fault"}}
    new = outcome.fresh and outcome.body["outcome"] == NEW
    return {"status": 201 if new else 200, **outcome.body, "seq": outcome.seq}


def _problem(refused: Refused) -> dict[str, str]:
    return {"code": refused.code, "field": refused.field, "detail": refused.detail}


def _name(said: Any) -> str | None:
    name = said.get("ext_id") if isinstance(said, dict) else None
    return name if isinstance(name, str) else None
