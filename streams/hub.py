"""The hub: which rooms an event concerns, what they show now, and the difference to each.

One cycle serves all that rang meanwhile: one read of the store, each stale picture once for all
views that share it, props once a room, and only what changed goes out. An empty room costs
nothing. The store is read whoever rang; what comes by the bell is only a reason to look.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from dispatch import log as events_log
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.errors import NotFound
from dispatch.log import Event
from dispatch.vocabulary import REAL, Role
from streams.gallery import Gallery, Key, Seen, Wanted
from streams.look import Board
from streams.pictures import PICTURES
from streams.pictures.activations import epoch
from streams.ports import Emit, PanelLike, Together, Told, one_by_one
from streams.rooms import Json, Room, room_name
from streams.sounds import news
from streams.stale import MODE
from streams.teller import Teller, missed
from streams.view import View

log = logging.getLogger(__name__)

BREATH_S = 0.5  # a storm of bells: after a cycle a pause as long as it worked, at most this
RETRY_S = 0.2  # between two tries to read a store that fails
BEAT_WAIT_S = 0.3
FRESH_MS = 5_000  # so long the beats say a room's number: one of them, or a screen's report, comes


class Hub:
    """The rooms of one process.

    panels: by name; texts: makes the words of a language for `props`; emit: the port to screens;
    together: the port for all that a cycle has to say, which is `emit` message by message if None.
    """

    def __init__(
        self,
        database: Database,
        board: Board,
        panels: Mapping[str, PanelLike],
        texts: Callable[[str], Any],
        emit: Emit,
        now: Callable[[], int] = now_ms,
        realm: str = REAL,
        together: Together | None = None,
    ) -> None:
        self._together = together or one_by_one(emit)
        self._database, self._realm = database, realm
        self._panels, self._texts, self._emit, self._now = panels, texts, emit, now
        self.boot = uuid.uuid4().hex
        self.cursor = -1
        self.epoch = 0
        self._rooms: dict[str, Room] = {}
        self._gallery = Gallery(board, now, realm)
        self._given: deque[Event] = deque()
        self._bell = threading.Event()
        self._lock = threading.RLock()
        self._pushes = 0
        self._teller = Teller()
        self._owed = (-1, 0.0)
        self.behind_ms = 0

    # What the door calls.

    def join(self, view: View, panel: str) -> str:
        """One more screen shows this panel; gives the room's name. Raises NotFound."""
        if panel not in self._panels:
            raise NotFound("unknown_panel", "panel", f"no panel {panel[:40]}")
        if self._panels[panel].subject is None:
            view = replace(view, subject="")
        name = room_name(panel, view)
        with self._lock:
            if name not in self._rooms:
                self._rooms[name] = Room(name, panel, view, self._pushes)
            self._rooms[name].members += 1
        return name

    def leave(self, room: str) -> None:
        """One screen less; the last one closes the room."""
        with self._lock:
            if (known := self._rooms.get(room)) is None:
                return
            known.members -= 1
            if known.members <= 0:
                self._pushes = max(self._pushes, known.seq)
                del self._rooms[room]
                self._gallery.forget(self._wanted())

    def snapshot(self, room: str) -> Json:
        """All that the room shows now. Raises NotFound for a room that nobody has joined."""
        with self._lock:
            return self._painted(room).snapshot()

    def send_snapshots(self, rooms: Iterable[str], to: str) -> None:
        """Send the snapshots to one screen, in order with the rooms' pushes.

        What must be read for them is read at once; a room that was left meanwhile is passed over.
        """
        with self._lock:
            known = [self._rooms[name] for name in rooms if name in self._rooms]
            self._first_paint([room for room in known if not room.shown])
            for room in known:
                self._emit("snapshot", room.snapshot(), to)

    def stale(self, shown: Mapping[str, int]) -> list[str]:
        """Of the rooms that a screen reports with its last push: those it must ask for again."""
        now = self._now()
        with self._lock:
            return [
                name
                for name, seq in shown.items()
                if name not in self._rooms or self._rooms[name].behind(seq, now)
            ]

    def reaches(self, shown: Mapping[str, int]) -> int:
        """Up to which number of the log a screen with these last pushes shows what concerns it."""
        with self._lock:
            cursor = max(self.cursor, 0)
            rooms = [(self._rooms.get(name), seq) for name, seq in shown.items()]
            found = [room.reaches(seq, cursor) for room, seq in rooms if room is not None]
            return min(found, default=0)

    def audiences(self) -> set[tuple[Any, tuple[str, ...]]]:
        """(role, scope) of every screen that is here."""
        with self._lock:
            return {(room.view.role, room.view.scope) for room in self._rooms.values()}

    def missed(self, role: Role, scope: tuple[str, ...], since: int) -> list[Json]:
        """What a screen that was away since that event must still hear: not what is old."""

        def read(connection: Connection) -> list[Event]:
            return missed(connection, since, events_log.head(connection), self._now())

        mine = [one for one in self._database.read(read) if one.realm == self._realm]
        return news(mine, role, scope, self._now())

    @property
    def rooms(self) -> int:
        """How many rooms somebody looks at."""
        return len(self._rooms)

    # What rings.

    def rang(self, events: list[Event]) -> None:
        """These were committed by this process; never blocks."""
        self._given.extend(events)
        self._bell.set()

    def heard(self, number: int) -> None:
        """Somebody says that the log has come to this number; it is only believed by looking."""
        if number > self.cursor:
            self._bell.set()

    def look(self) -> None:
        """Whether the log went on unheard: a bell may be lost without a word."""
        self.heard(self._database.read(events_log.head))

    # What runs in the background.

    def run(self, stop: threading.Event) -> None:
        """Serve the rooms until `stop`.

        Under a storm of bells the others of this process have their half of its time. What a
        cycle only waited, for the store or while the process stood still, is not paused for.
        """
        while not stop.is_set():
            self._bell.wait(self._gallery.patience())
            if stop.is_set():
                return
            self._bell.clear()
            began = time.process_time()
            try:
                self.cycle()
            except Exception:
                log.exception("the store could not be read for the screens")
                self._bell.set()
                stop.wait(RETRY_S)
            if self._bell.is_set():
                stop.wait(min(BREATH_S, time.process_time() - began))

    def beat(self, redis: bool, writable: bool = True) -> None:
        """Tell every screen that we live, and look whether the log went on unheard.

        Called once a second: without a bell this is how screens stay at most a second behind.
        With the numbers of the rooms' last pushes, which went the same way before it, a screen
        sees at once that one was lost. A cycle that takes long is not waited for; for how long
        (ms) the oldest event waits for one makes the screens' picture as old as it is.
        redis: whether bells ring; writable: whether the store takes what is written.
        """
        head = self._database.read(events_log.head)
        self.heard(head)
        self.behind_ms = self._behind(head)
        said = {"head": head, "now": self._now(), "boot": self.boot, "epoch": self.epoch}
        said |= {"behind": self.behind_ms, "redis": redis, "writable": writable}
        held = self._lock.acquire(timeout=BEAT_WAIT_S)
        try:
            self._emit("hb", {**said, **(self._numbers() if held else {})}, None)
        finally:
            if held:
                self._lock.release()

    def cycle(self) -> None:
        """Bring every room up to the log's head."""
        with self._lock:
            given = self._take_given()
            seen = self._database.read(lambda connection: self._look(connection, given))
            said = [*self._settle(seen), *self._news(seen.events)]
            self._send(said)

    # How a cycle goes.

    def _behind(self, head: int) -> int:
        """For how long (ms) a number of the log has been known here and not been served."""
        number, since = self._owed
        if self.cursor >= number:
            self._owed = number, since = head, time.monotonic()
        return round((time.monotonic() - since) * 1000) if self.cursor < number else 0

    def _numbers(self) -> dict[str, dict[str, int]]:
        """rooms: the number of the last push of late; told: of what an audience was told last."""
        now = self._now()
        rooms = self._rooms.values()
        fresh = {one.name: one.seq for one in rooms if one.pushed_at > now - FRESH_MS}
        return {"rooms": fresh, "told": self._teller.last(now)}

    def _take_given(self) -> list[Event]:
        given = []
        while self._given:
            given.append(self._given.popleft())
        given.sort(key=lambda event: event.seq)
        return [event for event in given if event.seq > self.cursor]

    def _look(self, connection: Connection, given: list[Event]) -> Seen:
        if self.cursor >= 0:
            return self._gallery.refresh(connection, self.cursor, given, self._wanted())
        head = events_log.head(connection)
        self.epoch = epoch(self._gallery.look(connection, head))
        return self._gallery.take(connection, Seen(head), self._wanted())

    def _wanted(self) -> Wanted:
        """Every picture that some room needs."""
        wanted: Wanted = {}
        for room in self._rooms.values():
            for name in self._panels[room.panel].pictures:
                picture = PICTURES[name]
                wanted[picture.key(room.view)] = (picture, room.view)
        return wanted

    def _settle(self, seen: Seen) -> list[Told]:
        """Keep what was read; the pushes to the rooms that show it."""
        self.cursor = max(self.cursor, seen.head)
        for event in seen.events:
            if event.type in MODE and event.realm == self._realm:
                self.epoch = event.seq
        self._gallery.keep(seen)
        touched = seen.touched
        stale = [
            room
            for room in self._rooms.values()
            if room.shown and not touched.isdisjoint(self._keys(room).values())
        ]
        pushes = ((self._paint(room, seen.head), room.name) for room in stale)
        return [("push", push, name) for push, name in pushes if push is not None]

    def _keys(self, room: Room) -> dict[str, Key]:
        names = self._panels[room.panel].pictures
        return {name: PICTURES[name].key(room.view) for name in names}

    def _paint(self, room: Room, head: int) -> Json | None:
        """New props for a room; an error in one panel stays in its room."""
        keys = self._keys(room)
        try:
            pictures = self._gallery.pictures(keys)
            if pictures is None:
                return room.fail(head, self._now())
            panel = self._panels[room.panel]
            props = panel.props(pictures, self._texts(room.view.lang), room.view)
            return room.paint(props, head, self._now())
        except Exception:
            log.exception("panel %s failed for %s", room.panel, room.view)
            return room.fail(head, self._now())

    def _painted(self, name: str) -> Room:
        """The room with its content; it is painted when the first screen asks for it."""
        room = self._rooms.get(name)
        if room is None:
            raise NotFound("unknown_room", "room", "join it first")
        if not room.shown:
            self._first_paint([room])
        return room

    def _first_paint(self, rooms: list[Room]) -> None:
        missing: Wanted = {
            key: (PICTURES[name], room.view)
            for room in rooms
            for name, key in self._keys(room).items()
            if not self._gallery.has(key)
        }

        def read(connection: Connection) -> Seen:
            return self._gallery.take(connection, Seen(events_log.head(connection)), missing)

        head = max(self.cursor, 0)
        if missing:
            seen = self._database.read(read)
            self._gallery.keep(seen)
            head = seen.head
        for room in rooms:
            self._paint(room, head)

    def _news(self, events: list[Event]) -> list[Told]:
        """What must sound or be counted, one by one, for each audience that it concerns."""
        mine = [event for event in events if event.realm == self._realm]
        return self._teller.tell(mine, self.audiences(), self._now()) if mine else []

    def _send(self, said: list[Told]) -> None:
        try:
            if said:
                self._together(said)
        except Exception:
            log.exception("could not send %s messages to the screens", len(said))
