"""Commands over REST: one address for each, one body, one key for each intent."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict

from callbacks.rest.registry import JSON, Api, answer
from callbacks.services import Services
from callbacks.who import current
from dispatch.commands import COMMANDS, Command, perform
from dispatch.errors import Invalid

KEY = "Idempotency-Key"
ANSWERS = {
    200: "done and on disk; the same key again gives the same answer",
    404: "no such thing",
    409: "the thing has moved on, or another holds it",
    503: "not written: try again with the same key",
}


class Done(BaseModel):
    """The number of the command's last event, and what the command itself answers."""

    model_config = ConfigDict(extra="allow")
    seq: int


def mount(api: Api, services: Services) -> None:
    for command in COMMANDS.values():
        api.post(
            f"/api/v1/commands/{command.name}",
            rights=(),
            name=command.name,
            keyed=True,
            bodies={JSON: command.body},
            answer=Done,
            answers=ANSWERS,
        )(_view(services, command))


def _view(services: Services, command: Command) -> Callable[[], Response]:
    def run() -> Response:
        given: Any = request.get_json()
        if not isinstance(given, dict):
            raise Invalid("not_an_object", detail="the body should be a JSON object")
        done = perform(
            services.writer,
            services.city,
            current().actor,
            command.name,
            request.headers.get(KEY, ""),
            given,
            services.now(),
            services.realm,
        )
        return answer({"seq": done.seq, **done.body})

    run.__doc__ = f"Command {command.name}; asks for the right {command.right}."
    return run
