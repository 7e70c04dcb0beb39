"""What sources call their alerts: every message's own id, whenever it came."""

from typing import Protocol

from sqlalchemy import insert, select, update

from dispatch.log import Row, Work
from dispatch.models import alert_name

KNOWN, SUPERSEDED, CANCELLED = "known", "superseded", "cancelled"


class Message(Protocol):
    """A message of a source: its own id, and those of the earlier ones that it is about."""

    @property
    def source(self) -> str: ...
    @property
    def ext_id(self) -> str: ...
    @property
    def references(self) -> tuple[str, ...]: ...


def find(work: Work, parsed: Message) -> tuple[str | None, bool]:
    """The alert that the message is about, and whether it was cancelled before it came."""
    rows = known(work, parsed)
    ids = [row["alert"] for row in rows if row["alert"]]
    return (ids[0] if ids else None), any(row["fate"] == CANCELLED for row in rows)


def known(work: Work, parsed: Message) -> list[Row]:
    query = select(alert_name).where(
        alert_name.c.realm == work.realm,
        alert_name.c.source == parsed.source,
        alert_name.c.ext_id.in_([parsed.ext_id, *parsed.references]),
    )
    return [dict(row) for row in work.connection.execute(query).mappings()]


def remember(work: Work, parsed: Message, id: str | None, fate: str) -> None:
    """Keep what became of this message's name and of those that it refers to."""
    before = {row["ext_id"]: row for row in known(work, parsed)}
    earlier = CANCELLED if fate == CANCELLED else SUPERSEDED
    for name in dict.fromkeys([parsed.ext_id, *parsed.references]):
        own = fate if name == parsed.ext_id else earlier
        _keep_name(work, parsed.source, name, id, own, before.get(name))


def _keep_name(
    work: Work, source: str, name: str, id: str | None, fate: str, old: Row | None
) -> None:
    key = {"realm": work.realm, "source": source, "ext_id": name}
    if old is None:
        work.connection.execute(insert(alert_name), {**key, "alert": id, "fate": fate})
        return
    if old["fate"] == CANCELLED or (old["fate"] == SUPERSEDED and fate == KNOWN):
        fate = old["fate"]
    where = [alert_name.c[column] == value for column, value in key.items()]
    work.connection.execute(
        update(alert_name).where(*where).values(alert=id or old["alert"], fate=fate)
    )
