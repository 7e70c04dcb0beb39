"""Lets a city's people and systems in: sign-in links, and keys for outside systems."""

from typing import Any

from dispatch import accounts, keys, sessions
from dispatch.city import City
from dispatch.city_checks import DEVICE
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.vocabulary import Role

RIGHTS = {
    "json": ("alerts:write", "readings:write"),
    "cap": ("alerts:write", "readings:write"),
    "redis": ("alerts:write", "readings:write"),
    "stream": ("alerts:write", "readings:write"),
    "mqtt": ("alerts:write", "readings:write"),
    "readings": ("readings:write",),
    "positions": ("positions:write",),
}
"""Kind of a source -> what its key may do; people on the telephone have none."""


def people(database: Database, city: City) -> list[dict[str, Any]]:
    """Make the city's people accounts, and a new link for each; earlier links are void."""
    now = now_ms()
    accounts.sync(database, city, now)
    order = {person.id: number for number, person in enumerate(city.people)}
    known = database.read(accounts.everyone)
    known.sort(key=lambda one: (list(Role).index(one.role), order.get(one.id, len(order))))
    tokens = sessions.renew_links(database, [one.id for one in known], now)
    return [
        {"account": one.id, "role": one.role, "name": one.name_zh, "token": tokens[one.id]}
        for one in known
    ]


def system(database: Database, city: City, source: str) -> str | None:
    """A new key for a source in the place of its earlier one; None if it is no such source."""
    found = next((one for one in city.sources if one.id == source), None)
    if found is None or found.kind not in RIGHTS:
        return None
    return keys.issue(database, source, RIGHTS[found.kind], now_ms(), source=source)


def systems(database: Database, city: City) -> dict[str, str]:
    """New keys for every source that can have one."""
    made = {one.id: system(database, city, one.id) for one in city.sources}
    return {id: key for id, key in made.items() if key}


def devices(database: Database, city: City) -> dict[str, str]:
    """New keys that answer orders as each responder's unit: unit -> key."""
    crews = [one for one in city.people if one.role is Role.RESPONDER]
    grants = [keys.Grant(f"{DEVICE}{one.id}", ("orders:answer",), account=one.id) for one in crews]
    made = keys.issue_all(database, grants, now_ms())
    return {one.unit: made[f"{DEVICE}{one.id}"] for one in crews}
