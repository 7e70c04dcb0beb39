"""The records of a city folder, as they stand in its files."""

import re
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from dispatch.inputs import KEY_ID
from dispatch.vocabulary import (
    Category,
    Datum,
    ForceType,
    Level,
    OrderKind,
    Priority,
    Role,
)

SCHEMES = ("rtsp", "rtsps", "udp", "http", "whep+http", "whep+https")


def _split(value: object) -> object:
    """Turn `a; b` into ("a", "b")."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(";") if part.strip())


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("should be a time zone such as Asia/Shanghai") from error
    return name


def _broker(address: str) -> str:
    """An MQTT broker without a login, and a topic or a filter of topics; or nothing."""
    found = BROKER.fullmatch(address)
    if found is None or int(found["port"] or 0) > 65_535:
        raise ValueError("should be mqtt://broker/topic or mqtts://broker:port/topic")
    return address


BROKER = re.compile(r"(mqtts?://[A-Za-z0-9.\-]+(:(?P<port>[0-9]{1,5}))?/[^\s]+)?")


def _in_a_key(id: str) -> str:
    """An id that may stand in an API key, as a source's does."""
    if not re.fullmatch(KEY_ID, id):
        raise ValueError("should be 1 to 40 of the letters A to z, digits, and . - _")
    return id


def _plain_address(url: str) -> str:
    """An address of pictures: a known scheme, or one relative to YIPING_CAMERA_BASE."""
    if len(url) > 500 or any(one.isspace() or not one.isprintable() for one in url):
        raise ValueError("should be an address of at most 500 characters, without spaces")
    parts = _parts(url)
    if "@" in parts.netloc or "@" in url.partition("://")[2].split("/")[0]:
        raise ValueError("a name and a password do not belong into the address")
    if parts.scheme and not url.startswith(tuple(f"{one}://" for one in SCHEMES)):
        raise ValueError(f"should begin with one of {', '.join(SCHEMES)}")
    if bool(parts.scheme) != bool(parts.hostname):
        raise ValueError("should have a scheme and a host, or neither")
    return url


