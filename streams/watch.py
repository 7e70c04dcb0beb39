"""The watchdog's memory: when a synthetic alert last came through the whole path."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from dispatch.models import watch

NAME = "path"
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
