"""The log: every change is one transaction of state, numbered event and idempotency answer.

A command is a function of a `Work`. It reads and puts state rows and says what happened with
`emit`; the log numbers the events, chains their hashes and keeps the answer under the caller's
key, so that the same request sent again gets the same answer and changes nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select, update

from dispatch import canonical
from dispatch.errors import Conflict, NotFound
from dispatch.models import counter, event, idem, stream
from dispatch.vocabulary import EVENT_TYPES, REAL

STREAM = "ops"
GENESIS = "0" * 64
Row = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """What happened: `type` in the past tense, the thing it happened to, and who sees it."""

    seq: int
    realm: str
    at: int
    type: str
    subject: str
    incident: str | None
    scope: tuple[str, ...]
    actor: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a command gives back: its own body and the number of its last event.

    fresh: false when the same request was answered before and nothing was written now.
    """

    body: dict[str, Any]
    seq: int
    events: tuple[Event, ...] = ()
    fresh: bool = True


@dataclass
class Work:
    """One command's view of the store, inside its transaction."""

    connection: Connection
    realm: str
    actor: str
    now: int
    head: int
    events: list[Event] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """The number under which this command's rows become valid: its first event's."""
        return self.head + 1

    def find(self, table: Table, id: str) -> Row | None:
        """The thing's row as it is now, or None."""
        query = select(table).where(
            table.c.realm == self.realm, table.c.id == id, table.c.to_seq.is_(None)
        )
        row = self.connection.execute(query).mappings().first()
        return dict(row) if row else None

    def get(self, table: Table, id: str, field: str = "") -> Row:
        """The thing's row as it is now. Raises NotFound, naming `field`."""
        if (row := self.find(table, id)) is None:
            raise NotFound("not_found", field or table.name, f"no {table.name} {id}")
        return row

    def rows(self, table: Table, *where: Any) -> list[Row]:
        """All current rows that meet `where`, oldest first."""
        query = (
            select(table)
            .where(table.c.realm == self.realm, table.c.to_seq.is_(None), *where)
            .order_by(table.c.row)
        )
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def put(self, table: Table, id: str, **values: Any) -> Row:
        """Make a new version of the thing `id`: what is not named stays as it was."""
        old = self.find(table, id)
        base = {k: v for k, v in (old or {}).items() if k not in ("row", "from_seq", "to_seq")}
        new = {**base, "realm": self.realm, "id": id, **values, "from_seq": self.seq}
        if old is not None and old["from_seq"] == self.seq:
            self.connection.execute(update(table).where(table.c.row == old["row"]), new)
            return {**new, "to_seq": None}
        if old is not None:
            self._end_row(table, old["row"])
        self.connection.execute(insert(table), new)
        return {**new, "to_seq": None}

    def end(self, table: Table, id: str) -> None:
        """The thing is no more from now on; its past stays."""
        row = self.get(table, id)
        self._end_row(table, row["row"])

    def _end_row(self, table: Table, row: int) -> None:
        self.connection.execute(update(table).where(table.c.row == row).values(to_seq=self.seq))

    def next_number(self, name: str, many: int = 1) -> int:
        """The next of a counter of this realm, starting at 1; the last one, if `many` are taken."""
        where = and_(counter.c.realm == self.realm, counter.c.name == name)
        value = self.connection.execute(select(counter.c.value).where(where)).scalar()
        if value is None:
            new = {"realm": self.realm, "name": name, "value": many}
            self.connection.execute(insert(counter), new)
            return many
        self.connection.execute(update(counter).where(where).values(value=value + many))
        return int(value) + many

    def emit(
        self,
        type: str,
        subject: str,
        scope: Sequence[str],
        body: dict[str, Any] | None = None,
        incident: str | None = None,
    ) -> Event:
        """Say what happened. body: JSON values only, no names or numbers of persons."""
        if type not in EVENT_TYPES:
            raise ValueError(f"{type} is no word of the log")
        happened = Event(
            seq=self.head + 1 + len(self.events),
            realm=self.realm,
            at=self.now,
            type=type,
            subject=subject,
            incident=incident,
            scope=tuple(scope),
            actor=self.actor,
            body=body or {},
        )
        self.events.append(happened)
        return happened


@dataclass(frozen=True)
class Request:
    """A command as it arrives: who, under which key, what, in which realm, when.

    many: carries out several commands of its kind at once, as if one after the other.
    holds: whether what was answered before still holds; if not, the same request is another intent
    and is carried out anew. None: an answer always holds.
    """

    actor: str
    key: str
    content: dict[str, Any]
    run: Callable[[Work], dict[str, Any]]
    now: int
    realm: str = REAL
    many: "Callable[[Connection, Sequence[Any]], list[Answer]] | None" = None
    holds: Callable[[Connection, Answer], bool] | None = None

    @property
    def hash(self) -> str:
        text = canonical.dumps({"content": self.content, "realm": self.realm})
        return hashlib.sha256(text.encode()).hexdigest()


