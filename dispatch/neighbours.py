"""Which open alerts may tell of the same thing: same type, near in place and time."""

from sqlalchemy import Connection, select

from dispatch.geo import distance_m
from dispatch.log import Row
from dispatch.models import alert
from dispatch.vocabulary import OPEN_ALERTS

NEAR_M = 300
NEAR_MS = 600_000
MOST = 50  # that are looked at: in a storm of one type the latest are enough


def alike(one: Row, other: Row) -> bool:
    """Whether two alerts may tell of the same thing: same type, under 300 m and 10 min apart."""
    if one["type"] != other["type"] or None in (one["lat"], other["lat"]):
        return False
    near = abs(one["occurred_at"] - other["occurred_at"]) < NEAR_MS
    return near and distance_m(one["lat"], one["lon"], other["lat"], other["lon"]) < NEAR_M


class Neighbours:
    """The open alerts of a store, and those that come meanwhile; each type is asked for once.

    between: when (ms) the alerts in question happened.
    """

    def __init__(self, connection: Connection, between: tuple[int, int]) -> None:
        self._connection, self._between = connection, between
        self._known: dict[tuple[str, str], list[Row]] = {}

    def similar(self, row: Row) -> list[str]:
        """Ids of those that may tell of the same thing, the latest first."""
        if row["lat"] is None:
            return []
        least, most = row["occurred_at"] - NEAR_MS, row["occurred_at"] + NEAR_MS
        found: list[str] = []
        looked = 0
        for other in reversed(self._of(row)):
            if looked == MOST:
                break
            if least < other["occurred_at"] < most and other["id"] != row["id"]:
                looked += 1
                if alike(row, other):
                    found.append(other["id"])
        return found

    def add(self, row: Row) -> None:
        """One more is open."""
        self._of(row).append(row)

    def _of(self, row: Row) -> list[Row]:
        kind = (row["realm"], row["type"])
        if kind not in self._known:
            self._known[kind] = self._ask(*kind)
        return self._known[kind]

    def _ask(self, realm: str, type: str) -> list[Row]:
        """The latest open alerts of a type, the latest last."""
        columns = (alert.c.id, alert.c.type, alert.c.lat, alert.c.lon, alert.c.occurred_at)
        least, most = self._between
        query = (
            select(*columns)
            .where(
                alert.c.realm == realm,
                alert.c.to_seq.is_(None),
                alert.c.closed_at.is_(None),
                alert.c.state.in_(OPEN_ALERTS),
                alert.c.type == type,
                alert.c.occurred_at > least - NEAR_MS,
                alert.c.occurred_at < most + NEAR_MS,
            )
            .order_by(alert.c.row.desc())
            .limit(MOST + 1)  # the one in question may be among them
        )
        rows = [dict(row) for row in self._connection.execute(query).mappings()]
        return rows[::-1]
