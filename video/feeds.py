"""Every wanted source by its path, and the doors to it: WHEP, snapshots, moving JPEG."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from typing import Any

from video import foreign, pictures, whep, whip
from video.feed import Feed, Viewer
from video.foreign import Foreign
from video.peers import Peers, Session
from video.reader import Bounds, Packet
from video.refused import MediaRefused
from video.sdp import Offer
from video.source import Source
from video.tokens import Claims
from video.watching import Watch

log = logging.getLogger(__name__)

TICK_S = 0.4
MISSED_OFTENER = 4
WIDTHS = (64, 1920)
QUIET_S = 10.0  # who looks at stills of a dead camera is sent away: he would keep it watched
BAD_MAX = 3  # pictures one after the other that cannot be decoded


class Feeds:
    """The engine of `cam` and `drone`."""

    def __init__(self, bounds: Bounds, peers: Peers) -> None:
        self._bounds, self._peers = bounds, peers
        self._feeds: dict[str, Feed] = {}
        self._foreign: dict[str, Foreign] = {}
        self._watches: dict[str, Watch] = {}
        self.revision = ""

    def get(self, path: str) -> Feed:
        """Raises KeyError when there is no such feed here."""
        return self._feeds[path]

    def elsewhere(self, path: str) -> bool:
        """Whether another engine has these pictures: they never come by here."""
        return path in self._foreign

    def paths(self) -> list[str]:
        """The paths of the feeds that are read here."""
        return list(self._feeds)

    def want(self, revision: str, sources: Iterable[Source]) -> None:
        """From now on these are the sources; what is unchanged goes on."""
        wanted = {one.path: one for one in sources}
        for path in [one for one in self._feeds if not _same(self._feeds[one], wanted.get(one))]:
            self._feeds.pop(path).end()
            self._watches.pop(path, None)
        far, self._foreign = self._foreign, {}
        for path, source in wanted.items():
            if source.kind == "whep":
                known = far.get(path)
                if known is None or known.source.url != source.url:
                    known = Foreign(source, self._bounds.allowed)
                self._foreign[path] = known
            elif path in self._feeds:
                self._feeds[path].pin(source)
            else:
                self._feeds[path] = Feed(source, self._bounds)
        self.revision = revision

    def status(self) -> list[dict[str, Any]]:
        here = [one.status() for one in self._feeds.values()]
        return here + [one.status() for one in self._foreign.values()]

    async def run(self) -> None:
        """Watch the feeds until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            for feed in list(self._feeds.values()):
                feed.tick()
            for path, feed in list(self._feeds.items()):
                if feed.gop:
                    await self._look_safely(path, feed)

    async def patrol(self, every_s: float) -> None:
        """Try the camera that was not tried for longest, again and again, one at a time.

        So it is known of every camera whether it plays before somebody needs it. Those that
        somebody asked for in vain are tried more often: screens wait for them.
        """
        if every_s > 0:
            often = self._round(every_s / MISSED_OFTENER, missed=True)
            await asyncio.gather(self._round(every_s, missed=False), often)

    async def _round(self, every_s: float, missed: bool) -> None:
        while True:
            await asyncio.sleep(every_s)
            if feed := due(self._feeds.values(), missed):
                await self._try(feed)

    async def _try(self, feed: Feed) -> None:
        viewer = feed.watch()
        try:
            await feed.ready(whep.PATIENCE_S)
        finally:
            viewer.close()

    async def play(self, claims: Claims, offer: Offer) -> Session:
        if claims.path in self._foreign:
            return await foreign.play(self._foreign[claims.path], offer)
        return await whep.play(self._open(claims.path), self._peers, offer)

    async def publish(self, claims: Claims, offer: Offer) -> Session:
        feed = self._open(claims.path)
        if feed.source.kind != "whip":
            raise MediaRefused(409, "not_sent", f"{claims.path} is fetched, nobody sends it")
        return await whip.publish(feed, self._peers, offer)

    async def snapshot(self, path: str, width: int) -> tuple[bytes, int]:
        """The newest keyframe as JPEG, and when it came (ms UTC)."""
        feed = self._open(path)
        viewer = feed.watch()
        try:
            await whep.whole(feed)
            key = feed.gop[:1]
            made = await asyncio.to_thread(pictures.jpeg, key, _width(width))
        finally:
            viewer.close()
        if made is None:
            raise MediaRefused(503, "source_dead", "the picture cannot be decoded")
        return made, key[0].at

    async def stills(self, path: str, width: int) -> AsyncGenerator[bytes]:
        """Every keyframe as JPEG, while somebody takes them and something comes."""
        feed = self._open(path)
        viewer, bad = feed.watch(), 0
        try:
            await whep.whole(feed)
            while bad < BAD_MAX and (packet := await _soon(viewer)):
                if packet.keyframe:
                    made = await asyncio.to_thread(pictures.jpeg, [packet], _width(width))
                    bad = 0 if made else bad + 1
                    if made:
                        yield made
        finally:
            viewer.close()

    async def close(self) -> None:
        self.want("", [])

    def _open(self, path: str) -> Feed:
        if path in self._foreign:
            raise MediaRefused(404, "elsewhere", "another engine has these pictures")
        if path not in self._feeds:
            raise MediaRefused(404, "no_such_feed", f"there is no {path}")
        return self._feeds[path]

    async def _look_safely(self, path: str, feed: Feed) -> None:
        """One camera's odd picture must not keep the others from being looked at."""
        try:
            await self._look(path, feed)
        except Exception:
            log.exception("%s cannot be looked at", path)
            self._watches.pop(path, None)

    async def _look(self, path: str, feed: Feed) -> None:
        status = feed.status()
        blocks = (status["width"] // 16) * (status["height"] // 16)
        watch = self._watches.setdefault(path, Watch())
        finding = await asyncio.to_thread(watch.look, feed.gop, blocks)
        if finding:
            feed.health.seen(finding.moved, finding.black, finding.at)
            feed.tick()


def due(feeds: Iterable[Feed], missed: bool) -> Feed | None:
    """Whose turn it is to be tried; if missed, of those alone that somebody asked for in vain."""
    idle = [one for one in feeds if one.may_be_tried and (one.missed or not missed)]
    return min(idle, key=lambda one: one.tried_at, default=None)


async def _soon(viewer: Viewer) -> Packet | None:
    """The next packet; None when the feed is over, or gives nothing any more."""
    try:
        return await asyncio.wait_for(viewer.next(), QUIET_S)
    except (EOFError, TimeoutError):
        return None


def _width(width: int) -> int:
    return min(max(width, WIDTHS[0]), WIDTHS[1])


def _same(feed: Feed, wanted: Source | None) -> bool:
    old = feed.source
    return wanted is not None and (old.url, old.kind) == (wanted.url, wanted.kind)
