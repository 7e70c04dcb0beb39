"""Cameras kept as evidence: a feed's packets as they came, in fragmented MP4.

The recorder watches a feed as any screen does; nothing is decoded or encoded.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Any

from video.archive import Archive, whose
from video.feeds import Feeds
from video.reader import Packet
from video.reel import GAP_MS, Reel

log = logging.getLogger(__name__)

LONGEST_MS = 600_000
AGAIN_S = 1.0
TICKS_A_MS = 90


class FeedRecorder:
    """Records the feeds that are wanted, for each incident that needs them."""

    def __init__(self, archive: Archive, feeds: Feeds) -> None:
        self._archive, self._feeds = archive, feeds
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def want(self, wanted: Iterable[tuple[str, str]]) -> None:
        """wanted: the path of a feed, and an incident that it is kept for."""
        keys = set(wanted)
        for key in [one for one in self._tasks if one not in keys]:
            self._tasks.pop(key).cancel()
        for key in keys - set(self._tasks):
            self._tasks[key] = asyncio.create_task(self._keep(*key))

    def close(self) -> None:
        self.want(())

    async def _keep(self, path: str, incident: str) -> None:
        """Follow one feed until told otherwise; one that is not there yet is asked for again."""
        while True:
            try:
                feed = self._feeds.get(path)
            except KeyError:
                await asyncio.sleep(AGAIN_S)
                continue
            viewer, film = feed.watch(), Film(self._archive, path, incident)
            try:
                while True:
                    film.take(await viewer.next())
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the feed was closed under us
                log.info("%s is not recorded for a moment: %s", path, type(error).__name__)
                await asyncio.sleep(AGAIN_S)
            finally:
                viewer.close()
                film.end()


class Film:
    """One feed's row of files."""

    def __init__(self, archive: Archive, path: str, incident: str) -> None:
        self._archive, self._incident = archive, incident
        self._owner = path.replace("/", ".", 1).replace("/", "-")
        self._reel: Reel | None = None  # touched by the writing thread alone
        self._opened_at = 0
        self._zero: tuple[int, int] | None = None

    def take(self, packet: Packet) -> None:
        """Keep one packet; a file begins with a keyframe and is at most so long."""
        at = self._at(packet)
        if packet.keyframe and self._opened_at and at - self._opened_at > LONGEST_MS:
            self.end()
        if not self._opened_at:
            if not packet.keyframe:
                return
            self._open(packet, at)
        data, key = packet.data, packet.keyframe

        def write() -> None:
            if self._reel is not None:
                self._reel.write("video", data, at, key)

        self._archive.post(write)

    def end(self) -> None:
        """Finish the file."""
        if not self._opened_at:
            return
        self._opened_at, now = 0, round(time.time() * 1000)

        def close() -> dict[str, Any] | None:
            reel, self._reel = self._reel, None
            return reel.finish(now) if reel is not None else None

        self._archive.post(close)

    def _open(self, packet: Packet, at: int) -> None:
        self._opened_at, data = at, packet.data
        stem = self._archive.folder / self._incident / f"{self._owner}@{at}"
        facts = whose(self._incident, self._owner)

        def make() -> None:
            self._reel = Reel(stem, facts, {"video"}, at, "H264", data)

        self._archive.post(make)

    def _at(self, packet: Packet) -> int:
        """When a picture was made, by our clock: the feed's own ticks counted from an arrival.

        The cached pictures with which a viewer begins lie behind; they are told apart by `at`.
        """
        if self._zero is None:
            self._zero = (packet.pts, packet.at)
        made = self._zero[1] + (packet.pts - self._zero[0]) // TICKS_A_MS
        if abs(packet.at - made) > GAP_MS:
            self._zero, made = (packet.pts, packet.at), packet.at
        return made
