"""Whether the product lives, can work, and how it is."""

from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from callbacks import codec
from callbacks.services import Services
from dispatch import log


def install(server: Flask, services: Services) -> None:
    """/livez says that the process answers, /readyz that its store does too, /health more."""

    @server.get("/livez")
    def livez() -> Response:
        return _say({"live": True})

    @server.get("/readyz")
    def readyz() -> Response:
        return _say({"ready": True}) if _head(services) is not None else _say({"ready": False}, 503)

    @server.get("/health")
    def health() -> Response:
        head = _head(services)
        said = {"store": head is not None, "head": head, "now": services.now()}
        hub = {"boot": services.hub.boot, "cursor": services.hub.cursor}
        return _say({**said, **hub, "redis": services.doorbell.alive})


def _head(services: Services) -> int | None:
    try:
        return services.database.read(log.head)
    except SQLAlchemyError:
        return None


def _say(content: dict[str, object], status: int = 200) -> Response:
    return Response(codec.write(content), status, mimetype="application/json")
