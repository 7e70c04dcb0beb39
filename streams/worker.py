"""What runs beside the doors, in a process of its own: Redis, MQTT, timers, indicators."""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select

from dispatch import jumps, lease, timers
from dispatch.city import City
from dispatch.clock import JUMP_MS, machine, now_ms, offset_ms
from dispatch.database import Database
from dispatch.errors import Refused
from dispatch.log import events_after
from dispatch.models import metric_value, source_seen
from dispatch.timers import Timer
from dispatch.vocabulary import REAL
from dispatch.writer import Writer
from streams.background import Task, every, now_and_then
from streams.indicators import keep
from streams.indicators.backfill import fill
from streams.indicators.kept import SEEN
from streams.indicators.metric import Metric
from streams.indicators.registry import METRICS
from streams.intake import Intake
from streams.look import Board
from streams.mailbox import Mailbox
from streams.mqtt import Broker, Login, Subscriber, brokers, client_id
from streams.retention import Days, forget
from streams.statistics import Statistics

log = logging.getLogger(__name__)

TICK_S = 0.5  # timers are at most so late
DUE = 200  # timers of one tick
SPOILT_MS = 30_000  # so often one that cannot be fired is tried again
MEASURE_S = 15.0
EVENTS_S = 1.0  # indicators of our own records follow their events so soon
FILL_S = 60.0
FORGET_S = 3_600.0
COUNTS_S = 1.0
COUNTED_S = 3.0
RENEW_S = 1.0
SESSION_S = 5.0  # so long after a worker died another takes over its session at a broker
ALERTING = ("json", "cap", "redis", "stream")
SETTLE_MS = 1_000  # by then everything that was stamped is in the store


