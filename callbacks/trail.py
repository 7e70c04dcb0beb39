"""The trail of a request: an id that its log lines share, and receipts for what it carried out."""

import logging
import time
import uuid

from flask import Flask, Response, g, request

from callbacks.services import Services
from callbacks.who import known
from dispatch import trail
from streams.receipts import DoorWriter, Told, within

log = logging.getLogger(__name__)

NAMED = 20  # ids of one request that a log line names
SAID_YES = 400


def install(server: Flask, services: Services) -> None:
    """Follow each request from its first look to its answer."""
    writer = services.writer
    receipts = writer.receipts if isinstance(writer, DoorWriter) else None

    @server.before_request
    def _begin() -> None:
        g.request_id, g.began = uuid.uuid4().hex[:16], time.monotonic()
        trail.request.set(g.request_id)
        g.told = []
        within.set(g.told)

    @server.after_request
    def _end(response: Response) -> Response:
        told: list[Told] = g.get("told", [])
        if told and response.status_code < SAID_YES and receipts is not None:
            receipts.give(told)
        if "request_id" in g:
            response.headers["X-Request-Id"] = g.request_id
            if told or (request.method == "POST" and response.status_code >= SAID_YES):
                _say(response, told)
        return response

    @server.teardown_request
    def _forget(_error: BaseException | None) -> None:
        within.set(None)
        trail.request.set("")


def _say(response: Response, told: list[Told]) -> None:
    """One line for what was carried out or refused: ids and words alone, nothing of persons."""
    took_ms = round((time.monotonic() - g.began) * 1000, 1)
    facts = {"status": response.status_code, "took_ms": took_ms}
    log.info("%s answered", _door(), extra={"facts": {**facts, **_who(), **_what(told)}})


def _door() -> str:
    return request.url_rule.rule if request.url_rule else "no address"


def _who() -> dict[str, str]:
    who = known()
    return {"actor": who.actor.id} if who else {}


def _what(told: list[Told]) -> dict[str, object]:
    """Keys, numbers and things: what an order can be followed by."""
    if not told:
        return {}
    things = [one.subject for answer in told for one in answer.answer.events]
    return {
        "key": told[0].request.key,
        "seq": told[-1].answer.seq,
        "again": not told[0].answer.fresh,
        "events": list(dict.fromkeys(e.type for one in told for e in one.answer.events)),
        "subjects": list(dict.fromkeys(things))[:NAMED],
    }
