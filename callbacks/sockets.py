"""Screens' sockets: who may join which rooms, and what they report of themselves."""

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO
from sqlalchemy.exc import SQLAlchemyError

from callbacks import frames, lines
from callbacks.codec import SocketJson
from callbacks.connections import Connection, Connections
from callbacks.people import People
from callbacks.screen_reports import EVERY_S, ScreenReports
from callbacks.services import Services
from callbacks.socket_gate import TOKEN, SocketGate
from callbacks.sweep import Sweep
from callbacks.views import view
from callbacks.wire import Join, Leave, Missed, Open, Report, Resync, parse
from dispatch.access import can
from dispatch.errors import Forbidden, NotFound, Refused
from dispatch.vocabulary import Role
from layouts.panel import Panel
from layouts.screens import all_panels, panels_of
from streams.positions import room as positions_room
from streams.sounds import OLD_MS, sound_room

log = logging.getLogger(__name__)

MESSAGE_MAX = 65_536  # bytes
AGAIN_S = 0.3  # between two tries to read a store that is away
Handler = Callable[[Connection, Any], dict[str, Any]]


def install(server: Flask, services: Services, people: People) -> SocketIO:
    """Open the socket door of this server."""
    socketio = SocketIO(
        server,
        async_mode=services.settings.async_mode,
        json=SocketJson,
        transports=["websocket"],
        cors_allowed_origins=None,  # the same origin alone; [] or "*" would turn the check off
        ping_interval=2,
        ping_timeout=3,
        max_http_buffer_size=MESSAGE_MAX,
        manage_session=False,
        async_handlers=False,  # what a screen says is done in its order
    )
    frames.install(socketio)
    lines.install(socketio)
    server.extensions["sockets"] = Sockets(socketio, services, people)
    services.port.bind(socketio)
    gate = SocketGate(server.wsgi_app, people.session, services.settings.secure)
    server.wsgi_app = gate  # type: ignore[assignment, method-assign]
    return socketio


