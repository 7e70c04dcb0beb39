"""Drones' own words as they arrive: shown at once, kept once a second, outside the log."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from dispatch import canonical
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import drone_fix
from dispatch.vocabulary import REAL
from streams.positions import Place, Positions

log = logging.getLogger(__name__)

POLL_S = 1.0
TIMEOUT_S = 2.0
STALE_MS = 10_000  # what was received longer ago is no news
Json = dict[str, Any]


class DroneLink:
    """Asks the media process for the last word of each drone, and keeps it."""

    def __init__(
        self,
        database: Database,
        positions: Positions,
        address: str,
        key: str,
        realm: str = REAL,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._database, self._positions = database, positions
        self._realm, self._now = realm, now
        headers = {"Authorization": f"Bearer {key}"}
        self._door = httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_S)
        self._kept: dict[str, int] = {}

    def poll(self) -> None:
        """Ask once. Who does not answer is asked again the next second."""
        try:
            rows = self._door.get("/control/telemetry").raise_for_status().json()["drones"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.debug("no telemetry from the media process: %s", type(error).__name__)
            return
        self.take(rows)

    def take(self, rows: Iterable[Json]) -> None:
        """Rows as the media process gives them; the time of receipt is what counts for age."""
        fresh = [row for row in rows if row["said"] and self._is_news(row)]
        if fresh:
            self._database.write(lambda connection: self._store(connection, fresh))
        for row in fresh:
            self._kept[row["id"]] = row["received_at"]
            said = row["said"]
            place = Place(row["id"], said["lat"], said["lon"], row["received_at"])
            self._positions.report([place])

    def _is_news(self, row: Json) -> bool:
        at = row["received_at"]
        return bool(at > self._kept.get(row["id"], 0) and self._now() - at < STALE_MS)

    def _store(self, connection: Any, rows: list[Json]) -> None:
        """Another web process may have kept the same word: then it is there already."""
        for row in rows:
            said = row["said"]
            values = {
                "realm": self._realm,
                "drone": row["id"],
                "at": row["received_at"],
                "received_at": row["received_at"],
                "lat": said["lat"],
                "lon": said["lon"],
                "said_json": canonical.dumps(said),
            }
            savepoint = connection.begin_nested()
            try:
                connection.execute(insert(drone_fix).values(**values))
                savepoint.commit()
            except IntegrityError:
                savepoint.rollback()
