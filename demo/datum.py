"""Shift WGS-84 to GCJ-02, for sources that speak in the datum of Chinese street maps."""

import math

AXIS_M = 6378245.0  # the ellipsoid that the shift is defined on
FLAT = 0.00669342162296594323  # its first eccentricity, squared


def to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Give the shifted latitude and longitude in degrees; meant for places in China."""
    x, y = lon - 105.0, lat - 35.0
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    ripple = _waves(x, (6, 20), (2, 20))
    north += ripple + _waves(y, (1, 20), (1 / 3, 40)) + _waves(y, (1 / 12, 160), (1 / 30, 320))
    east += ripple + _waves(x, (1, 20), (1 / 3, 40)) + _waves(x, (1 / 12, 150), (1 / 30, 300))
    bulge = 1 - FLAT * math.sin(math.radians(lat)) ** 2
    metres_north = AXIS_M * (1 - FLAT) / bulge**1.5
    metres_east = AXIS_M / math.sqrt(bulge) * math.cos(math.radians(lat))
    return lat + math.degrees(north / metres_north), lon + math.degrees(east / metres_east)


def _waves(value: float, *parts: tuple[float, float]) -> float:
    """Add up sine waves of (frequency in half turns, height), two thirds of each."""
    return sum(high * 2 / 3 * math.sin(value * often * math.pi) for often, high in parts)
