"""Incidents: opened from what is true, with a draft for each action, and ended when all is done."""

import pytest

from dispatch.canonical import loads
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.models import order
from dispatch.vocabulary import Role
from tests.dispatch.centre import Centre, crew, elsewhere


def test_an_alert_must_be_verified_first(centre: Centre) -> None:
    id = centre.hears()["alert"]
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "incident.open", alert=id, grade=2)
    assert refused.value.code == "not_verified"
    centre.does("officer", "alert.verify", alert=id)
    assert centre.does("officer", "incident.open", alert=id, grade=2)["incident"]


def test_an_incident_takes_over_what_the_alert_says(centre: Centre) -> None:
    id, _ = centre.incident(grade=3, title="leak at tank 3")
    row = centre.row(id)
    assert (row["title"], row["grade"], row["state"]) == ("leak at tank 3", 3, "VERIFIED")
    assert (row["lat"], row["lon"], loads(row["scope_json"])) == (37.05, 118.05, ["e"])
    assert row["plan"] == "leak"


def test_a_second_incident_of_one_alert_is_refused_with_the_first(centre: Centre) -> None:
    incident, _ = centre.incident()
    (alert,) = loads(centre.row(incident)["alerts_json"])
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "incident.open", alert=alert, grade=2, verified=True)
    assert (refused.value.code, refused.value.about) == ("already_open", {"incident": incident})


def test_each_action_of_the_plan_is_drafted_with_a_unit_of_its_own(centre: Centre) -> None:
    _, drafts = centre.incident()
    rows = [centre.row(id) for id in drafts]
    assert [row["plan_step"] for row in rows] == [1, 2, 3, 4, 5]
    units = [row["unit"] for row in rows]
    assert units == ["FIR-E-01", "FIR-E-02", "POL-E-01", "POL-E-02", None]
    assert {row["state"] for row in rows} == {"DRAFT"}
    assert centre.rows(order, order.c.state != "DRAFT") == []


@pytest.mark.parametrize(
    ("who", "units"),
    [("officer-e", {"FIR-E-01", "FIR-E-02"}), ("officer", {"FIR-E-01", "FIR-W-01"})],
)
def test_a_districts_desk_is_offered_its_own_units_first(
    centre: Centre, who: str, units: set[str]
) -> None:
    near_the_border = centre.hears(lat=37.001, lon=118.0999)["alert"]
    made = centre.does(who, "incident.open", alert=near_the_border, grade=2, verified=True)
    assert {centre.row(id)["unit"] for id in made["orders"][:2]} == units


def test_a_busy_unit_is_not_proposed(centre: Centre) -> None:
    centre.order("FIR-E-01")
    _, drafts = centre.incident()
    assert [centre.row(id)["unit"] for id in drafts][:2] == ["FIR-W-01", "FIR-E-02"]


def test_two_incidents_keep_their_own_orders(centre: Centre) -> None:
    (one, its), (two, others) = centre.incident(), centre.incident(type="fire")
    assert one != two
    assert (len(its), others) == (5, [])
    assert {centre.row(id)["incident"] for id in its} == {one}


def test_an_unknown_plan_is_named(centre: Centre) -> None:
    id = centre.hears()["alert"]
    with pytest.raises(Invalid) as refused:
        centre.does("officer", "incident.open", alert=id, grade=2, verified=True, plan="none")
    assert refused.value.field == "plan"
    assert centre.row(id)["state"] == "NEW"


def test_the_grade_may_rise_and_fall(centre: Centre) -> None:
    id, _ = centre.incident(grade=3)
    for grade in (2, 2, 4):
        centre.does("officer", "incident.grade", incident=id, grade=grade)
    assert centre.row(id)["grade"] == 4
    assert centre.told(id) == ["IncidentOpened", "IncidentGraded", "IncidentGraded"]


def test_a_note_goes_to_the_log(centre: Centre) -> None:
    id, _ = centre.incident()
    centre.does("officer", "incident.note", incident=id, text="wind turns\x00 east")
    assert centre.events()[-1].body["text"] == "wind turns east"


def test_an_incident_ends_when_nothing_is_open(centre: Centre) -> None:
    id, drafts = centre.incident()
    (alert,) = loads(centre.row(id)["alerts_json"])
    centre.does("officer", "order.issue", orders=drafts[:1])
    assert centre.row(id)["state"] == "RESPONDING"
    centre.does("officer", "incident.control", incident=id)
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "incident.end", incident=id, reason="over")
    assert refused.value.code == "orders_open"
    centre.does(crew("FIR-E-01"), "order.advance", order=drafts[0], to="DONE")
    centre.does("officer", "incident.end", incident=id, reason="over")
    assert centre.row(id)["state"] == "ENDED"
    assert centre.row(alert)["closed_at"] == centre.now
    assert centre.told().count("OrderDiscarded") == 4


def test_an_incident_does_not_end_under_an_activation(centre: Centre) -> None:
    id, _ = centre.incident(type="other")
    standing = centre.war(id, "e")
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "incident.end", incident=id, reason="over")
    assert refused.value.about == {"activation": standing}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("incident.note", {"text": "x"}),
        ("incident.grade", {"grade": 1}),
        ("incident.control", {}),
        ("order.draft", {"text": "x", "kind": "dispatch", "priority": 1}),
    ],
)
def test_nothing_is_done_to_an_ended_incident(
    centre: Centre, name: str, said: dict[str, object]
) -> None:
    id, _ = centre.incident(type="other")
    centre.does("officer", "incident.end", incident=id, reason="over")
    assert centre.does("officer", "incident.end", incident=id, reason="over") == {"incident": id}
    with pytest.raises(Conflict) as refused:
        centre.does("officer", name, incident=id, **said)
    assert refused.value.code == "incident_over"


def test_another_districts_incident_is_not_ours(centre: Centre) -> None:
    id, _ = centre.incident()
    with pytest.raises(Forbidden):
        centre.does(elsewhere(centre, Role.OFFICER), "incident.note", incident=id, text="x")
