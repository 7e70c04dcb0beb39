"""The one JSON of every door: Flask's provider and Socket.IO's codec over the strict parser."""

import json
from typing import Any

from flask import Flask
from flask.json.provider import JSONProvider

from dispatch import canonical


class StrictJson(JSONProvider):
    """JSON of requests and answers: strict in; no NaN out."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return write(obj)

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        return canonical.loads(s)


class SocketJson:
    """The codec for Socket.IO: a value that is not JSON is never broadcast."""

    @staticmethod
    def dumps(obj: Any, **_kwargs: Any) -> str:
        return write(obj)

    @staticmethod
    def loads(text: str | bytes, **_kwargs: Any) -> Any:
        return canonical.loads(text)


def write(value: Any) -> str:
    """Compact text in the value's own order. Raises ValueError on NaN and infinities."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def install(server: Flask) -> None:
    """Make every request and answer of the server use this JSON."""
    server.json = StrictJson(server)
