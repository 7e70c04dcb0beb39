"""Every door of the running product, as a sender that means no good or knows no better."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import redis

from dispatch import audit
from dispatch.database import Database
from tests.callbacks.live import Screen
from tests.stack import Stack
from tests.streams.broker import Broker

SOON_S = 2.0  # the product's promise: a good alert is on every screen by then
ASIDE_S = 5.0
REFUSALS = ("quarantine", "refusals")  # panels that show what was refused
CLOCKWORK = ("WatchdogCalled", "SignedIn")  # events that come by themselves meanwhile
JSON, CAP = "application/json", "application/cap+xml"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Doors:
    """The doors, and two screens that hear all that is told: a desk and a wall."""

    stack: Stack
    broker: Broker
    redis: Any
    keys: dict[str, str]
    tokens: dict[str, str]
    desk: Screen
    wall: Screen
    client: httpx.Client = field(init=False)
    store: Database = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.stack.url, timeout=10)
        self.store = Database(f"sqlite:///{self.stack.var / 'yiping.db'}")

    def close(self) -> None:
        self.client.close()
        self.store.close()

    # What a case sends.

    def send(
        self,
        body: bytes | str | object,
        path: str = "/api/v1/alerts",
        type: str | None = JSON,
        source: str = "110",
        method: str = "POST",
        **headers: str,
    ) -> httpx.Response:
        """A request of an outside system; a body that is no text is written as JSON."""
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        said = {"Authorization": f"Bearer {self.keys[source]}"}
        said |= {"Content-Type": type} if type else {}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, path, content=content, headers={**said, **given})

    def cap(self, xml: bytes | str) -> httpx.Response:
        return self.send(xml, type=CAP, source="weather")

    def person(
        self, path: str, body: bytes | str | object = None, who: str = "desk", **headers: str
    ) -> httpx.Response:
        """A request of a page: a question, or with a body something that is to be done."""
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        method = "GET" if body is None else "POST"
        said = {**OURS, "Cookie": f"sid={self.tokens[who]}", "Content-Type": JSON}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(
            method, path, content=content if method == "POST" else None, headers={**said, **given}
        )

    def command(self, name: str, body: object, **headers: str) -> httpx.Response:
        return self.person(f"/api/v1/commands/{name}", body, **{"Idempotency_Key": "k", **headers})

    def publish(self, channel: str, payload: bytes | str) -> None:
        self.redis.publish(channel, payload)

    def mail(self, fields: Mapping[Any, Any], stream: str = "alerts:iot") -> None:
        self.redis.xadd(stream, fields)

    def spoil(self, key: str, value: str) -> None:
        """Something else stands where a source's stream should."""
        self.redis.delete(key)
        self.redis.set(key, value)

    def mqtt(self, payload: bytes | str, topic: str = "lifts/1/alarm") -> None:
        self.broker.publish(topic, payload)

    def stranger(self, who: str = "desk") -> Screen:
        """Another screen, that may be cut for what it says."""
        return Screen(self.stack.url, self.tokens[who], self.stack.url)

    # What is looked at afterwards.

    def told(self, screen: Screen) -> str:
        """All that a screen was told as something that is so."""
        return "\n".join(
            text for event, panel, text in heard(screen) if panel not in REFUSALS or not event
        )

    def aside(self) -> list[dict[str, Any]]:
        """What was put aside for the desk."""
        items = self.person("/api/v1/pictures/quarantine").json()["picture"]["items"]
        found: list[dict[str, Any]] = items
        return found

    def waits_aside(self, mark: str) -> bool:
        end = time.monotonic() + ASIDE_S
        while time.monotonic() < end:
            if any(mark in one["payload"] or mark in one["channel"] for one in self.aside()):
                return True
            time.sleep(0.05)
        return False

    def late(self, mark: str, *names: str) -> list[str]:
        """Of these screens those that are not shown it in time: none is as it should be."""
        end = time.monotonic() + SOON_S
        screens = {"desk": self.desk, "wall": self.wall}
        while late := [name for name in names or screens if mark not in shown(screens[name])]:
            if time.monotonic() > end:
                return late
            time.sleep(0.01)
        return []

    def standing(self) -> tuple[int, set[str]]:
        """The log's head, and what waits aside."""
        head = self.person("/api/v1/events?after=0&limit=1").json()["head"]
        return head, {one["id"] for one in self.aside()}

    def events(self, after: int) -> list[dict[str, Any]]:
        """What happened since that number of the log, but for the clockwork's own."""
        found = self.person(f"/api/v1/events?after={after}").json()["events"]
        return [one for one in found if one["type"] not in CLOCKWORK]

    def broken(self) -> str:
        """What `audit verify` says is wrong with the log, "" if it is whole.

        The product's own check of every hash from the first event on, asked in this process: to
        start the command after each case would take longer than all the cases.
        """
        report = self.store.read(audit.verify)
        return "" if report.ok else f"{report.reason} at {report.first_broken}"

    def forget(self) -> None:
        """What the screens heard so far is looked through; begin anew."""
        for screen in (self.desk, self.wall):
            screen.heard.clear()

    def good(self, n: int) -> dict[str, Any]:
        """An alert as any other, at a place, so that it has its mark on a wall's map too."""
        named = {"source": "110", "ext_id": f"good-{n}", "title": f"good alert {n}"}
        return {**named, "severity": 2, "lat": 37.36 + n * 0.012 % 0.2, "lon": 118.5}


def shown(screen: Screen) -> str:
    """All that a screen was given to paint: an event that is only told of is not seen yet."""
    return "\n".join(text for event, _, text in heard(screen) if event in ("push", "snapshot"))


def heard(screen: Screen) -> list[tuple[str, str, str]]:
    """(event, panel, text) of every message, those of one cycle each for itself."""
    found = []
    for event, data in list(screen.heard):
        said = data["said"] if event == "cycle" else [[event, data]]
        for name, content in said:
            panel = content.get("panel", "") if isinstance(content, dict) else ""
            text = "" if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False)
            found.append((name, panel, text))
    return found


def signed_in(stack: Stack, account: str) -> str:
    """A session's token, by the account's link."""
    with httpx.Client(base_url=stack.url, headers=OURS) as client:
        answer = client.post("/sign-in/link", json={"token": stack.tokens[account]})
        assert answer.status_code == 200, answer.text
        return answer.cookies["sid"]


def mailbox(url: str) -> Any:
    return redis.Redis.from_url(url)
