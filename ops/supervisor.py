"""Brings the whole product up on one machine, keeps it up, and ends it together."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ops import keep, redis_server, vendor
from ops.answer import answers
from ops.children import Child, end
from ops.links import Base, Link, address, show
from ops.trouble import Trouble

ROOT = Path(__file__).resolve().parents[1]
TICK_S = 0.1
FIRST = ("redis", "web")
REDIS = "redis"  # ends last: the others ring until their end
PYTHON = (sys.executable, "-m")


@dataclass(frozen=True)
class Plan:
    """What to bring up.

    tls: a folder with cert.pem and key.pem, or None for plain HTTP.
    city: None for the demo city, which is made in `var` then.
    redis_url: None for a Redis of our own.
    player: whether the world around the demo city is played, and by which scenario.
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


def run(stop: threading.Event, plan: Plan) -> int:
    """Bring everything up and stay until told to end. Gives the exit code; raises Trouble."""
    begun = time.monotonic()
    with _alone(plan.var):
        children, links = _prepare(plan)
        try:
            _keep_up(plan, children, links, stop, begun)
        finally:
            end([child for child in children if child.name != REDIS])
            end([child for child in children if child.name == REDIS])
    return 0


def say(text: str) -> None:
    print(f"yiping: {text}", flush=True)


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold this installation: two supervisors on one store would fight."""
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (var / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(f"it is running already on {var}; end that one first") from None
        yield


def _prepare(plan: Plan) -> tuple[list[Child], list[Link]]:
    """Make ready what the processes need; give them in the order of their start."""
    _check(plan)
    children: list[Child] = []
    redis_url = plan.redis_url
    if redis_url is None:
        server = redis_server.prepare(plan.var / "redis", keep.secret(plan.var, "redis"))
        children.append(Child(REDIS, server.command))
        redis_url = server.url
    city = plan.city or _demo_city(plan.var)
    environment = _environment(plan, city, redis_url)
    made = _prepare_store(environment)
    links = [Link(**one) for one in made["links"]]
    _keep_for_programs(plan, made["keys"], links, redis_url)
    children.append(Child("web", web(plan), environment))
    children.append(Child("worker", (*PYTHON, "app", "worker"), environment))
    children.append(Child("media", (*PYTHON, "app", "media"), _media_environment(plan)))
    if plan.player and made["simulated"]:
        command = _player(plan, city, redis_url, made["silent"])
        children.append(Child("player", command, output=plan.var / "player.log"))
    return children, links


def _check(plan: Plan) -> None:
    if absent := vendor.missing(ROOT):
        names = ", ".join(absent[:3])
        raise Trouble(f"{len(absent)} browser files are missing ({names}): run `make setup-run`")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((plan.host, plan.port))
        except OSError as error:
            place = f"{plan.host}:{plan.port}"
            raise Trouble(f"cannot listen on {place} ({error.strerror}): set YIPING_PORT") from None


def _environment(plan: Plan, city: Path, redis_url: str) -> dict[str, str]:
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


def _media_environment(plan: Plan) -> dict[str, str]:
    """The media process gets no secret: neither the store's address nor Redis's."""
    return {"YIPING_VAR": str(plan.var), "DATABASE_URL": "", "REDIS_URL": ""}


def web(plan: Plan) -> tuple[str, ...]:
    """How to start the web process."""
    options = [
        *("--worker-class", "gevent", "--workers", "1", "--bind", f"{plan.host}:{plan.port}"),
        *("--graceful-timeout", "2", "--timeout", "30", "--keep-alive", "75"),
        *("--log-level", "warning", "--no-control-socket"),
    ]
    if plan.tls:
        certificate, key = plan.tls / "cert.pem", plan.tls / "key.pem"
        options += ["--certfile", str(certificate), "--keyfile", str(key)]
    return (*PYTHON, "gunicorn", *options, "app:web()")


def _player(plan: Plan, city: Path, redis_url: str, silent: bool) -> tuple[str, ...]:
    """The world around the city; after a long silence it first sends its meters' last day."""
    keys = plan.var / "demo-keys.json"
    options = ["--base-url", plan.url, "--keys", str(keys), "--city", str(city)]
    options += ["--redis", redis_url]
    if plan.tls:
        options += ["--ca", str(plan.tls / "cert.pem")]
    if plan.scenario:
        options += ["--scenario", str(plan.scenario)]
    if plan.responders:
        options.append("--simulated-responders")
    if silent:
        options.append("--backfill")
    return (*PYTHON, "demo.player", *options)


def _demo_city(var: Path) -> Path:
    """The demo city's folder; made when absent or when its makers have changed."""
    folder = var / "city"
    if not folder.exists():
        say("making the demo city (half a minute)")
    maker = subprocess.Popen(
        [*PYTHON, "demo.city", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert maker.stdout is not None
    for line in maker.stdout:
        if "already" not in line:
            say(line.strip())
    if maker.wait():
        raise Trouble("the demo city could not be made; the reason stands above")
    return folder


def _prepare_store(environment: dict[str, str]) -> dict[str, Any]:
    """Bring the store up to date and let the city in: {simulated, silent, links, keys}."""
    command = [*PYTHON, "app", "prepare"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise Trouble("the store could not be prepared; the reason stands above")
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def _keep_for_programs(plan: Plan, keys: dict[str, Any], links: list[Link], redis_url: str) -> None:
    """What the player and tests read instead of the console."""
    if keys:
        keep.write(plan.var / "demo-keys.json", {**keys, "redis": redis_url})
    known = [{**asdict(link), "url": address(link, plan.base)} for link in links]
    keep.write(plan.var / "sign-in.json", known)


def _keep_up(
    plan: Plan, children: list[Child], links: list[Link], stop: threading.Event, begun: float
) -> None:
    """Tend the processes until told to stop; the first answer is not kept waiting by others."""
    first = [child for child in children if child.name in FIRST]
    while not stop.wait(TICK_S) and not answers(plan.host, plan.port, plan.tls is not None):
        _tend(first)
    if not stop.is_set():
        _tell(plan, links, time.monotonic() - begun)
    while not stop.wait(TICK_S):
        _tend(children)


def _tend(children: list[Child]) -> None:
    for child in children:
        child.tend()


def _tell(plan: Plan, links: list[Link], seconds: float) -> None:
    say(f"up after {seconds:.1f} s; each link lets one role in until the next start")
    show(links, plan.base, plan.lan, sys.stdout)
    say("Ctrl-C ends every process")
