"""Alerts as they arrive: once each, in whatever order, with a place and a time limit."""

import pytest
from sqlalchemy import select

from dispatch import alerts, arrivals
from dispatch.access import Actor
from dispatch.canonical import loads
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.incoming import cell
from dispatch.inputs import parse
from dispatch.models import alert, private_note, timer
from tests.dispatch.centre import Centre


def test_an_alert_sent_twice_is_one_alert(centre: Centre) -> None:
    first = centre.hears(ext_id="a")
    again = centre.hears(ext_id="a")
    assert again == first
    assert centre.told() == ["AlertReceived"]


def test_an_alert_that_comes_by_two_doors_is_one_alert(centre: Centre) -> None:
    said = {"source": "gas", "ext_id": "a", "title": "x", "occurred_at": centre.now}
    by_http = arrivals.take(
        centre.writer, centre.city, centre.source(), alerts.Incoming(**said), centre.now
    )
    door = Actor("redis", None, rights=("alerts:write",))
    by_redis = arrivals.take(
        centre.writer, centre.city, door, alerts.Incoming(**said), centre.now + 50
    )
    assert by_redis.body["alert"] == by_http.body["alert"]
    assert by_redis.body["outcome"] == "repeated"
    assert centre.told() == ["AlertReceived"]


def test_another_source_may_use_the_same_name(centre: Centre) -> None:
    assert centre.hears(ext_id="a")["alert"] != centre.hears(ext_id="a", source="rain")["alert"]


def test_a_key_speaks_for_its_own_source_only(centre: Centre) -> None:
    parsed = alerts.Incoming(source="rain", ext_id="a")
    with pytest.raises(Invalid) as refused:
        arrivals.take(centre.writer, centre.city, centre.source("gas"), parsed, centre.now)
    assert refused.value.field == "source"
    with pytest.raises(Forbidden):
        arrivals.take(centre.writer, centre.city, centre.actor("officer"), parsed, centre.now)


def test_an_update_makes_a_new_revision(centre: Centre) -> None:
    id = centre.hears(ext_id="a", severity=3)["alert"]
    assert centre.hears(ext_id="a", kind="update", severity=1)["outcome"] == "updated"
    row = centre.row(id)
    assert (row["revision"], row["severity"], row["state"]) == (2, 1, "NEW")
    assert centre.events()[-1].body["worse"] is True
    assert row["ack_due"] == centre.now + 60_000


def test_an_older_message_never_overwrites_a_newer_one(centre: Centre) -> None:
    id = centre.hears(ext_id="a", title="new", sent_at=2_000)["alert"]
    assert centre.hears(ext_id="a", title="old", sent_at=1_000)["outcome"] == "stale"
    assert centre.row(id)["title"] == "new"


def test_a_word_that_is_said_again_after_another_counts_anew(centre: Centre) -> None:
    """Level III, I, III, I: the last must sound as the second did."""
    id = centre.hears(ext_id="a", severity=3)["alert"]
    said = [centre.hears(ext_id="a", kind="update", severity=n) for n in (1, 3, 1)]
    assert [one["outcome"] for one in said] == ["updated"] * 3
    row = centre.row(id)
    assert (row["severity"], row["revision"]) == (1, 4)
    assert [e.body["worse"] for e in centre.events()[1:]] == [True, False, True]
    assert centre.hears(ext_id="a", kind="update", severity=1) == said[-1]
    assert centre.row(id)["revision"] == 4


def test_a_word_without_a_number_counts_anew_also_for_an_alert_that_somebody_has(
    centre: Centre,
) -> None:
    id = centre.hears(ext_id="a", severity=3)["alert"]
    centre.hears(ext_id="a", severity=1)
    centre.does("officer", "alert.verify", alert=id)
    assert centre.hears(ext_id="a", severity=1)["outcome"] == "updated"
    assert centre.row(id)["revision"] == 2
    centre.hears(ext_id="a", severity=3)
    assert centre.hears(ext_id="a", severity=1)["outcome"] == "updated"
    assert (centre.row(id)["severity"], centre.row(id)["state"]) == (1, "CONFIRMED")


