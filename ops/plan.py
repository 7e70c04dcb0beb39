"""What is to be brought up, and how each process of it is called."""

import sys
from dataclasses import dataclass
from pathlib import Path

from ops.links import Base

PYTHON = (sys.executable, "-m")
CONNECTIONS = 8_000  # of one web process: idle ones must not keep screens out
SIGN_IN_S = 60  # before a scenario begins


@dataclass(frozen=True)
class Plan:
    """What to bring up.

    tls: a folder with cert.pem and key.pem, or None for plain HTTP.
    city: None for the demo city, which is made in `var` then.
    redis_url: None for a Redis of our own.
    player: whether the world around a simulated city is played, and by which scenario.
    responders: whether the player also answers orders as units would.
    lan: whether phones of the local network come in.
    """

    var: Path
    host: str
    port: int
    database_url: str
    tls: Path | None = None
    city: Path | None = None
    redis_url: str | None = None
    player: bool = True
    scenario: Path | None = None
    responders: bool = False
    lan: bool = False

    @property
    def base(self) -> Base:
        return ("https" if self.tls else "http", self.host, self.port)

    @property
    def url(self) -> str:
        scheme, host, port = self.base
        return f"{scheme}://{host}:{port}"


def environment(plan: Plan, city: Path, redis_url: str) -> dict[str, str]:
    """What the processes are told beside what the person set."""
    given = {
        "YIPING_CITY": str(city),
        "YIPING_VAR": str(plan.var),
        "YIPING_HOST": plan.host,
        "YIPING_PORT": str(plan.port),
        "DATABASE_URL": plan.database_url,
        "REDIS_URL": redis_url,
    }
    return {**given, "YIPING_TLS": str(plan.tls)} if plan.tls else given


def media_environment(plan: Plan) -> dict[str, str]:
    """The media process gets no secret: neither the store's address nor Redis's."""
    return {"YIPING_VAR": str(plan.var), "DATABASE_URL": "", "REDIS_URL": ""}


def web(plan: Plan) -> tuple[str, ...]:
    options = [
        *("--worker-class", "gevent", "--workers", "1", "--bind", f"{plan.host}:{plan.port}"),
        *("--graceful-timeout", "2", "--timeout", "30", "--keep-alive", "75"),
        *("--worker-connections", str(CONNECTIONS)),
        *("--log-level", "warning", "--no-control-socket"),
    ]
    if plan.tls:
        certificate, key = plan.tls / "cert.pem", plan.tls / "key.pem"
        options += ["--certfile", str(certificate), "--keyfile", str(key)]
    return (*PYTHON, "gunicorn", *options, "app:web()")


def player(
    plan: Plan, city: Path, silent: bool, cameras: str = "", drones: str = ""
) -> tuple[str, ...]:
    """The world around the city; after a long silence it first sends its meters' last day.

    cameras, drones: the addresses where the player plays the city's cameras and drones.
    Redis's address stands in the keys file: a command line is no place for its password.
    """
    keys = plan.var / "demo-keys.json"
    options = ["--base-url", plan.url, "--keys", str(keys), "--city", str(city)]
    if plan.tls:
        options += ["--ca", str(plan.tls / "cert.pem")]
    if plan.scenario:
        options += ["--scenario", str(plan.scenario), "--after", str(SIGN_IN_S)]
    if plan.responders:
        options.append("--simulated-responders")
    if silent:
        options.append("--backfill")
    if cameras:
        options += ["--cameras", cameras, "--scenes", str(plan.var / "scenes")]
    if drones:
        options += ["--drones", drones]
    return (*PYTHON, "demo.player", *options)
