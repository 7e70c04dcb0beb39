"""Cameras kept as evidence: a feed's packets as they came, in fragmented MP4.

The recorder watches a feed as any screen does; nothing is decoded or encoded.
"""

import asyncio
import logging
import time
from collections.abc import Iterable

from video.archive import Archive
from video.feeds import Feeds
from video.reader import Packet
from video.reel import GAP_MS
from video.roll import Roll
from video.salvage import whose

log = logging.getLogger(__name__)

LONGEST_MS = 600_000
AGAIN_S = 1.0
TICKS_A_MS = 90


class FeedRecorder:
    """Records the feeds that are wanted, for each incident that needs them."""

    def __init__(self, archive: Archive, feeds: Feeds) -> None:
        self._archive, self._feeds = archive, feeds
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self.unkept: list[str] = []  # paths that are wanted and cannot be recorded here

    def want(self, wanted: Iterable[tuple[str, str]]) -> None:
        """wanted: the path of a feed, and an incident that it is kept for."""
        keys = set(wanted)
        far = {path for path, _ in keys if self._feeds.elsewhere(path)}
        for path in sorted(far.difference(self.unkept)):
            log.warning("%s cannot be recorded: another engine has its pictures", path)
        self.unkept = sorted(far)
        keys = {key for key in keys if key[0] not in far}
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
        self._roll = Roll(archive, f"{path} for {incident}")
        self._opened_at = 0
        self._zero: tuple[int, int] | None = None

    def take(self, packet: Packet) -> None:
        """Keep one packet; a file begins with a keyframe and is at most so long."""
        at = self._at(packet)
        if self._opened_at and (self._roll.broken or self._long_enough(packet, at)):
            self.end()
        if not self._opened_at and not (packet.keyframe and self._open(packet, at)):
            return
        self._roll.write("video", packet.data, at, packet.keyframe)

    def end(self) -> None:
        """Finish the file."""
        if self._opened_at:
            self._opened_at = 0
            self._roll.end(round(time.time() * 1000))

    def _long_enough(self, packet: Packet, at: int) -> bool:
        return packet.keyframe and at - self._opened_at > LONGEST_MS

    def _open(self, packet: Packet, at: int) -> bool:
        stem = self._archive.folder / self._incident / f"{self._owner}@{at}"
        facts = whose(self._incident, self._owner)
        if self._roll.begin(stem, facts, {"video"}, at, "H264", packet.data):
            self._opened_at = at
        return bool(self._opened_at)

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