def execute(connection: Connection, request: Request) -> Answer:
    """Carry out one command in the caller's transaction.

    Raises Refused (nothing written by this command, provided the caller rolls back to its
    savepoint) and Conflict when the key was used for another request.
    """
    head, last_hash = lock_head(connection)  # before the look-up: a twin may be committing now
    known = _stored(connection, request)
    if known is not None and _holds(connection, request, known):
        return known
    work = Work(connection, request.realm, request.actor, request.now, head)
    body = request.run(work)
    if not work.events:
        return Answer(body, head, fresh=False)
    if known is not None:
        _forget(connection, request)
    (answer,) = keep(connection, last_hash, [Done(request, body, work.events)])
    return answer


@dataclass(frozen=True)
class Done:
    """A command that was carried out, and what happened by it: at least one event."""

    request: Request
    body: Row
    events: list[Event]


def keep(connection: Connection, last_hash: str, done: Sequence[Done]) -> list[Answer]:
    """Bind what happened into the log, and remember each answer under its key."""
    rows = []
    for one in done:
        for happened in one.events:
            row = _record(happened, one.request.key)
            row["prev_hash"] = last_hash
            row["hash"] = last_hash = chain(last_hash, row)
            rows.append(row)
    connection.execute(insert(event), rows)
    where = stream.c.name == STREAM
    connection.execute(update(stream).where(where).values(seq=rows[-1]["seq"], hash=last_hash))
    connection.execute(insert(idem), [_memory(one) for one in done])
    return [Answer(one.body, one.events[-1].seq, tuple(one.events)) for one in done]


def lock_head(connection: Connection, lock: bool = True) -> tuple[int, str]:
    """The last number and hash; on PostgreSQL this takes the log's row lock, if asked."""
    query = select(stream.c.seq, stream.c.hash).where(stream.c.name == STREAM)
    found = connection.execute(query.with_for_update() if lock else query)
    seq, last_hash = found.one()
    return int(seq), str(last_hash)


def head(connection: Connection) -> int:
    """The last number of the log."""
    return int(connection.execute(select(stream.c.seq).where(stream.c.name == STREAM)).scalar_one())


def events_after(connection: Connection, seq: int, limit: int = 500) -> list[Event]:
    """The events after number `seq`, in order."""
    query = select(event).where(event.c.seq > seq).order_by(event.c.seq).limit(limit)
    return [as_event(dict(row)) for row in connection.execute(query).mappings()]


def as_event(row: Row) -> Event:
    """An event from its row of the table."""
    return Event(
        seq=row["seq"],
        realm=row["realm"],
        at=row["at"],
        type=row["type"],
        subject=row["subject"],
        incident=row["incident"],
        scope=tuple(canonical.loads(row["scope_json"])),
        actor=row["actor"],
        body=canonical.loads(row["body_json"]),
    )


def answered(connection: Connection, request: Request) -> Answer | None:
    """What the same request was answered before, as far as that holds. Raises Conflict."""
    stored = _stored(connection, request)
    return stored if stored is not None and _holds(connection, request, stored) else None


def _holds(connection: Connection, request: Request, stored: Answer) -> bool:
    return request.holds is None or request.holds(connection, stored)


def _forget(connection: Connection, request: Request) -> None:
    """An answer that holds no more makes room for the next under its key."""
    mine = (idem.c.actor == request.actor, idem.c.key == request.key)
    connection.execute(delete(idem).where(*mine))


def _stored(connection: Connection, request: Request) -> Answer | None:
    query = select(idem).where(idem.c.actor == request.actor, idem.c.key == request.key)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if row["request_hash"] != request.hash:
        raise Conflict("key_reused", "Idempotency-Key", "this key was used for another request")
    return Answer(canonical.loads(row["answer_json"]), row["seq"], fresh=False)


def _memory(done: Done) -> Row:
    request = done.request
    return {
        "actor": request.actor,
        "key": request.key,
        "realm": request.realm,
        "at": request.now,
        "request_hash": request.hash,
        "answer_json": canonical.dumps(done.body),
        "seq": done.events[-1].seq,
    }


def _record(happened: Event, key: str) -> Row:
    return {
        "seq": happened.seq,
        "realm": happened.realm,
        "at": happened.at,
        "type": happened.type,
        "subject": happened.subject,
        "incident": happened.incident,
        "scope_json": canonical.dumps(list(happened.scope)),
        "actor": happened.actor,
        "key": key[:128],
        "body_json": canonical.dumps(happened.body),
    }


HASHED = ("seq", "realm", "at", "type", "subject", "incident", "scope_json", "actor", "key",
          "body_json")  # fmt: skip


def chain(prev_hash: str, row: Row) -> str:
    """The hash that binds an event's row to all before it (SHA-256, hex)."""
    text = prev_hash + canonical.dumps({name: row[name] for name in HASHED})
    return hashlib.sha256(text.encode()).hexdigest()
