"""What a web process does for drones: asks the media process for their words, replays flights."""

import threading
from typing import Any

from callbacks.media_parts import Media, control_key
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from streams.background import Task, every
from streams.drones import POLL_S, DroneLink
from streams.positions import Positions
from video.ulog import UlogSource

SMALLEST_PAUSE_S = 0.05


def tasks(media: Media | None, database: Database, city: City, positions: Positions) -> list[Task]:
    """What must run beside the doors; nothing where no media process is set up."""
    if media is None or not city.drones:
        return []
    link = DroneLink(database, positions, media.values.address, control_key(media.values.secret))
    replays = [_replay(link, city, one.id, one.flight_log) for one in city.drones if one.flight_log]
    return [every(POLL_S, link.poll, "asking for drones' telemetry"), *replays]


def _replay(link: DroneLink, city: City, id: str, name: str) -> Task:
    """Fly a log round and round, as if it were now."""

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            fly(link, id, UlogSource(city.folder / name, start=now_ms()), stop)

    return run


def fly(link: DroneLink, id: str, flight: UlogSource, stop: threading.Event) -> None:
    """One flight, each report at its time, one a second."""
    told = 0
    for report in flight:
        wait = (report.at - now_ms()) / 1000
        if stop.wait(max(0.0, wait)):
            return
        if report.at - told >= POLL_S * 1000:
            told = report.at
            row: dict[str, Any] = {"id": id, "said": report.shown(), "received_at": now_ms()}
            link.take([row])
    stop.wait(SMALLEST_PAUSE_S)
