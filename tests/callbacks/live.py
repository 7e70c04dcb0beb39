"""The doors on a real port, and screens that really connect."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import socketio
from flask import Flask
from werkzeug.serving import make_server

from callbacks.services import Services

PATIENCE_S = 5.0


class Live:
    """A running server. url: where; hub cycles and beats beside it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def screen(self, token: str, origin: str | None = "") -> "Screen":
        return Screen(self.url, token, self.url if origin == "" else origin)


class Screen:
    """One screen's socket, and all that it was sent."""

    def __init__(self, url: str, token: str, origin: str | None) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.cycles: list[list[list[Any]]] = []
        self.closed = threading.Event()
        said = {"origin": origin} if origin else {"suppress_origin": True}
        self._client = socketio.Client(reconnection=False, websocket_extra_options=said)
        self._client.on("*", self._hear)
        self._client.on("disconnect", lambda *_: self.closed.set())
        headers = {"Cookie": f"sid={token}"}
        self._client.connect(url, headers=headers, transports=["websocket"], wait_timeout=5)

    def _hear(self, event: str, data: Any = None) -> None:
        """Keeps what was said; what came as one cycle is kept message by message."""
        if event == "cycle":
            self.cycles.append(data["said"])
        said = data["said"] if event == "cycle" else [(event, data)]
        self.heard.extend((name, one) for name, one in said)

    def says(self, event: str, data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.call(event, data, timeout=PATIENCE_S)
        return answer

    def joins(self, screen: str, **more: Any) -> dict[str, Any]:
        return self.says("join", {"screen": screen, "screen_id": "s-1", **more})

    def waits_for(self, event: str, fits: Callable[[Any], bool] = lambda _data: True) -> Any:
        """The first message of this kind that fits. Fails after a few seconds."""
        found: list[Any] = []

        def look() -> bool:
            found.extend(data for name, data in list(self.heard) if name == event and fits(data))
            return bool(found)

        assert eventually(look), f"no {event} in {[name for name, _ in self.heard]}"
        return found[0]

    def throws(self, frame: str | bytes) -> None:
        """Send a frame as it stands, whatever the protocol says."""
        socket: Any = self._client.eio.ws
        socket.send_binary(frame) if isinstance(frame, bytes) else socket.send(frame)

    def leaves(self) -> None:
        self._client.disconnect()


def eventually(look: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    until = time.monotonic() + patience_s
    while not look():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def running(server: Flask, services: Services, tls: Path | None = None) -> Iterator[Live]:
    """tls: the folder with the certificate by which it speaks https."""
    stop = threading.Event()
    pair = (str(tls / "cert.pem"), str(tls / "key.pem")) if tls else None
    http = make_server("127.0.0.1", 0, server, threaded=True, ssl_context=pair)
    http.daemon_threads = True
    threads = [
        threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True),
        threading.Thread(target=services.hub.run, args=(stop,), daemon=True),
        threading.Thread(target=_beat, args=(services, stop), daemon=True),
    ]
    for one in threads:
        one.start()
    yield Live(f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}")
    stop.set()
    http.shutdown()
    for one in threads:
        one.join(PATIENCE_S)
    http.server_close()


def _beat(services: Services, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        services.hub.beat(redis=False)
