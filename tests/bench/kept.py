"""What of many alerts the product has kept: none lost, none twice, in store and log."""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Mapping

import psycopg

from ops import postgres_server
from tests.faults.intents import People
from tests.faults.product import Product


def stored(one: Product) -> dict[str, str]:
    """The park's alerts that the store holds: the source's own id -> ours."""
    query = "SELECT ext_id, id FROM alert WHERE source = 'park'"
    if one.store == "sqlite":
        with contextlib.closing(sqlite3.connect(f"file:{one.file}?mode=ro", uri=True)) as store:
            return dict(store.execute(query).fetchall())
    address = f"host={one.postgres.folder} port={postgres_server.PORT} user=yiping dbname=yiping"
    with psycopg.connect(address) as connection:
        return dict(connection.execute(query).fetchall())


async def told_of(people: People, who: str) -> Counter[str]:
    """How often the log says of each alert that it came, as its public door tells it."""
    since, found = 0, Counter[str]()
    while True:
        said = await people.asks(who, f"/api/v1/events?after={since}")
        found.update(one["subject"] for one in said["events"] if one["type"] == "AlertReceived")
        since = said["to"]
        if since >= said["head"]:
            return found


def compared(
    sent: set[str], before: set[str], after: Mapping[str, str], told: Mapping[str, int]
) -> dict[str, int]:
    """Of what was sent: how much is not in store and log, and how much is there too often.

    before, after: the source's ids in the store; told: of each of our ids how often it came.
    """
    mine = {ext: id for ext, id in after.items() if ext not in before}
    once = [told.get(id, 0) for id in mine.values()]
    return {
        "lost": len(sent - mine.keys()) + once.count(0),
        "doubled": len(mine.keys() - sent) + sum(n - 1 for n in once if n > 1),
    }
