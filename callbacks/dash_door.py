"""Dash's own callback address, made strict: a body that does not fit is a 4xx, never a 5xx."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any

from dash import Dash
from flask import Flask, Response, request
from pydantic import BaseModel, ConfigDict, Field

from callbacks.problems import problem

Text = Annotated[str, Field(max_length=1_000)]
View = Callable[..., Any]


class Ref(BaseModel):
    """One input or state of a callback, with its value."""

    model_config = ConfigDict(extra="ignore", strict=True)
    id: Text
    property: Text
    value: Any = None


class Target(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    id: Text
    property: Text


class Call(BaseModel):
    """What the browser sends to run one callback."""

    model_config = ConfigDict(extra="ignore", strict=True)
    output: Text
    outputs: Target | list[Target] = []
    inputs: list[Ref] = []
    state: list[Ref] = []
    changedPropIds: list[Text] = []


def harden(server: Flask, app: Dash) -> None:
    """Let only bodies through that name a callback of this app with its own inputs."""
    endpoint = f"{app.config.routes_pathname_prefix}_dash-update-component"
    server.view_functions[endpoint] = _checked(app, server.view_functions[endpoint])


def _checked(app: Dash, view: View) -> View:
    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        call = Call.model_validate(request.get_json())
        return _mismatch(app, call) or view(*args, **kwargs)

    return run


def _mismatch(app: Dash, call: Call) -> Response | None:
    known = app.callback_map.get(call.output)
    if known is None:
        return problem(404, "no_callback", "there is no such callback", "output")
    if not _same(known["inputs"], call.inputs):
        return problem(422, "invalid", "these are not the callback's inputs", "inputs")
    if not _same(known["state"], call.state):
        return problem(422, "invalid", "these are not the callback's states", "state")
    if not _outputs_fit(call):
        return problem(422, "invalid", "these are not the callback's outputs", "outputs")
    return None


def _same(known: Sequence[Any], sent: Sequence[Ref]) -> bool:
    return [(one["id"], one["property"]) for one in known] == [(r.id, r.property) for r in sent]


def _outputs_fit(call: Call) -> bool:
    many = isinstance(call.outputs, list)
    targets = call.outputs if isinstance(call.outputs, list) else [call.outputs]
    named = "...".join(f"{one.id}.{one.property}" for one in targets)
    return call.output == (f"..{named}.." if many else named)
