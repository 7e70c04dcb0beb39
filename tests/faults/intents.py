"""What people and systems intend, sent through the public doors until each is answered."""

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

AGAIN = {408, 425, 429}
FIRST_S, LONGEST_S = 0.3, 1.0  # as assets/14-send.js waits
TIMEOUT_S = 8.0
TWICE = 0.15  # so often the same intent is sent twice at once: a double click
PLACES = {"lat": 37.49, "lon": 119.03}

Effects = list[tuple[str, str]]
"""Events that an intent must have made exactly once: (type, subject)."""


@dataclass(eq=False)
class Intent:
    """One act of one person or system. effects: known once it is answered."""

    who: str
    path: str
    body: dict[str, Any]
    key: str
    begun: float
    answer: dict[str, Any] | None = None
    status: int = 0
    answered: float = 0.0
    tries: int = 0
    turned_away: int = 0

    @property
    def latency(self) -> float:
        return self.answered - self.begun


@dataclass
class Ledger:
    """Every intent, and what the log must hold because of them."""

    intents: list[Intent] = field(default_factory=list)
    effects: Counter[tuple[str, str]] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Intent] = field(default_factory=list)

    @property
    def waiting(self) -> list[Intent]:
        return [one for one in self.intents if not one.answered]

    def expect(self, *effects: tuple[str, str]) -> None:
        for one in effects:
            self.effects[one] += 1
            self.counts[one[0]] += 1


class People:
    """Everybody who acts: officers by session, the park's system and the units by their keys."""

    def __init__(self, url: str, keys: dict[str, str], units: dict[str, str], seed: int) -> None:
        self._url, self._keys, self._units = url, keys, units
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._chance = random.Random(seed)
        self.ledger = Ledger()
        self.twice = TWICE

    async def enter(self, account: str, token: str) -> str:
        """Sign a person in; gives the cookie."""
        client = self._client(account, {"Origin": self._url})
        said = await client.post("/sign-in/link", json={"token": token})
        said.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())

    def system(self, name: str) -> None:
        """Let a source or a unit speak by its key."""
        key = self._keys.get(name) or self._units[name]
        self._client(name, {"Authorization": f"Bearer {key}"})

    async def close(self) -> None:
        await asyncio.gather(*(one.aclose() for one in self._clients.values()))

    async def asks(self, who: str, path: str) -> Any:
        """Read through the public door; tried again while nobody answers."""
        while True:
            try:
                said = await self._clients[who].get(path)
                if said.status_code < 500:
                    said.raise_for_status()
                    return said.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)

    async def tries(self, who: str, path: str) -> int:
        """The status of one look, without patience."""
        return (await self._clients[who].get(path, timeout=30)).status_code

    async def does(self, who: str, name: str, **body: Any) -> dict[str, Any]:
        """Give a command; back when it is answered."""
        return await self._deliver(who, f"/api/v1/commands/{name}", body)

    async def posts(self, who: str, path: str, body: dict[str, Any]) -> Any:
        """Send many things at once, again while nobody takes them."""
        while True:
            try:
                said = await self._clients[who].post(path, json=body, timeout=30)
                if said.status_code < 500:
                    said.raise_for_status()
                    return said.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(FIRST_S)

    async def reports(self, who: str, **body: Any) -> dict[str, Any]:
        """An outside system's alert."""
        return await self._deliver(who, "/api/v1/alerts", body)

    async def _deliver(self, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        intent = Intent(who, path, body, uuid.uuid4().hex, time.monotonic())
        self.ledger.intents.append(intent)
        if self._chance.random() < self.twice:
            twin = asyncio.create_task(self._until_answered(intent))
            await self._until_answered(intent)
            await twin
        else:
            await self._until_answered(intent)
        assert intent.answer is not None
        return intent.answer

    async def _until_answered(self, intent: Intent) -> None:
        wait = FIRST_S
        while True:
            intent.tries += 1
            said = await self._try(intent)
            if said is not None:
                self._settle(intent, said)
                return
            await asyncio.sleep(wait * random.uniform(0.75, 1.25))
            wait = min(LONGEST_S, wait * 2)

    async def _try(self, intent: Intent) -> httpx.Response | None:
        headers = {"Idempotency-Key": intent.key}
        try:
            said = await self._clients[intent.who].post(
                intent.path, json=intent.body, headers=headers
            )
        except httpx.TransportError:
            return None
        if said.status_code >= 500 or said.status_code in AGAIN:
            intent.turned_away += 1
            return None
        return said

    def _settle(self, intent: Intent, said: httpx.Response) -> None:
        """The first answer counts; one that differs from it is a second effect."""
        body = said.json() if said.content else {}
        if not said.is_success:
            self.ledger.refused.append(intent)
            raise Unexpected(f"{intent.path} {json.dumps(intent.body)}: {said.text}")
        if intent.answer is None:
            intent.answer, intent.status, intent.answered = body, said.status_code, time.monotonic()

    def _client(self, name: str, headers: dict[str, str]) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=12, keepalive_expiry=2.0)
        client = httpx.AsyncClient(
            base_url=self._url, headers=headers, timeout=TIMEOUT_S, limits=limits
        )
        self._clients[name] = client
        return client


class Unexpected(Exception):
    """A request was refused that the rules allow."""


@dataclass
class Traffic:
    """What goes on while faults happen: alerts, orders, signatures, changes of mode, notes."""

    people: People
    desk: str
    lead: str
    units: Sequence[str]
    chance: random.Random
    mark: str
    incident: str = ""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    resume: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> None:
        """An incident to give orders for, set up in calm."""
        alert = await self._alert(4)
        await self.people.does(self.desk, "alert.verify", alert=alert, note="seen")
        self._expect("AlertVerified", alert)
        made = await self.people.does(self.desk, "incident.open", alert=alert, grade=4)
        self.incident = made["incident"]
        self._expect("IncidentOpened", self.incident)
        for draft in made.get("orders", []):
            self._expect("OrderDrafted", draft)
            await self.people.does(self.desk, "order.discard", order=draft)
            self._expect("OrderDiscarded", draft)

    async def run(self) -> None:
        """Begin an act every tenth of a second or so, until told to stop; back when all that was
        sent is answered. What is half done then waits for `close`. Raises Unexpected.
        """
        acts = [self._passing_alert, self._call, self._note, self._order, self._order]
        units = list(self.units)
        switched = False
        while not self.stop.is_set():
            act = self.chance.choice(acts)
            if act == self._order and not units:
                act = self._note
            self.tasks.append(asyncio.create_task(act(units) if act == self._order else act()))
            if not switched and self.chance.random() < 0.15:
                switched = True
                self.tasks.append(asyncio.create_task(self._switch()))
            await self._pause(0.08, 0.25)
        await asyncio.sleep(0.02)  # what was begun last is sent now
        while self.people.ledger.waiting:
            if failed := [one for one in self.tasks if one.done() and one.exception()]:
                await failed[0]
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Bring all that was begun to its end, and leave a tidy desk to the next schedule."""
        self.resume.set()
        await asyncio.gather(*self.tasks)
        await self.people.does(self.desk, "incident.end", incident=self.incident, reason="over")
        self._expect("IncidentEnded", self.incident)

    async def _alert(self, severity: int, **more: Any) -> str:
        body = {
            "source": "park",
            "ext_id": uuid.uuid4().hex,
            "title": f"{self.mark} leak",
            "category": "accident",
            "type": "gas",
            "severity": severity,
            "place": "tank 2",
            "occurred_at": round(time.time() * 1000),
            **PLACES,
            **more,
        }
        said = await self.people.reports("park", **body)
        self._expect("AlertReceived", said["alert"])
        self._bodies[said["alert"]] = body
        return str(said["alert"])

    async def _passing_alert(self) -> None:
        """Seen by the desk, then called off by its source."""
        alert = await self._alert(self.chance.randint(1, 4))
        await self._then()
        await self.people.does(self.desk, "alert.acknowledge", alert=alert)
        self._expect("AlertAcknowledged", alert)
        await self._then(0, 0.5)
        await self.people.reports("park", **{**self._bodies.pop(alert), "kind": "cancel"})
        self._expect("AlertCancelled", alert)

    async def _call(self) -> None:
        """A report by telephone: nothing but its key tells it from another."""
        facts = {"what": f"{self.mark} call", "category": "city", "severity": 3, "place": "road"}
        said = await self.people.does(self.desk, "alert.report", **facts, **PLACES)
        self._expect("AlertReceived", said["alert"])
        await self._then()
        await self.people.does(self.lead, "alert.dismiss", alert=said["alert"], reason="known")
        self._expect("AlertDismissed", said["alert"])

    async def _note(self) -> None:
        text = f"{self.mark} {uuid.uuid4().hex[:6]}"
        await self.people.does(self.desk, "incident.note", incident=self.incident, text=text)
        self._expect("IncidentNoted", self.incident)

    async def _order(self, units: list[str]) -> None:
        """Drafted, issued, signed by the unit's own device, and called back."""
        unit = units.pop()
        facts = {"incident": self.incident, "text": f"{self.mark} {unit}", "kind": "report"}
        made = await self.people.does(self.desk, "order.draft", **facts, priority=2, unit=unit)
        order = made["order"]
        self._expect("OrderDrafted", order)
        await self._then()
        await self.people.does(self.desk, "order.issue", orders=[order])
        self._expect("OrderIssued", order)
        await self._then()
        await self.people.does(unit, "order.acknowledge", order=order)
        self._expect("OrderAcknowledged", order)
        await self._then(0, 0.6)
        await self.people.does(self.lead, "order.cancel", order=order, reason="over")
        self._expect("OrderCancelled", order)

    async def _switch(self) -> None:
        """A district to wartime and back."""
        facts = {"incident": self.incident, "mode": "WARTIME", "level": 4, "scope": ["gk"]}
        made = await self.people.does(self.lead, "activation.propose", **facts, reason=self.mark)
        id = made["activation"]
        self._expect("ActivationProposed", id)
        self._expect("ActivationStarted", id)
        await self._then(0.1, 0.8)
        items = await self.items(id)
        handover = {str(n): "next shift" for n in range(items)}
        await self.people.does(
            self.lead, "activation.end", activation=id, reason="over", handover=handover
        )
        self._expect("ActivationEnded", id)

    async def items(self, id: str) -> int:
        said = await self.people.asks(self.lead, "/api/v1/pictures/activations")
        found = [one for one in said["picture"]["active"] if one["id"] == id]
        return len(found[0]["checklist"]) if found else 0

    async def _pause(self, least: float, most: float) -> None:
        """Wait a little; not at all once it is to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), self.chance.uniform(least, most))

    async def _then(self, least: float = 0.0, most: float = 0.0) -> None:
        """Between two steps of an act: a little while, or until `close` once it is to stop."""
        await self._pause(least, most)
        if self.stop.is_set():
            await self.resume.wait()

    def __post_init__(self) -> None:
        self._bodies: dict[str, dict[str, Any]] = {}

    def _expect(self, type: str, subject: str) -> None:
        self.people.ledger.expect((type, subject))
