"""The account adds up at any time, and every difference has a name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update

from dispatch import log
from dispatch.models import alert, event, idem, receipt, screen_seen, stream
from dispatch.models import order as order_table
from ops.reconcile import told
from streams.look import Board
from streams.pictures.reconcile import ALL, Account, Line, account
from streams.receipts import DoorWriter, Receipts
from streams.rooms import Room
from tests.dispatch.centre import Centre, crew
from tests.streams.conftest import CITY_DESK, EAST_DESK, WEST_DESK, Take

pytestmark = pytest.mark.both_stores

ZONE = "Asia/Shanghai"


@pytest.fixture
def receipts(tmp_path: Path, centre: Centre) -> Receipts:
    return Receipts(tmp_path / "receipts", "web:here", now=lambda: centre.now)


@pytest.fixture
def doors(centre: Centre, receipts: Receipts) -> Iterator[Centre]:
    """The centre, whose answers are given receipts."""
    centre.writer.close()
    centre.writer = DoorWriter(centre.database, centre.rung.extend, receipts)
    yield centre
    centre.writer.close()


def taken(centre: Centre) -> Account:
    return centre.database.read(lambda c: account(c, ZONE, centre.now))


def lines(found: Account) -> dict[str, Line]:
    return {one.kind: one for one in found.lines}


def drawn(
    centre: Centre, screen: str, cursor: int, ago_ms: int = 1_000, scope: str = "city"
) -> None:
    """A screen reported so long ago that it shows the log up to `cursor`."""
    own = {"realm": "real", "screen": screen, "account": screen, "role": "officer", "name": screen}
    at = centre.now - ago_ms
    seen = {"scope_json": f'["{scope}"]', "epoch": 0, "mode": "PEACETIME", "epoch_at": at}
    row = {**own, **seen, "seen_at": at, "cursor": cursor}
    centre.database.write(lambda c: c.execute(insert(screen_seen).values(**row)))


def test_what_was_answered_is_stored_shown_and_signed(doors: Centre, receipts: Receipts) -> None:
    order = doors.order()
    doors.does(crew("FIR-E-01"), "order.acknowledge", order=order)
    receipts.ship(doors.database)
    drawn(doors, "desk", taken(doors).head)
    found = taken(doors)
    assert found.sound
    assert sum(one.stored for one in found.lines) == found.head
    alerts, orders = lines(found)["alerts"], lines(found)["orders"]
    assert (alerts.accepted, alerts.stored, alerts.shown, alerts.signed) == (1, 1, 1, 1)
    assert (orders.accepted, orders.stored, orders.shown, orders.signed) == (1, 1, 1, 1)
    assert [one.difference for one in found.lines] == [0] * len(found.lines)


def test_an_answer_that_is_not_counted_yet_is_under_way_and_then_named(
    doors: Centre, receipts: Receipts
) -> None:
    doors.hears()
    receipts.ship(doors.database)
    doors.hears()  # its process is killed here
    found = taken(doors)
    alerts = lines(found)["alerts"]
    assert (alerts.accepted, alerts.stored, alerts.under_way, alerts.untold) == (1, 2, 1, 0)
    assert found.sound
    doors.now += 11_000
    found = taken(doors)
    assert (lines(found)["alerts"].under_way, lines(found)["alerts"].untold) == (0, 1)
    assert [row["seq"] for row in found.untold] == [2]
    assert found.sound
    receipts.ship(doors.database)  # whoever comes next finds its file
    assert lines(taken(doors))["alerts"].untold == 0


def test_what_was_answered_and_is_not_stored_is_lost_by_name(
    doors: Centre, receipts: Receipts
) -> None:
    doors.hears()
    receipts.ship(doors.database)
    gone = {"realm": "real", "seq": 2, "at": doors.now, "type": "OrderIssued", "subject": "ZL-9"}
    row = {**gone, "process": "web:old", "answered_at": doors.now}
    doors.database.write(lambda c: c.execute(insert(receipt).values(**row)))
    found = taken(doors)
    assert not found.sound
    assert [(row["seq"], row["subject"]) for row in found.lost] == [(2, "ZL-9")]
    orders = lines(found)["orders"]
    assert (orders.accepted, orders.stored, orders.lost) == (1, 0, 1)
    assert orders.adds_up


def test_another_event_under_the_same_number_does_not_hide_a_loss(
    doors: Centre, receipts: Receipts
) -> None:
    doors.hears()
    receipts.ship(doors.database)
    doors.database.write(lambda c: c.execute(update(receipt).values(subject="AL-other")))
    found = taken(doors)
    assert (len(found.lost), found.sound) == (1, False)
    assert lines(found)["alerts"].adds_up


def test_a_screen_that_is_behind_or_silent_is_named(doors: Centre, receipts: Receipts) -> None:
    doors.hears()
    doors.now += 20_000
    doors.hears()
    receipts.ship(doors.database)
    drawn(doors, "young", 1)  # the second event has just happened
    drawn(doors, "old", 0)
    drawn(doors, "gone", 0, ago_ms=60_000)
    drawn(doors, "left", 0, ago_ms=3_600_000)
    found = taken(doors)
    states = {row["name"]: (row["state"], row["lacks"]) for row in found.screens}
    assert states == {"young": ("under_way", 1), "old": ("behind", 2), "gone": ("silent", 2)}
    alerts = lines(found)["alerts"]
    assert (alerts.stored, alerts.shown, alerts.unshown) == (2, 0, 2)
    assert found.sound


def test_without_any_screen_nothing_is_said_of_showing(doors: Centre, receipts: Receipts) -> None:
    doors.hears()
    receipts.ship(doors.database)
    assert {one.shown for one in taken(doors).lines} == {None}


def test_an_order_that_nobody_signed_is_named_with_its_limit(
    doors: Centre, receipts: Receipts, picture: Take, board: Board
) -> None:
    order = doors.order()
    receipts.ship(doors.database)
    orders = lines(taken(doors))["orders"]
    assert (orders.stored, orders.signed, orders.unsigned) == (1, 0, 1)
    shown = picture("reconcile", replace(CITY_DESK, subject=ALL))
    (row,) = shown["orders"]
    assert (row["id"], row["state"]) == (order, "ISSUED")
    assert row["unit_name"]["zh"]


def test_what_timers_did_passes_no_door(doors: Centre, receipts: Receipts) -> None:
    doors.hears()
    receipts.ship(doors.database)
    doors.passes(3_600)
    found = taken(doors)
    automatic = lines(found)["automatic"]
    assert automatic.accepted is None
    assert automatic.stored == found.head - 1 > 0
    assert (found.sound, found.untold) == (True, [])


def test_the_account_begins_with_the_day_or_with_the_oldest_open_incident(
    doors: Centre, receipts: Receipts
) -> None:
    doors.hears()
    doors.incident()
    receipts.ship(doors.database)
    first = taken(doors)
    doors.now += 3 * 86_400_000
    doors.hears()
    receipts.ship(doors.database)
    found = taken(doors)
    assert found.since == first.since or found.since > first.since
    assert lines(found)["alerts"].stored >= 2  # the incident is still open
    for id in ("EV-1121-0001",):
        doors.does("officer", "incident.control", incident=id)
        doors.does("leader", "incident.end", incident=id, reason="over")
    receipts.ship(doors.database)
    assert lines(taken(doors))["alerts"].stored == 1


def test_a_desk_sees_the_orders_of_its_jurisdiction(
    doors: Centre, receipts: Receipts, picture: Take
) -> None:
    doors.order()
    receipts.ship(doors.database)
    assert len(picture("reconcile", replace(EAST_DESK, subject=ALL))["orders"]) == 1
    assert picture("reconcile", replace(WEST_DESK, subject=ALL))["orders"] == []


def test_nobody_pays_for_an_account_that_is_not_open(picture: Take) -> None:
    assert picture("reconcile", CITY_DESK) == {"open": False}


@pytest.mark.parametrize(
    ("counts", "whether"),
    [
        ({"stored": 3, "accepted": 3, "told": 3, "shown": 3}, True),
        ({"stored": 3, "accepted": 2, "told": 2, "shown": 3}, False),
        ({"stored": 3, "accepted": 2, "told": 2, "untold": 1, "shown": 3}, True),
        ({"stored": 3, "accepted": 4, "told": 3, "lost": 1, "shown": 3}, True),
        ({"stored": 3, "accepted": 4, "told": 3, "shown": 3}, False),
        ({"stored": 3, "accepted": 3, "told": 2, "shown": 3}, False),
        ({"stored": 3, "accepted": 3, "told": 3, "shown": 2}, False),
        ({"stored": 3, "accepted": 3, "told": 3, "shown": 3, "signed": 3, "unsigned": 1}, False),
        ({"stored": 3, "accepted": 3, "told": 3, "shown": 3, "signed": 2, "unsigned": 1}, True),
        ({"stored": 3, "accepted": 3, "told": 3, "shown": 3, "signed": 2}, False),
    ],
)
def test_a_line_that_does_not_add_up_says_so(counts: dict[str, Any], whether: bool) -> None:
    assert Line("alerts", **counts).adds_up is whether


def test_a_screen_reaches_as_far_as_the_first_push_that_it_lacks() -> None:
    room = Room("r", "p", CITY_DESK, 0)
    for head in (5, 9, 12):
        room.paint({("a", "children"): str(head)}, head, 0)
    assert [room.reaches(shown, cursor=20) for shown in (0, 1, 2, 3)] == [4, 8, 11, 20]


def forgets(doors: Centre, key: str) -> None:
    """The store loses what it answered under this key: what is asked again is done again."""
    doors.database.write(lambda c: c.execute(delete(idem).where(idem.c.key == key)))


@pytest.mark.parametrize("between", [True, False])
def test_what_was_asked_for_once_and_is_done_twice_is_doubled(
    doors: Centre, receipts: Receipts, between: bool
) -> None:
    """A draft under one key: two orders with numbers of their own, side by side or not."""
    incident, _ = doors.incident()
    draft = {"incident": incident, "text": "go", "kind": "dispatch", "priority": 1}
    first = doors.does("officer", "order.draft", key="k-1", **draft)["order"]
    assert doors.does("officer", "order.draft", key="k-1", **draft)["order"] == first
    assert taken(doors).doubled == 0
    doors.now += 3_000
    if between:
        doors.hears()
    forgets(doors, "k-1")
    assert doors.does("officer", "order.draft", key="k-1", **draft)["order"] != first
    receipts.ship(doors.database)
    found = taken(doors)
    assert (found.doubled, found.sound) == (1, False)


def test_what_several_ask_for_under_the_same_words_is_not_doubled(
    doors: Centre, receipts: Receipts
) -> None:
    """A key is its asker's own; one request may do many things; a long key is kept in part."""
    incident, _ = doors.incident()
    draft = {"incident": incident, "text": "go", "kind": "dispatch", "priority": 1}
    for who, key in (("officer", "k"), ("lead", "k"), ("officer", "x" * 150 + "1")):
        doors.does(who, "order.draft", key=key, **draft)
        doors.now += 1_000
    doors.does("officer", "order.draft", key="x" * 150 + "2", **draft)
    order = doors.order()
    doors.does(crew("FIR-E-01"), "order.acknowledge", order=order)
    for level in (3, 1, 3, 1):  # the same words again after others
        doors.now += 1_000
        doors.hears(ext_id="level", severity=level)
    doors.passes(3_600)
    receipts.ship(doors.database)
    found = taken(doors)
    assert (found.doubled, found.sound) == (0, True)


