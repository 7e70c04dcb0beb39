"""Several processes as on several machines: two web processes behind nginx, on PostgreSQL.

Each web process is reached by its own port and may be killed at any time: nginx asks the other.
"""

import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ops import keep, lan, nginx_server, plan, postgres_server
from ops.children import Child
from ops.plan import Plan
from ops.readiness import say
from ops.supervisor import Processes

WEBS = 2
PORT = "8443"


def offer(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with what the cluster needs, where it says nothing itself."""
    var = Path(environment.get("YIPING_VAR") or "var").resolve()
    host = environment.get("YIPING_HOST") or "127.0.0.1"
    lan.one_address(host)
    keep.folder(var)
    given = {"YIPING_PORT": PORT, **environment, "YIPING_HOST": host}
    if not given.get("YIPING_TLS"):
        lan.certificate(var / "tls", host)
        given["YIPING_TLS"] = str(var / "tls")
    if not given.get("DATABASE_URL"):
        given["DATABASE_URL"] = postgres_server.url(var)
    return given


class Cluster(Processes):
    """The same processes as on one machine, with a store and a front of their own."""

    def __init__(self, wanted: Plan) -> None:
        super().__init__(wanted)
        self._ports = _free_ports(WEBS)

    def _stores(self) -> list[Child]:
        if self._plan.database_url != postgres_server.url(self._plan.var):
            return []
        self._postgres = postgres_server.prepare(self._plan.var)
        return [Child("postgres", self._postgres.command)]

    def _await_stores(self) -> None:
        if self._plan.database_url == postgres_server.url(self._plan.var):
            postgres_server.wait(self._postgres)
            say(f"for other commands on it: DATABASE_URL='{self._plan.database_url}'")

    def _doors(self, environment: Mapping[str, str]) -> list[Child]:
        webs = [self._behind(n, port, environment) for n, port in enumerate(self._ports, 1)]
        wanted = self._plan
        assert wanted.tls is not None
        front = nginx_server.prepare(
            wanted.var / "nginx", wanted.host, wanted.port, self._ports, wanted.tls
        )
        return [*webs, Child("nginx", front)]

    def _behind(self, n: int, port: int, environment: Mapping[str, str]) -> Child:
        """It speaks plain HTTP to nginx alone, and believes what nginx says of the browser."""
        say(f"web process {n} is at 127.0.0.1:{port}")
        command = plan.web(replace(self._plan, host="127.0.0.1", port=port, tls=None))
        own = {"YIPING_HOST": "127.0.0.1", "YIPING_PORT": str(port), "YIPING_BEHIND_PROXY": "1"}
        return Child(f"web-{n}", command, {**environment, **own})


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
