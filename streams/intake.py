"""The intake: whatever door a fact comes by, it becomes the same command, or is refused by name."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dispatch import arrivals, canonical, quarantine
from dispatch.access import Actor
from dispatch.arrivals import Arrival
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.errors import Busy, Conflict, Invalid, Refused
from dispatch.incoming import Incoming
from dispatch.log import Answer
from dispatch.turns import Outcome
from dispatch.vocabulary import REAL
from dispatch.writer import Writer
from streams import watch
from streams.ear import Ear
from streams.letters import Letter, Letters
from streams.positions import Place, Positions
from streams.series import IN_THE_FUTURE, PositionBatch, ReadingBatch, Series
from streams.sources import cap, json_alert, redis_json
from streams.sources.json_alert import object_of
from streams.tally import Tally

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
TRIES, PAUSE_S = 20, 0.25  # how long a message from Redis waits for a store that is busy
Json = dict[str, Any]


class Intake:
    """Facts in. positions: takes every place for the map at once."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        city: City,
        positions: Positions | None = None,
        now: Callable[[], int] = now_ms,
        realm: str = REAL,
    ) -> None:
        self._writer, self._city, self._positions = writer, city, positions
        self._now, self._realm = now, realm
        self._early: dict[str, int] = {}
        self._series = Series(database, city, realm)
        self._tally = Tally(database, (one.id for one in city.sources), realm)
        self.letters = Letters(writer, city, self._tally, now, realm)

    def json(self, actor: Actor, content: Mapping[str, Any]) -> Answer:
        """One alert as JSON. Raises Refused, naming the field."""
        if watch.is_call(actor):
            return watch.take(self._writer, content, self._now())
        now = self._now()
        answer = self._counted(actor, lambda: json_alert.read(content, self._city))
        self._tally.numbered(actor.source or actor.id, content.get("seq"), now)
        return answer

    def batch(self, actor: Actor, contents: Sequence[Any]) -> list[Outcome]:
        """Many alerts as JSON in one commit: of each its answer, or why it was refused.

        Raises Busy: nothing of them was taken, or nobody knows yet.
        """
        now = self._now()
        read = [self._arrival(actor, content, now) for content in contents]
        good = [one for one in read if isinstance(one, Arrival)]
        taken = iter(arrivals.take_all(self._writer, good) if good else ())
        outcomes = [next(taken) if isinstance(one, Arrival) else one for one in read]
        accepted = sum(isinstance(one, Answer) for one in outcomes)
        source = actor.source or actor.id
        self._tally.heard(source, now, accepted, refused=len(outcomes) - accepted)
        for content, outcome in zip(contents, outcomes, strict=True):
            if isinstance(outcome, Answer):
                self._tally.numbered(source, content.get("seq"), now)
        return outcomes

    def _arrival(self, actor: Actor, content: Any, now: int) -> Arrival | Refused:
        try:
            parsed = json_alert.read(object_of(content), self._city)
            return arrivals.arrival(self._city, actor, parsed, now, self._realm)
        except Refused as reason:
            return reason

    def cap(self, actor: Actor, xml: bytes) -> Answer:
        """One alert as CAP 1.2; it belongs to the key's own source. Raises Refused."""

        def read() -> Incoming:
            source = json_alert.source_of(self._city, actor.source or "")
            return cap.read(xml, source, self._city, self._now())

        return self._counted(actor, read)

    def readings(self, actor: Actor, batch: ReadingBatch) -> Json:
        """Readings of sensors: {accepted, refused: [{row, field, code, detail}]}."""
        now = self._now()
        answer = self._series.readings(actor, batch, now)
        self._heard(batch.source, answer)
        self._tell_early(batch, answer["refused"], now)
        return answer

    def _tell_early(self, batch: ReadingBatch, refused: list[Json], now: int) -> None:
        """Show the desk that a source's clock or ours is wrong: one of its readings, once an hour.

        The others are only counted. Raises nothing: the source has its answer all the same.
        """
        early = next((one for one in refused if one["code"] == IN_THE_FUTURE), None)
        hour = now // HOUR_MS
        if early is None or self._early.get(batch.source) == hour:
            return
        said = canonical.dumps(batch.readings[early["row"]])
        reason = Invalid(early["code"], early["field"], early["detail"])
        about = ("rest", batch.source, said, reason, f"{batch.source}:{IN_THE_FUTURE}:{hour}")
        scope = quarantine.scope_of(self._city, batch.source)
        try:
            quarantine.keep(self._writer, *about, now, self._realm, scope)
        except Conflict:  # another process has told it, of another reading
            pass
        except Refused as reason:  # the store is busy: the next batch tries again
            log.debug("a reading of a time to come was not put aside: %s", reason)
            return
        self._early[batch.source] = hour

    def positions(self, actor: Actor, batch: PositionBatch) -> Json:
        """Places of units: {accepted, refused: [...]}; the map has them at once."""
        answer, places = self._series.positions(actor, batch, self._now())
        self._heard(batch.source, answer)
        if self._positions is not None:
            self._positions.report(places)
        return answer

    def own_places(self, places: list[Place], now: int) -> None:
        """Where a responder shares to be, in WGS-84; the map has the newest at once."""
        self._series.own_places(places, now)
        if self._positions is not None:
            self._positions.report(places)

    def write_counts(self) -> None:
        """Write what each source said since the last time; to be called once a second."""
        self._tally.write()

    def listen(self, url: str) -> Callable[[threading.Event], None]:
        """The task that takes alerts from Redis, as far as they arrive."""
        return Ear(url, {redis_json.CHANNEL: self.on_message}).listen

    def on_message(self, channel: str, payload: bytes) -> None:
        """One message from Redis: into the log, or aside for the desk to see."""
        letter = Letter("redis", channel, redis_json.source(channel), payload)
        try:
            self._patiently(lambda: self.letters.take([letter]))
        except Busy:
            self._tally.heard(letter.source, self._now(), refused=1)
            raise

    def _take(self, actor: Actor, parsed: Incoming) -> Answer:
        return arrivals.take(self._writer, self._city, actor, parsed, self._now(), self._realm)

    def _counted(self, actor: Actor, read: Callable[[], Incoming]) -> Answer:
        """Take what was read, and count it for or against its source."""
        try:
            answer = self._take(actor, read())
        except Busy:
            raise
        except Refused:
            self._tally.heard(actor.source or actor.id, self._now(), refused=1)
            raise
        self._tally.heard(actor.source or actor.id, self._now(), accepted=1)
        return answer

    def _heard(self, source: str, answer: Json) -> None:
        accepted, refused = answer["accepted"], len(answer["refused"])
        self._tally.heard(source, self._now(), accepted, refused)

    def _patiently(self, take: Callable[[], object]) -> None:
        """Nobody sends a Redis message twice: while the store is busy, it waits here."""
        for n in range(TRIES):
            try:
                take()
                return
            except Busy:
                if n == TRIES - 1:
                    raise
                threading.Event().wait(PAUSE_S)
