"""What must sound or be counted: told to each audience one by one, in a chain that shows a hole.

Every message names the one before it. A screen that misses one asks for it, and so does a screen
that hears in a heartbeat of a number that was never told to it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, or_, select

from dispatch import log as events_log
from dispatch.access import meets
from dispatch.log import Event
from dispatch.models import event
from dispatch.vocabulary import Role
from streams.ports import Told
from streams.sounds import OLD_MS, SOUNDS, sound_room, told
from streams.stale import MODE

MANY = 2_000  # who is further behind is not told of every small thing
FRESH_MS = 10_000  # so long the beats name the last number that an audience was told
COMMON = "AlertReceived"
GRAVE = ('%"level":1%', '%"level":2%')
Audience = tuple[Role, tuple[str, ...]]


class Teller:
    """Keeps, for each audience, the number of what it was told last and when (ms)."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def tell(self, events: Iterable[Event], audiences: Iterable[Audience], now: int) -> list[Told]:
        """The messages of these events, each to the audiences that it concerns."""
        mine = list(events)
        return [one for role, scope in audiences for one in self._chain(mine, role, scope, now)]

    def last(self, now: int) -> dict[str, int]:
        """The audiences' rooms that were told something of late, and its number."""
        return {room: seq for room, (seq, at) in self._last.items() if now - at < FRESH_MS}

    def _chain(
        self, events: list[Event], role: Role, scope: tuple[str, ...], now: int
    ) -> Iterable[Told]:
        room = sound_room(role, scope)
        for one in events:
            message = told(one, role, now) if meets(scope, one.scope) else None
            if message is not None:
                after, _ = self._last.get(room, (0, 0))
                self._last[room] = one.seq, now
                yield "event", {**message, "after": after}, room


def missed(connection: Connection, cursor: int, head: int, now: int) -> list[Event]:
    """What happened since the cursor; if that is too much, what must still be heard of it.

    Of a long storm that is: what changed the mode, and of the last half minute everything but
    new alerts of a low level.
    """
    if head <= cursor:
        return []
    if head - cursor <= MANY:
        return events_log.events_after(connection, cursor, MANY)
    columns = event.c
    small = ~or_(columns.type != COMMON, *(columns.body_json.like(one) for one in GRAVE))
    heard = columns.type.in_(SOUNDS) & (columns.at >= now - OLD_MS) & ~small
    query = select(event).where(columns.seq > cursor, columns.type.in_(MODE) | heard)
    rows = connection.execute(query.order_by(columns.seq.desc()).limit(MANY)).mappings()
    return [events_log.as_event(dict(row)) for row in reversed(rows.all())]
