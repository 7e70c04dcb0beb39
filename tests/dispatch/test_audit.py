"""The audit finds every change to what was said, though the store refuses them."""

import pytest
from sqlalchemy import delete, text, update

from dispatch import audit
from dispatch.models import event, stream
from tests.dispatch.centre import Centre


@pytest.fixture
def told(centre: Centre) -> Centre:
    """A log of six events."""
    for _ in range(6):
        centre.hears()
    assert centre.database.read(audit.verify) == audit.Report(True, 6)
    return centre


def broken(centre: Centre, *changes: object) -> audit.Report:
    """What the audit says after somebody who owns the store went round its guard."""
    with centre.database.writing() as connection:
        if centre.database.is_sqlite:
            connection.execute(text("DROP TRIGGER event_no_update"))
            connection.execute(text("DROP TRIGGER event_no_delete"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for change in changes:
            connection.execute(change)
    return centre.database.read(audit.verify)


@pytest.mark.parametrize(
    "values", [{"body_json": "{}"}, {"actor": "x"}, {"at": 1}, {"scope_json": '["w"]'}]
)
def test_a_changed_event_is_found(told: Centre, values: dict[str, object]) -> None:
    found = broken(told, update(event).where(event.c.seq == 3).values(**values))
    assert found == audit.Report(False, 2, 3, "changed")


def test_a_missing_event_is_found(told: Centre) -> None:
    found = broken(told, delete(event).where(event.c.seq == 3))
    assert found == audit.Report(False, 2, 3, "missing")


def test_a_cut_off_end_is_found(told: Centre) -> None:
    found = broken(told, delete(event).where(event.c.seq == 6))
    assert found == audit.Report(False, 5, 6, "head")


def test_events_that_changed_places_are_found(told: Centre) -> None:
    steps = [(2, 99), (3, 2), (99, 3)]
    moves = [update(event).where(event.c.seq == a).values(seq=b) for a, b in steps]
    assert broken(told, *moves) == audit.Report(False, 1, 2, "unlinked")


def test_a_rewritten_end_is_found_by_the_head(told: Centre) -> None:
    found = broken(told, update(stream).values(hash="f" * 64))
    assert (found.ok, found.reason) == (False, "head")


def test_a_long_log_is_read_in_batches(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    for _ in range(5):
        centre.hears()
    assert centre.database.read(audit.verify) == audit.Report(True, 5)
