"""The hub: one cycle serves all rooms, each gets only what changed, in its own sequence."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from dispatch.city_records import Camera
from dispatch.errors import NotFound
from dispatch.vocabulary import Role
from streams import gallery
from streams.feeds import Feeds
from streams.hub import Hub
from streams.look import Board, Look
from streams.rooms import room_name
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.streams.conftest import CITY_DESK, EAST_DESK, WEST_DESK
from tests.streams.waiting import running, wait_for

WALL = View(Role.WALL, ("city",))
LEADER = View(Role.LEADER, ("city",))


@dataclass(frozen=True)
class ListPanel:
    """A panel as the layouts make them: a list, a count, and what it has open."""

    pictures: tuple[str, ...]
    props: Callable[[Mapping[str, Any], Any, View], Mapping[tuple[str, str], Any]]
    subject: str | None = None


def queue(pictures: Mapping[str, Any], _t: Any, _view: View) -> dict[tuple[str, str], Any]:
    rows = [
        {"id": a["id"], "rank": a["id"], "title": a["title"]} for a in pictures["alerts"]["alerts"]
    ]
    open_count = pictures["alerts"]["counts"]["open"]
    return {("queue-grid", "rowData"): rows, ("queue-count", "children"): str(open_count)}


def mode(pictures: Mapping[str, Any], _t: Any, _view: View) -> dict[tuple[str, str], Any]:
    return {("mode", "mode"): pictures["activations"]["mode"]}


def detail(pictures: Mapping[str, Any], _t: Any, view: View) -> dict[tuple[str, str], Any]:
    shown = pictures["incident"]["alert"]
    return {("detail-title", "children"): [view.subject, shown and shown["title"]]}


def broken(pictures: Mapping[str, Any], _t: Any, _view: View) -> dict[tuple[str, str], Any]:
    if pictures["alerts"]["counts"]["open"] == 1:
        raise RuntimeError("a panel with a fault")
    return {("broken", "children"): "well"}


def phone(pictures: Mapping[str, Any], _t: Any, _view: View) -> dict[tuple[str, str], Any]:
    mine = pictures["phone"]["orders"]
    return {("phone-list", "rows"): [{"id": o["id"], "rank": "", "s": o["state"]} for o in mine]}


def eyes(pictures: Mapping[str, Any], _t: Any, _view: View) -> dict[tuple[str, str], Any]:
    seen = [one["id"] for one in pictures["feeds"]["feeds"]]
    tiles = [one["feed"] for one in pictures["autowall"]["picks"]]
    return {("eyes", "children"): seen, ("tiles", "children"): tiles}


PANELS = {
    "eyes": ListPanel(("feeds", "autowall"), eyes),
    "phone": ListPanel(("phone",), phone, "unit"),
    "queue": ListPanel(("alerts",), queue),
    "mode": ListPanel(("activations",), mode),
    "detail": ListPanel(("incident",), detail, "alert"),
    "broken": ListPanel(("alerts",), broken),
}


class Hall:
    """A hub without threads, and what it sent."""

    def __init__(self, centre: Centre, board: Board) -> None:
        self.sent: list[tuple[str, Any, str | None]] = []
        self.hub = Hub(
            centre.database, board, PANELS, lambda lang: lang,
            lambda *message: self.sent.append(message), now=lambda: centre.now,
        )  # fmt: skip
        self.hub.cycle()

    def shows(self, panel: str, view: View = CITY_DESK) -> dict[str, Any]:
        return self.hub.snapshot(self.hub.join(view, panel))

    def pushes(self) -> list[dict[str, Any]]:
        """The pushes of the cycle that now takes place."""
        self.sent.clear()
        self.hub.cycle()
        return [data for event, data, _ in self.sent if event == "push"]


@pytest.fixture
def hall(centre: Centre, board: Board) -> Hall:
    return Hall(centre, board)


def test_a_room_shows_what_the_store_holds_when_it_is_joined(centre: Centre, hall: Hall) -> None:
    id = centre.hears(title="gas in the cellar")["alert"]
    shown = hall.shows("queue")
    assert shown["rows"] == {"queue-grid": [{"id": id, "rank": id, "title": "gas in the cellar"}]}
    assert shown["props"] == {"queue-count": {"children": "1"}}
    assert shown["head"] == 1


def test_a_screen_is_sent_all_its_panels_and_none_that_it_left(centre: Centre, hall: Hall) -> None:
    centre.hears()
    rooms = [hall.hub.join(CITY_DESK, panel) for panel in ("queue", "mode", "broken")]
    left = hall.hub.join(EAST_DESK, "queue")
    hall.hub.leave(left)
    hall.sent.clear()
    hall.hub.send_snapshots([*rooms, left], "sid-1")
    assert [(event, said["room"], to) for event, said, to in hall.sent] == [
        ("snapshot", room, "sid-1") for room in rooms
    ]
    assert [said.get("error", False) for _, said, _ in hall.sent] == [False, False, True]


def test_a_push_brings_only_the_rows_that_changed(centre: Centre, hall: Hall) -> None:
    first = centre.hears()["alert"]
    start = hall.shows("queue")
    second = centre.hears(title="another")["alert"]
    (push,) = hall.pushes()
    assert [row["id"] for row in push["rows"]["queue-grid"]["set"]] == [second]
    assert push["rows"]["queue-grid"]["drop"] == []
    assert push["props"] == {"queue-count": {"children": "2"}}
    assert (push["from_seq"], push["to_seq"]) == (start["to_seq"], start["to_seq"] + 1)
    assert first in {row["id"] for row in hall.shows("queue")["rows"]["queue-grid"]}


def test_pushes_of_a_room_follow_each_other_without_a_gap(centre: Centre, hall: Hall) -> None:
    seq = hall.shows("queue")["to_seq"]
    for _ in range(5):
        centre.hears()
        (push,) = hall.pushes()
        assert push["from_seq"] == seq
        seq = push["to_seq"]


def test_what_does_not_change_a_room_sends_it_nothing(centre: Centre, hall: Hall) -> None:
    hall.shows("mode")
    hall.shows("queue", WEST_DESK)
    centre.hears(district="e")
    assert hall.pushes() == []


def test_all_that_rang_is_served_by_one_read_of_the_store(centre: Centre, hall: Hall) -> None:
    for panel in ("queue", "mode", "broken"):
        hall.shows(panel)
    reads: list[int] = []

    def counted(call: Callable[[], Any]) -> Any:
        reads.append(1)
        return call()

    for _ in range(20):
        centre.hears()
    centre.database.offload = counted
    hall.hub.rang(centre.rung[-20:])
    assert [push["panel"] for push in hall.pushes()] == ["queue"], "one push, not twenty"
    assert len(reads) == 1


def test_lines_that_did_not_change_are_the_same_objects(centre: Centre, board: Board) -> None:
    """So that a panel makes only the line that changed anew."""
    seen: list[dict[str, Any]] = []

    def look(pictures: Mapping[str, Any], _t: Any, _view: View) -> dict[tuple[str, str], Any]:
        seen.append({row["id"]: row for row in pictures["alerts"]["alerts"]})
        return {}

    hub = Hub(centre.database, board, {"queue": ListPanel(("alerts",), look)}, str,
              lambda *_message: None, now=lambda: centre.now)  # fmt: skip
    hub.cycle()
    changed, kept = (centre.hears()["alert"] for _ in range(2))
    hub.snapshot(hub.join(CITY_DESK, "queue"))
    centre.does("officer", "alert.acknowledge", alert=changed)
    hub.cycle()
    before, after = seen
    assert after[kept] is before[kept]
    assert after[changed]["state"] == "ACKNOWLEDGED"


def test_an_empty_room_costs_nothing(centre: Centre, hall: Hall) -> None:
    room = hall.hub.join(CITY_DESK, "queue")
    hall.hub.snapshot(room)
    hall.hub.leave(room)
    centre.hears()
    assert hall.pushes() == []
    with pytest.raises(NotFound):
        hall.hub.snapshot(room)


def test_a_room_stays_until_its_last_screen_leaves(centre: Centre, hall: Hall) -> None:
    room = hall.hub.join(CITY_DESK, "queue")
    assert hall.hub.join(CITY_DESK, "queue") == room
    hall.hub.snapshot(room)
    hall.hub.leave(room)
    centre.hears()
    assert len(hall.pushes()) == 1


def test_a_room_that_opens_again_does_not_repeat_its_numbers(centre: Centre, hall: Hall) -> None:
    room = hall.hub.join(CITY_DESK, "queue")
    hall.hub.snapshot(room)
    centre.hears()
    last = hall.pushes()[0]["to_seq"]
    hall.hub.leave(room)
    assert hall.shows("queue")["to_seq"] > last


def test_each_jurisdiction_sees_its_own(centre: Centre, hall: Hall) -> None:
    id = centre.hears(district="e")["alert"]
    east, west = hall.shows("queue", EAST_DESK), hall.shows("queue", WEST_DESK)
    assert [row["id"] for row in east["rows"]["queue-grid"]] == [id]
    assert west["rows"]["queue-grid"] == []


def test_an_open_alert_is_pushed_to_the_screen_that_has_it_open(centre: Centre, hall: Hall) -> None:
    id = centre.hears(ext_id="x", title="smell")["alert"]
    hall.shows("detail", View(Role.OFFICER, ("city",), subject=id))
    centre.hears(ext_id="x", title="fire")
    assert hall.pushes()[0]["props"] == {"detail-title": {"children": [id, "fire"]}}


def test_events_that_this_process_did_not_make_are_found(
    centre: Centre, hall: Hall, city: Any
) -> None:
    """Another process committed: nobody handed its events in, the store knows."""
    hall.shows("queue")
    other = Centre(centre.database, city)
    other.hears()
    other.writer.close()
    assert len(hall.pushes()) == 1


def test_own_events_handed_in_out_of_order_or_twice_do_no_harm(centre: Centre, hall: Hall) -> None:
    hall.shows("queue")
    for _ in range(3):
        centre.hears()
    hall.hub.rang([centre.rung[2], centre.rung[0], centre.rung[2]])
    (push,) = hall.pushes()
    assert len(push["rows"]["queue-grid"]["set"]) == 3
    hall.hub.rang(centre.rung)
    assert hall.pushes() == []
    assert hall.hub.cursor == 3


def test_a_fault_in_one_panel_marks_its_room_and_spares_the_others(
    centre: Centre, hall: Hall
) -> None:
    hall.shows("queue")
    room = hall.hub.join(CITY_DESK, "broken")
    hall.hub.snapshot(room)
    centre.hears()
    by_panel = {push["panel"]: push for push in hall.pushes()}
    assert by_panel["broken"]["error"] is True
    assert "error" not in by_panel["queue"]
    assert hall.hub.snapshot(room)["error"] is True
    centre.hears()
    mended = next(push for push in hall.pushes() if push["panel"] == "broken")
    assert "error" not in mended


def test_a_screen_that_missed_a_push_is_told_which_rooms_to_ask_for(
    centre: Centre, hall: Hall
) -> None:
    room = hall.hub.join(CITY_DESK, "queue")
    shown = hall.hub.snapshot(room)["to_seq"]
    centre.now += 2_000
    assert hall.hub.stale({room: shown}) == []
    centre.hears()
    hall.pushes()
    assert hall.hub.stale({room: shown}) == [], "it may still be under way"
    centre.now += 2_000
    assert hall.hub.stale({room: shown}) == [room]
    assert hall.hub.stale({room: shown + 1, "gone": 4}) == ["gone"]
    assert hall.hub.stale({room: shown + 9}) == [room], "numbers of another life"


def test_what_must_sound_reaches_those_whom_it_concerns_once(centre: Centre, hall: Hall) -> None:
    for view in (CITY_DESK, WEST_DESK, WALL):
        hall.shows("queue", view)
    centre.hears(district="e", severity=1)
    hall.pushes()
    told = {room: data for event, data, room in hall.sent if event == "event"}
    assert set(told) == {"sound:officer:city", "sound:wall:city"}
    assert told["sound:officer:city"]["sound"] == "I"
    assert told["sound:wall:city"]["sound"] is None
    assert hall.pushes() == []
    assert not [event for event, _, _ in hall.sent if event == "event"]


def test_an_order_sounds_at_the_responders_and_names_their_unit(centre: Centre, hall: Hall) -> None:
    hall.shows("mode", View(Role.RESPONDER, ("e",)))
    hall.shows("mode", CITY_DESK)
    hall.pushes()
    order = centre.order("FIR-E-01")
    hall.pushes()
    issued = [(room, data) for event, data, room in hall.sent
              if event == "event" and data["type"] == "OrderIssued"]  # fmt: skip
    assert {room: data["sound"] for room, data in issued} == {
        "sound:responder:e": "I",
        "sound:officer:city": None,
    }
    assert {data["subject"] for _, data in issued} == {order}
    assert {data["unit"] for _, data in issued} == {"FIR-E-01"}


def test_old_news_does_not_sound(centre: Centre, hall: Hall) -> None:
    hall.shows("queue")
    centre.hears(severity=1)
    centre.now += 31_000
    hall.pushes()
    assert [data["sound"] for event, data, _ in hall.sent if event == "event"] == [None]


def test_a_screen_that_was_away_hears_what_sounded_meanwhile_but_nothing_old(
    centre: Centre, hall: Hall
) -> None:
    centre.hears(severity=1)
    centre.now += 31_000
    heard = centre.hears(severity=2, lat=37.09)["alert"]
    since = centre.events()[0].seq
    missed = hall.hub.missed(Role.OFFICER, ("city",), 0)
    assert [(one["subject"], one["sound"]) for one in missed] == [(heard, "II")]
    assert hall.hub.missed(Role.OFFICER, ("w",), 0) == []
    last = centre.events()[-1].seq
    assert since < last
    assert hall.hub.missed(Role.OFFICER, ("city",), last) == []


def test_what_silences_an_alarm_is_told_to_all_who_heard_it(centre: Centre, hall: Hall) -> None:
    hall.shows("queue")
    alert = centre.hears(severity=1)["alert"]
    hall.pushes()
    centre.does("officer", "alert.acknowledge", alert=alert)
    hall.pushes()
    told = [data for event, data, _ in hall.sent if event == "event"]
    assert [(one["type"], one["subject"], one["sound"]) for one in told] == [
        ("AlertAcknowledged", alert, None)
    ]


def test_every_beat_says_the_head_and_the_epoch_of_the_mode(centre: Centre, hall: Hall) -> None:
    hall.shows("mode", EAST_DESK)
    incident, _ = centre.incident()
    centre.war(incident, "e")
    (push,) = hall.pushes()
    assert push["props"] == {"mode": {"mode": "WARTIME"}}
    hall.sent.clear()
    hall.hub.beat(redis=True)
    ((event, said, room),) = hall.sent
    started = next(e.seq for e in centre.events() if e.type == "ActivationStarted")
    assert (event, room) == ("hb", None)
    assert said == {"head": hall.hub.cursor, "now": centre.now, "boot": hall.hub.boot,
                    "epoch": started, "redis": True, "writable": True, "behind": 0,
                    "rooms": {push["room"]: push["to_seq"]},
                    "told": {"sound:officer:e": started}}  # fmt: skip
    centre.passes(6)
    hall.sent.clear()
    hall.hub.beat(redis=True)
    assert hall.sent[0][1]["rooms"] == {}, "only what was pushed of late can be on its way"
    late = Hall(centre, Board(centre.city, lambda key: {"zh": key, "en": key}))
    assert late.hub.epoch == started, "a process that starts later knows it too"


def test_a_beat_says_for_how_long_the_screens_were_not_served(centre: Centre, hall: Hall) -> None:
    hall.shows("queue")
    hall.pushes()
    centre.hears()
    hall.hub.beat(redis=True)
    time.sleep(0.05)
    centre.hears()
    hall.hub.beat(redis=True)
    told = [data["behind"] for event, data, _ in hall.sent if event == "hb"]
    assert told[0] == 0
    assert told[1] >= 50, "counted from the first that waits"
    hall.pushes()
    hall.sent.clear()
    hall.hub.beat(redis=True)
    assert hall.sent[0][1]["behind"] == 0


def test_a_process_that_has_just_begun_is_not_behind(centre: Centre, board: Board) -> None:
    centre.hears()
    hub = Hub(centre.database, board, PANELS, lambda lang: lang, lambda *_message: None)
    hub.beat(redis=True)
    assert hub.behind_ms < 1_000


def test_drills_do_not_reach_the_rooms_of_the_real_realm(centre: Centre, hall: Hall) -> None:
    hall.shows("queue")
    centre.hears(realm="drill-1")
    assert hall.pushes() == []
    assert not [event for event, _, _ in hall.sent if event == "event"]


def test_a_running_hub_pushes_as_soon_as_it_is_rung(centre: Centre, hall: Hall) -> None:
    hall.shows("queue")
    with running(hall.hub.run):
        hall.sent.clear()
        centre.hears()
        hall.hub.rang(centre.rung[-1:])
        wait_for(lambda: any(event == "push" for event, _, _ in hall.sent), 0.5)
        centre.hears()
        hall.sent.clear()
        hall.hub.beat(redis=False)  # nobody rang: the beat notices
        wait_for(lambda: any(event == "push" for event, _, _ in hall.sent), 0.5)
        centre.hears()
        hall.sent.clear()
        hall.hub.look()  # and so does a look between two beats
        wait_for(lambda: any(event == "push" for event, _, _ in hall.sent), 0.5)
    assert hall.hub.cursor == 3


def failing_once(monkeypatch: pytest.MonkeyPatch, how: Callable[[Look], None]) -> None:
    """The next picture of the queue meets this and fails; all after it are taken as ever."""
    takes, failed = gallery.take, threading.Event()

    def take(look: Look, name: str, view: View) -> dict[str, Any]:
        if name == "alerts" and not failed.is_set():
            failed.set()
            how(look)
            raise RuntimeError("a picture that cannot be taken")
        return takes(look, name, view)

    monkeypatch.setattr(gallery, "take", take)


def test_a_picture_that_failed_is_taken_again_though_nothing_happens(
    centre: Centre, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.shows("queue")
    monkeypatch.setattr(gallery, "AGAIN_S", 0.0)
    failing_once(monkeypatch, lambda look: None)
    centre.hears()
    (failed,) = hall.pushes()
    assert failed["error"]
    (mended,) = hall.pushes()
    assert "error" not in mended
    assert [row["title"] for row in mended["rows"]["queue-grid"]["set"]] == ["leak"]


def test_a_connection_that_is_lost_in_a_cycle_loses_no_picture(
    centre: Centre, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.shows("queue")
    before = hall.hub.cursor
    failing_once(monkeypatch, lambda look: look.connection.invalidate())
    centre.hears()
    with pytest.raises(RuntimeError):
        hall.pushes()
    assert hall.hub.cursor == before
    (push,) = hall.pushes()
    assert [row["title"] for row in push["rows"]["queue-grid"]["set"]] == ["leak"]


@pytest.mark.both_stores
def test_a_picture_whose_query_always_fails_spares_the_others(
    centre: Centre, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL refuses every statement after one that failed."""
    hall.shows("queue")
    hall.shows("mode")
    takes = gallery.take

    def take(look: Look, name: str, view: View) -> dict[str, Any]:
        if name == "alerts":
            look.connection.execute(text("SELECT no_such_thing"))
        return takes(look, name, view)

    monkeypatch.setattr(gallery, "take", take)
    incident, _ = centre.incident()
    centre.war(incident)
    pushes = {push["panel"]: push for push in hall.pushes()}
    assert pushes["queue"]["error"]
    assert "error" not in pushes["mode"]
    assert "WARTIME" in str(pushes["mode"]["props"])