class Sockets:
    """The handlers of the socket door."""

    def __init__(self, socketio: SocketIO, services: Services, people: People) -> None:
        self._socketio, self._services, self._people = socketio, services, people
        self._connections = Connections()
        self._reports = ScreenReports(services.database, services.realm)
        self.sweep = Sweep(socketio, services, people, self._connections)
        self._working = False
        people.left.append(self.sweep.cut_session)
        socketio.on("connect")(self._connect)
        socketio.on("disconnect")(self._disconnect)
        for name, handler in self._handlers().items():
            socketio.on(name)(self._heard(handler))

    @property
    def joined(self) -> int:
        """How many screens have joined."""
        return sum(one.joined is not None for one in self._connections.all())

    def _handlers(self) -> dict[str, Handler]:
        return {
            "join": self._join,
            "open": self._open,
            "leave": self._leave,
            "resync": self._resync,
            "missed": self._missed,
            "report": self._report,
        }

    def _connect(self, _auth: object = None) -> None:
        """Asked again here: a closed session must not come back on a socket that is still open."""
        token = str(request.environ.get(TOKEN, ""))
        who = self._people.session(token)
        if who is None:
            raise ConnectionRefusedError("sign_in")
        self._connections.add(Connection(_sid(), token, who))
        self._work()

    def _disconnect(self, _reason: object = None) -> None:
        gone = self._connections.pop(_sid())
        for room in gone.shows.values() if gone else ():
            self._services.hub.leave(room)

    def _heard(self, handler: Handler) -> Callable[..., dict[str, Any]]:
        """Answers what a handler gives, or why it was refused."""

        def hear(said: Any = None, *_more: Any) -> dict[str, Any]:
            connection = self._connections.get(_sid())
            if connection is None:
                return {"ok": False, "code": "sign_in"}
            if not connection.bucket.take():
                return {"ok": False, "code": "too_many"}
            try:
                return handler(connection, said)
            except Refused as refused:
                return {"ok": False, "code": refused.code, "field": refused.field}
            except Exception:
                log.exception("a screen's message failed")
                return {"ok": False, "code": "fault"}

        return hear

    def _join(self, one: Connection, said: Any) -> dict[str, Any]:
        """Put the screen into the rooms of its panels and send their snapshots."""
        asked = parse(Join, said)
        if not can(one.who.actor, f"screen.{asked.screen}"):
            raise Forbidden("no_right", "screen", f"no {asked.screen} for this role")
        self._clear(one)
        one.joined = asked
        for panel in panels_of(asked.screen):
            self._show(one, panel, asked.subject.get(panel.id) or "")
        self._listen(one)
        self._send(one.sid, list(one.shows.values()))
        if asked.since:
            self._socketio.start_background_task(self._catch_up, one, asked.since)
        hub = self._services.hub
        return {
            "ok": True,
            "boot": hub.boot,
            "head": max(hub.cursor, 0),
            "now": self._services.now(),
            "rooms": list(one.shows.values()),
            "sounds": sound_room(*_audience(one)),
            "who": one.who.card(),
        }

    def _open(self, one: Connection, said: Any) -> dict[str, Any]:
        """Let a panel show another subject."""
        asked = parse(Open, said)
        panel = self._panel(one, asked.panel)
        old = one.shows.get(panel.id)
        room = self._show(one, panel, asked.subject or "")
        if old is not None:
            self._drop(one, old)
        self._send(one.sid, [room])
        return {"ok": True, "room": room}

    def _leave(self, one: Connection, said: Any) -> dict[str, Any]:
        room = one.shows.pop(parse(Leave, said).panel, None)
        if room is not None:
            self._drop(one, room)
        return {"ok": True}

    def _resync(self, one: Connection, said: Any) -> dict[str, Any]:
        room = parse(Resync, said).room
        if room not in one.shows.values():
            raise NotFound("unknown_room", "room", "join it first")
        self._send(one.sid, [room])
        return {"ok": True}

    def _missed(self, one: Connection, said: Any) -> dict[str, Any]:
        """Tell it again; that all of it went out before the answer is what closes the hole."""
        self._tell_again(one, parse(Missed, said).since)
        return {"ok": True}

    def _report(self, one: Connection, said: Any) -> dict[str, Any]:
        """Keep what the screen has applied; tell it which rooms it must ask for again."""
        report = parse(Report, said)
        now = self._services.now()
        mine = set(one.shows.values())
        shown = {room: seq for room, seq in report.rooms.items() if room in mine}
        if one.joined is not None and report.screen_id == one.joined.screen_id:
            cursor = self._services.hub.reaches(shown) if shown.keys() == mine else 0
            self._reports.take(one.who, one.joined.name, report, now, cursor)
        return {"ok": True, "stale": self._services.hub.stale(shown), "now": now}

    def _panel(self, one: Connection, id: str) -> Panel:
        """The panel, if the screen that joined has it."""
        panel = all_panels().get(id)
        if one.joined is None or panel is None or one.joined.screen not in panel.screens:
            raise NotFound("unknown_panel", "panel", "this screen has no such panel")
        return panel

    def _show(self, one: Connection, panel: Panel, subject: str) -> str:
        """Join the hub's room of a panel; rooms are chosen here, by the role, never by a name."""
        assert one.joined is not None
        seen = view(one.who, panel, one.joined.lang, subject)
        room = self._services.hub.join(seen, panel.id)
        self._socketio.server.enter_room(one.sid, room)
        one.shows[panel.id] = room
        return room

    def _drop(self, one: Connection, room: str) -> None:
        self._services.hub.leave(room)
        if room not in one.shows.values():
            self._socketio.server.leave_room(one.sid, room)

    def _clear(self, one: Connection) -> None:
        rooms, one.shows = list(one.shows.values()), {}
        for room in rooms:
            self._drop(one, room)

    def _listen(self, one: Connection) -> None:
        """Join the rooms of what sounds, and of positions, for the role and scope."""
        role, scope = _audience(one)
        self._socketio.server.enter_room(one.sid, sound_room(role, scope))
        if role is Role.RESPONDER:
            return  # a phone shows its own place alone
        self._socketio.server.enter_room(one.sid, positions_room(scope))
        frame = self._services.positions.frame(scope, self._services.now())
        self._services.port("positions", frame, one.sid)

    def _send(self, sid: str, rooms: list[str]) -> None:
        """Send snapshots after the answer that names their rooms."""
        self._socketio.start_background_task(self._send_now, sid, rooms)

    def _send_now(self, sid: str, rooms: list[str]) -> None:
        """What cannot be taken now, because the store is away, is asked for with the beats."""
        try:
            self._services.hub.send_snapshots(rooms, sid)
        except Exception:
            log.exception("no snapshots of %s", ", ".join(rooms))

    def _catch_up(self, one: Connection, since: int) -> None:
        """Tell a screen that was away what sounded meanwhile; what it heard before it drops.

        While the store is away it is tried again, until all of it would be too old to sound.
        """
        until = time.monotonic() + OLD_MS / 1000
        while self._connections.get(one.sid) is one:
            try:
                return self._tell_again(one, since)
            except SQLAlchemyError:
                if time.monotonic() > until:
                    log.exception("a screen was not told what it missed since %s", since)
                    return None
            self._socketio.sleep(AGAIN_S)
        return None

    def _tell_again(self, one: Connection, since: int) -> None:
        for message in self._services.hub.missed(*_audience(one), since):
            self._services.port("event", message, one.sid)

    def _work(self) -> None:
        """With the first screen the background work begins."""
        if not self._working:
            self._working = True
            self._socketio.start_background_task(self.sweep.run)
            self._socketio.start_background_task(self._write_reports)

    def _write_reports(self) -> None:
        while True:
            self._socketio.sleep(EVERY_S)
            self._reports.write()


def _audience(one: Connection) -> tuple[Role, tuple[str, ...]]:
    role = one.who.actor.role
    assert role is not None
    return role, one.who.actor.scope


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid
