"""Proves that the log says what it said: every hash again, from the first event to the head."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from dispatch.log import GENESIS, Row, chain, lock_head
from dispatch.models import event

BATCH = 1_000


@dataclass(frozen=True)
class Report:
    """checked: how many events were read; first_broken: the number at which the chain breaks.

    reason: missing, changed, unlinked (its predecessor is another), or head (the log's end is
    not the one that was counted).
    """

    ok: bool
    checked: int
    first_broken: int | None = None
    reason: str = ""


def verify(connection: Connection) -> Report:
    """Read the whole log; a changed, missing or reordered event breaks it."""
    head, head_hash = lock_head(connection, lock=False)
    last_seq, last_hash = 0, GENESIS
    for row in _rows(connection):
        reason = _fault(row, last_seq, last_hash)
        if reason:
            broken = last_seq + 1 if reason == "missing" else row["seq"]
            return Report(False, last_seq, broken, reason)
        last_seq, last_hash = row["seq"], row["hash"]
    if (last_seq, last_hash) != (head, head_hash):
        return Report(False, last_seq, min(last_seq, head) + 1, "head")
    return Report(True, last_seq)


def _fault(row: Row, last_seq: int, last_hash: str) -> str:
    if row["seq"] != last_seq + 1:
        return "missing"
    if row["prev_hash"] != last_hash:
        return "unlinked"
    return "" if chain(last_hash, row) == row["hash"] else "changed"


def _rows(connection: Connection) -> Iterator[Row]:
    after = 0
    while True:
        query = select(event).where(event.c.seq > after).order_by(event.c.seq).limit(BATCH)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1]["seq"]