@pytest.mark.parametrize("field", ["seq", "sent_at"])
def test_what_is_numbered_or_dated_is_known_again_however_late(centre: Centre, field: str) -> None:
    levels = [(1_000, 3), (2_000, 1), (3_000, 3), (4_000, 1)]
    messages = [{"ext_id": "a", "severity": level, field: n} for n, level in levels]
    said = [centre.hears(**one) for one in messages]
    assert [one["outcome"] for one in said] == ["new", "updated", "updated", "updated"]
    assert [centre.hears(**one) for one in messages] == said
    assert len(centre.events()) == 4
    row = centre.row(said[0]["alert"])
    assert (row["severity"], row["revision"]) == (1, 4)


def test_a_cancellation_that_is_sent_again_changes_nothing(centre: Centre) -> None:
    messages = [{"ext_id": "a"}, {"ext_id": "a", "severity": 1}, {"ext_id": "a", "kind": "cancel"}]
    (id,) = {centre.hears(**one)["alert"] for one in messages}
    before = len(centre.events())
    for one in messages:
        centre.hears(**one)
    assert len(centre.events()) == before
    assert centre.row(id)["state"] == "CANCELLED"


def test_an_update_that_overtakes_its_alert_counts(centre: Centre) -> None:
    made = centre.hears(ext_id="u", kind="update", references=("a",), title="new")
    late = centre.hears(ext_id="a", title="old")
    assert (made["outcome"], late) == ("new", {**made, "outcome": "stale"})
    assert centre.row(made["alert"])["title"] == "new"
    assert len(centre.rows(alert)) == 1


def test_updates_follow_one_another_by_name(centre: Centre) -> None:
    id = centre.hears(ext_id="a", sent_at=1)["alert"]
    centre.hears(ext_id="b", kind="update", references=("a",), title="two", sent_at=2)
    done = centre.hears(ext_id="c", kind="update", references=("b",), title="three", sent_at=3)
    assert done["alert"] == id
    centre.hears(ext_id="d", kind="cancel", references=("c",))
    assert centre.row(id)["state"] == "CANCELLED"


@pytest.mark.parametrize("cancel_first", [False, True])
@pytest.mark.parametrize("by_reference", [False, True])
def test_a_cancellation_counts_whenever_it_comes(
    centre: Centre, cancel_first: bool, by_reference: bool
) -> None:
    cancel = {"ext_id": "c", "references": ("a",)} if by_reference else {"ext_id": "a"}
    messages = [{"ext_id": "a"}, {**cancel, "kind": "cancel"}]
    outcomes = [centre.hears(**one) for one in (messages[::-1] if cancel_first else messages)]
    (row,) = centre.rows(alert)
    assert row["state"] == "CANCELLED"
    assert centre.rows(timer) == []
    assert outcomes[0]["outcome"] == ("remembered" if cancel_first else "new")
    assert "AlertCancelled" in centre.told(row["id"])


def test_a_cancellation_of_what_is_linked_leaves_the_incident_alone(centre: Centre) -> None:
    incident, _ = centre.incident(ext_id="a")
    centre.hears(ext_id="a", kind="cancel")
    (row,) = centre.rows(alert)
    assert row["state"] == "LINKED"
    last = centre.events()[-1]
    assert (last.type, last.incident) == ("AlertCancelled", incident)


@pytest.mark.parametrize(("severity", "seconds"), [(1, 60), (2, 180), (3, 600), (4, 1800)])
def test_the_limit_to_acknowledge_follows_the_severity(
    centre: Centre, severity: int, seconds: int
) -> None:
    id = centre.hears(severity=severity)["alert"]
    assert centre.row(id)["ack_due"] == centre.now + seconds * 1000
    (row,) = centre.rows(timer)
    assert row["due_at"] == centre.now + seconds * 1000


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ({}, ["e"]),
        ({"lon": 118.15}, ["w"]),
        ({"lon": 119.0}, ["city"]),
        ({"lat": None, "lon": None}, ["city"]),
        ({"district": "w"}, ["w"]),
    ],
)
def test_the_place_says_whose_alert_it_is(
    centre: Centre, said: dict[str, object], scope: list[str]
) -> None:
    id = centre.hears(**said)["alert"]
    assert loads(centre.row(id)["scope_json"]) == scope


