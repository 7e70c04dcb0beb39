"""Refusals as problem+json: what was wrong, in which field, never a 5xx for a bad input."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, cast

from dash.exceptions import DependencyException, InvalidResourceError
from flask import Flask, Response, request
from pydantic import ValidationError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from callbacks import codec
from dispatch.canonical import JsonError
from dispatch.errors import Refused, TooMany

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
RETRY_AFTER_S = 1
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def problem(
    status: int,
    code: str,
    detail: str = "",
    field: str = "",
    about: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says why a request was refused.

    code: a stable word for programs and texts; field: the input at fault, or "";
    about: ids that help to act on it.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail or code,
        "code": code,
        "field": field,
        **({"about": dict(about)} if about else {}),
    }
    response = Response(printable(body), int(status), mimetype=PROBLEM)
    if status in BUSY:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def printable(body: dict[str, Any]) -> bytes:
    """The body as UTF-8, whatever an unlucky input has left in it."""
    return codec.write(body).encode("utf-8", "replace")


def install(server: Flask) -> None:
    """Let every error of the server leave as a problem.

    To be called after the Dash apps are made: they bring handlers of their own.
    """
    server.register_error_handler(Refused, of_refusal)
    server.register_error_handler(JsonError, _of_json)
    server.register_error_handler(ValidationError, of_validation)
    server.register_error_handler(DataError, _of_data)
    for of_dash in (InvalidResourceError, DependencyException):
        server.register_error_handler(of_dash, _of_resource)
    server.register_error_handler(HTTPException, _of_http)
    server.register_error_handler(Exception, _of_fault)


def of_refusal(error: Refused) -> Response:
    response = problem(error.status, error.code, error.detail, error.field, error.about)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(ceil(error.wait_s))
    return response


def of_validation(error: ValidationError) -> Response:
    """A body that does not fit its schema: the first field that is wrong, and how."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return problem(422, first["type"], first["msg"], field)


def _of_json(error: JsonError) -> Response:
    return problem(400, "not_json", str(error))


def _of_data(_error: DataError) -> Response:
    """What was asked for holds a character or number that nothing in the store can have."""
    return problem(400, "not_storable", "a character or number in it is in no record")


def _of_resource(_error: Exception) -> Response:
    return problem(404, "not_found")


def _of_http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # a redirect to the address with its slash
        return cast(Response, error.get_response())
    if isinstance(cause := error.__cause__ or error.__context__, JsonError):
        return _of_json(cause)
    if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _mistake()
    code = HTTPStatus(error.code).name.lower()
    response = problem(error.code, code, error.description or "")
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _of_fault(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _mistake()


def _mistake() -> Response:
    return problem(500, "fault", "the server made a mistake; it has been logged")
