"""Districts as areas on the ground: read them from GeoJSON, find the one that holds a point."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as checked
from shapely import contains_xy, prepare
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from dispatch.city_files import parse, read_text
from dispatch.city_records import Id, Name
from dispatch.vocabulary import CITY


def _one_district(code: str) -> str:
    """A code that means one district: who holds `city` would hold all of them."""
    if code == CITY:
        raise ValueError("means the whole city and is no district's code")
    return code


@checked(frozen=True)
class DistrictFacts:
    code: Annotated[Id, AfterValidator(_one_district)]
    name_zh: Name
    name_en: Name
    population: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True)
class District:
    """One district; `geometry` is its GeoJSON geometry (lon, lat)."""

    code: str
    name_zh: str
    name_en: str
    population: int
    geometry: dict[str, Any] = field(repr=False)
    area: BaseGeometry = field(repr=False, compare=False)

    @property
    def lat(self) -> float:
        """Latitude of a point that is surely inside, good for a label."""
        return float(self.area.representative_point().y)

    @property
    def lon(self) -> float:
        return float(self.area.representative_point().x)


def read_districts(path: Path, problems: list[str]) -> list[District]:
    """Give the districts of a GeoJSON FeatureCollection."""
    text = read_text(path, problems)
    if text is None:
        return []
    try:
        features = json.loads(text)["features"]
    except (ValueError, KeyError, TypeError):
        problems.append(f"{path.name}: this is not a GeoJSON FeatureCollection")
        return []
    if not features:
        problems.append(f"{path.name}: there is no district in it")
    found = (_district(f, f"{path.name} feature {i}", problems) for i, f in enumerate(features, 1))
    return [one for one in found if one is not None]


def district_at(districts: tuple[District, ...], lat: float, lon: float) -> str | None:
    """Give the code of the district that holds the point, None outside all of them."""
    for one in districts:
        if contains_xy(one.area, lon, lat):
            return one.code
    return None


def _district(feature: Any, where: str, problems: list[str]) -> District | None:
    feature = feature if isinstance(feature, dict) else {}
    facts = parse(DistrictFacts, feature.get("properties") or {}, where, problems)
    area = _area(feature.get("geometry"), where, problems)
    if facts is None or area is None:
        return None
    prepare(area)
    return District(
        facts.code,
        facts.name_zh,
        facts.name_en,
        facts.population,
        feature["geometry"],
        area,
    )


def _area(geometry: Any, where: str, problems: list[str]) -> BaseGeometry | None:
    if not isinstance(geometry, dict) or geometry.get("type") not in (
        "Polygon",
        "MultiPolygon",
    ):
        problems.append(f"{where}, geometry: should be a Polygon or MultiPolygon")
        return None
    try:
        area = shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        problems.append(f"{where}, geometry: the coordinates cannot be read")
        return None
    wrong = _fault(area)
    if wrong:
        problems.append(f"{where}, geometry: {wrong}")
    return None if wrong else area


def _fault(area: BaseGeometry) -> str:
    if area.is_empty:
        return "the area is empty"
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "coordinates should be longitude, latitude in degrees"
    return "" if area.is_valid else explain_validity(area)
