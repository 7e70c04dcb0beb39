"""What a source says of an alert, checked: the same shape from every door."""

from math import floor
from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch import canonical
from dispatch.city import City
from dispatch.errors import Invalid
from dispatch.inputs import HELD, Body, Kind, Lat, Lon, MaybeLine, MaybeProse, Millis, Title
from dispatch.log import Row
from dispatch.vocabulary import CITY, Category, Level

GEOMETRY_MAX = 65_536  # characters of GeoJSON text
CELLS = 100  # squares a degree
AHEAD_MS = 10 * 60_000  # a clock may go as much ahead of ours; more, and one of the two is wrong
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=HELD)]
Reading = dict[str, str | int | float | bool | None]


class Incoming(Body):
    """What a source says, parsed: places are WGS-84 degrees, times ms UTC.

    references: the source's ids of earlier messages that this one updates or cancels.
    sent_at: when the source sent it; an older message never overwrites a newer one.
    seq: the source's own count; the same words under another number are another message.
    """

    source: Kind
    ext_id: Name
    kind: Literal["alert", "update", "cancel"] = "alert"
    title: Title = "-"
    text: MaybeProse = ""
    category: Annotated[Category, Field(strict=False)] = Category.CITY
    type: Kind = "other"
    severity: Annotated[Level, Field(strict=False)] = Level.IV
    lat: Lat | None = None
    lon: Lon | None = None
    place: MaybeLine = ""
    district: Kind | None = None
    geometry: dict[str, Any] | None = None
    occurred_at: Millis | None = None
    expires_at: Millis | None = None
    sent_at: Millis | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    reading: Annotated[Reading, Field(max_length=40)] | None = None
    seq: Annotated[int, Field(ge=0)] | None = None
    references: Annotated[tuple[Name, ...], Field(strict=False, max_length=50)] = ()


def content_of(now: int, city: City, parsed: Incoming) -> Row:
    """The columns of an alert that a message fills. Raises Invalid.

    Of a time far ahead of ours nobody knows whose clock is wrong. The alert is taken all the same,
    as of now, and what its source said is kept beside it as `said_at`.
    """
    doubtful = is_ahead(parsed.occurred_at, now)
    return {
        "category": parsed.category.value,
        "type": parsed.type,
        "severity": int(parsed.severity),
        "title": parsed.title,
        "text": parsed.text,
        "place": parsed.place,
        "lat": parsed.lat,
        "lon": parsed.lon,
        "cell": cell(parsed.lat, parsed.lon),
        "geometry_json": _geometry(parsed),
        "scope_json": canonical.dumps(_scope(city, parsed)),
        "occurred_at": now if doubtful or parsed.occurred_at is None else parsed.occurred_at,
        "said_at": parsed.occurred_at if doubtful else None,
        "expires_at": parsed.expires_at,
        "sent_at": parsed.sent_at,
        "confidence": parsed.confidence,
        "reading_json": None if parsed.reading is None else canonical.dumps(parsed.reading),
    }


def cell(lat: float | None, lon: float | None) -> int:
    """The number of the square of about a kilometre that a place (WGS-84) lies in; -1 without."""
    if lat is None or lon is None:
        return -1
    return floor((lat + 90) * CELLS) * 100_000 + floor((lon + 180) * CELLS)


def is_ahead(at: int | None, now: int) -> bool:
    """Whether a time lies further in our future than clocks differ."""
    return at is not None and at > now + AHEAD_MS


def _geometry(parsed: Incoming) -> str | None:
    if parsed.geometry is None:
        return None
    text = canonical.dumps(parsed.geometry)
    if len(text) > GEOMETRY_MAX:
        raise Invalid("too_long", "geometry", "the geometry is too large")
    return text


def _scope(city: City, parsed: Incoming) -> list[str]:
    if (parsed.lat is None) != (parsed.lon is None):
        raise Invalid("missing", "lat" if parsed.lat is None else "lon", "half a place")
    if parsed.district not in (None, CITY, *city.codes):
        raise Invalid("unknown_district", "district", f"no district {parsed.district}")
    if parsed.district is not None:
        return [parsed.district]
    if parsed.lat is None or parsed.lon is None:
        return [CITY]
    return [city.district_at(parsed.lat, parsed.lon) or CITY]
