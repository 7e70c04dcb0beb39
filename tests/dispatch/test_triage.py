"""Alerts at the desk: taken, verified, dismissed, merged; and when nobody takes them."""

import pytest

from dispatch.canonical import loads
from dispatch.errors import Conflict, Forbidden, Invalid, NotFound
from dispatch.models import timer
from dispatch.vocabulary import Role
from tests.dispatch.centre import Centre, elsewhere


def test_the_first_who_acknowledges_is_named(centre: Centre) -> None:
    id = centre.hears()["alert"]
    centre.does("officer", "alert.acknowledge", alert=id)
    again = centre.does("lead", "alert.acknowledge", alert=id)
    assert again == {"alert": id, "acked_by": "officer"}
    assert centre.row(id)["state"] == "ACKNOWLEDGED"
    assert centre.told(id) == ["AlertReceived", "AlertAcknowledged"]


def test_an_acknowledgement_past_the_limit_is_marked_late(centre: Centre) -> None:
    id = centre.hears(severity=1)["alert"]
    centre.now += 60_001
    centre.does("officer", "alert.acknowledge", alert=id)
    assert centre.events()[-1].body["late"] is True


def test_a_verified_alert_is_confirmed_and_waits_for_nobody(centre: Centre) -> None:
    id = centre.hears(expires_at=centre.now + 60_000)["alert"]
    centre.does("officer", "alert.verify", alert=id, note="seen on camera")
    row = centre.row(id)
    assert (row["state"], row["verified_by"], row["acked_by"]) == (
        "CONFIRMED",
        "officer",
        "officer",
    )
    assert centre.rows(timer) == []
    assert centre.passes(3600) == []


def test_a_dismissed_alert_keeps_its_reason(centre: Centre) -> None:
    id = centre.hears()["alert"]
    centre.does("officer", "alert.dismiss", alert=id, reason="test of the sensor")
    row = centre.row(id)
    assert (row["state"], row["note"], row["closed_at"]) == (
        "FALSE",
        "test of the sensor",
        centre.now,
    )


def test_a_dismissed_alert_comes_back_when_it_grows_worse(centre: Centre) -> None:
    id = centre.hears(ext_id="a", severity=3)["alert"]
    centre.does("officer", "alert.dismiss", alert=id, reason="no")
    centre.hears(ext_id="a", severity=3, title="same")
    assert centre.row(id)["state"] == "FALSE"
    centre.hears(ext_id="a", severity=1, title="worse")
    assert centre.row(id)["state"] == "NEW"


def test_a_merged_alert_stands_behind_another(centre: Centre) -> None:
    one, two, three = (centre.hears()["alert"] for _ in range(3))
    centre.does("officer", "alert.merge", alert=two, into=one)
    answer = centre.does("officer", "alert.merge", alert=three, into=two)
    assert answer == {"alert": three, "into": one}
    assert [centre.row(id)["merged_into"] for id in (one, two, three)] == [None, one, one]
    made = centre.does("officer", "incident.open", alert=one, grade=3, verified=True)
    incident = centre.row(made["incident"])
    assert loads(incident["alerts_json"]) == [one, two, three]
    assert [centre.row(id)["state"] for id in (one, two, three)] == ["LINKED", "MERGED", "MERGED"]


def test_an_alert_merged_into_an_incident_belongs_to_it(centre: Centre) -> None:
    incident, _ = centre.incident()
    (first,) = loads(centre.row(incident)["alerts_json"])
    later = centre.hears()["alert"]
    centre.does("officer", "alert.merge", alert=later, into=first)
    assert centre.row(later)["incident"] == incident
    assert loads(centre.row(incident)["alerts_json"]) == [first, later]


def test_an_alert_is_not_merged_into_itself(centre: Centre) -> None:
    id = centre.hears()["alert"]
    with pytest.raises(Invalid):
        centre.does("officer", "alert.merge", alert=id, into=id)


