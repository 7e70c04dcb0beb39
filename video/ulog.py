"""PX4 flight logs (ULog): a flight's place, heading, battery and link, as telemetry has them."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pyulog import ULog

from video.telemetry import ULOG, Telemetry

PLACES = ("vehicle_global_position", "vehicle_gps_position", "sensor_gps")
TOPICS = (*PLACES, "vehicle_attitude", "battery_status", "input_rc", "telemetry_status")
EVERY_S = 0.2  # reports closer to each other than this are thinned
RSSI_MOST = 100.0
SMALLEST = 16  # bytes of a header


class UlogError(ValueError):
    """A file that is no flight log, or one without a place in it."""


class UlogSource:
    """The reports of one flight; `at` counts from `start` (ms, UTC), else by the log's clock."""

    def __init__(self, file: Path, start: int | None = None) -> None:
        self._log = _open(file)
        self._place = _place(self._log)
        self._start = start

    @property
    def seconds(self) -> float:
        stamps = self._place.data["timestamp"]
        return float(stamps[-1] - stamps[0]) / 1e6

    def __iter__(self) -> Iterator[Telemetry]:
        data = self._place.data
        lat, lon, alt = _degrees(data, "lat"), _degrees(data, "lon"), _altitude(data)
        others = _Others(self._log)
        told = -math.inf
        for n, stamp in enumerate(data["timestamp"]):
            if not _flown(lat[n], lon[n]) or stamp - told < EVERY_S * 1e6:
                continue
            told = float(stamp)
            yield Telemetry(
                at=self._time(n),
                lat=float(lat[n]),
                lon=float(lon[n]),
                alt=float(alt[n]),
                heading=others.heading(stamp),
                battery=others.battery(stamp),
                link=others.link(stamp),
                source=ULOG,
            )

    def _time(self, n: int) -> int:
        data = self._place.data
        since = int(data["timestamp"][n] - data["timestamp"][0]) // 1000
        if self._start is not None:
            return self._start + since
        utc = data.get("time_utc_usec")
        if utc is not None and utc[n]:
            return int(utc[n]) // 1000
        reference = int(self._log.msg_info_dict.get("time_ref_utc", 0)) * 1000
        return reference + int(data["timestamp"][n]) // 1000


class _Others:
    """What else a log says, at a moment of its clock: the last word before it."""

    def __init__(self, log: ULog) -> None:
        self._log = log

    def heading(self, stamp: float) -> float | None:
        q = [self._at("vehicle_attitude", f"q[{n}]", stamp) for n in range(4)]
        if any(part is None for part in q):
            return None
        w, x, y, z = (float(part or 0) for part in q)
        yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        return math.degrees(yaw) % 360

    def battery(self, stamp: float) -> float | None:
        left = self._at("battery_status", "remaining", stamp)
        return None if left is None or not 0 <= left <= 1 else left * 100

    def link(self, stamp: float) -> float | None:
        """The remote control's signal; 255 and more say that the receiver cannot tell."""
        rssi = self._at("input_rc", "rssi", stamp)
        if rssi is None or not 0 <= rssi <= RSSI_MOST:
            return None
        return 0.0 if self._at("input_rc", "rc_lost", stamp) else rssi

    def _at(self, topic: str, name: str, stamp: float) -> float | None:
        for one in self._log.data_list:
            if one.name == topic and name in one.data and "timestamp" in one.data:
                n = int(np.searchsorted(one.data["timestamp"], stamp, side="right")) - 1
                value = float(one.data[name][max(n, 0)])
                return value if math.isfinite(value) else None
        return None


def _open(file: Path) -> ULog:
    """Raises UlogError: what a damaged file makes the reader raise is many things."""
    try:
        if file.stat().st_size < SMALLEST:
            raise UlogError(f"{file.name} is too short")
        return ULog(str(file), list(TOPICS), disable_str_exceptions=True)
    except UlogError:
        raise
    except Exception as error:
        raise UlogError(f"{file.name} is no flight log: {error}") from error


def _place(log: ULog) -> Any:
    found = {one.name: one for one in reversed(log.data_list) if _placed(one.data)}
    for name in PLACES:
        if name in found:
            return found[name]
    raise UlogError("the log has no place in it")


def _placed(data: Any) -> bool:
    """Whether a topic has times, degrees and heights; a damaged log may have lost their names."""
    try:
        _degrees(data, "lat"), _degrees(data, "lon"), _altitude(data)
        return len(data["timestamp"]) > 0
    except KeyError:
        return False


def _degrees(data: Any, name: str) -> Any:
    """Newer logs give degrees, older ones ten-millionths of them as whole numbers."""
    spelled = {"lat": "latitude_deg", "lon": "longitude_deg"}[name]
    if spelled in data:
        return data[spelled]
    raw = data[name]
    return raw * 1e-7 if np.issubdtype(raw.dtype, np.integer) else raw


def _altitude(data: Any) -> Any:
    if "altitude_msl_m" in data:
        return data["altitude_msl_m"]
    raw = data["alt"]
    return raw * 1e-3 if np.issubdtype(raw.dtype, np.integer) else raw


def _flown(lat: float, lon: float) -> bool:
    return abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)
