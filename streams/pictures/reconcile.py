"""The account: accepted at the doors, stored, shown, signed; every difference has a name.

Accepted is counted from the doors' receipts, stored from the log, shown from what screens report
of themselves, signed from the records as they are now. The four are read at one moment and held
against each other number by number; what one lacks is counted and listed for itself, so that an
account that does not add up is seen.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, and_, distinct, func, not_, or_, select

from dispatch import log
from dispatch.access import meets
from dispatch.models import alert, event, incident, order, receipt, screen_seen, stream
from dispatch.timers import ACTOR as SYSTEM
from dispatch.vocabulary import OPEN_INCIDENTS, REAL, UNSIGNED, AlertState
from streams.daytime import DAY, midnight
from streams.indicators.keep import seq_at
from streams.look import Look, Row, named
from streams.pictures.picture import Picture
from streams.view import View

ALL = "all"
"""The subject under which a desk has the account open; nobody else pays for it."""
LONGEST = 7 * DAY
SETTLE_MS = 10_000  # so long an answer, or a push, may be under way
GONE_MS = 10 * 60_000
SILENT_MS = 6_000
NO_DOOR = (SYSTEM, "console")  # timers, and an administrator at the console: no door answers
CUT = 128  # characters of a key that the log keeps: longer ones may look the same there
NAMED = 50  # differences of one kind that are listed; the rest is a number
KINDS = {
    "alerts": ("AlertReceived",),
    "follow_ups": ("AlertUpdated", "AlertCancelled"),
    "orders": ("OrderIssued",),
    "answers": (
        *("OrderDelivered", "OrderRead", "OrderAcknowledged", "OrderDeclined"),
        *("OrderEnRoute", "OrderOnScene", "OrderDone"),
    ),
    "modes": (
        *("ActivationProposed", "ActivationSigned", "ActivationStarted", "ActivationRejected"),
        *("ActivationLapsed", "ActivationChecked", "ActivationEnded"),
    ),
}
OTHERS, AUTOMATIC = "records", "automatic"
KIND_OF = {type: kind for kind, types in KINDS.items() for type in types}
ORDER = (*KINDS, OTHERS, AUTOMATIC)


@dataclass
class Line:
    """One kind of event. None: this kind does not pass there.

    told: stored, and there is a receipt of the answer.
    under_way: stored, the answer not counted yet; untold: stored, and nobody was told;
    lost: answered, and not stored; unshown: not on every screen yet; unsigned: nobody has signed.
    """

    kind: str
    stored: int = 0
    accepted: int | None = 0
    told: int = 0
    under_way: int = 0
    untold: int = 0
    lost: int = 0
    shown: int | None = 0
    unshown: int = 0
    signed: int | None = None
    unsigned: int = 0

    @property
    def difference(self) -> int:
        return self.under_way + self.untold + self.lost + self.unshown + self.unsigned

    @property
    def adds_up(self) -> bool:
        """Whether the four counts and what explains their differences agree."""
        accepted = self.accepted is None or self.accepted == self.told + self.lost
        stored = self.accepted is None or (self.told + self.under_way + self.untold == self.stored)
        shown = self.shown is None or self.shown + self.unshown == self.stored
        signed = self.signed is None or self.signed + self.unsigned == self.stored
        return accepted and stored and shown and signed


@dataclass(frozen=True)
class Account:
    """All of it. since: ms UTC; first, head: the numbers of the log that it covers.

    doubled: what was asked for once and has happened twice; holes: numbers without an event.
    screens: each with what it lacks; the others: what differs, by name.
    """

    at: int
    since: int
    first: int
    head: int
    last_hash: str
    lines: list[Line]
    doubled: int
    disordered: int
    holes: int
    restored: int
    screens: list[Row]
    lost: list[Row]
    untold: list[Row]
    orders: list[Row]
    alerts: list[Row]

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing doubled, no number missing, and every line adds up."""
        missing = sum(line.lost for line in self.lines) + self.doubled + self.holes
        return missing == 0 and all(line.adds_up for line in self.lines)