def test_an_alert_that_its_source_named_once_is_not_received_twice(
    doors: Centre, receipts: Receipts
) -> None:
    """By other words, so under another key; and its records no longer agree with the log."""
    alert_id = doors.hears(ext_id="a")["alert"]
    receipts.ship(doors.database)
    assert taken(doors).sound
    spoil(doors, "AlertReceived", alert_id, "another")
    found = taken(doors)
    assert (found.doubled, found.sound) == (1, False)
    assert not lines(found)["alerts"].adds_up


def spoil(doors: Centre, type: str, subject: str, key: str) -> None:
    """An event that no rule has made, at the end of the log, with a receipt."""

    def add(connection: Connection) -> None:
        head, last_hash = log.lock_head(connection)
        own = {"realm": "real", "at": doors.now, "type": type, "subject": subject}
        more = {"scope_json": "[]", "actor": "key:gas", "key": key, "body_json": "{}"}
        row = {"seq": head + 1, "incident": None, **own, **more, "prev_hash": last_hash}
        row["hash"] = log.chain(last_hash, row)
        connection.execute(insert(event), row)
        connection.execute(update(stream).values(seq=head + 1, hash=row["hash"]))
        given = {"seq": head + 1, **own, "process": "web:x", "answered_at": doors.now}
        connection.execute(insert(receipt), given)

    doors.database.write(add)


