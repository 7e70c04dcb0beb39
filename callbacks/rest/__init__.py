"""The REST door: every address of /api/v1, and the description made from them."""

from flask import Flask, Response

from callbacks.rest import (
    alerts,
    batch,
    calls,
    cameras,
    commands,
    events,
    media,
    orders,
    papers,
    pictures,
    places,
    stills,
    units,
    uploads,
)
from callbacks.rest.openapi import describe
from callbacks.rest.registry import Api, answer
from callbacks.services import Services

PARTS = (
    *(alerts, batch, commands, orders, pictures, events, places, units),
    *(media, cameras, stills, calls, uploads, papers),
)


def install(server: Flask, services: Services) -> Api:
    """Serve every part, and what describes them."""
    api = Api()
    for part in PARTS:
        part.mount(api, services)

    @api.get("/api/v1/openapi.json", rights=())
    def openapi() -> Response:
        """This description."""
        return answer(describe(api.routes))

    api.mount(server)
    return api
