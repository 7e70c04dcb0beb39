"""Peer connections: the one way to make them, how many, and their end."""

import asyncio
import logging
import secrets
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceCandidate, RTCPeerConnection

from video.refused import MediaRefused

log = logging.getLogger(__name__)

MOST = 200
FOR_CALLS = 48  # of these: two calls of twelve, each of whom sends and receives
CONNECT_S = 15.0  # a peer that has not connected by then never will
OVER = ("failed", "closed")


@dataclass(frozen=True)
class Session:
    """One WHEP or WHIP session. answer: SDP; alive: whether its connection is not over yet."""

    answer: str
    close: Callable[[], Awaitable[None]]
    add_candidates: Callable[[list[RTCIceCandidate]], Awaitable[None]]
    alive: Callable[[], bool] = lambda: True
    id: str = field(default_factory=lambda: secrets.token_urlsafe(18))


class Peers:
    """Every peer connection of the process. ended: set when one is over."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: dict[RTCPeerConnection, Callable[[], None]] = {}
        self._limits: dict[RTCPeerConnection, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: weakref.WeakSet[RTCPeerConnection] = weakref.WeakSet()
        self.ended = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    async def figures(self, _asked: object) -> dict[str, int]:
        """open: connections that are not over; held: all whose memory is not free yet."""
        return {"open": len(self._open), "held": len(self._held)}

    def has(self, peer: RTCPeerConnection) -> bool:
        """Whether a connection is not over yet."""
        return peer in self._open

    def make(self, on_end: Callable[[], None] = lambda: None, spare: int = 0) -> RTCPeerConnection:
        """A new connection with our ICE. Raises MediaRefused 503 when there are too many.

        on_end: called once, when the connection is over for whatever reason. spare: how many
        must still be possible after it, for what matters more.
        """
        if len(self._open) >= self._most - spare:
            raise MediaRefused(503, "too_many", f"{len(self._open)} connections are open")
        peer = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._open[peer] = on_end
        self._held.add(peer)

        @peer.on("connectionstatechange")
        async def _changed() -> None:
            if peer.connectionState in OVER:
                await self.end(peer)

        loop = asyncio.get_running_loop()
        self._limits[peer] = loop.call_later(CONNECT_S, self._give_up, peer)
        return peer

    async def end(self, peer: RTCPeerConnection) -> None:
        """Close a connection, however often it is asked."""
        on_end = self._open.pop(peer, None)
        if on_end is not None:
            self._limits.pop(peer).cancel()
            on_end()
            try:
                await peer.close()
            finally:
                self.ended.set()

    async def close(self) -> None:
        """Close all."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(self.end(peer) for peer in list(self._open)), return_exceptions=True)

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside, and keep hold of it until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _give_up(self, peer: RTCPeerConnection) -> None:
        if peer.connectionState in ("new", "connecting"):
            log.info("a peer did not connect in %s s", CONNECT_S)
            self.soon(self.end(peer))
