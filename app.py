"""The composition root: what can be set, and how each process is put together."""

import argparse
import difflib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, ValidationError

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
    player: bool = Field(True, alias="YIPING_PLAYER")
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
    return _safe(made)


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    shown = "" if name in URLS else f" (it is {first['input']})"
    return f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}{shown}"


def _safe(made: Settings) -> Settings:
    """Sign-in must not cross a network in the clear."""
    local = made.host in ("localhost", "::1") or made.host.startswith("127.")
    if not (local or made.tls or made.behind_proxy):
        raise BadSetting(
            f"YIPING_HOST: {made.host} is not this machine alone, so set YIPING_TLS or"
            " YIPING_BEHIND_PROXY, or use `make run-lan`"
        )
    return made


def run(own: Settings, lan: bool = False) -> int:
    """Bring up every process under one supervisor."""
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
            player=own.player and own.city is None,
            responders=own.simulated_responders,
            lan=lan,
        )
    )


def run_lan(own: Settings) -> int:
    """The same for the local network: HTTPS, and codes for phones."""
    return run(own, lan=True)


def media(_own: Settings) -> int:
    """The media process."""
    from video import idle

    idle.serve()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 2 when a setting or an argument is wrong."""
    from ops import lan

    asked = vars(_parser().parse_args(arguments))
    name = asked.pop("command")
    try:
        own = settings(lan.offer(os.environ) if name == "run-lan" else os.environ)
        logging.basicConfig(level=own.log.upper(), format=LOG_FORMAT)
        return COMMANDS[name][0](own, **asked)
    except (BadSetting, lan.NoNetwork) as reason:
        print(f"yiping: {reason}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (call, *inputs) in COMMANDS.items():
        command = commands.add_parser(name, help=call.__doc__, description=call.__doc__)
        for one in inputs:
            command.add_argument(one)
    return parser


COMMANDS: dict[str, tuple[Any, ...]] = {
    "run": (run,),
    "run-lan": (run_lan,),
    "media": (media,),
}
"""What `python -m app` takes: a function of the settings, and the names of its arguments."""


if __name__ == "__main__":
    sys.exit(main())
