"""Every address of the REST door: declared once, served and documented from the same words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, request
from pydantic import BaseModel

from callbacks import codec
from callbacks.problems import problem
from callbacks.who import current
from dispatch.access import can
from dispatch.inputs import parse

View = TypeVar("View", bound=Callable[..., Any])
Model = TypeVar("Model", bound=BaseModel)
Schema = type[BaseModel]
JSON = "application/json"
CAP, XML = "application/cap+xml", "application/xml"


@dataclass(frozen=True)
class Route:
    """One address. The first line of the view's docstring is its summary.

    rights: who has any of them may come in; () leaves it to the command behind.
    path: as Flask writes it; bodies: content type -> schema (None for one that is not JSON).
    answers: status -> what it means; a 2xx carries `answer`'s schema.
    keyed: it wants an Idempotency-Key; name: its own, if not that of the view.
    """

    method: str
    path: str
    view: Callable[..., Any]
    rights: tuple[str, ...]
    query: Schema | None = None
    bodies: Mapping[str, Schema | None] = field(default_factory=dict)
    answer: Schema | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    keyed: bool = False
    name: str = ""

    @property
    def id(self) -> str:
        return self.name or self.view.__name__

    @property
    def summary(self) -> str:
        return (self.view.__doc__ or "").strip().splitlines()[0]


class Api:
    """The addresses of the REST door."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(self, method: str, path: str, **facts: Any) -> Callable[[View], View]:
        """Declare an address; facts are the fields of Route."""

        def declare(view: View) -> View:
            self.routes.append(Route(method, path, view, **facts))
            return view

        return declare

    def get(self, path: str, **facts: Any) -> Callable[[View], View]:
        return self.route("GET", path, **facts)

    def post(self, path: str, **facts: Any) -> Callable[[View], View]:
        return self.route("POST", path, **facts)

    def mount(self, server: Flask) -> None:
        for one in self.routes:
            server.add_url_rule(one.path, f"api {one.id}", _guarded(one), methods=[one.method])


def _guarded(route: Route) -> Callable[..., Any]:
    @wraps(route.view)
    def run(**parts: Any) -> Any:
        if route.rights and not any(can(current().actor, right) for right in route.rights):
            return problem(403, "no_right", f"needs {' or '.join(route.rights)}")
        if route.bodies and request.mimetype not in route.bodies:
            wanted = ", ".join(route.bodies)
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", f"send {wanted}")
        return route.view(**parts)

    return run


def body(schema: type[Model]) -> Model:
    """The request's JSON body as `schema`. Raises JsonError or Invalid."""
    return parse(schema, request.get_json())


def query(schema: type[Model]) -> Model:
    """The address's query as `schema`; a name given twice counts once. Raises ValidationError."""
    return schema.model_validate(request.args.to_dict())


def answer(content: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(codec.write(content), status, mimetype=JSON)
