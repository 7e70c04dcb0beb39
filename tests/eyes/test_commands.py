"""Pictures on the wall, leave to watch, and what a responder's phone tells."""

import pytest

from dispatch import responders, sendings, viewings
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.log import Request
from dispatch.models import safety, sharing, upload, viewing, wall_layout, wall_push
from dispatch.uploads import Kept, record
from tests.dispatch.centre import Centre, crew, elsewhere

CREW = crew("FIR-E-01")
PHOTO = Kept("photo", "image/jpeg", 2_000, "a" * 64, "b" * 64)


def test_a_pushed_picture_stands_on_the_wall_until_its_time_is_over(centre: Centre) -> None:
    event, _ = centre.incident(type="other")
    told = {"feed": "cam/C1", "slot": 2, "minutes": 5, "incident": event}
    made = centre.does("officer", "wall.push", **told)["push"]
    (row,) = centre.rows(wall_push)
    assert (row["feed"], row["slot"], row["pushed_by"]) == ("cam/C1", 2, "officer")
    centre.passes(299)
    assert centre.rows(wall_push)
    centre.passes(2)
    assert centre.rows(wall_push) == []
    assert centre.told(made) == ["WallPushed", "WallReleased"]


def test_another_picture_takes_the_place(centre: Centre) -> None:
    centre.does("officer", "wall.push", feed="cam/C1", slot=1)
    centre.does("leader", "wall.push", feed="drone/UAV-E-1", slot=1)
    (row,) = centre.rows(wall_push)
    assert row["feed"] == "drone/UAV-E-1"
    centre.does("officer", "wall.release", push=row["id"])
    assert centre.rows(wall_push) == []
    assert centre.passes(3_600) == []


def test_a_district_has_its_own_wall(centre: Centre) -> None:
    centre.does("officer", "wall.push", feed="cam/C1", slot=1)
    centre.does("officer-e", "wall.push", feed="cam/C3", slot=1)
    assert len(centre.rows(wall_push)) == 2
    with pytest.raises(Forbidden):
        centre.does("officer-w", "wall.push", feed="cam/C1", slot=1)
    with pytest.raises(Invalid):
        centre.does("officer", "wall.push", feed="cam/NO", slot=1)


def test_how_many_pictures_a_wall_has_is_said_once(centre: Centre) -> None:
    for cells in (16, 16, 9):
        centre.does("officer", "wall.arrange", cells=cells)
    (row,) = centre.rows(wall_layout)
    assert row["cells"] == 9
    assert centre.told(row["id"]) == ["WallArranged", "WallArranged"]


def test_nobody_writes_into_the_log_of_another_districts_incident(centre: Centre) -> None:
    west = {"lat": 37.05, "lon": 118.15}
    event, _ = centre.incident(type="other", **west)
    alert = centre.hears(type="other", **west)["alert"]
    asked = [
        ("wall.push", {"incident": event}),
        ("viewing.start", {"incident": event}),
        ("viewing.start", {"incident": event, "reason": "all the same"}),
        ("viewing.start", {"alert": alert}),
    ]
    for name, about in asked:
        with pytest.raises(Forbidden) as refused:
            centre.does("officer-e", name, feed="cam/C1", **about)
        assert (refused.value.code, refused.value.field) == ("out_of_scope", next(iter(about)))
    centre.does("officer", "viewing.start", feed="cam/C1", incident=event)


def test_leave_to_watch_runs_out(centre: Centre) -> None:
    actor = centre.actor("officer")
    made = centre.does(actor, "viewing.start", feed="cam/C1", minutes=2, reason="核实")["viewing"]
    assert _may(centre, "officer", "cam/C1")
    assert not _may(centre, "leader", "cam/C1")
    assert not _may(centre, "officer", "cam/C2")
    centre.passes(60)
    centre.does(actor, "viewing.start", feed="cam/C1", minutes=2, reason="核实")
    centre.passes(110)
    assert _may(centre, "officer", "cam/C1")
    centre.passes(20)
    assert not _may(centre, "officer", "cam/C1")
    assert centre.rows(viewing) == []
    assert centre.told(made) == ["ViewingStarted", "ViewingExtended", "ViewingEnded"]


def test_nobody_watches_without_a_reason_or_outside_the_own_district(centre: Centre) -> None:
    with pytest.raises(Invalid):
        centre.does("officer", "viewing.start", feed="cam/C1")
    with pytest.raises(Forbidden):
        centre.does("officer-w", "viewing.start", feed="cam/C1", reason="x")
    with pytest.raises(Forbidden):
        centre.does(CREW, "viewing.start", feed="cam/C1", reason="x")


def test_an_alert_that_is_being_looked_into_is_a_reason_until_it_is_closed(centre: Centre) -> None:
    alert = centre.hears(type="other")["alert"]
    centre.does("officer", "viewing.start", feed="cam/C1", alert=alert)
    assert [row["reason"] for row in centre.rows(viewing)] == [alert]
    centre.does("officer", "alert.dismiss", alert=alert, reason="误报")
    with pytest.raises(Forbidden) as refused:
        centre.does("officer", "viewing.start", feed="cam/C2", alert=alert)
    assert (refused.value.code, refused.value.field) == ("incident_over", "alert")
    centre.does("officer", "viewing.start", feed="cam/C2", alert=alert, reason="复核")


