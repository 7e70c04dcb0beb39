"""The weather in words: 9 °C, wind from the north-east 3.2 m/s, of what time."""

from collections.abc import Mapping
from typing import Any

from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import figure

POINTS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def told(weather: Mapping[str, Any], t: Texts) -> str:
    """Temperature and wind as far as a station has told them; empty without any."""
    warm, speed, way = (weather[name] for name in ("temperature", "wind_speed", "wind_dir"))
    parts = [f"{figure(warm['value'])} {warm['unit']}"] if warm else []
    if speed:
        value = f"{figure(speed['value'])} {speed['unit']}"
        parts.append(t("sky.wind", point=compass(way["value"], t), value=value) if way else value)
    return " · ".join(parts)


def as_of(weather: Mapping[str, Any], t: Texts) -> str:
    """Whose word, of what time, and whether it is late."""
    known = [one for one in weather.values() if one]
    if not known:
        return t("sky.title")
    oldest = min(known, key=lambda one: one["at"])
    late = "" if oldest["freshness"] == "ok" else f" · {t('fresh.' + oldest['freshness'])}"
    return f"{t.name(oldest['source'])} {clock(oldest['at'], seconds=False)}{late}"


def compass(degrees: float, t: Texts) -> str:
    """From where the wind blows: 45 is north-east."""
    return t(f"sky.{POINTS[round(degrees % 360 / 45) % 8]}")
