"""What meters and detectors show: a value for each moment, so that past and present agree."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from demo.folder import Sensor

LOCAL = timezone(timedelta(hours=8))
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DISPATCHES_A_DAY = 75
HEARTBEAT = "link_up"
SLOT_MS = 300_000  # ambulance dispatches are counted over five minutes

POWER = [62, 59, 57, 56, 57, 60, 68, 78, 88, 94, 96, 95, 90, 91, 93, 94, 95, 98, 100, 99, 94, 86]
POWER += [76, 68]  # per cent of the day's peak, by hour
TRAFFIC = [0, 0, 0, 0, 0, 5, 25, 75, 95, 60, 45, 45, 50, 45, 45, 50, 65, 95, 100, 70, 45, 30, 15]
TRAFFIC += [5]
CALLS = [45, 38, 32, 28, 28, 34, 52, 82, 112, 138, 140, 126, 108, 102, 104, 110, 120, 142, 150]
CALLS += [140, 122, 104, 82, 62]  # peaks at 9-11 and 17-20


def value_at(sensor: Sensor, at: int) -> float:
    """Give what the sensor shows at a time (ms UTC)."""
    low, high = sensor.low, sensor.high
    if sensor.metric == "dispatch_120":
        return float(dispatches(at))
    if sensor.metric == "power_load":
        share = by_hour(POWER, at) / 100
        return round(
            low + (high - low) * (0.15 + 0.7 * (share - 0.56) / 0.44) + _wave(sensor, at) * 6, 1
        )
    if sensor.metric == "water_pressure":
        draw = by_hour(CALLS, at) / 150
        return round(high - (high - low) * (0.2 + 0.5 * draw) + _wave(sensor, at) * 0.006, 3)
    if sensor.metric == "traffic_index":
        busy = random.Random(sensor.id).uniform(0.35, 0.68)
        return round(1.05 + busy * by_hour(TRAFFIC, at) / 100 + abs(_wave(sensor, at)) * 0.06, 2)
    return _quiet(sensor, at)


def _quiet(sensor: Sensor, at: int) -> float:
    """Give a value well inside the band, wandering slowly."""
    if sensor.metric == HEARTBEAT:
        return 1.0
    if sensor.metric == "nh3_ppm":
        return round(abs(_wave(sensor, at)) * 2.4, 1)
    if sensor.metric == "wind_speed":
        return round(3.2 + _wave(sensor, at) * 0.9, 1)
    if sensor.metric == "wind_dir":
        return round(45 + _wave(sensor, at) * 9) % 360
    if sensor.metric == "temperature":
        return round(9 + 5 * math.sin((_hour(at) - 9) / 24 * math.tau) + _wave(sensor, at) * 0.4, 1)
    if sensor.metric == "flood_depth":
        return round(max(0.0, _wave(sensor, at) - 0.4), 1)
    middle, half = (sensor.low + sensor.high) / 2, (sensor.high - sensor.low) / 2
    return round(max(sensor.low, middle + _wave(sensor, at) * half * 0.35), 3)


def dispatches(at: int) -> int:
    """Give how many ambulances went out in the five minutes that end at this time."""
    slot = at // SLOT_MS
    mean = DISPATCHES_A_DAY * SLOT_MS / DAY_MS * by_hour(CALLS, at) / (sum(CALLS) / 24)
    return poisson(mean, random.Random(f"120-{slot}"))


def by_hour(profile: list[int], at: int) -> float:
    """Read an hourly profile at a time, sloping from hour to hour."""
    hour = _hour(at)
    first, part = int(hour), hour % 1
    return profile[first] * (1 - part) + profile[(first + 1) % 24] * part


def poisson(mean: float, rng: random.Random) -> int:
    """Roll how often something happens that happens `mean` times on average."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def past(sensor: Sensor, period_s: float, until: int, hours: float) -> Iterator[tuple[int, float]]:
    """Yield (ms, value) over the hours before a time, at least five minutes apart."""
    step = max(SLOT_MS, int(period_s * 1000))
    first = (until - int(hours * HOUR_MS)) // step + 1
    for slot in range(first, until // step + 1):
        yield slot * step, value_at(sensor, slot * step)


def _hour(at: int) -> float:
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(LOCAL)
    return local.hour + local.minute / 60 + local.second / 3600


def _wave(sensor: Sensor, at: int) -> float:
    """Give a slow unrest between -1 and 1 that differs from sensor to sensor."""
    rng = random.Random(sensor.id)
    total = 0.0
    for period in (37, 11, 3.1):
        minutes = period * rng.uniform(0.8, 1.25)
        total += math.sin(at / 60_000 / minutes * math.tau + rng.uniform(0, math.tau))
    return total / 3
