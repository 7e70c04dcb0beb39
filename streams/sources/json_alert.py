"""Alerts as JSON: what `POST /api/v1/alerts` takes, and Redis carries."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch.city import City
from dispatch.city_records import Source
from dispatch.errors import Invalid
from dispatch.incoming import Incoming, Name
from dispatch.inputs import (
    Body,
    Kind,
    Lat,
    LevelNumber,
    Lon,
    MaybeLine,
    MaybeProse,
    Millis,
    Title,
    parse,
)
from dispatch.vocabulary import Category, Level
from streams.datum import to_wgs84
from streams.sources.places import is_nowhere
from streams.sources.times import millis

Time = Millis | Annotated[str, Field(max_length=40)]


class Message(Body):
    """One message of a source: a new alert, its update, or its end.

    Places are in the datum that the city declares for the source; times are ms since the epoch
    or ISO 8601 with offset. seq: the sender's own count, in which a hole shows what was lost.
    """

    source: Kind
    ext_id: Name
    kind: Literal["alert", "update", "cancel"] = "alert"
    title: Title = "-"
    text: MaybeProse = ""
    category: Category = Category.CITY
    type: Kind = "other"
    severity: LevelNumber = Level.IV
    lat: Lat | None = None
    lon: Lon | None = None
    place: MaybeLine = ""
    district: Kind | None = None
    occurred_at: Time | None = None
    expires_at: Time | None = None
    sent_at: Time | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    sensor: Kind | None = None
    value: float | None = None
    unit: Annotated[str, Field(max_length=20)] | None = None
    seq: Annotated[int, Field(ge=0)] | None = None


def read(content: Mapping[str, Any], city: City) -> Incoming:
    """Understand one message. Raises Invalid, naming the field that is wrong."""
    message = parse(Message, content)
    source = source_of(city, message.source)
    if message.kind != "cancel" and "title" not in message.model_fields_set:
        raise Invalid("missing", "title", "an alert needs a title")
    return Incoming(
        **message.model_dump(
            include={"source", "ext_id", "kind", "title", "text", "category", "type", "severity",
                     "place", "district", "confidence", "seq"}
        ),
        **_place(message, source),
        occurred_at=millis(message.occurred_at, "occurred_at"),
        expires_at=millis(message.expires_at, "expires_at"),
        sent_at=millis(message.sent_at, "sent_at"),
        reading=_reading(message, city),
    )  # fmt: skip


def object_of(content: Any) -> Mapping[str, Any]:
    """The content, if it is an object at all. Raises Invalid."""
    if not isinstance(content, dict):
        raise Invalid("not_an_object", "", "a message is a JSON object")
    return content


def source_of(city: City, id: str) -> Source:
    """The source as the city declares it. Raises Invalid: without a datum nothing is believed."""
    for source in city.sources:
        if source.id == id:
            return source
    raise Invalid("unknown_source", "source", f"the city has no source {id}")


def _place(message: Message, source: Source) -> dict[str, Any]:
    if message.lat is None or message.lon is None:
        if (message.lat is None) != (message.lon is None):
            raise Invalid("missing", "lon" if message.lon is None else "lat", "half a place")
        return {}
    if is_nowhere(message.lat, message.lon):
        return {}
    lat, lon = to_wgs84(message.lat, message.lon, source.datum)
    return {"lat": lat, "lon": lon}


def _reading(message: Message, city: City) -> dict[str, Any] | None:
    """What a sensor read, with the limit that the city knows for it."""
    if message.sensor is None and message.value is None:
        return None
    known = next((one for one in city.sensors if one.id == message.sensor), None)
    said: dict[str, Any] = {"sensor": message.sensor, "value": message.value, "unit": message.unit}
    return {**said, "limit": known.alarm} if known and known.alarm is not None else said
