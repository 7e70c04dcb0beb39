"""A stand-in for the product's REST doors: it keeps what it is told and can refuse at first."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Door(ThreadingHTTPServer):
    """Listens on a free port; `heard` holds (path, headers, body) of every accepted request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[tuple[str, dict[str, str], Any]] = []
        self.busy = 0  # so many requests are answered 503 first
        self.knocks = 0
        self.refused: list[dict[str, Any]] = []  # rows of batches that it does not keep
        self.orders: dict[str, list[dict[str, Any]]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def bodies(self, path: str) -> list[Any]:
        return [body for where, _, body in self.heard if where == path]


class _Handler(BaseHTTPRequestHandler):
    server: Door
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.knocks += 1
        if self.server.busy > 0:
            self.server.busy -= 1
            self._answer(503, {"title": "busy"})
            return
        xml = "xml" in self.headers["Content-Type"]
        body = raw.decode() if xml else json.loads(raw)
        self.server.heard.append((self.path, dict(self.headers), body))
        seq = len(self.server.heard)
        self._answer(201, {"alert": "AL-1", "seq": seq, "refused": self.server.refused})

    def do_GET(self) -> None:
        unit = self.path.rpartition("unit=")[2]
        self._answer(200, {"orders": self.server.orders.get(unit, [])})

    def _answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def open_door() -> Iterator[Door]:
    door = Door()
    thread = threading.Thread(target=door.serve_forever, daemon=True)
    thread.start()
    yield door
    door.shutdown()
    door.server_close()
    thread.join(5)