def test_watching_is_ended_by_who_watches(centre: Centre) -> None:
    made = centre.does("officer", "viewing.start", feed="cam/C1", reason="x")["viewing"]
    with pytest.raises(Forbidden):
        centre.does("leader", "viewing.end", viewing=made)
    centre.does("officer", "viewing.end", viewing=made)
    assert not _may(centre, "officer", "cam/C1")


def test_a_place_is_shared_while_the_order_runs(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    centre.does(CREW, "order.share_place", order=order, on=True)
    assert _shared(centre, order)
    centre.does(CREW, "order.share_place", order=order, on=False)
    assert not _shared(centre, order)
    centre.does(CREW, "order.share_place", order=order, on=True)
    centre.does(CREW, "order.advance", order=order, to="DONE")
    assert not _shared(centre, order)
    with pytest.raises(Conflict):
        centre.does(CREW, "order.share_place", order=order, on=True)


def test_a_live_picture_is_sent_while_the_order_runs(centre: Centre) -> None:
    order = centre.order("FIR-E-01")

    def sent() -> list[str]:
        return [one.unit for one in centre.database.read(lambda c: sendings.running(c))]

    with pytest.raises(Forbidden):
        centre.does(crew("FIR-E-02"), "order.send_picture", order=order, on=True)
    centre.does(CREW, "order.send_picture", order=order, on=True)
    assert sent() == ["FIR-E-01"]
    centre.does(CREW, "order.send_picture", order=order, on=False)
    assert sent() == []
    centre.does(CREW, "order.send_picture", order=order, on=True)
    centre.does("officer", "viewing.start", feed="phone/FIR-E-01", reason="drill")
    centre.does(CREW, "order.advance", order=order, to="DONE")
    assert sent() == []
    with pytest.raises(Conflict):
        centre.does(CREW, "order.send_picture", order=order, on=True)
    with pytest.raises(Invalid):
        centre.does("officer", "viewing.start", feed="phone/FIR-E-01", reason="drill")


def test_nobody_shares_another_units_place(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    with pytest.raises(Forbidden):
        centre.does(crew("FIR-E-02"), "order.share_place", order=order, on=True)


def test_who_does_not_report_safe_raises_an_alarm(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    watch = {"order": order, "minutes": 10, "text": "未按时报平安"}
    centre.does(CREW, "order.watch_safety", **watch)
    centre.passes(9 * 60)
    centre.does(CREW, "order.confirm_safety", order=order)
    centre.passes(9 * 60)
    assert "PersonDown" not in centre.told()
    centre.passes(61)
    (row,) = centre.rows(safety)
    assert row["state"] == responders.DOWN
    alarm = centre.row(row["alert"])
    assert (alarm["severity"], alarm["type"]) == (2, "responder_down")
    assert "未按时报平安" in alarm["title"]
    assert alarm["lat"] is not None


def test_a_late_word_stands_the_timer_up_again(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    centre.does(CREW, "order.watch_safety", order=order, minutes=1)
    centre.passes(61)
    centre.does(CREW, "order.confirm_safety", order=order)
    (row,) = centre.rows(safety)
    assert (row["state"], row["due_at"]) == (responders.RUNNING, centre.now + 60_000)


def test_the_timer_ends_with_the_order(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    centre.does(CREW, "order.watch_safety", order=order, minutes=1)
    centre.does(CREW, "order.advance", order=order, to="DONE")
    centre.passes(61)
    assert centre.rows(safety) == []
    assert "PersonDown" not in centre.told()


def test_a_call_for_help_is_an_alert_where_the_phone_is(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    asked = {"order": order, "lat": 37.061, "lon": 118.062, "text": "求援"}
    made = centre.does(CREW, "order.ask_help", **asked)["alert"]
    alarm = centre.row(made)
    assert (alarm["lat"], alarm["lon"], alarm["severity"]) == (37.061, 118.062, 2)
    assert alarm["title"].startswith("求援")


def test_a_photo_stands_in_the_log_with_its_hash(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    centre.does(CREW, "order.advance", order=order, to="DONE")
    made = _sends(centre, CREW, order)  # after withdrawal
    (row,) = centre.rows(upload)
    assert (row["id"], row["sha256"], row["lat"]) == (made, PHOTO.sha256, None)
    (told,) = [one for one in centre.events() if one.subject == made]
    assert (told.type, told.body["sha256"]) == ("UploadReceived", PHOTO.sha256)


def test_the_same_photo_sent_again_is_one(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    assert _sends(centre, CREW, order) == _sends(centre, CREW, order)
    assert len(centre.rows(upload)) == 1


def test_a_photo_belongs_to_the_senders_own_order(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    with pytest.raises(Forbidden):
        _sends(centre, crew("FIR-E-02"), order)
    with pytest.raises(Forbidden):
        centre.writer.command(_request(centre, elsewhere(centre, centre.actor(CREW).role), order))


def _sends(centre: Centre, who: str, order: str) -> str:
    made: str = centre.writer.command(_request(centre, centre.actor(who), order)).body["upload"]
    return made


def _request(centre: Centre, actor: object, order: str) -> Request:
    return record(actor, centre.city, order, None, PHOTO, "key-1", centre.now)  # type: ignore[arg-type]


def _may(centre: Centre, who: str, feed: str) -> bool:
    actor = centre.actor(who)
    return centre.database.read(lambda c: viewings.runs(c, actor, feed, centre.now))


def _shared(centre: Centre, order: str) -> bool:
    rows = centre.rows(sharing)
    return responders.shares(rows[0] if rows else None, centre.row(order))
