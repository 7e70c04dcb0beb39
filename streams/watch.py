"""The watchdog's memory: when a synthetic alert last came through the whole path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.access import Actor
from dispatch.errors import Invalid
from dispatch.log import Answer, Request, Row, Work
from dispatch.models import idem, watch
from dispatch.writer import Writer

NAME = "path"
REALM = "watch"
"""The watchdog's own realm: nothing of it is part of the city's picture."""
SOURCE = "watchdog"
ACTOR = f"key:{SOURCE}"
FORGET_MS = 3_600_000
EVERY_S = 30.0
MISSES = 2  # so many calls in a row without an answer are an alarm
SILENT_MS = int((MISSES * EVERY_S + 15) * 1000)
"""Without a passed call for so long nobody watches any more, or the path is broken."""


@dataclass(frozen=True)
class Watch:
    """The last call (number, when) and the last one that came through.

    missed: calls in a row that did not; broken_at: where the last one was lost (door, commit,
    screen), "" if nowhere. Times are ms UTC, 0 for never.
    """

    number: int = 0
    called_at: int = 0
    passed_at: int = 0
    took_ms: int = 0
    missed: int = 0
    broken_at: str = ""

    def silent(self, now: int) -> bool:
        """Whether the silence is an alarm; before the very first call there is none."""
        if self.called_at == 0:
            return False
        return self.missed >= MISSES or now - max(self.passed_at, self.began_at) > SILENT_MS

    @property
    def began_at(self) -> int:
        """Before anything came through: when the watchdog first called."""
        return 0 if self.passed_at else self.called_at


def read(connection: Connection) -> Watch:
    """What the watchdog last wrote."""
    row = connection.execute(select(watch).where(watch.c.name == NAME)).mappings().first()
    if row is None:
        return Watch()
    names = ("number", "called_at", "passed_at", "took_ms", "missed", "broken_at")
    return Watch(**{name: row[name] for name in names})


def silent(connection: Connection, now: int) -> bool:
    """Whether the watchdog's silence is an alarm now."""
    return read(connection).silent(now)


def is_call(actor: Actor) -> bool:
    """Whether this is the watchdog speaking."""
    return actor.source == SOURCE


def take(writer: Writer, content: Mapping[str, Any], now: int) -> Answer:
    """What the REST door does with a synthetic alert. Raises Refused."""
    number = content.get("ext_id")
    if not isinstance(number, str) or not number.isdigit() or len(number) > 15:
        raise Invalid("invalid", "ext_id", "the watchdog counts its calls")

    def run(work: Work) -> Row:
        put(work.connection, {"number": int(number), "called_at": work.now})
        old = (idem.c.actor == ACTOR, idem.c.at < work.now - FORGET_MS)
        work.connection.execute(delete(idem).where(*old))
        work.emit("WatchdogCalled", SOURCE, [], {"number": int(number)})
        return {"alert": None, "state": "NEW", "outcome": "new"}

    return writer.command(Request(ACTOR, f"watch:{number}", {"number": number}, run, now, REALM))


def begin(connection: Connection, now: int) -> None:
    """At a start: the silence counts from now on."""
    put(connection, {"called_at": now, "passed_at": 0, "missed": 0, "broken_at": ""})


def put(connection: Connection, changes: Row) -> None:
    """Change the watchdog's one row."""
    new = {"number": 0, "called_at": 0, "passed_at": 0, "took_ms": 0, "missed": 0, "broken_at": ""}
    make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"realm": REALM, "name": NAME, **new, **changes}
    asked = make(watch).values(row)
    connection.execute(asked.on_conflict_do_update(index_elements=["name"], set_=changes))
