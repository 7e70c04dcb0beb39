"""Orders that nobody signs (I8), of incidents that are ended after a while as a city ends its own.

Without that the suite's own orders would pile up on every screen, and a long run would measure
them and not the product.
"""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.faults import invariants
from tests.faults.intents import People, Traffic
from tests.faults.invariants import Broken, Watched

ACK_S = 10  # the shortest limit that an order may have
STEPS = (1.0, 1.5, 2.0)
DONE_MS = 4_000
AGE = 15  # so many looks an incident is given orders for

Events = Callable[[int], Awaitable[list[dict[str, Any]]]]


@dataclass(frozen=True)
class Kept:
    """A watched order, the unit that it holds, where the log stood before it, and its incident."""

    watched: Watched
    unit: str
    since: int
    incident: str


class Vigil:
    """The watched orders of one run. desk, lead: who gives them; units: those kept for them.

    Each of its commands is expected in the log like those of the traffic (I1, I2).
    """

    def __init__(
        self, people: People, desk: str, lead: str, units: list[str], chance: random.Random
    ) -> None:
        self._people, self._desk, self._lead, self._chance = people, desk, lead, chance
        self._free = list(units)
        self._kept: list[Kept] = []
        self._seen: list[Kept] = []
        self._open: list[Traffic] = []
        self._looks = 0
        self.ended = 0

    @property
    def incidents(self) -> set[str]:
        """Those that stand now: the one that orders are given for, and the one before while some
        of its orders have not run through their steps.
        """
        return {one.incident for one in self._open}

    async def tend(self, events: Events, head: int) -> None:
        """In calm: call back who is through, end what is over, now and then issue another.

        head: where the log stands. Raises Unexpected.
        """
        await self._call_back()
        await self._end()
        if not self._free or (self._kept and self._kept[-1].watched.due[0] >= _now()):
            return
        if not self._open or self._looks >= AGE:
            await self._begin()
        await self._issue(events, head)

    async def broken(self, events: Events, excuse: Callable[[float], float]) -> list[Broken]:
        """I8 of all that are watched."""
        if not self._kept:
            return []
        now = _now()  # before the log is read: what is written while it is read is not late
        found = await events(min(one.since for one in self._kept))
        self._seen = [one for one in self._kept if one.watched.due[-1] + DONE_MS < now]
        return invariants.timers([one.watched for one in self._kept], found, now, excuse)

    async def _call_back(self) -> None:
        self._looks += 1
        while self._seen:
            one = self._seen.pop()
            self._kept.remove(one)
            order = one.watched.order
            await self._people.does(self._lead, "order.cancel", order=order, reason="seen")
            self._people.ledger.expect(("OrderCancelled", order))
            self._free.append(one.unit)

    async def _end(self) -> None:
        """Incidents that get no more orders and whose last one is through; all but the newest."""
        working = {one.incident for one in self._kept}
        for one in [one for one in self._open[:-1] if one.incident not in working]:
            await one.close()
            self._open.remove(one)
            self.ended += 1

    async def _begin(self) -> None:
        traffic = Traffic(self._people, self._desk, self._lead, [], self._chance, "vigil")
        await traffic.open()
        self._open.append(traffic)
        self._looks = 0

    async def _issue(self, events: Events, head: int) -> None:
        incident, unit = self._open[-1].incident, self._free.pop()
        facts = {"incident": incident, "text": "nobody signs", "kind": "report", "priority": 2}
        made = await self._people.does(
            self._desk, "order.draft", **facts, unit=unit, ack_limit=ACK_S
        )
        order = made["order"]
        await self._people.does(self._desk, "order.issue", orders=[order])
        self._people.ledger.expect(("OrderDrafted", order), ("OrderIssued", order))
        issued = next(
            one["at"]
            for one in await events(head)
            if (one["type"], one["subject"]) == ("OrderIssued", order)
        )
        due = tuple(issued + round(ACK_S * 1000 * part) for part in STEPS)
        self._kept.append(Kept(Watched(order, due), unit, head, incident))


def _now() -> int:
    return round(time.time() * 1000)
