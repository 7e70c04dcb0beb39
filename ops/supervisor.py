"""Brings the whole product up on one machine, keeps it up, and ends it together."""

import resource
import sys
import threading
import time
from collections.abc import Iterable, Mapping

from ops import keep, media, plan, readiness, redis_server
from ops.answer import answers
from ops.children import Child, end
from ops.links import Link, show
from ops.plan import PYTHON, Plan
from ops.readiness import say

TICK_S = 0.1


def run(stop: threading.Event, wanted: Plan, make: "type[Processes] | None" = None) -> int:
    """Bring everything up and stay until told to end. Gives the exit code; raises Trouble."""
    _allow_many_files()
    running = f"it is running already on {wanted.var}; end that one first"
    with keep.alone(wanted.var, running):
        processes = (make or Processes)(wanted)
        try:
            processes.bring_up()
            processes.keep_up(stop)
        finally:
            processes.end()
    return 0


def _allow_many_files() -> None:
    """As many connections as the system allows; what we start inherits it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Processes:
    """stores: what the others stand on; doors: those that the first answer needs; others:
    started when it is given.
    """

    def __init__(self, wanted: Plan) -> None:
        self._plan = wanted
        self._begun = time.monotonic()
        self._base: list[Child] = []
        self._web: list[Child] = []
        self._others: list[Child] = []
        self._links: list[Link] = []

    def bring_up(self) -> None:
        """Make everything ready; the web process starts as early as the store allows."""
        wanted = self._plan
        readiness.check(wanted)
        redis_url = wanted.redis_url or self._own_redis()
        self._base += self._stores()
        city = wanted.city or readiness.demo_city(wanted.var)
        self._media = media.offered(wanted.var, wanted.host, wanted.player)
        environment = {**plan.environment(wanted, city, redis_url), **self._media}
        self._web = self._doors(environment)
        _tend(self._base)
        self._await_stores()
        if readiness.is_current(wanted):
            _tend(self._web)
        store = readiness.prepare_store(wanted, environment, redis_url)
        self._links = store.links
        self._others = [
            Child("worker", (*PYTHON, "app", "worker"), environment),
            Child("media", (*PYTHON, "app", "media"), plan.media_environment(wanted) | self._media),
        ]
        if wanted.player and store.simulated:
            played = (media.demo_cameras(self._media), media.demo_drones(self._media))
            command = plan.player(wanted, city, store.silent, *played)
            self._others.append(Child("player", command, output=wanted.var / "player.log"))

    def _own_redis(self) -> str:
        var = self._plan.var
        server = redis_server.prepare(var / "redis", keep.secret(var, "redis"))
        self._base.append(Child("redis", server.command))
        return server.url

    def _stores(self) -> list[Child]:
        """Processes that hold the store; SQLite needs none."""
        return []

    def _await_stores(self) -> None:
        """Wait until the store can be opened."""

    def _doors(self, environment: Mapping[str, str]) -> list[Child]:
        return [Child("web", plan.web(self._plan), environment)]

    def keep_up(self, stop: threading.Event) -> None:
        """Tend the processes until told to stop; the first answer does not wait for all."""
        while not stop.wait(TICK_S) and not self._answers():
            _tend([*self._base, *self._web])
        if not stop.is_set():
            self._tell()
        while not stop.wait(TICK_S):
            _tend([*self._base, *self._web, *self._others])

    def end(self) -> None:
        """End the stores last: the others write and ring until their end."""
        end([*self._web, *self._others])
        end(self._base)

    def _answers(self) -> bool:
        return answers(self._plan.host, self._plan.port, self._plan.tls is not None)

    def _tell(self) -> None:
        seconds = time.monotonic() - self._begun
        say(f"up after {seconds:.1f} s; each link lets one role in until the next start")
        show(self._links, self._plan.base, self._plan.lan, sys.stdout)
        say("Ctrl-C ends every process")


def _tend(children: Iterable[Child]) -> None:
    for child in children:
        child.tend()
