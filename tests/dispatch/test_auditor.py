"""A timer that nobody fired does not stay unseen."""

from dispatch.auditor import Auditor
from tests.dispatch.centre import Centre


def test_the_auditor_names_a_timer_that_nobody_fired(centre: Centre, caplog) -> None:
    id = centre.order("FIR-E-01")
    auditor = Auditor(centre.database, lambda: centre.now)
    assert auditor.look() == []
    centre.now = centre.row(id)["ack_due"] + 5_000
    assert id in [timer.subject for timer in auditor.look()]
    assert id in caplog.text
