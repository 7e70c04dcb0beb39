"""The figures of the product in Prometheus's text, for programs that watch it from outside."""

import hmac
import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from callbacks.problems import problem
from callbacks.services import Services
from callbacks.store_figures import Facts, facts
from callbacks.who import bearer
from dispatch.clock import now_ms
from streams.vitals import Process

TEXT = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK = "loopback"
FIGURES = {
    "memory_bytes": "Memory that the process holds (RSS)",
    "threads": "Threads of the process",
    "open_files": "Files and sockets that the process has open",
    "loop_late_seconds": "How late a short wait ended, the worst of the last ten seconds",
    "writer_waiting": "Commands that wait to be written",
    "screens": "Screens that have joined",
    "rooms": "Rooms (panel and view) that are computed",
    "cursor": "The log's number that the screens of this process show",
    "redis_alive": "Whether Redis answers this process",
    "receipts_waiting": "Receipts of the doors that are not in the store yet",
}
"""Figure of a process -> what it says; a process reports those that it has."""


def install(server: Flask, services: Services) -> None:
    """/metrics, for this machine alone or for who has the token; counts what the doors answer."""
    answers = Answers()
    server.after_request(answers.count)
    registry = CollectorRegistry()
    registry.register(_Figures(services, answers))
    _show_own(server, services)

    @server.get("/metrics")
    def metrics() -> Response:
        if (refused := _refusal(services.settings.metrics)) is not None:
            return refused
        return Response(generate_latest(registry), content_type=TEXT)


def _show_own(server: Flask, services: Services) -> None:
    """What a web process reports beside its memory."""
    show, hub = services.vitals.show, services.hub
    show("screens", lambda: server.extensions["sockets"].joined)
    show("rooms", lambda: hub.rooms)
    show("cursor", lambda: max(hub.cursor, 0))
    show("redis_alive", lambda: services.doorbell.alive)


def _refusal(allowed: str) -> Response | None:
    """Why this reader gets nothing, or None. The key of a source or a unit opens nothing here."""
    if allowed != LOOPBACK:
        given = bearer(request) or ""
        if hmac.compare_digest(given.encode(), allowed.encode()):
            return None
        refused = problem(HTTPStatus.UNAUTHORIZED, "token", "the metrics' own token, please")
        refused.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    if bearer(request) is None and _is_local(request.remote_addr or ""):
        return None
    return problem(HTTPStatus.FORBIDDEN, "not_local", "the metrics are for this machine alone")


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a unix socket has no address, and only this machine
        return address == ""


class Answers:
    """How often each door said yes, no, or failed, since this process began."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def count(self, response: Response) -> Response:
        if request.method == "POST" and (door := _door(request.path)):
            with self._lock:
                self.counts[door, _outcome(response.status_code)] += 1
        return response


def _door(path: str) -> str:
    """What people call the door: `alerts`, `commands`, `screens` for callbacks of Dash, or ""."""
    parts = path.strip("/").split("/")
    if path.startswith("/api/v1/") and request.url_rule is not None:
        return parts[2]
    if path.endswith("/_dash-update-component"):
        return "screens"
    return "sign-in" if parts[0] == "sign-in" else ""


def _outcome(status: int) -> str:
    if status < HTTPStatus.BAD_REQUEST:
        return "accepted"
    return "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"


class _Figures(Collector):
    """Takes every figure when it is asked for; nothing is counted in between but answers."""

    def __init__(self, services: Services, answers: Answers) -> None:
        self._services, self._answers = services, answers

    def collect(self) -> Iterator[Metric]:
        own = self._services
        found: Facts | None = None
        try:
            found = own.database.read(lambda c: facts(c, own.city, own.now(), own.hub.cursor))
        except SQLAlchemyError:
            pass
        yield _gauge("store_up", "Whether the store can be read", float(found is not None))
        yield from _of_doors(self._answers)
        yield from _of_processes([own.vitals.report(), *(found.processes if found else ())])
        if found is not None:
            yield from _of_store(found)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"yiping_{name}", says, value=value)


def _of_doors(answers: Answers) -> Iterator[Metric]:
    says = "Answers of this process's doors, by what they said"
    family = CounterMetricFamily("yiping_door_answers", says, labels=["door", "outcome"])
    for labels, number in sorted(answers.counts.items()):
        family.add_metric(labels, number)
    yield family


def _of_processes(processes: list[Process]) -> Iterator[Metric]:
    """The figures of every process: this one's are of now, the others' some seconds old."""
    known = {one.name: one for one in reversed(processes)}
    for figure, says in FIGURES.items():
        family = GaugeMetricFamily(f"yiping_{figure}", says, labels=["process", "kind"])
        for one in known.values():
            if figure in one.figures:
                family.add_metric([one.name, one.kind], one.figures[figure])
        yield family
    says = "How long ago the process said how it is"
    family = GaugeMetricFamily("yiping_report_age_seconds", says, labels=["process", "kind"])
    for one in known.values():
        family.add_metric([one.name, one.kind], (now_ms() - one.seen_at) / 1000)
    yield family


def _of_store(found: Facts) -> Iterator[Metric]:
    yield _gauge("log_head", "The last number of the log", found.head)
    yield _gauge("bell_lag_events", "Events that this process's screens lack", found.lag)
    yield _gauge("bell_lag_seconds", "Age of the first event that they lack", found.lag_s)
    yield _gauge("timers_late", "Timers that should have fired and have not", found.timers_late)
    yield _gauge("journal_bytes", "SQLite's journal; it grows while a reader never ends",
                 found.journal_bytes)  # fmt: skip
    yield _gauge("watchdog_age_seconds", "Since an alert went the whole way", found.watch_age_s)
    yield _gauge("watchdog_silent", "Whether that silence is an alarm", found.watch_silent)
    yield _gauge("watchdog_took_seconds", "How long it took that alert", found.watch_took_s)
    states = GaugeMetricFamily("yiping_sources", "Sources by freshness", labels=["state"])
    for state, number in sorted(found.sources.items()):
        states.add_metric([state], number)
    yield states
    for name, says in SOURCE.items():
        family = CounterMetricFamily(f"yiping_source_{name}", says, labels=["source"])
        for source, counts in found.messages.items():
            family.add_metric([source], counts[name])
        yield family


SOURCE = {
    "accepted": "Messages of a source that were taken",
    "refused": "Messages of a source that were refused",
    "gaps": "Messages that a source sent, by its own count, and nobody got",
}
