"""Where units are now: the last value of each, never numbered, sent once a second as bytes."""

import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, Table, and_, select, union_all

from dispatch import canonical
from dispatch.access import meets
from dispatch.city import City
from dispatch.database import Database
from dispatch.models import incident, loan, order
from dispatch.models import unit as units_table
from dispatch.units import last_fixes
from dispatch.vocabulary import HOLDING, REAL, LoanState, Role, UnitStatus

CHANNEL = "yiping.positions"
HEAD, ONE = struct.Struct("<I"), struct.Struct("<HffIB")
AGE_MAX = 2**32 - 1
STATUSES = {status.value: n for n, status in enumerate(UnitStatus)}
FREE = STATUSES[UnitStatus.AVAILABLE.value]


@dataclass(frozen=True)
class Place:
    """A unit's last reported place; at in ms UTC, WGS-84 degrees."""

    unit: str
    lat: float
    lon: float
    at: int


class Positions:
    """The last place of every unit of the city. The index of a unit is its rank among the ids.

    publish: takes (channel, text) to other processes; it may be lost.
    """

    def __init__(self, city: City) -> None:
        ordered = sorted(city.units, key=lambda one: one.id)
        self._index = {one.id: n for n, one in enumerate(ordered)}
        self._districts = [one.district for one in ordered]
        self.publish: Callable[[str, str], None] = lambda _channel, _text: None
        self._last: dict[int, Place] = {}
        self._statuses: dict[int, int] = {}
        self._serves: dict[int, frozenset[str]] = {}
        self._changed = 0
        self._sent = -1
        self._lock = threading.Lock()

    def report(self, places: Iterable[Place]) -> int:
        """Take new places and tell the other processes; how many were newer than the known."""
        taken = self._take(places)
        if taken:
            rows = [[one.unit, one.lat, one.lon, one.at] for one in taken]
            self.publish(CHANNEL, canonical.dumps(rows))
        return len(taken)

    def hear(self, _channel: str, data: bytes) -> None:
        """Take what another process was told; nonsense is ignored."""
        try:
            rows = canonical.loads(data)
            self._take([Place(str(r[0]), float(r[1]), float(r[2]), int(r[3])) for r in rows])
        except (canonical.JsonError, TypeError, ValueError, IndexError, KeyError):
            return

    def load(self, database: Database, now: int, realm: str = REAL) -> None:
        """Take the last stored places: at the start, and while no other process can tell us."""
        ids = list(self._index)
        fixes = database.read(lambda connection: last_fixes(connection, ids, now, realm))
        self._take([Place(id, one.lat, one.lon, one.at) for id, one in fixes.items()])

    def watch(self, database: Database, realm: str = REAL) -> None:
        """Read what the units are doing, and for which districts."""

        def read(connection: Connection) -> tuple[dict[int, int], dict[int, frozenset[str]]]:
            return self._doing(connection, realm), self._serving(connection, realm)

        statuses, serves = database.read(read)
        with self._lock:
            self._changed += (statuses, serves) != (self._statuses, self._serves)
            self._statuses, self._serves = statuses, serves

    def frame(self, scope: tuple[str, ...], now: int) -> bytes:
        """All units of a jurisdiction, and those that serve it, that were ever heard of.

        Little endian: u32 count, then for each u16 index, f32 lat, f32 lon, u32 age in ms,
        u8 status (its rank among the statuses).
        """
        with self._lock:
            places, serves = dict(self._last), self._serves
        seen = [
            (n, one)
            for n, one in places.items()
            if meets(scope, (self._districts[n], *serves.get(n, ())))
        ]
        parts = [HEAD.pack(len(seen))]
        for n, one in seen:
            age = min(max(0, now - one.at), AGE_MAX)
            parts.append(ONE.pack(n, one.lat, one.lon, age, self._statuses.get(n, FREE)))
        return b"".join(parts)

    def send(
        self,
        emit: Callable[[str, Any, str | None], None],
        audiences: Iterable[tuple[Any, tuple[str, ...]]],
        now: int,
    ) -> None:
        """Send a frame to each jurisdiction that looks at a map, if anything moved."""
        if self._changed == self._sent:
            return
        self._sent = self._changed
        for scope in {scope for role, scope in audiences if role != Role.RESPONDER}:
            emit("positions", self.frame(scope, now), room(scope))

    def _doing(self, connection: Connection, realm: str) -> dict[int, int]:
        table = units_table.c
        known = select(table.id, table.status).where(table.realm == realm, table.to_seq.is_(None))
        rows = connection.execute(known)
        return {self._index[id]: STATUSES[status] for id, status in rows if id in self._index}

    def _serving(self, connection: Connection, realm: str) -> dict[int, frozenset[str]]:
        """The districts of the incident that a unit has an order of, or is lent to."""
        found: dict[int, frozenset[str]] = {}
        for id, scope in connection.execute(_tasks(realm)):
            if (n := self._index.get(id)) is not None:
                found[n] = found.get(n, frozenset()) | frozenset(canonical.loads(scope))
        return found

    def _take(self, places: Iterable[Place]) -> list[Place]:
        taken = []
        with self._lock:
            for one in places:
                n = self._index.get(one.unit)
                if n is not None and (n not in self._last or self._last[n].at < one.at):
                    self._last[n] = one
                    taken.append(one)
            self._changed += bool(taken)
        return taken


def _tasks(realm: str) -> CompoundSelect[Any]:
    """Units that have an order or are lent, each with the scope of its incident."""
    held = _of_incident(order, realm).where(order.c.state.in_(HOLDING))
    lent = _of_incident(loan, realm).where(loan.c.state == LoanState.LENT)
    return union_all(held, lent)


def _of_incident(table: Table, realm: str) -> Select[Any]:
    task = incident.c
    same = and_(task.realm == table.c.realm, task.id == table.c.incident, task.to_seq.is_(None))
    now = (table.c.realm == realm, table.c.to_seq.is_(None), table.c.unit.is_not(None))
    return select(table.c.unit, task.scope_json).join(incident, same).where(*now)


def room(scope: tuple[str, ...]) -> str:
    """The room in which screens of a jurisdiction are sent positions."""
    return f"pos:{'+'.join(scope)}"
