"""One look at the store: its state rows as they were at a moment, each read at most once.

A state row never changes once it is committed, but for its end. So a row that was read, decoded
and named is kept by its key while looks ask for it, and a new look reads only the keys and what
is new.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import Connection, FromClause, Select, Table, and_, or_, select

from dispatch import log
from dispatch.city import City
from dispatch.models import event
from dispatch.vocabulary import CITY, Level
from streams.feeds import Feeds
from streams.kept import Kept
from streams.names import Name, Names, Words
from streams.view import Moment

Row = dict[str, Any]
Made = TypeVar("Made")


class Board:
    """What every look shares: the city, the names, the rows that were read before."""

    def __init__(self, city: City, words: Words) -> None:
        self.city = city
        self.names = Names(city, words)
        self.units = {unit.id: unit for unit in city.units}
        self.feeds = Feeds.of(city)
        self._kept: defaultdict[str, Kept[Row]] = defaultdict(Kept)
        self._made: Kept[tuple[Row, Row, Row]] = Kept()

    def look(self, connection: Connection, moment: Moment) -> "Look":
        return Look(self, connection, moment)

    def joined(self, kind: str, row: Row, more: Row) -> Row:
        """The row with more beside it, the same object as long as neither changes."""
        return self.made(kind, row, more, lambda: {**row, **more})

    def made(self, kind: str, row: Row, more: Row, make: Callable[[], Row]) -> Row:
        """What was made of a row and of more; the very same object if both are as last time.

        So whoever made something of that in turn (a panel its line) may keep it.
        """
        key = (kind, row["id"])
        known = self._made.get(key)
        if known is not None and known[0] is row and (known[1] is more or known[1] == more):
            return known[2]
        made = make()
        self._made.put(key, (row, more, made))
        return made

    def read(
        self,
        connection: Connection,
        table: Table,
        keys: list[int],
        make: Callable[[Row], Row],
    ) -> list[Row]:
        """The rows with these primary keys, in this order; only unknown ones are fetched."""
        kept = self._kept[table.name]
        rows = {key: kept.get(key) for key in keys}
        unknown = [key for key, row in rows.items() if row is None]
        primary = table.primary_key.columns.values()[0]
        for start in range(0, len(unknown), 500):
            some = select(table).where(primary.in_(unknown[start : start + 500]))
            for row in connection.execute(some).mappings():
                key = row[primary.name]
                rows[key] = made = make(dict(row))
                kept.put(key, made)
        return [row for row in rows.values() if row is not None]


class Look:
    """The store at one moment. What is asked twice is computed once (`once`)."""

    def __init__(self, board: Board, connection: Connection, moment: Moment) -> None:
        self.board = board
        self.city = board.city
        self.names = board.names
        self.connection = connection
        self.moment = moment
        self.live = moment.seq >= log.head(connection)
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def valid(self, table: FromClause) -> Any:
        """The condition for rows of this realm that hold at this moment."""
        of_realm = table.c.realm == self.moment.realm
        if self.live:
            return and_(of_realm, table.c.to_seq.is_(None))
        seq = self.moment.seq
        holds = or_(table.c.to_seq.is_(None), table.c.to_seq > seq)
        return and_(of_realm, table.c.from_seq <= seq, holds)

    def rows(self, table: Table, *where: Any, latest_by: Any = None, limit: int = 0) -> list[Row]:
        """State rows of this moment that meet `where`, decoded and named, in order of arrival.

        latest_by: instead the newest by this column, at most `limit`. Do not change the rows:
        others see them too.
        """
        query = select(table.c.row).where(self.valid(table), *where)
        if latest_by is not None:
            query = query.order_by(latest_by.desc(), table.c.row.desc()).limit(limit)
        keys = [row[0] for row in self.connection.execute(query)]
        if latest_by is None:
            keys.sort()
        return self.board.read(self.connection, table, keys, self._named)

    def numbered(self, table: Table, keys: list[int]) -> list[Row]:
        """State rows by their primary keys, decoded and named, in this order."""
        return self.board.read(self.connection, table, keys, self._named)

    def find(self, table: Table, id: str | None) -> Row | None:
        """The thing as it was at this moment, or None."""
        if not id:
            return None
        return self.once((table.name, id), lambda: self._first(table, id))

    def events(self, where: Any, limit: int) -> list[Row]:
        """The newest events up to this moment that meet `where`, newest first."""
        query = (
            select(event.c.seq)
            .where(event.c.realm == self.moment.realm, event.c.seq <= self.moment.seq, where)
            .order_by(event.c.seq.desc())
            .limit(limit)
        )
        keys = [row[0] for row in self.connection.execute(query)]
        return self.board.read(self.connection, event, keys, self._told)

    def all(self, query: Select[Any]) -> list[Row]:
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def _first(self, table: Table, id: str) -> Row | None:
        found = self.rows(table, table.c.id == id)
        return found[0] if found else None

    def _named(self, row: Row) -> Row:
        return named(row, self.names)

    def _told(self, row: Row) -> Row:
        return {
            "seq": row["seq"],
            "at": row["at"],
            "type": row["type"],
            "subject": row["subject"],
            "actor": row["actor"],
            "actor_name": self.names.actor(row["actor"]),
            "body": json.loads(row["body_json"]),
        }


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number that a screen could be told")


STRICT = json.JSONDecoder(parse_constant=_refuse)
INSTEAD: dict[str, Any] = {"scope": [CITY]}
LEVELS = frozenset(int(level) for level in Level)
HIDDEN = frozenset({"row", "to_seq"})
"""Columns that a picture must not show: they say what came later."""


def named(row: Row, names: Names) -> Row:
    """A state row as pictures show it: JSON decoded, ids of the city with their names beside.

    What cannot be read of a row that was spoilt past the product is left out, and the row says so
    (`damaged`): it must not take the other rows, or a screen's socket, with it.
    """
    shown: Row = {}
    for column, value in row.items():
        if column in HIDDEN:
            continue
        if column.endswith("_json"):
            plain = column.removesuffix("_json")
            try:
                shown[plain] = None if value is None else STRICT.decode(value)
            except ValueError:
                shown[plain], shown["damaged"] = INSTEAD.get(plain), True
        elif column == "severity" and value not in LEVELS:
            shown[column], shown["damaged"] = min(LEVELS), True
        else:
            shown[column] = value
            if value is not None and (name := _name_of(column, value, names)) is not None:
                shown[column.removesuffix("_by") + _SUFFIX[column[-3:] == "_by"]] = name
    if "scope" in shown:
        shown["scope_names"] = names.districts(shown["scope"])
    return shown


_SUFFIX = {True: "_by_name", False: "_name"}


def _name_of(column: str, value: str, names: Names) -> Name | None:
    if column.endswith("_by"):
        return names.actor(value)
    if column == "unit":
        return names.unit(value)
    return names.source(value) if column == "source" else None
