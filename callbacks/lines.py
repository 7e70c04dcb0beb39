"""The server's end of a screen's line: a frame goes out whole, at once, and is made once for all.

The library hands a frame to the kernel and does not look how much of it was taken: a screen that
reads slowly would get another frame where the rest should be. It also makes the same frame again
for each screen, and wakes a greenlet to send it, which is most of what a push to hundreds costs.
Here a frame is sent to its end; who are told the same get the same bytes (RFC 6455, 5.2); and what
the kernel takes now is sent now. Only what has to wait for a slow screen waits in its queue.

All names of engineio and simple_websocket that this leans on stand in this module.
"""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

from engineio.packet import MESSAGE, Packet
from flask_socketio import SocketIO
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, TextMessage

KERNEL = "gunicorn.socket"
EXTENSIONS = "HTTP_SEC_WEBSOCKET_EXTENSIONS"
DEAF_MS = 10_000  # a line that takes nothing for so long is cut; its screen comes back by itself

Environ = dict[str, Any]
Spawn = Callable[..., Any]


class Wire(Protocol):
    """What is needed of gevent's socket. timeout: 0 raises BlockingIOError instead of waiting."""

    def send(self, data: bytes, flags: int = 0, timeout: float | None = None, /) -> int: ...
    def sendall(self, data: bytes, /) -> None: ...
    def setsockopt(self, level: int, name: int, value: int, /) -> None: ...


def frame(message: str | bytes) -> bytes:
    """A message in one frame, as a server sends it."""
    line = Connection(ConnectionType.SERVER)
    if isinstance(message, str):
        return line.send(TextMessage(data=message))
    return line.send(BytesMessage(data=message))


class Frames:
    """The frame of the last message: what is told to many is the same object each time."""

    def __init__(self) -> None:
        self._last: tuple[str | bytes, bytes] = ("", frame(""))

    def of(self, message: str | bytes) -> bytes:
        known, made = self._last
        if known is not message:
            made = frame(message)
            self._last = message, made
        return made


class Whole:
    """A socket that sends one frame after the other to its end, whoever sends.

    The turn is a lock of greenlets; whoever sends the rest of a frame keeps it until it is sent.
    """

    def __init__(self, wire: Wire, spawn: Spawn) -> None:
        self._wire, self._spawn, self._turn = wire, spawn, threading.Lock()
        self._ciphered = hasattr(wire, "cipher")  # TLS may want to read before it can write
        with suppress(OSError):  # not TCP, as behind a proxy on this machine
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAF_MS)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wire, name)

    def send(self, data: bytes) -> int:
        """Send all of it, when it is its turn. Raises OSError."""
        with self._turn:
            self._wire.sendall(data)
        return len(data)

    def at_once(self, data: bytes) -> bool:
        """Send it if that needs no waiting; what is begun will be ended. Raises nothing."""
        if self._ciphered or not self._turn.acquire(blocking=False):
            return False
        taken = 0
        try:
            taken = self._wire.send(data, 0, 0.0)
        except OSError:  # full, or gone: who waits in the queue finds out which
            pass
        finally:
            if taken in (0, len(data)):
                self._turn.release()
            else:
                self._spawn(self._end, data[taken:])
        return taken > 0

    def _end(self, rest: bytes) -> None:
        try:
            self._wire.sendall(rest)
        except OSError:
            pass  # the line is gone, which its reader sees as well
        finally:
            self._turn.release()


class Lines:
    """Sends packets over the lines of one engine."""

    def __init__(self, socketio: SocketIO) -> None:
        self._engine = socketio.server.eio
        self._queued = self._engine.send_packet
        self.frames, self.spawn = Frames(), socketio.start_background_task

    def send_packet(self, sid: str, packet: Packet) -> None:
        """As the engine's own, which waits for the line's greenlet; that stays so if it must."""
        known = self._engine.sockets.get(sid)
        line = getattr(known, "line", None)
        if line is None or known.closed or packet.packet_type != MESSAGE:
            self._queued(sid, packet)
        elif not known.check_ping_timeout():
            return  # the library has just closed it
        elif not known.queue.empty() or not line.at_once(packet.encode()):
            self._queued(sid, packet)


class Line:
    """One connection: mixed into the library's class, whose way out it changes."""

    lines: Lines
    ws: Any = None
    plain = False

    def __init__(self, handler: Any, *rest: Any) -> None:
        super().__init__(handler, *rest)  # type: ignore[call-arg]
        handler.__self__.line = self

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        if KERNEL in environ:
            environ[KERNEL] = Whole(environ[KERNEL], self.lines.spawn)
            self.plain = EXTENSIONS not in environ
        answer: Iterable[bytes] = super().__call__(environ, start)  # type: ignore[misc]
        return answer

    def at_once(self, message: str | bytes) -> bool:
        """Whether it could be sent without waiting; what a line compresses could not."""
        if not self.plain or self.ws is None or not self.ws.connected:
            return False
        return bool(self.ws.sock.at_once(self.lines.frames.of(message)))

    def send(self, message: str | bytes) -> Any:
        """Send it when it is its turn. Raises OSError."""
        if not self.plain:
            return super().send(message)  # type: ignore[misc]
        if not self.ws.connected:
            raise OSError("the line is closed")
        return self.ws.sock.send(self.lines.frames.of(message))


def install(socketio: SocketIO) -> Lines:
    """Let this server's sockets send so."""
    engine = socketio.server.eio
    lines = Lines(socketio)
    parts = engine._async
    made = type("ScreenLine", (Line, parts["websocket"]), {"lines": lines})
    engine._async = {**parts, "websocket": made}
    engine.send_packet = lines.send_packet
    return lines
