"""Readings and positions as they arrive in batches: checked row by row, kept outside the log."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.city_records import Source
from dispatch.database import Database
from dispatch.errors import Invalid, Refused
from dispatch.geo import distance_m
from dispatch.incoming import is_ahead
from dispatch.inputs import HELD, Body, Id, Kind, Lat, Lon
from dispatch.models import position, reading
from dispatch.vocabulary import REAL
from streams.datum import to_wgs84
from streams.indicators.keep import insert_new
from streams.positions import Place
from streams.sources.json_alert import Time, source_of
from streams.sources.places import is_nowhere
from streams.sources.times import millis

MOST = 5_000  # rows a batch
STEP_MS = 15_000  # a moving unit's place is stored once in so long
PARKED_MS = 60_000  # and that of one that stands still
STILL_M = 25.0  # as far a standing unit's place may waver
SHARED = "phone"
"""The source of places that responders share."""
IN_THE_FUTURE = "in_the_future"
Json = dict[str, Any]
Rows = Annotated[list[Json], Field(min_length=1, max_length=MOST)]


class Reading(Body):
    """One value of one sensor."""

    sensor: Id
    at: Time
    value: float
    quality: Annotated[str, Field(min_length=1, max_length=20, pattern=HELD)] = "measured"


class Position(Body):
    """Where one unit is, in its source's datum; speed in m/s, heading clockwise from north."""

    unit: Id
    lat: Lat
    lon: Lon
    at: Time | None = None
    speed: Annotated[float, Field(ge=0, le=200)] | None = None
    heading: Annotated[float, Field(ge=0, le=360)] | None = None


class ReadingBatch(Body):
    """Readings of one source; each row is a Reading."""

    source: Kind
    readings: Rows


class PositionBatch(Body):
    """Places of units by one source; each row is a Position."""

    source: Kind
    positions: Rows


class Series:
    """Takes batches: what is right is kept, what is wrong is answered with its row and reason."""

    def __init__(self, database: Database, city: City, realm: str = REAL) -> None:
        self._database, self._city, self._realm = database, city, realm
        self._sensors = {one.id: one for one in city.sensors}
        self._units = {one.id for one in city.units}
        self._kept: dict[str, Json] = {}

    def readings(self, actor: Actor, batch: ReadingBatch, now: int) -> Json:
        """Keep readings; the same reading again changes nothing. Gives {accepted, refused}."""
        source = self._speaker(actor, batch.source, "readings:write")
        rows, refused = _each(batch.readings, lambda row: self._reading(row, source, now))
        self._database.write(lambda connection: insert_new(connection, reading, rows))
        return {"accepted": len(rows), "refused": refused}

    def positions(self, actor: Actor, batch: PositionBatch, now: int) -> tuple[Json, list[Place]]:
        """Keep one place per unit and 15 s, or minute. Gives {accepted, refused}, every place."""
        source = self._speaker(actor, batch.source, "positions:write")
        rows, refused = _each(batch.positions, lambda row: self._position(row, source, now))
        thinned = [row for row in rows if self._is_new(row)]
        if thinned:
            self._database.write(lambda connection: insert_new(connection, position, thinned))
            self._kept |= {row["unit"]: row for row in thinned}
        places = [Place(row["unit"], row["lat"], row["lon"], row["at"]) for row in rows]
        return {"accepted": len(rows), "refused": refused}, places

    def own_places(self, places: Iterable[Place], now: int) -> None:
        """Keep what a responder shares of its own place, thinned as every other."""
        known = {"realm": self._realm, "source": SHARED, "received_at": now}
        bare = {"speed": None, "heading": None}
        rows = [{**known, **bare, **vars(one)} for one in places]
        thinned = [row for row in rows if self._is_new(row)]
        if thinned:
            self._database.write(lambda connection: insert_new(connection, position, thinned))
            self._kept |= {row["unit"]: row for row in thinned}

    def _speaker(self, actor: Actor, source: str, right: str) -> Source:
        require(actor, right)
        if actor.source is not None and actor.source != source:
            raise Invalid("not_your_source", "source", f"this key speaks for {actor.source}")
        return source_of(self._city, source)

    def _reading(self, content: Json, source: Source, now: int) -> Json:
        row = _parse(Reading, content)
        sensor = self._sensors.get(row.sensor)
        if sensor is None:
            raise Invalid("unknown_sensor", "sensor", f"the city has no sensor {row.sensor}")
        if sensor.source != source.id:
            raise Invalid("not_your_sensor", "sensor", f"{row.sensor} is not of {source.id}")
        if is_ahead(millis(row.at, "at"), now):  # it would be drawn over what was measured then
            raise Invalid(IN_THE_FUTURE, "at", "the source's clock or ours is wrong by 10 min")
        said = {"sensor": row.sensor, "value": row.value, "quality": row.quality}
        return {**said, **self._about(row.at, source, now)}

    def _position(self, content: Json, source: Source, now: int) -> Json:
        row = _parse(Position, content)
        if row.unit not in self._units:
            raise Invalid("unknown_unit", "unit", f"the city has no unit {row.unit}")
        if is_nowhere(row.lat, row.lon):
            raise Invalid("nowhere", "lat", "0, 0 is no place of a unit")
        lat, lon = to_wgs84(row.lat, row.lon, source.datum)
        said = {"unit": row.unit, "lat": lat, "lon": lon, "speed": row.speed}
        return {**said, "heading": row.heading, **self._about(row.at, source, now)}

    def _about(self, at: int | str | None, source: Source, now: int) -> Json:
        then = millis(at, "at")  # where a unit is, is so now, whichever clock is wrong
        known = {"realm": self._realm, "source": source.id, "received_at": now}
        return {**known, "at": now if then is None else min(then, now)}

    def _is_new(self, row: Json) -> bool:
        """Whether this place is worth storing: it is later, and elsewhere or much later."""
        last = self._kept.get(row["unit"])
        if last is None:
            return True
        still = distance_m(last["lat"], last["lon"], row["lat"], row["lon"]) < STILL_M
        step = PARKED_MS if still else STEP_MS
        return bool(row["at"] // step > last["at"] // step)


def _parse(model: Any, content: Json) -> Any:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid(first["type"], field, first["msg"]) from error


def _each(rows: Iterable[Mapping[str, Any]], read: Any) -> tuple[list[Json], list[Json]]:
    """The rows that could be read, and of the others which, which field, and why."""
    good, bad = [], []
    for n, row in enumerate(rows):
        try:
            good.append(read(row))
        except Refused as reason:
            about = {"row": n, "field": reason.field, "code": reason.code}
            bad.append({**about, "detail": reason.detail})
    return good, bad
