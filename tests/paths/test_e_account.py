"""Whatever is killed while people work, the account adds up and nothing is missing."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest
from playwright.sync_api import expect
from prometheus_client.parser import text_string_to_metric_families

from streams.pictures.reconcile import SETTLE_MS
from tests.paths.conftest import Entrance
from tests.paths.handling import leak
from tests.stack import ROOT, Stack

pytestmark = pytest.mark.path
SENDERS, EACH = ("park", "grid"), 25
SETTLED_S = 40.0
FETCH = "(path) => fetch(path).then((one) => [one.status, one.headers.get('content-type')])"


class Sender(threading.Thread):
    """A system that sends each alert until somebody says that it is on disk."""

    def __init__(self, stack: Stack, source: str) -> None:
        super().__init__(daemon=True)
        self._door, self._source = stack.api(source), source
        self.accepted: set[str] = set()

    def run(self) -> None:
        for number in range(EACH):
            self._send(number)
            time.sleep(0.15)

    def _send(self, number: int) -> None:
        body = {"source": self._source, "ext_id": f"acc-{number}", "title": "告警", "severity": 3}
        while True:
            try:
                answer = self._door.post("/api/v1/alerts", json=body)
            except httpx.HTTPError:
                time.sleep(0.2)
                continue
            if answer.status_code in (200, 201):
                self.accepted.add(answer.json()["alert"])
                return
            time.sleep(0.2)


def account(stack: Stack) -> tuple[int, str]:
    """The console's account: its exit code and its words."""
    words = [sys.executable, "-m", "app", "reconcile"]
    done = subprocess.run(words, cwd=ROOT, env=stack.environment, capture_output=True, text=True)
    return done.returncode, done.stdout


def figures(stack: Stack) -> Iterator[tuple[str, float]]:
    text = httpx.get(f"{stack.url}/metrics", timeout=10).text
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            yield f"{one.name}:{one.labels.get('kind', '')}", one.value


def kill(process: psutil.Process) -> None:
    process.kill()
    process.wait(5)


def settled(stack: Stack) -> str:
    """The account once nothing is under way or unanswered, and then soon shown everywhere."""
    told(stack, quiet, SETTLED_S)
    return told(stack, level, SETTLE_MS / 1000)


def told(stack: Stack, fits: Callable[[int, str], bool], patience_s: float) -> str:
    """The first account that fits; fails with the last one."""
    limit = time.monotonic() + patience_s
    while True:
        code, said = account(stack)
        if fits(code, said):
            return said
        assert time.monotonic() < limit, said
        time.sleep(0.5)


def quiet(code: int, said: str) -> bool:
    return code == 0 and "under way" not in said and "untold" not in said


def level(code: int, said: str) -> bool:
    """Whether the screens have shown all that was stored: one comes back later than another."""
    return code == 0 and len(set(line(said, "alerts")[:3])) == 1


def line(said: str, kind: str) -> list[str]:
    return next(one.split()[1:] for one in said.splitlines() if one.startswith(kind))


def test_the_account_adds_up_whatever_is_killed(stack: Stack, enter: Entrance) -> None:
    desk, other = enter("desk", "xuwenbo"), enter("desk", "wangyan")
    panel = desk.page.locator("#panel-reconcile")
    expect(panel).to_be_hidden()
    desk.press("Alt+r")
    expect(panel).to_be_visible()
    first = leak(stack)
    senders = [Sender(stack, source) for source in SENDERS]
    for one in senders:
        one.start()
    for word in ("gunicorn", "redis-server", "worker", "gunicorn"):
        kill(stack.child(word))
        time.sleep(1.2)
    for one in senders:
        one.join(60)
        assert not one.is_alive()
    desk.expect_live()
    other.expect_live()
    sent = {first} | {id for one in senders for id in one.accepted}
    assert len(sent) == 1 + len(SENDERS) * EACH
    said = settled(stack)
    accepted, stored, shown, signed, _ = line(said, "alerts")
    assert accepted == stored == shown == str(len(sent))
    assert signed == "0"
    assert "lost 0, doubled 0" in said
    expect(panel.locator("#reconcile-foot")).to_contain_text("账平")
    expect(panel.locator("#reconcile-sums")).to_contain_text("丢失 0")
    expect(panel.locator("#reconcile-table")).to_contain_text(f"{len(sent)}")
    sheet = panel.locator("a[data-key='Alt+O']").get_attribute("href")
    status, kind = desk.page.evaluate(FETCH, sheet)
    assert (status, kind) == (200, "application/pdf")
    desk.press("1")
    expect(panel).to_be_hidden()


def test_whoever_watches_from_outside_sees_every_process_and_the_watchdog(stack: Stack) -> None:
    limit = time.monotonic() + SETTLED_S
    while True:
        found = dict(figures(stack))
        passed = found.get("yiping_watchdog_age_seconds:", -1) >= 0
        if passed and "yiping_memory_bytes:worker" in found:
            break
        assert time.monotonic() < limit, found
        time.sleep(0.5)
    assert found["yiping_watchdog_silent:"] == 0
    assert found["yiping_memory_bytes:web"] > 0
    ready = httpx.get(f"{stack.url}/readyz", timeout=10)
    assert (ready.status_code, ready.json()["degraded"]) == (200, [])
    kept = stack.var / "kept.db"
    assert "whole" in stack.console("backup", str(kept))
    assert not [one for one in stack.errors() if "watchdog" in one]
