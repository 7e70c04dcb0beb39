"""The roads and villages of the demo city, as one list that everything is drawn from."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from demo.plane import Point

KIND = {
    "motorway": "highway",
    "trunk": "highway",
    "primary": "major_road",
    "secondary": "major_road",
    "tertiary": "major_road",
    "residential": "minor_road",
    "service": "minor_road",
    "track": "minor_road",
    "rail": "rail",
}


@dataclass(frozen=True)
class Road:
    line: BaseGeometry
    detail: str
    name_zh: str = ""
    name_en: str = ""
    low: int | None = None  # first level, if not that of its rank


@dataclass(frozen=True)
class Village:
    name_zh: str
    name_en: str
    spot: Point


@dataclass
class Network:
    roads: list[Road] = field(default_factory=list)
    villages: list[Village] = field(default_factory=list)

    def add(self, lines: Iterable[BaseGeometry], detail: str, zh: str = "", en: str = "") -> None:
        self.roads += [Road(line, detail, zh, en) for line in lines if not line.is_empty]
