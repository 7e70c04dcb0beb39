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


def find(work: Work, parsed: Message) -> tuple[list[str], bool]:
    """The alerts that the message is about, and whether it was cancelled before it came.

    Its own comes first, then those that it refers to, in the order of its references.
    """
    rows = {row["ext_id"]: row for row in known(work, parsed)}
    named = [rows[name] for name in _names(parsed) if name in rows]
    ids = dict.fromkeys(row["alert"] for row in named if row["alert"])
    return list(ids), any(row["fate"] == CANCELLED for row in named)


def known(work: Work, parsed: Message) -> list[Row]:
    query = select(alert_name).where(
        alert_name.c.realm == work.realm,
        alert_name.c.source == parsed.source,
        alert_name.c.ext_id.in_(_names(parsed)),
    )
    return [dict(row) for row in work.connection.execute(query).mappings()]


def remember(work: Work, parsed: Message, id: str | None, fate: str, bind: bool = True) -> None:
    """Keep what became of this message's name and of those that it refers to.

    A name that has its alert keeps it. bind: whether those of which nothing was heard yet are this
    alert's: an update stands in their place, while what is only cancelled may yet come by itself.
    """
    before = {row["ext_id"]: row for row in known(work, parsed)}
    earlier = CANCELLED if fate == CANCELLED else SUPERSEDED
    for name in _names(parsed):
        own = name == parsed.ext_id
        values = (id if own or bind else None, fate if own else earlier)
        _keep_name(work, parsed.source, name, values, before.get(name))


def _names(parsed: Message) -> list[str]:
    return list(dict.fromkeys([parsed.ext_id, *parsed.references]))


def _keep_name(
    work: Work, source: str, name: str, values: tuple[str | None, str], old: Row | None
) -> None:
    id, fate = values
    key = {"realm": work.realm, "source": source, "ext_id": name}
    if old is None:
        work.connection.execute(insert(alert_name), {**key, "alert": id, "fate": fate})
        return
    if old["fate"] == CANCELLED or (old["fate"] == SUPERSEDED and fate == KNOWN):
        fate = old["fate"]
    where = [alert_name.c[column] == value for column, value in key.items()]
    work.connection.execute(
        update(alert_name).where(*where).values(alert=old["alert"] or id, fate=fate)
    )
