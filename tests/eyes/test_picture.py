"""The picture `autowall`: what a wall and a desk are told, now and as it was."""

from typing import Any

from dispatch.log import head
from dispatch.vocabulary import Role
from layouts.panels import desk_cameras, wall_cameras
from layouts.texts import Texts, both
from streams.look import Board
from streams.pictures import take
from streams.view import Moment, View
from tests.dispatch.centre import Centre
from tests.eyes.test_commands import CREW, PHOTO, _sends

WALL = View(Role.WALL, ("e",))
T = Texts("zh")
HERE = {"lat": 37.05, "lon": 118.05}
HEARD = {
    "state": "live", "reason": "", "since": 1, "last_frame_at": 1, "width": 640, "height": 480,
    "fps": 15.0, "kbps": 700, "viewers": 0, "bframes": False, "transcoding": False, "plays": True,
}  # fmt: skip


def test_a_wall_at_war_shows_what_looks_at_the_incident(centre: Centre) -> None:
    event, _ = centre.incident(type="other", lat=37.05, lon=118.05)
    assert _wall(centre)["incident"] is None
    assert len(_wall(centre)["picks"]) == 3
    centre.war(event, "e")
    shown = _wall(centre)
    assert shown["incident"] == event
    assert [one["feed"] for one in shown["picks"]] == ["cam/C1", "cam/C3", "cam/C5", "cam/C2"]
    (area,) = [one for one in wall_cameras.PANELS if one.id == "wall-video"]
    rows = area.props({"autowall": shown}, T, WALL)[("wall-video-tiles", "rows")]
    assert rows[0]["name"] == "C1 镜头 · 北 222 m"
    assert [row["slot"] for row in rows] == [1, 2, 3, 4, 0]


def test_a_picture_that_is_not_recorded_says_so(centre: Centre) -> None:
    event, _ = centre.incident(type="other", lat=37.05, lon=118.05)
    centre.war(event, "e")
    far = {**HEARD, "state": "idle", "reason": "elsewhere", "plays": None, "recordable": False}
    heard = Board(centre.city, both)
    heard.feeds.states, heard.feeds.up = {"cam/C1": far, "cam/C3": HEARD}, True
    shown = _at(centre, WALL, heard)
    (area,) = [one for one in wall_cameras.PANELS if one.id == "wall-video"]
    rows = area.props({"autowall": shown}, T, WALL)[("wall-video-tiles", "rows")]
    names = {row["feed"]: row["name"] for row in rows}
    assert names["cam/C1"] == "C1 镜头 · 北 222 m · 不录像"
    assert "不录像" not in names["cam/C3"]


def test_a_pushed_picture_says_who_put_it_there(centre: Centre) -> None:
    event, _ = centre.incident(type="other", lat=37.05, lon=118.05)
    centre.war(event, "e")
    centre.does("officer", "wall.push", feed="cam/C4", slot=2, minutes=10)
    shown = _wall(centre)
    assert [one["feed"] for one in shown["picks"]][1] == "cam/C4"
    (area,) = [one for one in wall_cameras.PANELS if one.id == "wall-video"]
    rows = area.props({"autowall": shown}, T, WALL)[("wall-video-tiles", "rows")]
    assert rows[1]["badge"].startswith("officer 上墙")
    centre.passes(601)
    assert [one["feed"] for one in _wall(centre)["picks"]][1] == "cam/C3"


def test_a_district_does_not_push_onto_the_citys_wall(centre: Centre) -> None:
    centre.does("officer-e", "wall.push", feed="cam/C4", slot=1)
    assert _at(centre, View(Role.WALL, ("city",)))["pushed"] == []
    assert len(_wall(centre)["pushed"]) == 1


def test_a_desk_that_looks_into_an_alert_is_told_which(centre: Centre) -> None:
    alert = centre.hears(type="other", lat=37.05, lon=118.05)["alert"]
    shown = _at(centre, View(Role.OFFICER, ("e",), subject=alert))
    assert (shown["incident"], shown["alert"]) == (None, alert)
    row = desk_cameras.PANEL.props({"autowall": shown}, T, WALL)[("desk-cameras-tiles", "rows")][0]
    assert (row["incident"], row["alert"]) == (None, alert)


def test_a_phone_at_the_scene_is_an_eye_while_it_sends(centre: Centre) -> None:
    order = centre.order("FIR-E-01", incident=centre.incident(type="other", **HERE)[0])
    centre.war(centre.row(order)["incident"], "e")
    board = Board(centre.city, both)
    board.feeds.up = True

    def first() -> str:
        return str(_at(centre, WALL, board)["picks"][0]["feed"])

    centre.does(CREW, "order.send_picture", order=order, on=True)
    assert first() == "cam/C1"
    board.feeds.states = {"phone/FIR-E-01": HEARD}
    assert first() == "phone/FIR-E-01"
    abroad = _at(centre, View(Role.WALL, ("w",)), board)
    assert "phone/FIR-E-01" not in [one["feed"] for one in abroad["picks"] + abroad["spares"]]
    centre.does(CREW, "order.send_picture", order=order, on=False)
    assert first() == "cam/C1"


def test_a_desk_sees_its_own_incident_who_watches_and_what_was_sent(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    event = centre.row(order)["incident"]
    centre.does("officer", "viewing.start", feed="cam/C1", incident=event)
    sent = _sends(centre, CREW, order)
    shown = _at(centre, View(Role.OFFICER, ("e",), subject=event))
    assert shown["incident"] == event
    assert shown["watched"]["cam/C1"][0]["by"] == "officer"
    assert [one["id"] for one in shown["uploads"]] == [sent]
    made = desk_cameras.props({"autowall": shown}, T, WALL)
    assert made[("desk-cameras-sent", "rows")][0]["id"] == sent
    first = made[("desk-cameras-tiles", "rows")][0]
    assert first["leaves"][0]["by"] == "officer"
    assert PHOTO.kind == "photo"


def test_another_districts_incident_is_not_opened_by_its_number(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    event, alert = centre.row(order)["incident"], centre.hears(title="a name", **HERE)["alert"]
    centre.does("officer-e", "viewing.start", feed="cam/C1", reason="a secret")
    _sends(centre, CREW, order)
    for subject in (event, alert):
        shown = _at(centre, View(Role.OFFICER, ("w",), subject=subject))
        assert (shown["incident"], shown["alert"], shown["title"]) == (None, None, "")
        assert (shown["uploads"], shown["watched"]) == ([], {})


def test_a_war_is_on_every_wall_that_it_is_for(centre: Centre) -> None:
    event, _ = centre.incident(type="other", title="tank leaks", **HERE)
    war = centre.war(event, "e", "w", level=3)
    centre.does("leader-2", "activation.sign", activation=war)
    assert _at(centre, View(Role.WALL, ("w",)))["title"] == "tank leaks"


def test_sixteen_pictures_if_the_desk_says_so(centre: Centre) -> None:
    event, _ = centre.incident(type="other", lat=37.05, lon=118.05)
    centre.war(event, "e")
    centre.does("officer-e", "wall.arrange", cells=16)
    assert _wall(centre)["cells"] == 16


def _wall(centre: Centre) -> dict[str, Any]:
    return _at(centre, WALL)


def _at(centre: Centre, view: View, board: Board | None = None) -> dict[str, Any]:
    def read(connection: Any) -> dict[str, Any]:
        known = board or Board(centre.city, both)
        moment = Moment(head(connection), centre.now)
        return take(known.look(connection, moment), "autowall", view)

    return centre.database.read(read)
