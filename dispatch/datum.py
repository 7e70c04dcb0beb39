"""Turns places in GCJ-02 or BD-09, as maps and phones in China give them, into WGS-84.

A single wrong datum puts an incident half a kilometre off. CGCS2000 and WGS-84 differ by less
than a metre and are taken as one. Outside China there is no shift.
"""

from math import atan2, cos, hypot, pi, radians, sin, sqrt

from dispatch.vocabulary import Datum

AXIS_M = 6_378_245.0  # semi-major axis of the Krasovsky 1940 ellipsoid, on which GCJ-02 rests
ECCENTRICITY_2 = 0.006_693_421_622_965_943  # its first eccentricity, squared
PRECISION = 1e-9  # degrees, a tenth of a millimetre
BD_ANGLE = pi * 3000.0 / 180.0
BD_OFFSET_LAT, BD_OFFSET_LON = 0.006, 0.0065
Point = tuple[float, float]
"""(latitude, longitude) in degrees."""


def to_wgs84(lat: float, lon: float, datum: Datum) -> Point:
    """The place in WGS-84."""
    if datum is Datum.BD09:
        return gcj_to_wgs(*bd_to_gcj(lat, lon))
    if datum is Datum.GCJ02:
        return gcj_to_wgs(lat, lon)
    return lat, lon


def wgs_to_gcj(lat: float, lon: float) -> Point:
    """Shift a WGS-84 place as GCJ-02 does."""
    if outside(lat, lon):
        return lat, lon
    north, east = _shift(lon - 105.0, lat - 35.0)
    slope = 1 - ECCENTRICITY_2 * sin(radians(lat)) ** 2
    root = sqrt(slope)
    per_lat = AXIS_M * (1 - ECCENTRICITY_2) / (slope * root) * pi / 180.0
    per_lon = AXIS_M / root * cos(radians(lat)) * pi / 180.0
    return lat + north / per_lat, lon + east / per_lon


def gcj_to_wgs(lat: float, lon: float) -> Point:
    """Find the WGS-84 place whose shift ends here, step by step."""
    if outside(lat, lon):
        return lat, lon
    guess = (lat, lon)
    for _ in range(12):
        there = wgs_to_gcj(*guess)
        miss = (there[0] - lat, there[1] - lon)
        guess = (guess[0] - miss[0], guess[1] - miss[1])
        if max(abs(miss[0]), abs(miss[1])) < PRECISION:
            break
    return guess


def bd_to_gcj(lat: float, lon: float) -> Point:
    if outside(lat, lon):
        return lat, lon
    y, x = lat - BD_OFFSET_LAT, lon - BD_OFFSET_LON
    reach = hypot(x, y) - 0.000_02 * sin(y * BD_ANGLE)
    turn = atan2(y, x) - 0.000_003 * cos(x * BD_ANGLE)
    return reach * sin(turn), reach * cos(turn)


def gcj_to_bd(lat: float, lon: float) -> Point:
    if outside(lat, lon):
        return lat, lon
    reach = hypot(lon, lat) + 0.000_02 * sin(lat * BD_ANGLE)
    turn = atan2(lat, lon) + 0.000_003 * cos(lon * BD_ANGLE)
    return reach * sin(turn) + BD_OFFSET_LAT, reach * cos(turn) + BD_OFFSET_LON


def outside(lat: float, lon: float) -> bool:
    """Whether the place lies outside the box in which maps of China are shifted."""
    return not (0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347)


def _shift(x: float, y: float) -> Point:
    """Metres to the north and east by which GCJ-02 moves a place; x, y from 105 E, 35 N."""
    ripple = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (ripple + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (ripple + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east