def test_an_order_that_is_issued_twice_is_doubled(doors: Centre, receipts: Receipts) -> None:
    order = doors.order()
    receipts.ship(doors.database)
    spoil(doors, "OrderIssued", order, "another")
    found = taken(doors)
    assert (found.doubled, lines(found)["orders"].adds_up) == (1, False)


@pytest.mark.parametrize("table", [alert, order_table])
def test_a_record_that_is_gone_from_under_its_event_does_not_add_up(
    doors: Centre, receipts: Receipts, table: Any
) -> None:
    doors.order()
    doors.does(crew("FIR-E-01"), "order.acknowledge", order=doors.rows(order_table)[0]["id"])
    receipts.ship(doors.database)
    assert taken(doors).sound
    doors.database.write(lambda c: c.execute(delete(table)))
    found = taken(doors)
    assert not found.sound
    kind = "alerts" if table is alert else "orders"
    assert [one.kind for one in found.lines if not one.adds_up] == [kind]


def test_a_receipt_that_is_gone_leaves_its_event_named(doors: Centre, receipts: Receipts) -> None:
    """Nobody can tell it from an answer that was never given: its sender asks again."""
    doors.hears()
    doors.hears()
    receipts.ship(doors.database)
    doors.database.write(lambda c: c.execute(delete(receipt).where(receipt.c.seq == 2)))
    doors.now += 11_000
    found = taken(doors)
    alerts = lines(found)["alerts"]
    assert (alerts.accepted, alerts.told, alerts.stored, alerts.untold) == (1, 1, 2, 1)
    assert [row["seq"] for row in found.untold] == [2]


def test_a_receipt_for_what_no_door_did_does_not_add_up(doors: Centre, receipts: Receipts) -> None:
    doors.hears()
    receipts.ship(doors.database)
    doors.passes(3_600)
    assert taken(doors).sound
    fired = next(one for one in doors.events() if one.type == "AlertEscalated")
    own = {"realm": "real", "seq": fired.seq, "at": fired.at, "type": fired.type}
    row = {**own, "subject": fired.subject, "process": "web:x", "answered_at": doors.now}
    doors.database.write(lambda c: c.execute(insert(receipt), row))
    assert not taken(doors).sound


def test_a_number_under_which_nothing_is_written_is_missed(
    doors: Centre, receipts: Receipts
) -> None:
    doors.hears()
    receipts.ship(doors.database)
    doors.database.write(lambda c: c.execute(update(stream).values(seq=stream.c.seq + 2)))
    found = taken(doors)
    assert (found.holes, found.sound) == (2, False)
    assert "missing: 2 numbers of the log have no event" in told(found)
