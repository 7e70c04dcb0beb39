"""The hub's way out to the screens: made before the sockets are, bound when they are."""

from typing import Any

from flask_socketio import SocketIO


class Port:
    """Sends an event to a room, or to every screen of this process if the room is None."""

    def __init__(self) -> None:
        self._socketio: SocketIO | None = None

    def bind(self, socketio: SocketIO) -> None:
        self._socketio = socketio

    def __call__(self, event: str, data: Any, room: str | None) -> None:
        if self._socketio is not None:
            self._socketio.emit(event, data, to=room)
