"""Says commands in the field's words, with people of the small city and a clock set by hand."""

import itertools
import uuid
from typing import Any

from sqlalchemy import select

from dispatch import alerts, arrivals, lease, timers
from dispatch.access import Actor
from dispatch.city import City
from dispatch.commands import perform
from dispatch.database import Database
from dispatch.log import Answer, Event, Work, events_after
from dispatch.models import activation, alert, incident, order, unit
from dispatch.vocabulary import REAL, Role
from dispatch.writer import Writer

NOON = 1_795_233_600_000  # 2026-11-21 12:00 in Shanghai


class Centre:
    """A command centre: one writer, one city, one clock."""

    def __init__(self, database: Database, city: City, now: int = NOON) -> None:
        self.database, self.city, self.now = database, city, now
        self.rung: list[Event] = []
        self.writer = Writer(database, self.rung.extend)
        self._numbers = itertools.count(1)

    def actor(self, id: str) -> Actor:
        person = next(one for one in self.city.people if one.id == id)
        return Actor(id, person.role, person.districts, person.unit or None, session=f"s-{id}")

    def does(
        self, actor: str | Actor, name: str, /, key: str = "", realm: str = REAL, **content: Any
    ) -> dict[str, Any]:
        return self.answer(actor, name, key, realm, **content).body

    def answer(
        self, actor: str | Actor, name: str, /, key: str = "", realm: str = REAL, **content: Any
    ) -> Answer:
        actor = actor if isinstance(actor, Actor) else self.actor(actor)
        key = key or uuid.uuid4().hex
        return perform(self.writer, self.city, actor, name, key, content, self.now, realm)

    def source(self, source: str = "gas") -> Actor:
        return Actor(f"key:{source}", None, source=source, rights=("alerts:write",))

    def hears(self, realm: str = REAL, **said: Any) -> dict[str, Any]:
        """A message of the gas sensors; a new alert of level II in district e, unless said."""
        usual = {"source": "gas", "ext_id": f"g-{next(self._numbers)}", "title": "leak"}
        usual |= {"category": "accident", "type": "leak", "severity": 2, "lat": 37.05}
        parsed = alerts.Incoming(**{**usual, "lon": 118.05, **said})
        actor = self.source(parsed.source)
        return arrivals.take(self.writer, self.city, actor, parsed, self.now, realm).body

    def incident(self, grade: int = 2, **said: Any) -> tuple[str, list[str]]:
        """A verified alert made an incident; its id and the drafts of its plan."""
        id = self.hears(**said)["alert"]
        made = self.does("officer", "incident.open", alert=id, grade=grade, verified=True)
        return made["incident"], made["orders"]

    def order(self, unit_id: str = "FIR-E-01", who: str = "officer", **said: Any) -> str:
        """An urgent order that was issued to a unit, in an incident of its own."""
        usual = {"text": "go", "kind": "dispatch", "priority": 1, "unit": unit_id}
        known = said.pop("incident", None) or self.incident(type="other")[0]
        id: str = self.does(who, "order.draft", **{"incident": known, **usual, **said})["order"]
        self.does(who, "order.issue", orders=[id])
        return id

    def war(self, incident_id: str, *scope: str, level: int = 4, who: str = "leader") -> str:
        asked = {"incident": incident_id, "mode": "WARTIME", "level": level, "reason": "now"}
        id: str = self.does(who, "activation.propose", scope=list(scope or "e"), **asked)[
            "activation"
        ]
        return id

    def row(self, id: str, realm: str = REAL) -> dict[str, Any]:
        """The thing's row as it is now, by the letters of its number."""
        table = {"AL": alert, "EV": incident, "MA": activation, "ZL": order}.get(id[:2], unit)
        found = self.database.read(lambda c: Work(c, realm, "test", self.now, 0).find(table, id))
        assert found is not None, f"no {id}"
        return found

    def rows(self, table: Any, *where: Any) -> list[dict[str, Any]]:
        query = select(table).where(table.c.to_seq.is_(None), *where)
        return self.database.read(lambda c: [dict(r) for r in c.execute(query).mappings()])

    def events(self) -> list[Event]:
        return self.database.read(lambda c: events_after(c, 0, 100_000))

    def told(self, subject: str = "") -> list[str]:
        """The types of what happened, to one thing or to all."""
        return [e.type for e in self.events() if not subject or e.subject == subject]

    def passes(self, seconds: float, who: str = "worker") -> list[str]:
        """Time goes by; whoever holds the lease fires what is due. Gives what was fired."""
        self.now += round(seconds * 1000)
        epoch = lease.take(self.database, who, self.now)
        assert epoch is not None, "another holds the lease"
        due = self.database.read(lambda c: timers.due(c, self.now))
        for one in due:
            timers.fire(self.writer, self.city, one, self.now, epoch)
        return [one.id for one in due]


def crew(unit_id: str) -> str:
    """The account that answers for a unit."""
    return f"crew-{unit_id}"


def stranger() -> Actor:
    """Somebody without any role."""
    return Actor("nobody", None)


def elsewhere(centre: Centre, role: Role) -> Actor:
    """A person of this role whose jurisdiction is district w."""
    return Actor(f"{role}-w", role, ("w",), session=f"s-{role}-w")
