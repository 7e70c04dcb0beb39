"""Timers fire once, by one process at a time, and an auditor sees those that nobody fired."""

import threading

from dispatch.timekeeper import Auditor, Timekeeper
from tests.dispatch.centre import Centre

MINUTE_MS = 60_000


def keeper(centre: Centre) -> Timekeeper:
    return Timekeeper(centre.database, centre.writer, centre.city, lambda: centre.now)


def test_nothing_fires_before_its_time(centre: Centre) -> None:
    centre.order("FIR-E-01")
    assert keeper(centre).tick() == 0


def test_an_order_that_nobody_acknowledges_escalates_once(centre: Centre) -> None:
    id = centre.order("FIR-E-01")
    centre.now = centre.row(id)["ack_due"]
    ours = keeper(centre)
    while ours.tick():
        pass
    assert centre.told(id).count("OrderEscalated") == 1


def test_a_second_process_waits_while_the_first_holds_the_lease(centre: Centre) -> None:
    id = centre.order("FIR-E-01")
    first, second = keeper(centre), keeper(centre)
    first.tick()
    centre.now = centre.row(id)["ack_due"]
    centre.now -= 1_000
    first.tick()
    centre.now += 1_000
    assert second.tick() == 0
    assert first.tick() > 0


def test_when_the_first_process_is_gone_the_second_fires(centre: Centre) -> None:
    id = centre.order("FIR-E-01")
    keeper(centre).tick()
    centre.now = centre.row(id)["ack_due"] + MINUTE_MS
    assert keeper(centre).tick() > 0
    assert "OrderEscalated" in centre.told(id)


def test_an_orderly_end_gives_the_lease_back_at_once(centre: Centre) -> None:
    first, stop = keeper(centre), threading.Event()
    thread = threading.Thread(target=first.run, args=(stop,))
    first.tick()
    thread.start()
    stop.set()
    thread.join(5)
    id = centre.order("FIR-E-01")
    due = centre.row(id)["ack_due"]
    centre.now = due
    assert keeper(centre).tick() > 0


def test_the_auditor_names_a_timer_that_nobody_fired(centre: Centre, caplog) -> None:
    id = centre.order("FIR-E-01")
    auditor = Auditor(centre.database, lambda: centre.now)
    assert auditor.look() == []
    centre.now = centre.row(id)["ack_due"] + 5_000
    assert id in [timer.subject for timer in auditor.look()]
    assert id in caplog.text