def _parts(url: str) -> SplitResult:
    """The parts of an address whose host and port can be asked for. Raises ValueError."""
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        possible = parts.port != 0
    except ValueError:
        possible = False
    if not possible:
        raise ValueError("should be an address with a host and a port that there can be")
    return parts


Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s;,]+$")]
SourceId = Annotated[str, AfterValidator(_in_a_key)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Tags = Annotated[tuple[str, ...], BeforeValidator(_split)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Address = Annotated[str, AfterValidator(_plain_address)]
Count = Annotated[int, Field(ge=0)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Topics = Annotated[str, Field(max_length=400), AfterValidator(_broker)]


@dataclass(frozen=True)
class MapSettings:
    """Where the map opens and what its corner must say."""

    lat: Lat
    lon: Lon
    zoom: Annotated[float, Field(ge=1, le=20)]
    basemap: str
    note_zh: Name
    note_en: Name
    map_review_no: str = ""
    datum: Datum = Datum.WGS84


@dataclass(frozen=True)
class Settings:
    """The file city.toml."""

    name_zh: Name
    name_en: Name
    centre_zh: Name
    centre_en: Name
    population: Count
    simulated: bool
    timezone: Zone
    map: MapSettings
    counts: Annotated[dict[str, Count], Field(default_factory=dict)]


@dataclass(frozen=True)
class Unit:
    id: Id
    name_zh: Name
    name_en: Name
    force_type: ForceType
    district: str
    lat: Lat
    lon: Lon
    members: Count
    vehicles: Count
    leader: str = ""
    phone: str = ""
    base: str = ""
    capabilities: Tags = ()


@dataclass(frozen=True)
class Camera:
    """One camera: heading and field of view in degrees, clockwise from north.

    roles: who may see it, if not everybody who may see cameras; url, sub_url: where its pictures
    and its smaller ones are, without any password; pinned: kept open also while nobody watches.
    """

    id: Id
    name_zh: Name
    name_en: Name
    district: str
    lat: Lat
    lon: Lon
    heading: Annotated[float, Field(ge=0, le=360)]
    fov: Annotated[float, Field(gt=0, le=360)]
    owner: str = ""
    gb28181_id: Annotated[str, Field(pattern=r"^([0-9]{20})?$")] = ""
    datum: Datum = Datum.WGS84
    roles: Annotated[tuple[Role, ...], BeforeValidator(_split)] = ()
    url: Address = ""
    sub_url: Address = ""
    pinned: bool = False


@dataclass(frozen=True)
class Drone:
    """A drone: the id of its unit, where its picture and its telemetry come from.

    url: MPEG-TS by http or udp, with KLV beside the picture; relative to YIPING_DRONE_BASE.
    flight_log: a PX4 log of the folder that is replayed instead, round and round.
    lat, lon: where it stands when nothing was heard of it.
    """

    id: Id
    lat: Lat
    lon: Lon
    url: str = ""
    flight_log: str = ""


@dataclass(frozen=True)
class Source:
    """One outside system; `period_s` is how often it normally speaks.

    address: where we fetch what it says, for one that speaks by MQTT: `mqtt://broker/topic`.
    counts: the indicators that count its alerts, such as `calls_110`.
    """

    id: SourceId
    name_zh: Name
    name_en: Name
    org: str
    kind: Literal["json", "cap", "redis", "stream", "mqtt", "phone", "positions", "readings"]
    datum: Datum
    period_s: Annotated[float, Field(gt=0)]
    districts: Tags
    address: Topics = ""
    counts: Tags = ()


@dataclass(frozen=True)
class Person:
    id: Id
    name_zh: Name
    name_en: Name
    role: Role
    districts: Tags
    seat_zh: str = ""
    seat_en: str = ""
    unit: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Place:
    id: Id
    name_zh: Name
    name_en: Name
    kind: str
    district: str
    lat: Lat
    lon: Lon


@dataclass(frozen=True)
class Sensor:
    """One meter or detector; `normal_low..normal_high` is its quiet band.

    district: a code, or `city` for a figure of the whole city.
    """

    id: Id
    name_zh: Name
    name_en: Name
    metric: Id
    district: str
    lat: Lat
    lon: Lon
    source: str
    unit: str = ""
    normal_low: Number | None = None
    normal_high: Number | None = None
    alarm: Number | None = None


@dataclass(frozen=True)
class Text:
    zh: str
    en: str


@dataclass(frozen=True)
class PlanInput:
    """Something that speaks for a level, and from which value on.

    reading: the worst of the sensors of `metric` within `within_m` metres of the incident;
    alerts: how many alerts tell of it; fact: a number that an officer has entered (`dead`, ...).
    """

    kind: Literal["reading", "alerts", "fact"]
    zh: Name
    en: Name
    at_least: Number | None = None
    at_most: Number | None = None
    metric: str = ""
    within_m: Annotated[float, Field(gt=0)] = 3000
    fact: Literal["", "dead", "missing", "serious", "minor", "trapped", "moved"] = ""
    unit: str = ""


@dataclass(frozen=True)
class PlanLevel:
    """When a plan's response level is reached, and who decides it.

    inputs: what can be checked by numbers; so many as `enough` should be met.
    """

    level: Level
    when: Text
    decided_by: Text
    inputs: tuple[PlanInput, ...] = ()
    enough: Annotated[int, Field(ge=1)] = 1


@dataclass(frozen=True)
class PlanAction:
    """One step; `offset_min` counts from activation, `deadline_min` from the step's own order."""

    seq: Annotated[int, Field(ge=1)]
    phase: Literal["initial", "main", "reinforce", "closing"]
    kind: OrderKind
    text_zh: Name
    text_en: Name
    force_type: ForceType
    offset_min: Annotated[float, Field(ge=0)]
    deadline_min: Annotated[float, Field(gt=0)]
    priority: Priority
    capability: str = ""
    unit: str = ""
    group: Text | None = None


@dataclass(frozen=True)
class Plan:
    """A plan of action; without a category it fits any, `types` of `*` fits every type."""

    id: Id
    name_zh: Name
    name_en: Name
    types: tuple[str, ...]
    triggers: tuple[Text, ...]
    levels: tuple[PlanLevel, ...]
    actions: Annotated[tuple[PlanAction, ...], Field(min_length=1)]
    end_conditions: tuple[Text, ...]
    category: Category | None = None

    def fit(self, category: str, kind: str) -> int:
        """Say how well the plan fits: 2 names the type, 1 takes any type, 0 does not fit."""
        if self.category not in (None, category):
            return 0
        return 2 if kind in self.types else int("*" in self.types)