@pytest.mark.parametrize("end", ["alert.dismiss", "alert.merge", "cancel"])
@pytest.mark.parametrize(
    "then", ["alert.acknowledge", "alert.verify", "alert.dismiss", "alert.merge", "incident.open"]
)
def test_what_is_closed_moves_no_more(centre: Centre, end: str, then: str) -> None:
    other, id = centre.hears()["alert"], centre.hears(ext_id="a")["alert"]
    says = {
        "alert.acknowledge": {},
        "alert.verify": {},
        "alert.dismiss": {"reason": "no"},
        "alert.merge": {"into": other},
        "incident.open": {"grade": 3, "verified": True},
    }
    if end == "cancel":
        centre.hears(ext_id="a", kind="cancel")
    else:
        centre.does("officer", end, alert=id, **says[end])
    before = centre.row(id)
    if then == end:  # the same again is answered
        centre.does("officer", then, alert=id, **says[then])
    else:
        with pytest.raises(Conflict):
            centre.does("officer", then, alert=id, **says[then])
    assert centre.row(id) == before


def test_an_unknown_alert_is_named(centre: Centre) -> None:
    with pytest.raises(NotFound) as refused:
        centre.does("officer", "alert.verify", alert="AL-0101-0001")
    assert (refused.value.field, refused.value.status) == ("alert", 404)


def test_another_districts_alert_is_not_ours(centre: Centre) -> None:
    id = centre.hears()["alert"]
    for name, said in (("alert.verify", {}), ("alert.dismiss", {"reason": "x"})):
        with pytest.raises(Forbidden) as refused:
            centre.does(elsewhere(centre, Role.OFFICER), name, alert=id, **said)
        assert refused.value.code == "out_of_scope"


def test_a_grave_alert_that_nobody_takes_is_escalated_twice(centre: Centre) -> None:
    id = centre.hears(severity=1)["alert"]
    assert centre.passes(59) == []
    centre.passes(1)
    centre.passes(59)
    assert centre.told(id).count("AlertEscalated") == 1
    centre.passes(1)
    centre.passes(3600)
    steps = [e.body["step"] for e in centre.events() if e.type == "AlertEscalated"]
    assert steps == [1, 2]
    assert centre.row(id)["state"] == "NEW"


def test_a_light_alert_is_escalated_once(centre: Centre) -> None:
    id = centre.hears(severity=4)["alert"]
    centre.passes(1800)
    centre.passes(7200)
    assert centre.told(id) == ["AlertReceived", "AlertEscalated"]


def test_an_acknowledged_alert_is_not_escalated(centre: Centre) -> None:
    id = centre.hears(severity=1)["alert"]
    centre.does("officer", "alert.acknowledge", alert=id)
    assert centre.passes(3600) == []


@pytest.mark.parametrize("severity", [3, 4])
def test_a_light_alert_expires(centre: Centre, severity: int) -> None:
    id = centre.hears(severity=severity, expires_at=centre.now + 30_000)["alert"]
    centre.passes(30)
    assert centre.row(id)["state"] == "EXPIRED"
    assert centre.rows(timer) == []


@pytest.mark.parametrize("severity", [1, 2])
def test_a_grave_alert_that_nobody_has_seen_never_expires(centre: Centre, severity: int) -> None:
    id = centre.hears(severity=severity, expires_at=centre.now + 30_000)["alert"]
    for _ in range(5):
        centre.passes(3600)
    assert centre.row(id)["state"] == "NEW"
    assert "AlertExpired" not in centre.told(id)
    assert "AlertEscalated" in centre.told(id)


def test_a_grave_alert_that_was_seen_expires_after_a_warning(centre: Centre) -> None:
    id = centre.hears(severity=1, expires_at=centre.now + 30_000)["alert"]
    centre.does("officer", "alert.acknowledge", alert=id)
    centre.passes(30)
    assert centre.told(id)[-1] == "AlertEscalated"
    centre.passes(600)
    assert centre.told(id)[-1] == "AlertExpired"
