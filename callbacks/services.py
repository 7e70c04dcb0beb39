"""What the doors are given by the composition root: values and running parts, no globals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.vocabulary import REAL
from dispatch.writer import Writer
from streams.look import Board


@dataclass(frozen=True)
class DoorSettings:
    """assets: the folder with the browser's files; secure: the browser speaks https to us.

    proxies: how many reverse proxies of ours stand before; their X-Forwarded-* are believed.
    """

    assets: Path
    secure: bool = False
    proxies: int = 0
    async_mode: Literal["gevent", "threading"] = "threading"


@dataclass(frozen=True)
class Services:
    database: Database
    writer: Writer
    city: City
    board: Board
    settings: DoorSettings
    now: Callable[[], int] = field(default=now_ms)
    realm: str = REAL
