"""The description of the REST door, made from the addresses themselves (OpenAPI 3.1)."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from pydantic import BaseModel

from callbacks.rest.registry import Route, Schema

REF = "#/components/schemas/{model}"
PART = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
VERSION = "1"
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "made once for one intent; the same key again gets the same answer",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole description as JSON values."""
    spec = APISpec("Yiping", VERSION, "3.1.0")
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "sid"})
    schemas = _Schemas(spec)
    schemas.ref(Problem)
    for route in routes:
        spec.path(
            documented(route.path), operations={route.method.lower(): _operation(route, schemas)}
        )
    return spec.to_dict()


def documented(path: str) -> str:
    """A path as OpenAPI writes it: `{name}` for Flask's `<name>`."""
    return PART.sub(r"{\1}", path)


class _Schemas:
    """Puts each schema into the description once, with those that it uses."""

    def __init__(self, spec: APISpec) -> None:
        self._spec = spec
        self._known: set[str] = set()

    def ref(self, schema: Schema) -> dict[str, str]:
        made = schema.model_json_schema(ref_template=REF)
        for name, used in made.pop("$defs", {}).items():
            self._add(name, used)
        own = _name(schema)
        self._add(own, made)
        return {"$ref": REF.format(model=own)}

    def _add(self, name: str, made: dict[str, Any]) -> None:
        if name not in self._known:
            self._known.add(name)
            self._spec.components.schema(name, made)


def _name(schema: Schema) -> str:
    """Commands name their bodies alike (One, End), so the module's name stands before."""
    module = schema.__module__.rpartition(".")[2].title().replace("_", "")
    return f"{module}{schema.__name__}"


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": route.id,
        "summary": route.summary,
        "security": [{"key": []}] if _for_keys(route) else [{"session": []}, {"key": []}],
        "parameters": [*_parts(route), *_query(route)],
        "responses": _answers(route, schemas),
    }
    if route.bodies:
        content = {
            kind: {"schema": schemas.ref(schema) if schema else {"type": "string"}}
            for kind, schema in route.bodies.items()
        }
        made["requestBody"] = {"required": True, "content": content}
    return made


def _for_keys(route: Route) -> bool:
    return bool(route.rights) and all(right.endswith(":write") for right in route.rights)


def _parts(route: Route) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PART.findall(route.path)
    ]
    return [*parts, KEY_HEADER] if route.keyed else parts


def _query(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": facts}
        for name, facts in schema["properties"].items()
    ]


def _answers(route: Route, schemas: _Schemas) -> dict[str, Any]:
    refusals = {401: "", 403: ""} | ({400: "", 413: "", 422: ""} if route.bodies else {})
    if route.query:
        refusals[422] = ""
    if PART.search(route.path):
        refusals[404] = ""
    answers = (
        {200: "", **refusals, **route.answers}
        if not _has_success(route)
        else {
            **refusals,
            **route.answers,
        }
    )
    return {
        str(status): _answer(status, text, route, schemas)
        for status, text in sorted(answers.items())
    }


def _has_success(route: Route) -> bool:
    return any(status < 400 for status in route.answers)


def _answer(status: int, text: str, route: Route, schemas: _Schemas) -> dict[str, Any]:
    said: dict[str, Any] = {"description": text or HTTPStatus(status).phrase}
    if status >= 400:
        said["content"] = {"application/problem+json": {"schema": schemas.ref(Problem)}}
    elif route.answer:
        said["content"] = {"application/json": {"schema": schemas.ref(route.answer)}}
    return said
