"""The hub's way out to the screens: made before the sockets are, bound when they are."""

import logging
from collections.abc import Sequence
from typing import Any

from flask_socketio import SocketIO

log = logging.getLogger(__name__)

CYCLE = "cycle"
NAMESPACE = "/"


class Port:
    """Sends an event to a room, or to every screen of this process if the room is None."""

    def __init__(self) -> None:
        self._socketio: SocketIO | None = None

    def bind(self, socketio: SocketIO) -> None:
        self._socketio = socketio

    def __call__(self, event: str, data: Any, room: str | None) -> None:
        if self._socketio is not None:
            self._socketio.emit(event, data, to=room)

    def together(self, messages: Sequence[tuple[str, Any, str]]) -> None:
        """Send each screen all (event, data, room) of its rooms as one `cycle` of [event, data].

        Screens that are in the same of these rooms get the same bytes, which are made once.
        """
        if self._socketio is None:
            return
        for numbers, screens in self._audiences([room for _, _, room in messages]).items():
            self._say([messages[number][:2] for number in numbers], screens)

    def _say(self, cycle: list[tuple[str, Any]], screens: list[str]) -> None:
        """One piece; where a message of it cannot be written, the others still go out."""
        assert self._socketio is not None
        try:
            self._socketio.emit(CYCLE, {"said": cycle}, to=screens)
        except (TypeError, ValueError):
            if len(cycle) > 1:
                for one in cycle:
                    self._say([one], screens)
            else:
                log.exception("a %s could not be written", cycle[0][0])

    def _audiences(self, rooms: list[str]) -> dict[tuple[int, ...], list[str]]:
        """The screens, by which of these rooms they are in."""
        assert self._socketio is not None
        manager = self._socketio.server.manager
        hears: dict[str, list[int]] = {}
        for number, room in enumerate(rooms):
            for sid, _ in manager.get_participants(NAMESPACE, room):
                hears.setdefault(sid, []).append(number)
        found: dict[tuple[int, ...], list[str]] = {}
        for sid, numbers in hears.items():
            found.setdefault(tuple(numbers), []).append(sid)
        return found