@pytest.mark.parametrize(
    ("said", "field"), [({"district": "x"}, "district"), ({"lat": None}, "lat")]
)
def test_a_place_that_makes_no_sense_is_refused(
    centre: Centre, said: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        centre.hears(**said)
    assert refused.value.field == field
    assert centre.told() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lat", 91),
        ("lat", "37.0"),
        ("lon", True),
        ("severity", 5),
        ("severity", 2.5),
        ("category", "other"),
        ("title", ""),
        ("title", "\u200b\u202e"),
        ("title", "x" * 401),
        ("occurred_at", -1),
        ("occurred_at", 1_795_233_600_000_000),
        ("kind", "delete"),
        ("surprise", 1),
        ("reading", {"ppm": [1]}),
        ("ext_id", ""),
    ],
)
def test_a_wrong_input_is_named(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        parse(alerts.Incoming, {"source": "gas", "ext_id": "a", field: value})
    assert refused.value.field.split(".")[0] == field


def test_a_number_that_is_not_finite_is_refused() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(Invalid):
            parse(alerts.Incoming, {"source": "gas", "ext_id": "a", "lat": value})


def test_texts_lose_what_cannot_be_seen() -> None:
    said = {"source": "gas", "ext_id": "a", "title": " e\u0301\u202e\u0000\n<b> ", "text": "a\nb"}
    parsed = parse(alerts.Incoming, said)
    assert (parsed.title, parsed.text) == ("é <b>", "a\nb")


def test_similar_alerts_are_named(centre: Centre) -> None:
    first = centre.hears()["alert"]
    centre.hears(type="fire")
    centre.hears(lat=37.054)
    centre.hears(occurred_at=centre.now - 700_000)
    second = centre.hears(lat=37.0505)["alert"]
    last = centre.events()[-1]
    assert (last.subject, last.body["similar"]) == (second, [first])


def test_an_expired_alert_that_is_updated_is_new_again(centre: Centre) -> None:
    id = centre.hears(ext_id="a", severity=4, expires_at=centre.now + 1_000)["alert"]
    centre.passes(2)
    assert centre.row(id)["state"] == "EXPIRED"
    centre.hears(ext_id="a", severity=4, title="again", expires_at=centre.now + 9_000)
    assert centre.row(id)["state"] == "NEW"
    centre.passes(10)
    assert centre.told(id).count("AlertExpired") == 2


@pytest.mark.parametrize(
    ("sent", "ends", "stays_s"),
    [
        (-7_200, -3_600, 3_600),  # valid for an hour when it was sent, by whichever clock
        (-7_200, -7_000, 1_800),  # somebody has as long to take it as any
        (-400_000, -4_000, 86_400),  # but a day is enough
    ],
)
def test_an_alert_that_is_over_when_it_comes_does_not_end_unseen(
    centre: Centre, sent: int, ends: int, stays_s: int
) -> None:
    """It is late, or our clock is two hours ahead: nobody knows."""
    said = {"sent_at": centre.now + sent * 1_000, "expires_at": centre.now + ends * 1_000}
    id = centre.hears(severity=4, **said)["alert"]
    centre.passes(stays_s - 1)
    assert centre.row(id)["state"] == "NEW"
    centre.passes(1)
    assert centre.row(id)["state"] == "EXPIRED"


def test_a_source_that_calls_its_alert_over_is_believed(centre: Centre) -> None:
    id = centre.hears(ext_id="a", severity=4, sent_at=centre.now)["alert"]
    centre.now += 60_000
    over = {"sent_at": centre.now, "expires_at": centre.now - 1_000}
    centre.hears(ext_id="a", severity=4, kind="update", **over)
    centre.passes(0)
    assert centre.row(id)["state"] == "EXPIRED"


def test_an_alert_that_is_late_and_over_is_not_armed_anew_by_each_message(centre: Centre) -> None:
    said = {"ext_id": "a", "severity": 4, "expires_at": centre.now - 60_000}
    id = centre.hears(**said)["alert"]
    for n in range(3):
        centre.passes(500)
        centre.hears(**said, kind="update", reading={"ppm": n})
    centre.passes(400)
    assert centre.row(id)["state"] == "EXPIRED"


def test_an_alert_that_comes_back_waits_for_somebody_again(centre: Centre) -> None:
    id = centre.hears(ext_id="a", severity=3, expires_at=centre.now + 1_000)["alert"]
    centre.does("officer", "alert.acknowledge", alert=id)
    centre.passes(2)
    centre.hears(ext_id="a", severity=3, title="again", expires_at=centre.now + 9_000_000)
    assert (centre.row(id)["state"], centre.row(id)["acked_by"]) == ("NEW", None)
    assert centre.does("lead", "alert.acknowledge", alert=id)["acked_by"] == "lead"


def test_further_messages_do_not_escalate_again_what_was_escalated(centre: Centre) -> None:
    said = {"ext_id": "a", "severity": 2, "expires_at": centre.now + 400_000}
    id = centre.hears(**said)["alert"]
    centre.passes(400)
    centre.passes(1)
    before = centre.told(id).count("AlertEscalated")
    for n in range(3):
        centre.hears(**said, kind="update", reading={"ppm": n})
        centre.passes(10)
    assert centre.told(id).count("AlertEscalated") == before
    centre.hears(**{**said, "severity": 1}, kind="update")
    assert centre.row(id)["ack_due"] == centre.now + 60_000
    centre.passes(60)
    assert centre.told(id).count("AlertEscalated") == before + 1


def test_a_message_without_a_time_keeps_the_time_that_is_known(centre: Centre) -> None:
    id = centre.hears(ext_id="a", sent_at=2_000, occurred_at=1_500)["alert"]
    centre.hears(ext_id="a", title="more")
    row = centre.row(id)
    assert (row["title"], row["sent_at"], row["occurred_at"]) == ("more", 2_000, 1_500)


def test_a_report_by_telephone_keeps_the_caller_out_of_the_log(centre: Centre) -> None:
    said = {"what": "smoke", "category": "accident", "severity": 2, "lat": 37.05, "lon": 118.05}
    id = centre.does(
        "officer",
        "alert.report",
        **said,
        place="gate 2",
        minutes_ago=5,
        caller_name="Zhang",
        caller_phone="13800001234",
    )["alert"]
    row = centre.row(id)
    assert (row["source"], row["occurred_at"]) == ("desk", centre.now - 300_000)
    assert not any("Zhang" in str(e) or "13800001234" in str(e) for e in centre.events())
    notes = centre.database.read(lambda c: c.execute(select(private_note)).all())
    assert {(n.subject, n.kind, n.value) for n in notes} == {
        (id, "caller_name", "Zhang"),
        (id, "caller_phone", "13800001234"),
    }


def test_two_reports_in_one_moment_are_two_alerts(centre: Centre) -> None:
    said = {"what": "smoke", "category": "accident", "severity": 2, "lat": 37.05, "lon": 118.05}
    ids = [centre.does("officer", "alert.report", **said, place="x")["alert"] for _ in range(2)]
    assert len(set(ids)) == 2


def test_a_drill_has_its_own_alerts(centre: Centre) -> None:
    real = centre.hears(ext_id="a")
    drill = centre.hears(ext_id="a", realm="drill-1")
    assert (real["outcome"], drill["outcome"]) == ("new", "new")
    assert {row["realm"] for row in centre.rows(alert)} == {"real", "drill-1"}


def test_a_key_used_in_a_drill_is_not_answered_in_earnest(centre: Centre) -> None:
    id = centre.hears(ext_id="a")["alert"]
    assert centre.hears(ext_id="a", realm="drill-1")["alert"] == id
    centre.does("officer", "alert.acknowledge", key="k", realm="drill-1", alert=id)
    with pytest.raises(Conflict):
        centre.does("officer", "alert.acknowledge", key="k", alert=id)


def test_places_in_one_square_of_a_kilometre_have_one_number() -> None:
    here = cell(37.4512, 118.9512)
    assert cell(37.4599, 118.9599) == here
    assert cell(37.4601, 118.9512) != here
    assert cell(37.4512, 118.9601) != here
    assert cell(-0.001, 0.001) != cell(0.001, 0.001)
    assert cell(None, 118.9) == cell(37.4, None) == -1
