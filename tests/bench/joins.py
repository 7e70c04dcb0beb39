"""Memory of the media process over viewers that join and leave, eight at a time.

Every other eight are killed: they are known to be gone only when they have not answered for half
a minute. BENCH_JOINS_S is how long it goes on; a leak shows after half an hour (1800).
"""

import json
import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from tests.bench.viewers import viewers
from tests.video.media import Media, wait_for

JOINS_S = float(os.environ.get("BENCH_JOINS_S", "60"))
LEAST_ROUNDS = 4
TOGETHER = 8
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

    The slope is that of the straight line through the later half, when caches and pools are full.
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
        "rss_slope_mb_a_minute": slope(points),
        "held_most": max(one.held for one in points),
        "held_end": _swept(media, left),
    }


def slope(points: list[Point]) -> float:
    """MB a minute, by least squares over the later half."""
    later = points[len(points) // 2 :]
    line = np.polyfit([one.at for one in later], [one.rss_mb for one in later], 1)
    return round(float(line[0]), 3)


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