def account(connection: Connection, zone: str, now: int, realm: str = REAL) -> Account:
    """Hold the doors, the log, the screens and the records against each other."""
    head, last_hash = log.lock_head(connection, lock=False)
    since = _since(connection, zone, now, realm)
    first = _first(connection, since, head)
    lines = {kind: Line(kind) for kind in ORDER}
    mine = and_(event.c.realm == realm, event.c.seq.between(first, head))
    _count_stored(connection, lines, mine)
    _count_accepted(connection, lines, realm, first)
    _count_told(connection, lines, mine)
    lost = _lost(connection, lines, realm, first)
    untold = _untold(connection, lines, mine, now)
    screens = _screens(connection, head, now, realm)
    _count_shown(connection, lines, mine, screens, head)
    orders = _unsigned(connection, lines, realm, first)
    alerts = _unseen(connection, lines, realm, first)
    lines[AUTOMATIC].accepted = None
    return Account(
        now,
        since,
        first,
        head,
        last_hash,
        list(lines.values()),
        _doubled(connection, mine),
        _disordered(connection, mine),
        _holes(connection, first, head),
        _restored(connection),
        screens,
        lost,
        untold,
        orders,
        alerts,
    )


def _since(connection: Connection, zone: str, now: int, realm: str) -> int:
    """Today, or since the report of the oldest incident that is open."""
    query = select(func.min(incident.c.reported_at)).where(
        incident.c.realm == realm,
        incident.c.to_seq.is_(None),
        incident.c.state.in_(OPEN_INCIDENTS),
    )
    oldest = connection.execute(query).scalar()
    start = midnight(now, zone)
    return max(min(start, oldest if oldest is not None else start), now - LONGEST)


def _first(connection: Connection, since: int, head: int) -> int:
    """The first number that the account covers: not before receipts were given at all."""
    counted = connection.execute(select(func.min(receipt.c.seq))).scalar()
    return max(seq_at(connection, since - 1) + 1, head + 1 if counted is None else counted)


def _kind(type: str, actor: str = "") -> str:
    return AUTOMATIC if actor in NO_DOOR else KIND_OF.get(type, OTHERS)


def _count_stored(connection: Connection, lines: dict[str, Line], mine: Any) -> None:
    for line, number in _by_kind(connection, lines, mine):
        line.stored += number


def _by_kind(
    connection: Connection, lines: dict[str, Line], which: Any
) -> Iterator[tuple[Line, int]]:
    """How many events of each kind there are."""
    by_system = event.c.actor.in_(NO_DOOR)
    query = select(event.c.type, by_system, func.count()).where(which)
    for type, system, number in connection.execute(query.group_by(event.c.type, by_system)):
        yield lines[_kind(type, SYSTEM if system else "")], number


def _count_accepted(connection: Connection, lines: dict[str, Line], realm: str, first: int) -> None:
    query = select(receipt.c.type, func.count()).where(
        receipt.c.realm == realm, receipt.c.seq >= first
    )
    for type, number in connection.execute(query.group_by(receipt.c.type)):
        line = lines[_kind(type)]
        line.accepted = (line.accepted or 0) + number


SAME = and_(
    event.c.seq == receipt.c.seq,
    event.c.at == receipt.c.at,
    event.c.type == receipt.c.type,
    event.c.subject == receipt.c.subject,
)


def _count_told(connection: Connection, lines: dict[str, Line], mine: Any) -> None:
    """Events of which a door has said that it answered, and such as no door may have said it of."""
    given = select(receipt.c.seq).where(SAME).exists()
    for type, number in connection.execute(
        select(event.c.type, func.count())
        .where(mine, event.c.actor.not_in(NO_DOOR), given)
        .group_by(event.c.type)
    ):
        lines[_kind(type)].told += number


def _lost(connection: Connection, lines: dict[str, Line], realm: str, first: int) -> list[Row]:
    """Receipts whose event is not in the log."""
    names = (receipt.c.seq, receipt.c.type, receipt.c.subject, receipt.c.at, receipt.c.process)
    query = (
        select(*names)
        .select_from(receipt.outerjoin(event, SAME))
        .where(receipt.c.realm == realm, receipt.c.seq >= first, event.c.seq.is_(None))
        .order_by(receipt.c.seq)
    )
    found = [dict(row) for row in connection.execute(query).mappings()]
    for row in found:
        lines[_kind(row["type"])].lost += 1
    return found[:NAMED]


