"""Messages of sources on their way into the log: one by one, or many new alerts in one go.

In a storm of alerts the statements of each alone would be too slow. New alerts are therefore
numbered, stored and chained together; the rows and events are those that one by one would make.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from dispatch import alerts, canonical, naming
from dispatch.access import Actor, require
from dispatch.alert_names import KNOWN
from dispatch.city import City
from dispatch.deadlines import row_of
from dispatch.errors import Invalid
from dispatch.incoming import Incoming, content_of
from dispatch.log import Answer, Done, Request, Row, Work, answered, execute, keep, lock_head
from dispatch.models import alert, alert_name, event, idem, timer
from dispatch.neighbours import Neighbours
from dispatch.turns import Outcome
from dispatch.vocabulary import REAL, TimerKind
from dispatch.writer import Writer

ASKED = 500  # values in one question to the store
WORDS = ("AlertReceived", "AlertUpdated")  # what a source's word on an alert makes
FINAL = ("cancelled", "remembered")
Name = tuple[str, str, str]
"""Realm, source and the source's own id."""


@dataclass(frozen=True, kw_only=True)
class Arrival(Request):
    """One message as a request to the log."""

    city: City
    parsed: Incoming


def take(
    writer: Writer, city: City, actor: Actor, parsed: Incoming, now: int, realm: str = REAL
) -> Answer:
    """Bring one message of a source into the log; back when it is on disk.

    body: {alert, state, outcome}; outcome as `alerts.receive` says it. Raises Refused.
    """
    return writer.command(arrival(city, actor, parsed, now, realm))


def take_all(writer: Writer, requests: Sequence[Arrival]) -> list[Outcome]:
    """Bring many messages into the log, in few commits: for each its answer, or why it was refused.

    The same messages together again are the same again, whatever they say of one alert in turn.
    Raises Busy: nothing of them is written, or it is not known yet; send them again.
    """
    return writer.commands(_tied(requests))


def arrival(city: City, actor: Actor, parsed: Incoming, now: int, realm: str = REAL) -> Arrival:
    """One message as a request to the log; its key is made of all that it says.

    By its number or time of sending a source tells a new word from an old one sent again. Without
    both, what an alert says by now decides: 3, 1, 3, 1 are four words, 1, 1 is one.
    """
    require(actor, "alerts:write")
    if actor.source is not None and actor.source != parsed.source:
        raise Invalid("not_your_source", "source", f"this key speaks for {actor.source}")
    dated = parsed.seq is not None or parsed.sent_at is not None
    content = parsed.model_dump(mode="json", exclude=None if parsed.seq is not None else {"seq"})
    digest = hashlib.sha256(canonical.dumps(content).encode()).hexdigest()
    return Arrival(
        actor.id,
        f"alert:{realm}:{digest}",  # the same message is another one in a drill
        content,
        lambda work: alerts.receive(work, city, parsed),
        now,
        realm,
        carry_out,
        None if dated else partial(_stands, realm),
        city=city,
        parsed=parsed,
    )


def _stands(realm: str, connection: Connection, answer: Answer) -> bool:
    """Whether nothing else was said of the alert since; what is cancelled stays so."""
    if answer.body["outcome"] in FINAL:
        return True
    words = (event.c.realm == realm, event.c.subject == answer.body["alert"])
    query = select(func.max(event.c.seq)).where(*words, event.c.type.in_(WORDS))
    return answer.seq >= connection.execute(query).scalar_one()


def _tied(requests: Sequence[Arrival]) -> list[Arrival]:
    """Let the last word on an alert answer for those before it in the same sending."""
    last = {_whose(one): one for one in requests}
    return [_until(one, last[_whose(one)]) for one in requests]


def _until(one: Arrival, end: Arrival) -> Arrival:
    holds = one.holds
    if one is end or holds is None:
        return one

    def together(connection: Connection, answer: Answer) -> bool:
        return holds(connection, answer) or answered(connection, end) is not None

    return replace(one, holds=together)


def _whose(one: Arrival) -> tuple[str, ...]:
    return one.realm, one.actor, one.parsed.source, one.parsed.ext_id


def carry_out(connection: Connection, requests: Sequence[Arrival]) -> list[Answer]:
    """Carry out messages in their order; runs of plain new alerts in one go.

    Raises whatever one of them is refused for: then take them one by one.
    """
    lock_head(connection)  # before the look-up: a twin may be committing now
    plain = _plain(connection, requests)
    answers: list[Answer] = []
    for is_plain, run in groupby(zip(plain, requests, strict=True), key=lambda pair: pair[0]):
        some = [one for _, one in run]
        if is_plain:
            answers += _create(connection, some)
        else:
            answers += [execute(connection, one) for one in some]
    return answers


