"""The composition root: settings, and each process put together of only what it runs."""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    DirectoryPath,
    Field,
    model_validator,
)

from ops import console, ending, environment, logins, logs, pools, store
from ops import media as media_settings
from ops.tls import pair

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent
SCENARIOS = ROOT / "demo/scenarios"
Player = Annotated[str, BeforeValidator(lambda word: {"1": "on", "0": "off"}.get(word, word))]


class Settings(store.StoreSettings, media_settings.MediaSettings):
    """Everything that can be set, by the environment variable that is the field's alias."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    host: str = Field("127.0.0.1", alias="YIPING_HOST")
    port: int = Field(8050, alias="YIPING_PORT", ge=1, le=65_535)
    tls: Annotated[DirectoryPath, AfterValidator(pair)] | None = Field(None, alias="YIPING_TLS")
    behind_proxy: int = Field(0, alias="YIPING_BEHIND_PROXY", ge=0, le=5)
    log: str = Field("info", alias="YIPING_LOG", pattern=logs.WORDS)
    metrics: str = Field("loopback", alias="YIPING_METRICS", pattern=r"^(loopback|\S{16,})$")
    watchdog: str = Field("on", alias="YIPING_WATCHDOG", pattern=r"^(on|off|https?://\S+)$")
    player: Player = Field("on", alias="YIPING_PLAYER", pattern=r"^[a-z0-9-]+$")
    simulated_responders: bool = Field(False, alias="YIPING_SIMULATED_RESPONDERS")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        local = self.host in ("localhost", "::1") or self.host.startswith("127.")
        if not (local or self.tls or self.behind_proxy):
            raise ValueError(
                f"YIPING_HOST: {self.host} is not this machine alone, so set YIPING_TLS or"
                " YIPING_BEHIND_PROXY, or use `make run-lan`"
            )
        if self.scenario and not self.scenario.exists():
            raise ValueError(f"YIPING_PLAYER: on, off or a scenario's name, not {self.player}")
        return self

    @property
    def scenario(self) -> Path | None:
        return None if self.player in ("on", "off") else SCENARIOS / f"{self.player}.json"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by HTTPS."""
        return bool(self.tls or self.behind_proxy)


def web() -> "Flask":
    """The web process, as gunicorn asks for it: `app:web()`."""
    from callbacks import drone_parts, greenlets, media_parts
    from callbacks import web as doors
    from callbacks.port import Port
    from callbacks.services import DoorSettings, Services
    from layouts.screens import all_panels
    from layouts.texts import Texts, both
    from streams import background
    from streams.intake import Intake
    from streams.live import live
    from streams.look import Board
    from streams.upkeep import Upkeep

    pools.share()
    own = environment.read(Settings, os.environ)
    logs.start(own.log, "web")
    database = store.database(own, greenlets.ready())
    served, port = store.city(own), Port()
    board = Board(served, both)
    redis_url = own.redis_url or ""
    upkeep = Upkeep("web", database, own.var)
    screens = (all_panels(), Texts, port, redis_url, upkeep.writing)
    parts = live(database, board, *screens, together=port.together)
    writer = upkeep.writer(parts.doorbell.ring)
    proxy, played = own.behind_proxy, own.simulated_responders
    kept = media_settings.recordings(own.var)
    kept_here = (kept, own.var / "uploads", own.direct)
    door = DoorSettings(
        ROOT / "assets", own.secure, proxy, "gevent", played, own.metrics, *kept_here
    )
    intake = Intake(database, writer, served, parts.positions)
    running = (parts.hub, port, intake, parts.positions, parts.doorbell)
    seen = media_parts.make(media_settings.of_web(own, own.var), database, served, board.feeds)
    services = Services(
        database, writer, served, board, *running, door, media=seen, vitals=upkeep.vitals
    )
    server = doors.create(services)
    tasks = (*parts.tasks(), *upkeep.tasks(intake.write_counts), *media_parts.tasks(seen))
    tasks = (*tasks, *drone_parts.tasks(seen, database, served, parts.positions))
    background.start(threading.Event(), *tasks)
    return greenlets.settled(server)


def worker(own: Settings) -> None:
    """Everything that no screen waits for: intake, timers, indicators."""
    from layouts.texts import both
    from streams import background, call_keeper, watchdog
    from streams.doorbell import Doorbell
    from streams.look import Board
    from streams.upkeep import Upkeep
    from streams.worker import Worker

    pools.share()
    stop, database, served = ending.told(), store.database(own), store.city(own)
    bell = Doorbell(own.redis_url or "")
    upkeep = Upkeep("worker", database, own.var)
    writer = upkeep.writer(bell.ring)
    parts = (database, writer, served, Board(served, both), own.redis_url or "")
    work = Worker(*parts, logins=logins.read(own.logins), days=store.days(own))
    folder = media_settings.recordings(own.var)
    kept = call_keeper.tasks(database, writer, served, media_settings.of_worker(own), folder)
    watching = watchdog.of(own.watchdog, (own.host, own.port, own.tls))
    kept += watchdog.tasks(database, writer, watching)
    background.start(stop, *work.tasks(), *kept, bell.publish, *upkeep.tasks())
    stop.wait()
    writer.close()


def media(own: Settings) -> None:
    """The media process."""
    from video import process

    process.serve(media_settings.of_process(own, own.var), ending.told())


PROCESSES = {"worker": worker, "media": media}


if __name__ == "__main__":
    sys.exit(console.Console(Settings, PROCESSES).main())