class Worker:
    """The work of one worker process; several may run, what only one may do is under a lease."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        city: City,
        board: Board,
        redis_url: str,
        now: Callable[[], int] = now_ms,
        realm: str = REAL,
        offset: Callable[[], int] | None = None,
        logins: Mapping[str, Login] | None = None,
        days: Days | None = None,
    ) -> None:
        self._database, self._writer, self._city, self._board = database, writer, city, board
        self._redis_url, self._now, self._realm = redis_url, now, realm
        self._intake = Intake(database, writer, city, now=now, realm=realm)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[:64]
        self._logins, self._days = logins or {}, days or Days()
        self._measured_seq = -1
        self._spoilt: dict[str, int] = {}
        self._offset = offset or (offset_ms if now is now_ms else lambda: 0)

    def tasks(self) -> list[Task]:
        """Each runs in a thread of its own until the process ends."""
        return [
            self._intake.listen(self._redis_url),
            self._mailbox().listen,
            *(self._subscriber(broker).listen for broker in brokers(self._city.sources)),
            every(COUNTS_S, self._intake.write_counts, "counting sources"),
            every(TICK_S, self.tick, "timers"),
            every(EVENTS_S, self.follow, "indicators of events"),
            every(MEASURE_S, self.measure, "indicators"),
            every(FILL_S, self.fill, "filling trends"),
            every(FORGET_S, self.forget, "forgetting"),
            every(COUNTED_S, Statistics(self._database).renew, "counting tables"),
        ]

    def _mailbox(self) -> Mailbox:
        """The streams of Redis, of every source that sends alerts."""
        mine = [one.id for one in self._city.sources if one.kind in ALERTING]
        return Mailbox(self._redis_url, mine, self._holder, self._intake.letters.take)

    def _subscriber(self, broker: Broker) -> Subscriber:
        """The session at a broker, of whichever worker holds its lease."""
        name = f"mqtt:{broker.name}"[:40]
        return Subscriber(
            broker,
            client_id(self._database, broker),
            self._logins.get(broker.host),
            now_and_then(RENEW_S, lambda: self._leads(name, SESSION_S / 2)),
            self._intake.letters.take,
        )

    def tick(self) -> int:
        """Fire what is due, if the lease is ours; how many timers were fired.

        The clock is read between two looks at where it stands, and a timer fires only if that is
        where the limits were moved to: what is due by another clock waits for the next tick.
        """
        before, now, offset = self._offset(), self._now(), self._offset()
        epoch = lease.take(self._database, self._holder, now)
        if epoch is None or abs(offset - before) > JUMP_MS or self._clock_was_set(epoch, offset):
            return 0
        hand = timers.Hand(machine(), offset)
        most = DUE + len(self._spoilt)
        due = self._database.read(lambda connection: timers.due(connection, now, most))
        self._spoilt = {one.id: self._spoilt[one.id] for one in due if one.id in self._spoilt}
        tried = [one for one in due if abs(now - self._spoilt.get(one.id, 0)) >= SPOILT_MS]
        return sum(self._fire(one, now, epoch, hand) for one in tried)

    def _fire(self, one: Timer, now: int, epoch: int, hand: timers.Hand) -> bool:
        """Whether it was fired; one that cannot be keeps none of the others from it."""
        try:
            answer = timers.fire(self._writer, self._city, one, now, epoch, hand)
        except Refused as reason:
            log.warning("timer %s was not fired: %s", one.id, reason.detail)
            return False
        except Exception:
            if one.id not in self._spoilt:
                log.exception("timer %s of %s cannot be fired", one.id, one.subject)
            self._spoilt[one.id] = now
            return False
        return bool(answer.body["fired"])

    def _clock_was_set(self, epoch: int, offset: int) -> bool:
        """Before anything fires: was the clock set? Then all limits move with it."""
        name = machine()
        by = self._database.read(lambda connection: jumps.jumped_by(connection, name, offset))
        if by is None or abs(by) > JUMP_MS:
            jumps.settle(self._writer, name, offset, self._now(), epoch, self._realm)
        return by is not None and abs(by) > JUMP_MS

    def measure(self) -> None:
        """Compute and keep every indicator and every source's counters."""
        if not self._leads("indicators", MEASURE_S):
            return
        began = time.monotonic()
        keep.keep(self._database, self._board, self._now() - SETTLE_MS)
        self._database.write(self._keep_sources)
        log.debug("indicators took %.3f s", time.monotonic() - began)

    def follow(self) -> None:
        """Compute those indicators anew whose records have changed since."""
        self._measured_seq, changed = self._database.read(self._changed)
        if changed and self._leads("indicators", MEASURE_S):
            keep.keep(self._database, self._board, self._now() - SETTLE_MS, changed)

    def fill(self) -> None:
        """Fill the holes of the last day's trends from readings that came late."""
        if self._leads("indicators", MEASURE_S):
            fill(self._database, self._board, self._now(), self._realm)

    def forget(self) -> None:
        """Delete telemetry that is too old."""
        if self._leads("forgetting", FORGET_S):
            gone = forget(self._database, self._city, self._now(), self._realm, self._days)
            log.info("forgot %d rows of old telemetry", gone)

    def _changed(self, connection: Connection) -> tuple[int, list[Metric]]:
        last = keep.seq_at(connection, self._now() - SETTLE_MS)
        if self._measured_seq < 0 or last == self._measured_seq:
            return last, []
        recent = events_after(connection, max(self._measured_seq, last - 200))
        said = {one.type for one in recent if one.seq <= last}
        return last, [one for one in METRICS.values() if one.events & said]

    def _leads(self, name: str, seconds: float) -> bool:
        ttl = int(seconds * 2_000)
        return lease.take(self._database, self._holder, self._now(), name, ttl) is not None

    def _keep_sources(self, connection: Connection) -> None:
        """A row a source, so that its counters can be seen again at an earlier time."""
        query = select(source_seen).where(source_seen.c.realm == self._realm)
        rows = [
            {
                "realm": self._realm,
                "metric": SEEN,
                "scope": row["source"],
                "at": self._now(),
                "value": float(row["refused"]),
                "as_of": row["last_at"],
                "rows": row["accepted"],
            }
            for row in connection.execute(query).mappings()
        ]
        keep.insert_new(connection, metric_value, rows)
