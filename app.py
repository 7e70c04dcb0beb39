"""The composition root: settings, and each process put together of only what it runs."""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    DirectoryPath,
    Field,
    FilePath,
    model_validator,
)

from ops import console, ending, environment, logins, logs
from ops import media as media_settings
from ops.trouble import Trouble

if TYPE_CHECKING:
    from flask import Flask

    from dispatch.city import City
    from dispatch.database import Database, Offload

ROOT = Path(__file__).resolve().parent
SCENARIOS = ROOT / "demo/scenarios"
DATABASES = r"^(sqlite:///|postgresql(\+psycopg)?://)"


Player = Annotated[str, BeforeValidator(lambda word: {"1": "on", "0": "off"}.get(word, word))]


class Settings(media_settings.MediaSettings):
    """Everything that can be set, by the environment variable that is the field's alias."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    city: DirectoryPath | None = Field(None, alias="YIPING_CITY")
    var: Path = Field(ROOT / "var", alias="YIPING_VAR")
    host: str = Field("127.0.0.1", alias="YIPING_HOST")
    port: int = Field(8050, alias="YIPING_PORT", ge=1, le=65_535)
    tls: DirectoryPath | None = Field(None, alias="YIPING_TLS")
    behind_proxy: int = Field(0, alias="YIPING_BEHIND_PROXY", ge=0, le=5)
    log: str = Field("info", alias="YIPING_LOG", pattern=logs.WORDS)
    metrics: str = Field("loopback", alias="YIPING_METRICS", pattern=r"^(loopback|\S{16,})$")
    watchdog: str = Field("on", alias="YIPING_WATCHDOG", pattern=r"^(on|off|https?://\S+)$")
    player: Player = Field("on", alias="YIPING_PLAYER", pattern=r"^[a-z0-9-]+$")
    keep_positions: int = Field(7, alias="YIPING_KEEP_POSITIONS", ge=2, le=366)
    keep_readings: int = Field(31, alias="YIPING_KEEP_READINGS", ge=2, le=3_660)
    keep_values: int = Field(366, alias="YIPING_KEEP_VALUES", ge=2, le=3_660)
    simulated_responders: bool = Field(False, alias="YIPING_SIMULATED_RESPONDERS")
    database_url: str | None = Field(None, alias="DATABASE_URL", pattern=DATABASES)
    redis_url: str | None = Field(None, alias="REDIS_URL", pattern=r"^(rediss?|unix)://")
    logins: FilePath | None = Field(None, alias="YIPING_LOGINS")

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
    def store(self) -> str:
        """The store's address as SQLAlchemy spells it."""
        default = f"sqlite:///{self.var.resolve() / 'yiping.db'}"
        return (self.database_url or default).replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by HTTPS."""
        return bool(self.tls or self.behind_proxy)


def database(own: Settings, offload: "Offload[Any] | None" = None) -> "Database":
    from dispatch.database import Database, directly

    return Database(own.store, offload or directly)


def city(own: Settings) -> "City":
    """The city that is served. Raises Trouble with all that is wrong in its folder."""
    from dispatch.city import CityError, load

    try:
        return load(own.city or own.var / "city")
    except CityError as error:
        raise Trouble(f"YIPING_CITY: {error}") from None


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

    own = environment.read(Settings, os.environ)
    logs.start(own.log, "web")
    store = database(own, greenlets.ready())
    served, port = city(own), Port()
    board = Board(served, both)
    redis_url = own.redis_url or ""
    parts = live(store, board, all_panels(), Texts, port, redis_url, together=port.together)
    upkeep = Upkeep("web", store, own.var)
    writer = upkeep.writer(parts.doorbell.ring)
    proxy, played = own.behind_proxy, own.simulated_responders
    kept = media_settings.recordings(own.var)
    door = DoorSettings(
        ROOT / "assets", own.secure, proxy, "gevent", played, own.metrics, kept, own.var / "uploads"
    )
    intake = Intake(store, writer, served, parts.positions)
    running = (parts.hub, port, intake, parts.positions, parts.doorbell)
    seen = media_parts.make(media_settings.of_web(own, own.var), store, served, board.feeds)
    services = Services(
        store, writer, served, board, *running, door, media=seen, vitals=upkeep.vitals
    )
    server = doors.create(services)
    tasks = (*parts.tasks(), *upkeep.tasks(intake.write_counts), *media_parts.tasks(seen))
    tasks = (*tasks, *drone_parts.tasks(seen, store, served, parts.positions))
    background.start(threading.Event(), *tasks)
    return greenlets.settled(server)


def worker(own: Settings) -> None:
    """Everything that no screen waits for: intake, timers, indicators."""
    from layouts.texts import both
    from streams import background, call_keeper, watchdog
    from streams.doorbell import Doorbell
    from streams.look import Board
    from streams.retention import Days
    from streams.upkeep import Upkeep
    from streams.worker import Worker

    stop, store, served = ending.told(), database(own), city(own)
    bell = Doorbell(own.redis_url or "")
    upkeep = Upkeep("worker", store, own.var)
    writer = upkeep.writer(bell.ring)
    parts = (store, writer, served, Board(served, both), own.redis_url or "")
    days = Days(own.keep_positions, own.keep_readings, own.keep_values)
    work = Worker(*parts, logins=logins.read(own.logins), days=days)
    folder = media_settings.recordings(own.var)
    kept = call_keeper.tasks(store, writer, served, media_settings.of_worker(own), folder)
    watching = watchdog.of(own.watchdog, (own.host, own.port, own.tls))
    kept += watchdog.tasks(store, writer, watching)
    background.start(stop, *work.tasks(), *kept, bell.publish, *upkeep.tasks())
    stop.wait()
    writer.close()


def media(own: Settings) -> None:
    """The media process."""
    from video import process

    process.serve(media_settings.of_process(own, own.var), ending.told())


PROCESSES = {"worker": worker, "media": media}


if __name__ == "__main__":
    sys.exit(console.Console(Settings, database, city, PROCESSES).main())