def _plain(connection: Connection, requests: Sequence[Arrival]) -> list[bool]:
    """Which of them are new alerts of which nothing was heard before, here or in the store."""
    answered, seen = _answered(connection, requests), _named(connection, requests)
    found = []
    for one in requests:
        parsed = one.parsed
        said = [(one.realm, parsed.source, name) for name in (parsed.ext_id, *parsed.references)]
        new = parsed.kind == "alert" and not parsed.references and said[0] not in seen
        found.append(new and (one.actor, one.key) not in answered)
        seen.update(said)
    return found


def _answered(connection: Connection, requests: Sequence[Arrival]) -> set[tuple[str, str]]:
    """(actor, key) of those that were answered before."""
    found: set[tuple[str, str]] = set()
    for actor, some in _by(requests, lambda one: one.actor):
        query = select(idem.c.key).where(idem.c.actor == actor)
        keys = _ask(connection, query, idem.c.key, [one.key for one in some])
        found.update((actor, key) for key in keys)
    return found


def _named(connection: Connection, requests: Sequence[Arrival]) -> set[Name]:
    """Their names of which something was heard before."""
    known, found = alert_name.c, set[Name]()
    for (realm, source), some in _by(requests, lambda one: (one.realm, one.parsed.source)):
        query = select(known.ext_id).where(known.realm == realm, known.source == source)
        names = _ask(connection, query, known.ext_id, [one.parsed.ext_id for one in some])
        found.update((realm, source, name) for name in names)
    return found


def _by(
    requests: Sequence[Arrival], key: Callable[[Arrival], Any]
) -> Iterator[tuple[Any, list[Arrival]]]:
    """The requests by what they have in common, so that the store can use its indexes."""
    for common, some in groupby(sorted(requests, key=key), key=key):
        yield common, list(some)


def _ask(
    connection: Connection, query: Select[Any], column: Any, values: list[str]
) -> Iterator[str]:
    for start in range(0, len(values), ASKED):
        some = query.where(column.in_(values[start : start + ASKED]))
        yield from connection.execute(some).scalars()


def _create(connection: Connection, requests: Sequence[Arrival]) -> list[Answer]:
    """New alerts, each with one event, in one statement a table."""
    head, last_hash = lock_head(connection)
    works = [  # the command before has made one event
        Work(connection, one.realm, one.actor, one.now, head + n) for n, one in enumerate(requests)
    ]
    rows = [_row(*one) for one in zip(requests, works, _ids(requests, works), strict=True)]
    times = [row["occurred_at"] for row in rows]
    near = Neighbours(connection, (min(times), max(times)))
    done = []
    for one, work, row in zip(requests, works, rows, strict=True):
        body = alerts.received(work, row, near.similar(row))
        near.add(row)
        done.append(Done(one, body, work.events))
    connection.execute(insert(alert), rows)
    connection.execute(insert(alert_name), [_name(row) for row in rows])
    connection.execute(insert(timer), [line for row in rows for line in _timers(row)])
    return keep(connection, last_hash, done)


def _ids(requests: Sequence[Arrival], works: Sequence[Work]) -> list[str]:
    """Their numbers; those of one moment are taken together."""
    ids: list[str] = []
    pairs = zip(requests, works, strict=True)
    for _, run in groupby(pairs, key=lambda pair: (pair[0].realm, pair[0].now)):
        some = list(run)
        one, work = some[0]
        ids += naming.next_ids(work, naming.ALERT, one.city.settings.timezone, len(some))
    return ids


def _row(one: Arrival, work: Work, id: str) -> Row:
    own = {"realm": work.realm, "id": id, "from_seq": work.seq}
    said = content_of(work.now, one.city, one.parsed)
    return {**own, **alerts.beginning(work.now, one.parsed), **said}


def _name(row: Row) -> Row:
    key = {name: row[name] for name in ("realm", "source", "ext_id")}
    return {**key, "alert": row["id"], "fate": KNOWN}


def _timers(row: Row) -> list[Row]:
    """What must happen if nobody takes the alert, or when it is no longer valid."""
    ends = alerts.ends_at(row, row["received_at"])
    dues = ((TimerKind.ALERT_ACK, row["ack_due"]), (TimerKind.ALERT_EXPIRY, ends))
    own = {"realm": row["realm"], "from_seq": row["from_seq"]}
    return [{**own, **row_of(kind, row["id"], due)} for kind, due in dues if due is not None]