def _untold(connection: Connection, lines: dict[str, Line], mine: Any, now: int) -> list[Row]:
    """Events of which no door has said that it answered; young ones are under way."""
    names = (event.c.seq, event.c.type, event.c.subject, event.c.at, event.c.actor)
    query = (
        select(*names)
        .select_from(event.outerjoin(receipt, SAME))
        .where(mine, event.c.actor.not_in(NO_DOOR), receipt.c.seq.is_(None))
        .order_by(event.c.seq)
    )
    named = []
    for row in connection.execute(query).mappings():
        line = lines[_kind(row["type"])]
        if now - row["at"] < SETTLE_MS:
            line.under_way += 1
        else:
            line.untold += 1
            named.append(dict(row))
    return named[:NAMED]


def _screens(connection: Connection, head: int, now: int, realm: str) -> list[Row]:
    """Every screen that was here lately: how far it shows the log, and whether it still reports."""
    seen = screen_seen
    query = select(seen).where(seen.c.realm == realm, seen.c.seen_at > now - GONE_MS)
    found = []
    for row in connection.execute(query.order_by(seen.c.name, seen.c.screen)).mappings():
        silent = row["seen_at"] < now - SILENT_MS
        lacks = max(0, head - row["cursor"])
        late = lacks and _age(connection, row["cursor"] + 1, row["seen_at"]) > SETTLE_MS
        state = "silent" if silent else "behind" if late else "under_way" if lacks else "current"
        found.append({**dict(row), "state": state, "lacks": lacks})
    return found


def _age(connection: Connection, seq: int, seen_at: int) -> int:
    """How old an event was when a screen reported that it does not show it."""
    at = connection.execute(select(event.c.at).where(event.c.seq == seq)).scalar()
    return seen_at - at if at is not None else 0


def _count_shown(
    connection: Connection, lines: dict[str, Line], mine: Any, screens: list[Row], head: int
) -> None:
    """Shown is what every screen shows that still reports; a silent one is named instead."""
    here = [row["cursor"] for row in screens if row["state"] != "silent"]
    cursor = min(here, default=head)
    for line in lines.values():
        line.shown = 0 if here else None
    if here:
        for line, number in _by_kind(connection, lines, and_(mine, event.c.seq <= cursor)):
            line.shown = (line.shown or 0) + number
        for line, number in _by_kind(connection, lines, and_(mine, event.c.seq > cursor)):
            line.unshown += number


def _unsigned(connection: Connection, lines: dict[str, Line], realm: str, first: int) -> list[Row]:
    """Orders of this time that no unit has signed or declined."""
    return _waiting(connection, lines["orders"], order, order.c.state.in_(UNSIGNED), realm, first)


def _unseen(connection: Connection, lines: dict[str, Line], realm: str, first: int) -> list[Row]:
    """Alerts of this time that nobody has acknowledged."""
    new = alert.c.state == AlertState.NEW.value
    return _waiting(connection, lines["alerts"], alert, new, realm, first)


def _waiting(
    connection: Connection, line: Line, table: Any, unsigned: Any, realm: str, first: int
) -> list[Row]:
    of_now = and_(table.c.realm == realm, table.c.to_seq.is_(None))
    begun = and_(
        event.c.realm == realm,
        event.c.type.in_(KINDS[line.kind]),
        event.c.subject == table.c.id,
        event.c.seq >= first,
    )
    by_door = and_(begun, event.c.actor.not_in(NO_DOOR))
    number = select(func.count(distinct(table.c.id))).select_from(event.join(table, by_door))
    line.unsigned = int(connection.execute(number.where(of_now, unsigned)).scalar_one())
    line.signed = int(connection.execute(number.where(of_now, not_(unsigned))).scalar_one())
    held = select(event.c.seq).where(begun).exists()
    query = select(table).where(of_now, unsigned, held).order_by(table.c.ack_due).limit(NAMED)
    return [dict(row) for row in connection.execute(query).mappings()]


