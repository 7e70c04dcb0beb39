"""The units of a jurisdiction: its own, and those of others that serve an incident of it."""

from typing import Any

from dispatch.log import head
from tests.dispatch.centre import Centre, crew
from tests.streams.conftest import EAST_DESK, WEST_DESK, Take

UNIT = "FIR-W-01"


def shown(picture: Take, view: Any = EAST_DESK, seq: int | None = None) -> dict[str, Any] | None:
    rows = picture("units", view, seq)["units"]
    return next((row for row in rows if row["id"] == UNIT), None)


def borrowed(centre: Centre) -> tuple[str, str]:
    """The east has an incident and the west lends its engine: incident and loan."""
    incident, _ = centre.incident(type="other")
    loan = centre.does("officer-e", "loan.ask", incident=incident, unit=UNIT)["loan"]
    centre.does("officer-w", "loan.grant", loan=loan)
    return incident, loan


def test_a_unit_that_is_lent_is_seen_where_it_is_lent_to(centre: Centre, picture: Take) -> None:
    assert shown(picture) is None
    incident, loan = borrowed(centre)
    found = shown(picture)
    assert found is not None
    assert (found["status"], found["incident"]) == ("AVAILABLE", incident)
    assert picture("units", EAST_DESK)["counts"]["AVAILABLE"] == 6
    assert shown(picture, WEST_DESK) is not None
    centre.does("officer-e", "loan.give_back", loan=loan)
    assert shown(picture) is None


def test_a_unit_that_was_ordered_from_elsewhere_is_counted_where_it_works(
    centre: Centre, picture: Take
) -> None:
    incident, _ = centre.incident(type="other")
    order = centre.order(UNIT, who="leader", incident=incident)
    for to in ("ACKED", "EN_ROUTE", "ON_SCENE"):
        name, more = ("acknowledge", {}) if to == "ACKED" else ("advance", {"to": to})
        centre.does(crew(UNIT), f"order.{name}", order=order, **more)
    found = shown(picture)
    assert found is not None
    assert (found["status"], found["incident"]) == ("ON_SCENE", incident)
    assert picture("units", EAST_DESK)["counts"]["ON_SCENE"] == 1
    centre.does(crew(UNIT), "order.advance", order=order, to="DONE")
    assert shown(picture) is None


def test_what_a_borrowed_unit_did_is_seen_in_the_past_as_well(
    centre: Centre, picture: Take
) -> None:
    before = centre.database.read(head)
    incident, loan = borrowed(centre)
    during = centre.database.read(head)
    centre.does("officer-e", "loan.give_back", loan=loan)
    assert shown(picture, seq=before) is None
    found = shown(picture, seq=during)
    assert found is not None
    assert found["incident"] == incident
    assert shown(picture) is None


def test_what_another_district_works_on_stays_its_own(centre: Centre, picture: Take) -> None:
    centre.order("FIR-E-01")
    ids = {row["id"] for row in picture("units", WEST_DESK)["units"]}
    assert ids == {UNIT}