class Stopwatch(threading.Event):
    """Stops a running hub after its first pause, and keeps how long (s) that should have been."""

    def __init__(self) -> None:
        super().__init__()
        self.paused = -1.0

    def wait(self, timeout: float | None = None) -> bool:
        self.paused = timeout or 0.0
        self.set()
        return True


def worked(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


@pytest.mark.parametrize(
    ("spends", "at_least", "at_most"), [(time.sleep, 0, 0.4), (worked, 0.5, 0.5)]
)
def test_a_storm_leaves_the_others_as_much_as_a_cycle_worked_not_what_it_waited(
    hall: Hall,
    monkeypatch: pytest.MonkeyPatch,
    spends: Callable[[float], None],
    at_least: float,
    at_most: float,
) -> None:
    cycle, stop = hall.hub.cycle, Stopwatch()

    def slow() -> None:
        cycle()
        spends(0.6)
        hall.hub.rang([])  # the next bell is there already

    monkeypatch.setattr(hall.hub, "cycle", slow)
    hall.hub.rang([])
    hall.hub.run(stop)
    assert at_least <= stop.paused <= at_most


def test_a_unit_sees_its_own_orders_and_no_other(centre: Centre, hall: Hall) -> None:
    mine = View(Role.RESPONDER, ("e",), subject="FIR-E-01")
    for view in (mine, View(Role.RESPONDER, ("e",), subject="POL-E-01")):
        hall.shows("phone", view)
    order = centre.order("FIR-E-01")
    (push,) = hall.pushes()
    assert push["room"].endswith("|FIR-E-01")
    assert push["rows"]["phone-list"]["set"] == [{"id": order, "rank": "", "s": "ISSUED"}]
    centre.does(crew("FIR-E-01"), "order.acknowledge", order=order)
    assert hall.pushes()[0]["rows"]["phone-list"]["set"][0]["s"] == "ACKED"


def test_a_camera_for_leaders_is_in_their_rooms_alone(hall: Hall, board: Board) -> None:
    kept = {"heading": 0, "fov": 90, "url": "rtsp://10.0.0.1/a"}
    everyones = Camera("C1", "C1", "C1", "e", 37.05, 118.05, **kept)
    leaders = Camera("C2", "C2", "C2", "e", 37.05, 118.05, roles=(Role.LEADER,), **kept)
    board.feeds = Feeds({one.id: one for one in (everyones, leaders)})
    for first, second in ((WALL, LEADER), (LEADER, WALL)):
        for view in (first, second):
            hall.shows("eyes", view)
        hall.hub.cycle()
        shown = {view.role: hall.hub.snapshot(room_name("eyes", view)) for view in (first, second)}
        assert shown[Role.WALL]["props"]["eyes"]["children"] == ["C1"]
        assert shown[Role.WALL]["props"]["tiles"]["children"] == ["cam/C1"]
        assert shown[Role.LEADER]["props"]["eyes"]["children"] == ["C1", "C2"]
        assert shown[Role.LEADER]["props"]["tiles"]["children"] == ["cam/C1", "cam/C2"]
        for view in (first, second):
            hall.hub.leave(room_name("eyes", view))
