"""Ends the sockets of sessions that have ended, whoever ended them."""

import logging
import time

from flask_socketio import SocketIO
from sqlalchemy.exc import SQLAlchemyError

from callbacks.connections import Connection, Connections
from callbacks.people import People
from callbacks.services import Services
from dispatch import sessions

log = logging.getLogger(__name__)

EVERY_S = 1.0
LOOK_BACK_MS = 10_000  # a store that was away for so long has not hidden a sign-out
ASK_EVERY_S = 60.0  # how often a session that lives by its socket alone is asked about


class Sweep:
    """Looks every second which sessions were ended, here or in another process."""

    def __init__(
        self,
        socketio: SocketIO,
        services: Services,
        people: People,
        connections: Connections,
    ) -> None:
        self._socketio, self._services = socketio, services
        self._people, self._connections = people, connections
        self._asked_at = time.monotonic()

    def run(self) -> None:
        while True:
            self._socketio.sleep(EVERY_S)
            try:
                self.once()
            except SQLAlchemyError:
                log.warning("the store could not say which sessions ended")

    def once(self) -> None:
        if not self._connections.all():
            return
        since = self._services.now() - LOOK_BACK_MS
        for session in self._services.database.read(lambda c: sessions.closed_since(c, since)):
            self.cut_session(session)
        if time.monotonic() - self._asked_at >= ASK_EVERY_S:
            self._asked_at = time.monotonic()
            self.ask()

    def cut_session(self, session: str) -> None:
        for one in self._connections.of_session(session):
            self._cut(one, "signed_out")

    def ask(self) -> None:
        """An open screen keeps its session awake; one that has run out is cut."""
        alive = {one.token: self._people.fresh(one.token) for one in self._connections.all()}
        for one in self._connections.all():
            if alive.get(one.token, one.who) is None:
                self._cut(one, "expired")

    def _cut(self, one: Connection, reason: str) -> None:
        """Say why, then close the whole connection, not only its place in the rooms."""
        self._people.session.forget(one.token)
        self._socketio.emit("bye", {"reason": reason}, to=one.sid)
        self._socketio.start_background_task(self._close, one.sid)

    def _close(self, sid: str) -> None:
        server = self._socketio.server
        wire = server.manager.eio_sid_from_sid(sid, "/")
        if wire is not None:
            server.eio.disconnect(wire)
