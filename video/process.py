"""The media process put together: doors on loopback, media on the configured addresses."""

import asyncio
import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from video import ice, server
from video.addresses import Allowed
from video.calls import Calls
from video.drones import Drones
from video.feeds import Feeds
from video.peers import Peers
from video.ports import Ports
from video.probe import Probe
from video.reader import Bounds
from video.server import Doors
from video.sweep import sweep
from video.tokens import Tokens

log = logging.getLogger(__name__)

PORTS = Ports(40_000, 40_199)


@dataclass(frozen=True)
class MediaSettings:
    """host, port: of the doors; secret: shared with the web process; addresses: offered by ICE.

    transcodes: how many sources at a time; folder: where files may be read, None for nowhere;
    patrol_s: how often a camera that nobody watches is tried; 0 for never;
    recordings: where calls and feeds are kept, None for nowhere;
    direct: two who are alone in a call that is not recorded may speak without us.
    """

    host: str
    port: int
    secret: str
    addresses: tuple[str, ...] = ()
    ports: Ports = PORTS
    transcodes: int = 1
    allowed: Allowed = field(default_factory=Allowed)
    folder: Path | None = None
    recordings: Path | None = None
    patrol_s: float = 20.0
    direct: bool = False


def serve(own: MediaSettings, stop: threading.Event) -> None:
    """Run until told to end."""
    with asyncio.Runner(loop_factory=ice.loop_factory(own.ports)) as runner:
        runner.run(_serve(own, stop))


async def _serve(own: MediaSettings, stop: threading.Event) -> None:
    running = web.AppRunner(assemble(own), access_log=None, shutdown_timeout=1.0)
    await running.setup()
    await web.TCPSite(running, own.host, own.port).start()
    log.info("media listens on %s:%s, offers %s", own.host, own.port, ", ".join(_offered(own)))
    try:
        await asyncio.get_running_loop().run_in_executor(None, stop.wait)
    finally:
        await running.cleanup()


def assemble(own: MediaSettings) -> web.Application:
    """The application; to be called where its event loop runs."""
    ice.offer_only(_offered(own))
    peers = Peers()
    feeds = Feeds(Bounds(own.allowed, threading.Semaphore(own.transcodes), own.folder), peers)
    drones = Drones(feeds)
    calls = Calls(peers, own.recordings, feeds, own.direct)
    doors = Doors(
        Tokens(own.secret),
        server.control_key(own.secret),
        feeds,
        {"cam": feeds, "drone": feeds, "phone": feeds, "call": calls},
        (
            lambda: _close(peers),
            lambda: sweep(peers),
            drones.run,
            lambda: feeds.patrol(own.patrol_s),
        ),
        {
            ("GET", "connections"): peers.figures,
            ("GET", "telemetry"): drones.told,
            ("PUT", "calls"): calls.wanted,
            ("POST", "probe"): Probe(own.allowed, own.folder, own.transcodes > 0),
        },
    )
    return server.application(doors)


async def _close(peers: Peers) -> None:
    """Wait for the end, and close what is still open."""
    try:
        await asyncio.Event().wait()
    finally:
        await peers.close()


def _offered(own: MediaSettings) -> tuple[str, ...]:
    return own.addresses or (ice.main_address(),)
