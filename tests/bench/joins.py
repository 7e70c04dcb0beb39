"""Memory of the media process over viewers that join and leave, eight at a time.

Every other eight are killed: they are known to be gone only when they have not answered for half
a minute. BENCH_JOINS_S is how long it goes on; a leak shows after half an hour (1800).
"""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import psutil

from tests.bench.viewers import viewers
from tests.video.media import Media, wait_for

JOINS_S = float(os.environ.get("BENCH_JOINS_S", "60"))
LEAST_ROUNDS = 4
TOGETHER = 8
LEAST_MINUTES = 4  # a line through fewer points says nothing
FLAT_MB = 0.05  # a minute: 3 MB an hour
GONE_S = 60.0  # what was killed is known to be gone, and swept away


@dataclass(frozen=True)
class Point:
    """After a round. at: minutes; open, held: connections that are on, and all in memory."""

    at: float
    rss_mb: float
    cpu: float
    open: int
    held: int


def joins(server: psutil.Process, media: Media) -> dict[str, Any]:
    """How memory went, and what is left of the connections when all have gone.

    The slope is that of the straight line through the later half, when caches and pools are full,
    and its error is that of a line through means of a minute, which follow from each other less.
    Flat means: the slope is less than FLAT_MB a minute, or no more than twice its error.
    """
    url, began = f"{media.url}/media/whep/cam/a_", time.monotonic()
    points: list[Point] = []
    lost = 0
    while (passed := time.monotonic() - began) < JOINS_S or len(points) < LEAST_ROUNDS:
        server.cpu_percent()
        try:
            with viewers("whep", url, media.token("cam/a_"), TOGETHER) as eight:
                if len(points) % 2:
                    eight.kill()
        except AssertionError as error:
            lost += 1
            print(f"not let in after {passed:.0f} s: {error}", flush=True)
        points.append(_point(passed, server, media))
        print(json.dumps(vars(points[-1])), flush=True)
    left = wait_for(lambda: _connections(media), lambda one: one["open"] == 0, GONE_S)
    return {
        "joins": len(points) * TOGETHER,
        "joins_s": round(time.monotonic() - began),
        "not_let_in": lost,
        "rss_early_mb": points[len(points) // 10].rss_mb,
        "rss_end_mb": points[-1].rss_mb,
        **straight(points),
        "rss_each_5_minutes_mb": _steps(points),
        "held_most": max(one.held for one in points),
        "held_end": _swept(media, left),
    }


def straight(points: Sequence[Point]) -> dict[str, Any]:
    """The later half by least squares, and the last third beside the middle one."""
    later = _means(points[len(points) // 2 :], 1.0)
    told: dict[str, Any] = {"rss_last_minus_middle_third_mb": _thirds(points)}
    if len(later) < LEAST_MINUTES:
        return told  # of so little nothing can be said
    (rise, _), spread = np.polyfit([at for at, _ in later], [mb for _, mb in later], 1, cov=True)
    error = float(np.sqrt(spread[0, 0]))
    told |= {"rss_slope_mb_a_minute": round(float(rise), 3), "rss_slope_error": round(error, 3)}
    return told | {"flat": bool(rise < FLAT_MB or rise <= 2 * error)}


def _thirds(points: Sequence[Point]) -> float:
    third = max(1, len(points) // 3)
    last, middle = points[-third:], points[-2 * third : -third]
    return round(_mean(last) - _mean(middle), 2)


def _steps(points: Sequence[Point]) -> list[float]:
    return [round(mb, 1) for _, mb in _means(points, 5.0)]


def _means(points: Sequence[Point], minutes: float) -> list[tuple[float, float]]:
    """The mean of each so many minutes, and when they began."""
    parts = groupby(points, lambda one: int(one.at // minutes))
    return [(part * minutes, _mean(list(some))) for part, some in parts]


def _mean(points: Sequence[Point]) -> float:
    return float(np.mean([one.rss_mb for one in points]))


def _point(passed: float, server: psutil.Process, media: Media) -> Point:
    found = _connections(media)
    rss = round(server.memory_info().rss / 1e6, 1)
    return Point(round(passed / 60, 2), rss, server.cpu_percent(), found["open"], found["held"])


def _swept(media: Media, left: dict[str, int]) -> int:
    """How many connections stay in memory although all are over."""
    until = time.monotonic() + GONE_S
    while left["held"] and time.monotonic() < until:
        time.sleep(1)
        left = _connections(media)
    return left["held"]


def _connections(media: Media) -> dict[str, int]:
    found: dict[str, int] = media.control("GET", "connections").json()
    return found
