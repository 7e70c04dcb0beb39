"""The limit to compare with: one Flask-SocketIO process that broadcasts bytes and does no more."""

from typing import Any

from flask import Flask, Response, request
from flask_socketio import SocketIO

from dispatch import canonical

PAGE = """<!doctype html><title>bare</title><script src="/socket.io.js"></script><p id="out"></p>
<script>
const out = document.getElementById("out");
const socket = io({transports: ["websocket"]});
socket.on("cycle", ({mark}) => {
  if (mark) out.textContent = `${mark} ${out.textContent}`.slice(0, 200);
});
socket.on("connect", () => { document.title = "connected"; });
</script>"""


def create(script: str) -> Flask:
    """script: path of socket.io's browser build."""
    app = Flask("bare")
    socketio = SocketIO(app, async_mode="gevent")
    kept: dict[str, list[tuple[str, Any]]] = {}

    @app.get("/")
    def page() -> str:
        return PAGE

    @app.get("/socket.io.js")
    def client() -> Response:
        with open(script, "rb") as file:  # noqa: PTH123
            return Response(file.read(), mimetype="text/javascript")

    @app.post("/messages")
    def keep() -> dict[str, int]:
        kept.update(canonical.loads(request.data))
        return {"messages": sum(map(len, kept.values()))}

    @app.post("/fire/<mark>")
    def fire(mark: str) -> dict[str, bool]:
        """What an alert makes the product say; the mark rides in it."""
        for event, data in kept["alert"]:
            socketio.emit(event, {**data, "mark": mark})
        return {"ok": True}

    @app.post("/tidy")
    def tidy() -> dict[str, bool]:
        """What a cancellation makes the product say."""
        for event, data in kept["cancel"]:
            socketio.emit(event, data)
        return {"ok": True}

    return app
