"""The areas of a CAP message: polygons, circles and codes as one geometry and one centre."""

from math import cos, pi, radians, sin
from typing import Any

from shapely import Polygon, unary_union
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from dispatch.city import City
from dispatch.city_records import Source
from dispatch.errors import Invalid
from dispatch.vocabulary import CITY, Datum
from streams.datum import Point, to_wgs84
from streams.sources.places import is_nowhere

METRES_PER_DEGREE = 111_320.0
CORNERS = 48  # of a circle that must be drawn as a polygon
POINTS_MAX = 2_000
RADIUS_MAX_KM = 20_000.0
PLACE_MAX = 200
NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"


def read_areas(areas: list[Any], source: Source, city: City) -> dict[str, Any]:
    """{place, lat, lon, geometry, district}, as far as the areas say. Raises Invalid.

    One circle alone stays a circle: a point with `radius_m`.
    """
    names = dict.fromkeys(_texts(area, "areaDesc")[0] for area in areas if _texts(area, "areaDesc"))
    found: dict[str, Any] = {"place": "；".join(names)[:PLACE_MAX]}
    polygons = [_polygon(text, source.datum) for a in areas for text in _texts(a, "polygon")]
    rings = dict.fromkeys(text for area in areas for text in _texts(area, "circle"))
    circles = [one for one in (_circle(text, source.datum) for text in rings) if _is_place(one)]
    codes = [code for area in areas for code in _codes(area, city)]
    if len(circles) == 1 and not polygons:
        (lat, lon), radius = circles[0]
        point = {"type": "Point", "coordinates": [lon, lat]}
        found |= {"lat": lat, "lon": lon}
        found["geometry"] = {**point, "radius_m": radius} if radius else point
    elif polygons or circles:
        found |= _whole([*polygons, *(_round(*circle) for circle in circles)])
    return found | _district(found, codes, city)


def _whole(shapes: list[BaseGeometry]) -> dict[str, Any]:
    union = unary_union(shapes)
    middle = union.representative_point()
    geometry = mapping(union)
    return {
        "lat": float(middle.y),
        "lon": float(middle.x),
        "geometry": {"type": geometry["type"], "coordinates": _lists(geometry["coordinates"])},
    }


def _lists(value: Any) -> Any:
    """Tuples as lists, degrees to a tenth of a metre."""
    return [_lists(one) for one in value] if isinstance(value, tuple | list) else round(value, 6)


def _district(found: dict[str, Any], codes: list[str], city: City) -> dict[str, str]:
    """The district that it concerns, or the city if there are several; nothing if none is known."""
    touched = set(codes) or set(_touched(found.get("geometry"), city))
    if len(touched) == 1:
        return {"district": touched.pop()}
    return {"district": CITY} if touched else {}


def _touched(geometry: dict[str, Any] | None, city: City) -> list[str]:
    """Districts of which the area covers more than a sliver."""
    if geometry is None or (geometry["type"] == "Point" and "radius_m" not in geometry):
        return []
    area = _drawn(geometry)
    return [
        one.code for one in city.districts if area.intersection(one.area).area > one.area.area / 1e4
    ]


def _drawn(geometry: dict[str, Any]) -> BaseGeometry:
    if geometry["type"] == "Point":
        lon, lat = geometry["coordinates"]
        return _round((lat, lon), geometry["radius_m"])
    rings = geometry["coordinates"]
    several = rings if geometry["type"] == "MultiPolygon" else [rings]
    return unary_union([Polygon(one[0], one[1:]) for one in several])


def _texts(area: Any, tag: str) -> list[str]:
    return [(one.text or "").strip() for one in area.iterchildren(NAMESPACE + tag)]


def _codes(area: Any, city: City) -> list[str]:
    """District codes of this city among the area's geocodes; others are not ours to know."""
    known = (*city.codes, CITY)
    values = [value for code in area.iterchildren(NAMESPACE + "geocode")
              for value in _texts(code, "value")]  # fmt: skip
    return [value for value in values if value in known]


def _polygon(text: str, datum: Datum) -> BaseGeometry:
    field = "alert.info.area.polygon"
    points = [_point(pair, field, datum) for pair in text.split()]
    if points and points[0] != points[-1]:
        points.append(points[0])
    if len(points) < 4:
        raise Invalid("bad_value", field, "needs at least three corners")
    if len(points) > POINTS_MAX:
        raise Invalid("too_long", field, f"more than {POINTS_MAX} corners")
    made = Polygon([(lon, lat) for lat, lon in points])
    sound = made if made.is_valid else made.buffer(0)
    if sound.is_empty:
        raise Invalid("bad_value", field, "encloses no area")
    return sound


def _circle(text: str, datum: Datum) -> tuple[Point, float]:
    """(centre, radius in metres) of CAP's `lat,lon km`."""
    field = "alert.info.area.circle"
    parts = text.split()
    if len(parts) != 2:
        raise Invalid("bad_value", field, "should be lat,lon and a radius in km")
    return _point(parts[0], field, datum), _number(parts[1], field, 0, RADIUS_MAX_KM) * 1000


def _is_place(circle: tuple[Point, float]) -> bool:
    (lat, lon), _ = circle
    return not is_nowhere(lat, lon)


def _round(centre: Point, radius: float) -> BaseGeometry:
    lat, lon = centre
    north = max(radius, 1.0) / METRES_PER_DEGREE
    east = north / max(0.01, cos(radians(lat)))
    turns = [2 * pi * n / CORNERS for n in range(CORNERS)]
    return Polygon([(lon + east * sin(turn), lat + north * cos(turn)) for turn in turns])


def _point(pair: str, field: str, datum: Datum) -> Point:
    parts = pair.split(",")
    if len(parts) != 2:
        raise Invalid("bad_value", field, "points are written lat,lon")
    lat, lon = _number(parts[0], field, -90, 90), _number(parts[1], field, -180, 180)
    return to_wgs84(lat, lon, datum)


def _number(text: str, field: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise Invalid("bad_value", field, f"{text[:40]} is not a number") from error
    if not least <= value <= most:
        raise Invalid("bad_value", field, f"{text[:40]} is out of range")
    return value
