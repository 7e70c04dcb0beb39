"""Every row of the fault matrix: how it is run, or why it is not.

where: "schedules" (drawn at random, also in `make test`), "rows" (`make faults`, at length), or
the file of the test or bench that runs it.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

NO_DISK = "no disk of its own can be mounted, which only root may"
COMMANDS = {
    "tests/bench/storm.py": "make bench-storm",
    "tests/bench/push.py": "make bench-push",
    "tests/bench/soak.py": "make soak",
    "tests/faults/mutants.py": "make faults-mutants",
}
AS_ROOT = ("tests/faults/test_outside.py",)  # skipped by who is not
SCHEDULES, ROWS = "schedules", "rows"


@dataclass(frozen=True)
class Row:
    """A row of the matrix. why_not: set where it is not run on one machine, or not as written."""

    id: str
    what: str
    where: str = ""
    why_not: str = ""

    @property
    def run(self) -> bool:
        return bool(self.where)


def _run(id: str, what: str, where: str = SCHEDULES) -> Row:
    return Row(id, what, where)


def _not(id: str, what: str, why: str) -> Row:
    return Row(id, what, why_not=why)


MATRIX = (
    _run("F1", "Redis killed and started again"),
    _run("F2", "Redis stands still"),
    _run("F3", "Redis cuts its listeners"),
    _run("F4", "the line to Redis is half-open or a hole"),
    _run("F5", "Redis full, with another password, emptied"),
    _run("F6", "forged and broken bells"),
    _run("F7", "a web process killed at any moment"),
    _run("F8", "a web process stands still; for 10 s in `rows`"),
    _run("F9", "web processes told to end, one by one"),
    _run("F10", "answers lost after the commit"),
    _run("F11", "requests sent twice, delayed, held back"),
    _run("F12", "pushes lost, doubled, swapped"),
    _run("F13", "a screen that reads slowly"),
    _run("F14", "a hundred screens come back at once", ROWS),
    _run("F15", "the browser's page stands still for 4 s", ROWS),
    _run("F16", "the whole browser stands still, as in a laptop's sleep; 20 s for 10 min", ROWS),
    _run("F17", "a phone offline, then it signs", "tests/paths/test_d_outage.py"),
    _run("F18", "another program holds the store's write lock; for 7 s in `rows`"),
    _run("F19", "the store's disk is full"),
    _run("F20", "a reader that keeps the WAL from being written back", ROWS),
    _run("F21", "a damaged store: restored from a backup", "tests/ops/test_backup.py"),
    _run("F22", "power loss: a journal torn after what was answered",
         "tests/dispatch/test_power.py"),
    _run("F23", "PostgreSQL's connections and server killed"),
    _run("F24", "the servers' clock jumps ahead and back", "tests/faults/test_timers.py"),
    _run("F25", "a screen's own clock is wrong", "tests/browser/test_clock.py"),
    _run("F26", "the end of 32-bit time in 2038, a repeated second, the turn of a year",
         "tests/faults/test_calendar.py"),
    _run("F27", "the worker that holds the lease stands still", "tests/faults/test_timers.py"),
    _run("F28", "no worker lives", "tests/faults/test_timers.py"),
    _run("F29", "1,000 alerts a second for a minute", "tests/bench/storm.py"),
    _run("F30", "as many single posts as the store takes", "tests/bench/storm.py"),
    _run("F31", "the same alert a thousand times at once", ROWS),
    _run("F32", "a thousand units that move once a second", "tests/bench/push.py"),
    _run("F33", "CAP out of order, cancelled before it came, repeated",
         "tests/streams/test_cap.py"),
    _run("F34", "the MQTT broker dies; the store does not take", "tests/streams/test_mqtt.py"),
    _run("F35", "a camera dies, freezes, goes black", "tests/video/test_health.py"),
    _run("F36", "a hung camera server", "tests/video/test_health.py"),
    _run("F37", "no media path to a caller: said within 8 s", "tests/calls/test_browsers.py"),
    _run("F38", "a call whose lines lose 10 % and are 300 ms long", "tests/calls/test_loss.py"),
    _run("F39", "the media process killed: orders go on, the call is back in 5 s", ROWS),
    _run("F40", "two officers change one thing", "tests/dispatch/test_orders.py"),
    _run("F41", "war and peace ten times in two seconds", ROWS),
    _run("F42", "a session ends while it is used", "tests/callbacks/test_sockets.py"),
    _run("F43", "a broker, a media engine and all the world outside are silent",
         "tests/faults/test_outside.py"),
    _run("F44", "memory over ten minutes, hours by argument", "tests/bench/soak.py"),
    _run("F45", "two busy loops beside everything"),
    _run("F46", "2,000 idle connections", ROWS),
    _run("F47", "bad input", "tests/badinput/test_table.py"),
    _run("F48", "a poisoned row in the store", "tests/layouts/test_desk.py"),
    _run("F49", "random schedules of these together"),
    _run("F50", "the design broken on purpose", "tests/faults/mutants.py"),
)  # fmt: skip


def not_run(ran: Collection[str], why: Mapping[str, str]) -> list[str]:
    """Each row that this run did not do, with the reason, or the command that does it.

    ran: the rows that were done; why: what is known of those that could not be.
    """
    return [f"{row.id}: {_reason(row, why)}" for row in MATRIX if row.id not in ran]


def _reason(row: Row, why: Mapping[str, str]) -> str:
    if row.id in why or not row.run:
        return why.get(row.id, row.why_not)
    if row.where in (SCHEDULES, ROWS):
        return "not asked for" if row.where == ROWS else "not drawn"
    skipped = ", which leaves it out without root" if row.where in AS_ROOT and os.geteuid() else ""
    return f"by {COMMANDS.get(row.where, 'make test')} ({row.where}){skipped}"


def table() -> str:
    """The matrix as text, a line for each row."""
    return "\n".join(
        f"{row.id:<4} {row.what}: {row.where or 'NOT RUN, ' + row.why_not}" for row in MATRIX
    )
