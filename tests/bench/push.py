"""From an alert at the REST door to its paint on the desk, beside the limit and the old pattern.

`make bench-push` prints a line for each measurement; the last line is one JSON object.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.crowd import Crowd, crowd
from tests.bench.measure import FRAMES, SWITCHED, WAIT_SWITCHED, WATCH, percentile, summary
from tests.paths.conftest import FLAGS
from tests.paths.people import Person, sign_in
from tests.stack import ROOT, Stack, free_port, running

RATE = 10.0  # alerts a second
COUNT = int(os.environ.get("BENCH_COUNT", "300"))
LIFE = 8  # so many alerts later an alert is cancelled again: the queue stays as long as a screen
CROWD = 200
SCRIPT = ROOT / "assets" / "vendor" / "socket.io.min.js"
WIRE = ["snapshot", "cycle", "event", "hb", "positions"]
SETTLE_S = 3.0
FRAME_S = 20.0
UNITS = 1000


def say(name: str, value: Any) -> None:
    print(f"{name}: {json.dumps(value)}", flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        with running(Path(folder) / "var", {"YIPING_LOG": "warning"}) as stack:
            result = ours(chromium, stack)
        result |= limit(chromium, result.pop("messages"))
        result |= interval(chromium)
        chromium.close()
    for limit_of in ("limit", "limit_plain"):
        ratio = result["p99_200_ms"] / result[f"{limit_of}_p99_200_ms"]
        result[f"ratio_to_{limit_of}"] = round(ratio, 2)
    print(json.dumps(result))
    return 0


# The product.


def ours(chromium: Browser, stack: Stack) -> dict[str, Any]:
    desk = sign_in(chromium, stack, "desk", "meng", "zh")
    desk.page.wait_for_timeout(SETTLE_S * 1000)
    result = frames(desk, stack)
    desk.page.evaluate(WATCH, "#queue-grid")
    one = alerts(desk.page, stack, 1)
    say("one screen", summary(one))
    with screens(desk, stack, CROWD) as many:
        desk.page.wait_for_timeout(SETTLE_S * 1000)
        all_of_them = alerts(desk.page, stack, 2)
        say(f"{CROWD} more", {**summary(all_of_them), **many.ask("count")})
        messages = said(many, stack)
    switched = mode_switch(desk, stack)
    result |= {
        "p50_1_ms": summary(one)["p50"],
        "p95_1_ms": summary(one)["p95"],
        "p99_1_ms": summary(one)["p99"],
        "p50_200_ms": summary(all_of_them)["p50"],
        "p95_200_ms": summary(all_of_them)["p95"],
        "p99_200_ms": summary(all_of_them)["p99"],
        "mode_switch_50_ms": switched,
        "messages": messages,
    }
    return result


@contextmanager
def screens(desk: Person, stack: Stack, count: int) -> Iterator[Crowd]:
    """More sockets in the same rooms: the desk's own session, screen and language."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in desk.context.cookies())
    host = desk.host
    headers = {"Cookie": cookies, "Origin": f"http://{host}", "Host": host}
    join = {"screen": "desk", "screen_id": "", "name": "", "lang": "zh", "subject": {}}
    with crowd(stack.url, count, WIRE, headers, join) as many:
        yield many


def alert(run: int, n: int, kind: str = "alert") -> dict[str, Any]:
    return {
        "source": "park",
        "ext_id": f"bench-{run}-{n}",
        "title": f"bench-{run}-{n}",
        "category": "accident",
        "type": "gas",
        "severity": 1,
        "lat": 37.43 + (n % 40) * 0.001,
        "lon": 118.95,
        "place": "bench",
        "occurred_at": round(time.time() * 1000),
        "kind": kind,
    }


def alerts(page: Page, stack: Stack, run: int) -> list[float]:
    """Post alerts at the rate; give the time (ms) from each post to its paint."""
    with stack.api("park") as door:

        def post(n: int) -> None:
            door.post("/api/v1/alerts", json=alert(run, n)).raise_for_status()

        def tidy(n: int) -> None:
            if n >= LIFE:
                body = alert(run, n - LIFE, "cancel")
                door.post("/api/v1/alerts", json=body).raise_for_status()

        return paced(page, run, post, tidy)


def paced(
    page: Page, run: int, post: Callable[[int], None], tidy: Callable[[int], None]
) -> list[float]:
    sent: dict[str, float] = {}
    start = time.monotonic()
    for n in range(COUNT):
        time.sleep(max(0.0, start + n / RATE - time.monotonic()))
        sent[f"bench-{run}-{n}"] = time.time() * 1000
        post(n)
        time.sleep(max(0.0, start + (n + 0.5) / RATE - time.monotonic()))
        tidy(n)
    page.wait_for_timeout(SETTLE_S * 1000)
    painted: dict[str, float] = page.evaluate("Object.fromEntries(window.painted)")
    missing = [mark for mark in sent if mark not in painted]
    if missing:
        raise RuntimeError(f"{len(missing)} of {COUNT} were never painted, first {missing[0]}")
    return [painted[mark] - at for mark, at in sent.items()]


def said(many: Crowd, stack: Stack) -> dict[str, list[list[Any]]]:
    """What an alert, and then its cancellation, make the server send to one screen."""
    found = {}
    with stack.api("park") as door:
        for kind in ("alert", "cancel"):
            many.ask("record")
            door.post("/api/v1/alerts", json=alert(3, 0, kind)).raise_for_status()
            time.sleep(0.4)
            messages: list[list[Any]] = many.ask("recorded")["messages"]
            found[kind] = [one for one in messages if one[0] == "cycle"]
            say(f"bytes of an {kind}", len(json.dumps(found[kind])))
    return found


