"""The pictures that rooms show now: taken once for all that share them, anew when stale."""

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from dispatch import log as events_log
from dispatch.database import look_again
from dispatch.log import Event
from streams.look import Board, Look
from streams.pictures import Picture, take
from streams.teller import missed
from streams.view import Moment, View
from streams.watch import REALM as WATCH

log = logging.getLogger(__name__)

AGAIN_S = 1.0  # a picture that could not be taken is tried again
Key = Hashable
Wanted = dict[Key, tuple[Picture, View]]
Json = dict[str, Any]


@dataclass
class Seen:
    """What one read of the store found: the log's head, what happened, pictures taken anew."""

    head: int
    events: list[Event] = field(default_factory=list)
    pictures: dict[Key, Json] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)

    @property
    def touched(self) -> set[Key]:
        return self.pictures.keys() | self.failed


class Gallery:
    """Holds the last picture for each key, and knows when it must be taken anew."""

    def __init__(self, board: Board, now: Callable[[], int], realm: str) -> None:
        self._board, self._now, self._realm = board, now, realm
        self._pictures: dict[Key, Json] = {}
        self._failed: set[Key] = set()
        self._due: dict[Key, float] = {}

    def refresh(
        self, connection: Connection, cursor: int, given: list[Event], wanted: Wanted
    ) -> Seen:
        """Read, in one transaction, what happened and every picture that it makes stale.

        given: what this process committed itself; it is used if nothing is missing between the
        cursor and the head, else the store is read.
        """
        head = events_log.head(connection)
        events = given
        if not whole(given, cursor, head):
            events = missed(connection, cursor, head, self._now())
        if len(events) == head - cursor:
            wanted = {key: one for key, one in wanted.items() if self._stale(key, *one, events)}
        return self.take(connection, Seen(head, events), wanted)

    def take(self, connection: Connection, seen: Seen, wanted: Wanted) -> Seen:
        """Take these pictures at the head that was seen."""
        look = self.look(connection, seen.head)
        for key, (picture, view) in wanted.items():
            self._take_one(look, key, picture, view, seen)
            if key in seen.failed:
                look_again(connection)
                look = self.look(connection, seen.head)
        return seen

    def look(self, connection: Connection, head: int) -> Look:
        return self._board.look(connection, Moment(head, self._now(), self._realm))

    def keep(self, seen: Seen) -> None:
        """From now on these are the pictures."""
        self._pictures.update(seen.pictures)
        self._failed -= seen.pictures.keys()
        self._failed |= seen.failed

    def has(self, key: Key) -> bool:
        return key in self._pictures

    def pictures(self, keys: dict[str, Key]) -> dict[str, Json] | None:
        """The pictures by name; None if one of them could not be taken."""
        if self._failed.intersection(keys.values()):
            return None
        return {name: self._pictures[key] for name, key in keys.items()}

    def forget(self, wanted: Wanted) -> None:
        """Drop what nobody looks at any more."""
        self._pictures = {key: one for key, one in self._pictures.items() if key in wanted}
        self._due = {key: one for key, one in self._due.items() if key in wanted}
        self._failed &= wanted.keys()

    def patience(self) -> float:
        """Seconds until a picture that goes by the clock is due, at most one."""
        dues = list(self._due.values())
        return max(0.0, min(1.0, min(dues) - time.monotonic())) if dues else 1.0

    def _stale(self, key: Key, picture: Picture, view: View, events: list[Event]) -> bool:
        if key not in self._pictures:
            return True
        if (due := self._due.get(key)) is not None and due <= time.monotonic():
            return True
        return any(
            event.realm in (self._realm, WATCH) and picture.stale_after(event, view)
            for event in events
        )

    def _take_one(self, look: Look, key: Key, picture: Picture, view: View, seen: Seen) -> None:
        """One that fails spares the others, and is tried again soon: no event may ever ask for it.

        Raises what it failed by if the connection is gone: then nothing was seen, and all of it is
        read again.
        """
        again_s = picture.every_s
        try:
            seen.pictures[key] = take(look, picture.name, view)
        except Exception:
            if look.connection.invalidated:
                raise
            log.exception("picture %s failed for %s", picture.name, view)
            seen.failed.add(key)
            again_s = AGAIN_S
        self._due.pop(key, None)
        if again_s is not None:
            self._due[key] = time.monotonic() + again_s


def whole(given: list[Event], cursor: int, head: int) -> bool:
    """Whether these are all the events after the cursor up to the head, none missing."""
    return bool(given) and given[0].seq == cursor + 1 and len(given) == head - cursor
