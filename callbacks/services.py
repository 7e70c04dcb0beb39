"""What the doors are given by the composition root: values and running parts, no globals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from callbacks.media_parts import Media
from callbacks.port import Port
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.vocabulary import REAL
from dispatch.writer import Writer
from streams.doorbell import Doorbell
from streams.hub import Hub
from streams.intake import Intake
from streams.look import Board
from streams.positions import Positions
from streams.vitals import Vitals


@dataclass(frozen=True)
class DoorSettings:
    """assets: the folder with the browser's files; secure: the browser speaks https to us.

    proxies: how many reverse proxies of ours stand before; their X-Forwarded-* are believed.
    uploads: where photos and videos from the scene are kept.
    played: a program answers orders in the units' place, and every screen says so.
    direct: two alone in an unrecorded call speak directly, and the desk may open such a call.
    metrics: who may read /metrics: this machine alone, or who has the token that stands here.
    recordings: the folder where the media process keeps calls and feeds, if on this machine.
    """

    assets: Path
    secure: bool = False
    proxies: int = 0
    async_mode: Literal["gevent", "threading"] = "threading"
    played: bool = False
    metrics: str = "loopback"
    recordings: Path | None = None
    uploads: Path | None = None
    direct: bool = False


@dataclass(frozen=True)
class Services:
    """The running parts. port: the same that the hub was given as its `emit`."""

    database: Database
    writer: Writer
    city: City
    board: Board
    hub: Hub
    port: Port
    intake: Intake
    positions: Positions
    doorbell: Doorbell
    settings: DoorSettings
    now: Callable[[], int] = field(default=now_ms)
    realm: str = REAL
    media: Media | None = None
    vitals: Vitals = field(default_factory=lambda: Vitals("web"))
