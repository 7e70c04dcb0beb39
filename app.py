"""The composition root: what can be set, and how each process is put together."""

import argparse
import difflib
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, ValidationError

if TYPE_CHECKING:  # each process imports only what it runs
    from flask import Flask

    from dispatch.city import City
    from dispatch.database import Database, Offload

ROOT = Path(__file__).resolve().parent
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
URLS = ("DATABASE_URL", "REDIS_URL")
DATABASES = r"^(sqlite:///|postgresql(\+psycopg)?://|$)"


class Settings(BaseModel):
    """Everything that can be set, by the environment variable that is the field's alias."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    city: DirectoryPath | None = Field(None, alias="YIPING_CITY")
    var: Path = Field(ROOT / "var", alias="YIPING_VAR")
    host: str = Field("127.0.0.1", alias="YIPING_HOST", min_length=1)
    port: int = Field(8050, alias="YIPING_PORT", ge=1, le=65_535)
    tls: DirectoryPath | None = Field(None, alias="YIPING_TLS")
    behind_proxy: int = Field(0, alias="YIPING_BEHIND_PROXY", ge=0, le=5)
    log: Literal["debug", "info", "warning", "error"] = Field("info", alias="YIPING_LOG")
    player: str = Field("on", alias="YIPING_PLAYER", pattern=r"^[a-z0-9-]+$")
    simulated_responders: bool = Field(False, alias="YIPING_SIMULATED_RESPONDERS")
    database_url: str = Field("", alias="DATABASE_URL", pattern=DATABASES)
    redis_url: str = Field("", alias="REDIS_URL", pattern=r"^((rediss?|unix)://|$)")

    @property
    def store(self) -> str:
        """The store's address as SQLAlchemy spells it."""
        default = f"sqlite:///{self.var.resolve() / 'yiping.db'}"
        return (self.database_url or default).replace("postgresql://", "postgresql+psycopg://", 1)


class BadSetting(Exception):
    """A setting that cannot be used: one sentence."""


def settings(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises BadSetting."""
    known = {str(field.alias) for field in Settings.model_fields.values()}
    given = {k: v for k, v in environment.items() if v and (k in URLS or k.startswith("YIPING_"))}
    for name in given.keys() - known:
        near = difflib.get_close_matches(name, known, 1)
        raise BadSetting(f"{name} is no setting" + (f"; is {near[0]} meant?" if near else ""))
    try:
        made = Settings.model_validate(given)
    except ValidationError as error:
        raise BadSetting(_sentence(error)) from None
    local = made.host in ("localhost", "::1") or made.host.startswith("127.")
    if not (local or made.tls or made.behind_proxy):
        raise BadSetting(
            f"YIPING_HOST: {made.host} is not this machine alone, so set YIPING_TLS or"
            " YIPING_BEHIND_PROXY, or use `make run-lan`"
        )
    return made


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    shown = "" if name in URLS else f" (it is {first['input']})"
    return f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}{shown}"


def scenario(own: Settings) -> Path | None:
    """The file of the scenario to play, if one is set. Raises BadSetting."""
    if own.player in ("on", "off"):
        return None
    file = ROOT / "demo/scenarios" / f"{own.player}.json"
    if not file.exists():
        raise BadSetting(
            f"YIPING_PLAYER: on, off or a scenario of demo/scenarios, not {own.player}"
        )
    return file


def store(own: Settings, offload: "Offload[Any] | None" = None) -> "Database":
    from dispatch.database import Database, directly

    return Database(own.store, offload or directly)


def city(own: Settings) -> "City":
    """The city that the product serves. Raises BadSetting with all that is wrong in its folder."""
    from dispatch.city import CityError, load

    try:
        return load(own.city or own.var / "city")
    except CityError as error:
        raise BadSetting(f"YIPING_CITY: {error}") from None


def web() -> "Flask":
    """The web process, as gunicorn asks for it: `app:web()`."""
    from gevent import get_hub

    from callbacks import web as doors
    from callbacks.services import DoorSettings, Services
    from dispatch.writer import Writer
    from layouts.texts import LANGUAGES, Texts
    from streams.look import Board

    own = settings(os.environ)
    logging.basicConfig(level=own.log.upper(), format=LOG_FORMAT)
    database = store(own, lambda call: get_hub().threadpool.apply(call))
    served = city(own)
    board = Board(served, lambda key: {lang: Texts(lang)(key) for lang in LANGUAGES})
    door = DoorSettings(
        ROOT / "assets", bool(own.tls or own.behind_proxy), own.behind_proxy, "gevent"
    )
    writer = Writer(database, lambda _events: None)
    return doors.create(Services(database, writer, served, board, door))


def worker(own: Settings) -> int:
    """Everything that no screen waits for: intake, timers, indicators."""
    import signal
    import threading

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait()
    return 0


def media(_own: Settings) -> int:
    """The media process."""
    from video import idle

    idle.serve()
    return 0


def run(own: Settings, lan: bool = False) -> int:
    """Every process under one supervisor."""
    from ops import supervisor

    return supervisor.run(
        supervisor.Plan(
            var=own.var.resolve(),
            host=own.host,
            port=own.port,
            database_url=own.store,
            tls=own.tls,
            city=own.city,
            redis_url=own.redis_url or None,
            player=own.player != "off" and own.city is None,
            scenario=scenario(own),
            responders=own.simulated_responders,
            lan=lan,
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 2 when a setting or an argument is wrong."""
    from ops import admin, lan

    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    parser.add_argument("command", choices=COMMANDS, metavar="|".join(COMMANDS))
    parser.add_argument("of", nargs="?", default="", help="a source, an account, or `verify`")
    asked = parser.parse_args(arguments)
    try:
        own = settings(lan.offer(os.environ) if asked.command == "run-lan" else os.environ)
        logging.basicConfig(level=own.log.upper(), format=LOG_FORMAT)
        if start := PROCESSES.get(asked.command):
            return start(own)
        console = admin.Console(
            store(own), lambda: city(own), own.player != "off", own.simulated_responders
        )
        return console.run(asked.command, asked.of)
    except (BadSetting, lan.NoNetwork, admin.Impossible) as reason:
        print(f"yiping: {reason}", file=sys.stderr)
        return 2


PROCESSES: dict[str, Callable[[Settings], int]] = {
    "run": run,
    "run-lan": lambda own: run(own, lan=True),
    "worker": worker,
    "media": media,
}
COMMANDS = (*PROCESSES, "prepare", "migrate", "key", "passwd", "audit")


if __name__ == "__main__":
    sys.exit(main())
