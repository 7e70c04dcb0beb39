"""The records of a city folder, as they stand in its files."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from dispatch.vocabulary import (
    Category,
    Datum,
    ForceType,
    Level,
    OrderKind,
    Priority,
    Role,
)


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


Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s;,]+$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Tags = Annotated[tuple[str, ...], BeforeValidator(_split)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Zone = Annotated[str, AfterValidator(_known_zone)]


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
    """One camera: heading and field of view in degrees, clockwise from north."""

    id: Id
    name_zh: Name
    name_en: Name
    district: str
    lat: Lat
    lon: Lon
    heading: Annotated[float, Field(ge=0, le=360)]
    fov: Annotated[float, Field(gt=0, le=360)]
    owner: str = ""
    gb28181_id: str = ""


@dataclass(frozen=True)
class Source:
    """One outside system; `period_s` is how often it normally speaks."""

    id: Id
    name_zh: Name
    name_en: Name
    org: str
    kind: Literal["json", "cap", "redis", "phone", "positions", "readings"]
    datum: Datum
    period_s: Annotated[float, Field(gt=0)]
    districts: Tags


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
class PlanLevel:
    """When a plan's response level is reached, and who decides it.

    inputs: what can be checked by numbers; so many as `enough` should be met.
    """

    level: Level
    when: Text
    decided_by: Text


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


    def fit(self, category: str, kind: str) -> int:
        """Say how well the plan fits: 2 names the type, 1 takes any type, 0 does not fit."""
        if self.category not in (None, category):
            return 0
        return 2 if kind in self.types else int("*" in self.types)
    inputs: tuple[PlanInput, ...] = ()
    enough: Annotated[int, Field(ge=1)] = 1