def mode_switch(desk: Person, stack: Stack) -> float:
    """From a leader's signature to the last of 50 sockets and the browser's frame (ms)."""
    incident = open_incident(desk, stack)
    body = {"incident": incident, "mode": "WARTIME", "level": 4, "scope": ["gk"], "reason": "bench"}
    with screens(desk, stack, 50) as many:
        many.ask("forget")
        desk.page.evaluate(SWITCHED)
        start = time.time() * 1000
        command(desk, "activation.propose", body)
        painted = desk.page.evaluate(WAIT_SWITCHED)
        time.sleep(1)
        modes = many.ask("modes")["modes"]
    if sum(mode == "WARTIME" for mode, _at in modes) != 50:
        raise RuntimeError(f"only {len(modes)} of 50 sockets switched")
    last = max([at for _mode, at in modes] + [painted])
    say("mode switch, last of 50 and a browser", round(last - start, 1))
    return round(last - start, 1)


def open_incident(desk: Person, stack: Stack) -> str:
    with stack.api("park") as door:
        made = door.post("/api/v1/alerts", json={**alert(4, 0), "severity": 4}).json()
    command(desk, "alert.acknowledge", {"alert": made["alert"]})
    command(desk, "alert.verify", {"alert": made["alert"], "note": "bench"})
    return str(command(desk, "incident.open", {"alert": made["alert"], "grade": 4})["incident"])


def command(desk: Person, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send a command from the desk's own page."""
    answer = desk.page.evaluate(
        "([name, body]) => window.dash_clientside.hall.send(name, body)", [name, body]
    )
    if not answer["ok"]:
        raise RuntimeError(f"{name}: {answer['body']}")
    return dict(answer["body"])


def frames(desk: Person, stack: Stack) -> dict[str, Any]:
    """The desk's frames with and without a thousand units moving once a second."""
    idle = desk.page.evaluate(FRAMES, FRAME_S)
    table = desk.api("/api/v1/units/table")["units"][:UNITS]
    with positions(stack, table):
        time.sleep(2)
        moving = desk.page.evaluate(FRAMES, FRAME_S)
    result = {
        "frame_idle_p95_ms": round(percentile(idle, 0.95), 1),
        "frame_units_p95_ms": round(percentile(moving, 0.95), 1),
        "units": len(table),
    }
    result["frame_ratio"] = round(result["frame_units_p95_ms"] / result["frame_idle_p95_ms"], 2)
    say("frames", result)
    return result


@contextmanager
def positions(stack: Stack, table: list[dict[str, Any]]) -> Iterator[None]:
    """Units that move once a second, sent by a process of its own."""
    plan = {
        "url": stack.url,
        "key": stack.key("positions"),
        "units": [one["id"] for one in table],
        "seconds": FRAME_S + 30,
    }
    mover = subprocess.Popen([sys.executable, "-m", "tests.bench.move", json.dumps(plan)], cwd=ROOT)
    try:
        yield
    finally:
        mover.kill()
        mover.wait()


# What to compare with.


@contextmanager
def served(target: str) -> Iterator[str]:
    """A WSGI app under the same gunicorn worker as the product's."""
    port = free_port()
    command_line = [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gevent", "--workers", "1"),
        *("--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket", target),
    ]
    process = subprocess.Popen(command_line, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def limit(chromium: Browser, messages: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """A bare broadcast of the same bytes to as many sockets, painted by a bare page.

    Once as python-socketio is, and once ("plain") as the product is: without compression.
    """
    with served(f"tests.bench.bare:create('{SCRIPT}')") as url, httpx.Client(base_url=url) as door:
        door.post("/messages", content=json.dumps(messages)).raise_for_status()
        bare = _broadcast(chromium, url, door, 5, deflate=True)
        plain = _broadcast(chromium, url, door, 7, deflate=False)
    return {
        "limit_p50_200_ms": bare["p50"],
        "limit_p99_200_ms": bare["p99"],
        "limit_plain_p50_200_ms": plain["p50"],
        "limit_plain_p99_200_ms": plain["p99"],
    }


def _broadcast(
    chromium: Browser, url: str, door: httpx.Client, run: int, deflate: bool
) -> dict[str, float]:
    def tidy(n: int) -> None:
        if n >= LIFE:
            door.post("/tidy").raise_for_status()

    page = chromium.new_page()
    page.goto(url)
    page.wait_for_function("document.title === 'connected'")
    page.evaluate(WATCH, "#out")
    with crowd(url, CROWD, ["cycle"], deflate=deflate) as many:
        times = paced(page, run, lambda n: _fire(door, run, n), tidy)
        found = summary(times)
        say("limit" if deflate else "limit, plain", {**found, **many.ask("count")})
    page.close()
    return found


def interval(chromium: Browser) -> dict[str, Any]:
    """A Dash page that asks once a second."""
    with served("tests.bench.interval:create()") as url, httpx.Client(base_url=url) as door:
        page = chromium.new_page()
        page.goto(url)
        page.wait_for_selector("#out", state="attached")
        page.evaluate(WATCH, "#out")
        times = []
        for n in range(40):
            mark = f"bench-6-{n}"
            start = time.time() * 1000
            _fire(door, 6, n)
            page.wait_for_function("(mark) => window.painted.has(mark)", arg=mark)
            times.append(page.evaluate("(mark) => window.painted.get(mark)", mark) - start)
            time.sleep((n * 0.618) % 1)  # at all moments of the second that the page waits
        page.close()
    say("interval", summary(times))
    return {"interval_p50_ms": summary(times)["p50"]}


def _fire(door: httpx.Client, run: int, n: int) -> None:
    door.post(f"/fire/bench-{run}-{n}").raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
