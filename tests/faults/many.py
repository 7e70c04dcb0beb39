"""Alerts of the park in great number, by the batch door."""

import time
import uuid
from typing import Any

from tests.faults.intents import People

BATCH = 500


def report(ext_id: str = "", **more: Any) -> dict[str, Any]:
    """An alert of the park; of an id of its own if none is given."""
    return {
        "source": "park",
        "ext_id": ext_id or uuid.uuid4().hex,
        "title": "again and again",
        "category": "accident",
        "type": "gas",
        "severity": 4,
        "lat": 37.49,
        "lon": 119.03,
        "place": "tank 3",
        "occurred_at": round(time.time() * 1000),
        **more,
    }


async def post(people: People, bodies: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Send them; of each the source's id and ours."""
    found = []
    for at in range(0, len(bodies), BATCH):
        some = bodies[at : at + BATCH]
        said = await people.posts("park", "/api/v1/alerts:batch", {"alerts": some})
        found += [(one["ext_id"], one["alert"]) for one in said["items"]]
    return found


async def cancel(people: People, ext_ids: list[str]) -> None:
    """Their source calls them off."""
    await post(people, [report(one, kind="cancel") for one in ext_ids])