def _doubled(connection: Connection, mine: Any) -> int:
    """What was asked for once and has happened twice, however it is numbered.

    All events of one request stand side by side and are of one moment: what stands elsewhere or
    was done later under its key was done again. But a source may say the same words of an alert
    again after others, so of its messages only the first counts, which makes the alert. An alert of
    the same name, or an order that is issued again, has been doubled under another key.
    """
    again = or_(
        func.max(event.c.seq) - func.min(event.c.seq) + 1 != func.count(),
        func.max(event.c.at) != func.min(event.c.at),
    )
    first = or_(event.c.type == "AlertReceived", not_(event.c.key.startswith("alert:")))
    asked = select(event.c.key).where(mine, first, func.length(event.c.key) < CUT)
    keys = asked.group_by(event.c.actor, event.c.key).having(again)
    named = and_(alert.c.realm == event.c.realm, alert.c.id == event.c.subject)
    alerts = (
        select(alert.c.source)
        .select_from(event.join(alert, and_(named, alert.c.to_seq.is_(None))))
        .where(mine, event.c.type == "AlertReceived")
        .group_by(alert.c.source, alert.c.ext_id)
    )
    issued = select(event.c.subject).where(mine, event.c.type == "OrderIssued")
    others = or_(
        func.count(distinct(event.c.key)) > 1,
        and_(func.count() > 1, func.max(func.length(event.c.key)) >= CUT),
    )
    found = (keys, alerts.having(others), issued.group_by(event.c.subject).having(others))
    return sum(
        int(connection.execute(select(func.count()).select_from(one.subquery())).scalar_one())
        for one in found
    )


def _holes(connection: Connection, first: int, head: int) -> int:
    """Numbers of the log, of all realms, under which nothing is written."""
    query = select(func.count()).where(event.c.seq.between(first, head))
    return max(0, head - first + 1) - int(connection.execute(query).scalar_one())


def _disordered(connection: Connection, mine: Any) -> int:
    """Events that say they happened well before the one that is numbered before them."""
    before = func.lag(event.c.at).over(order_by=event.c.seq).label("before")
    pairs = select(event.c.at, before).where(mine).subquery()
    query = select(func.count()).where(pairs.c.at < pairs.c.before - SETTLE_MS)
    return int(connection.execute(query.select_from(pairs)).scalar_one())


def _restored(connection: Connection) -> int:
    query = select(stream.c.seq).where(stream.c.name == "restored")
    return int(connection.execute(query).scalar() or 0)


def reconcile(look: Look, view: View) -> dict[str, Any]:
    """{open: False}, or the account as lines and named differences of the jurisdiction."""
    if view.subject != ALL or not look.live:
        return {"open": False}
    found = look.once("account", lambda: _of_look(look))
    return {
        "open": True,
        **{name: getattr(found, name) for name in PLAIN},
        "sound": found.sound,
        "lines": [{**asdict(one), "difference": one.difference, "adds_up": one.adds_up}
                  for one in found.lines],
        "orders": list(_seen(look, found.orders, view)),
        "alerts": list(_seen(look, found.alerts, view)),
        "screens": list(_seen(look, found.screens, view)),
    }  # fmt: skip


PLAIN = (
    *("at", "since", "first", "head", "last_hash", "doubled", "disordered", "holes", "restored"),
    *("lost", "untold"),
)


def _of_look(look: Look) -> Account:
    moment = look.moment
    return account(look.connection, look.city.settings.timezone, moment.now, moment.realm)


def _seen(look: Look, rows: list[Row], view: View) -> Iterable[Row]:
    """The rows of the view's jurisdiction, with names beside their ids."""
    for row in rows:
        shown = named(row, look.names)
        if meets(view.scope, shown["scope"]):
            yield shown


def total(lines: Iterable[Line]) -> Counter[str]:
    """The sums over all kinds, by the names of Line's counts."""
    sums: Counter[str] = Counter()
    for line in lines:
        counts = {name: value for name, value in asdict(line).items() if name != "kind"}
        sums.update({name: value for name, value in counts.items() if value is not None})
    return sums


PICTURES = (Picture("reconcile", reconcile, every_s=2.0, by_subject=True),)
