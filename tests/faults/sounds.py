"""I2, the part of it that people hear: what must sound sounds once at each screen that it is for.

Told from outside: the log's events by their public door, and what each screen noted as sounded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.invariants import Broken

FRESH_MS = 25_000  # what is older than 30 s when it arrives is silent; the rest is the way
LOUD = range(1, 4)  # levels that sound; an alert or order of the fourth does not
OWN = 0  # as loud as the event itself says
DESK = {
    **{"AlertReceived": OWN, "AlertEscalated": OWN, "OrderDeclined": 2, "OrderUnreachable": 2},
    **{"OrderContended": 2},
    **{"OrderEscalated": 1, "IncidentStepLate": 2, "PersonDown": 1, "HelpAsked": 1},
    **{"ActivationStarted": 3, "ActivationEnded": 3},
}
PHONE = {
    **{"OrderIssued": OWN, "OrderReminded": OWN, "OrderCancelled": 2, "OrderEscalated": 1},
    **{"ActivationStarted": 3, "ActivationEnded": 3},
}
WALL: dict[str, int] = {}
"""What sounds at a screen: type of event -> how loudly (domain: the louder, the lower)."""


@dataclass(frozen=True)
class Ear:
    """A screen that hears. scope: its jurisdiction; unit: whose phone it is."""

    id: str
    hears: Mapping[str, int]
    scope: tuple[str, ...] = ("city",)
    unit: str = ""

    def wants(self, event: Mapping[str, Any]) -> bool:
        level = self.hears.get(event["type"])
        if level is None or (level or event["body"].get("level")) not in LOUD:
            return False
        about = event["body"].get("unit")
        return _meets(self.scope, event["scope"]) and (not self.unit or about in (None, self.unit))


def once(
    ear: Ear, heard: Iterable[int], events: Iterable[Mapping[str, Any]], now: int
) -> list[Broken]:
    """Each event that must sound here has sounded once; what is older than 30 s may have not."""
    wanted = {one["seq"]: one for one in events if ear.wants(one)}
    count = Counter(heard)
    deaf = [
        Broken("I2", f"{ear.id} did not hear {one['type']} {one['subject']} ({seq})")
        for seq, one in wanted.items()
        if not count[seq] and now - one["at"] < FRESH_MS
    ]
    return deaf + [
        Broken("I2", f"{ear.id} heard {one['type']} {one['subject']} ({seq}) {count[seq]} times")
        for seq, one in wanted.items()
        if count[seq] > 1
    ]


def _meets(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether jurisdictions have something in common; the city has all."""
    mine, theirs = set(one), set(other)
    return "city" in mine | theirs or bool(mine & theirs)
