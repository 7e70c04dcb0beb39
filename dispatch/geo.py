"""Distances on the ground."""

from math import asin, cos, radians, sin, sqrt

EARTH_M = 6_371_008.8  # mean radius


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The great-circle distance of two WGS-84 points, in metres."""
    a, b = radians(lat), radians(other_lat)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(half))
