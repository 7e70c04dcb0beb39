"""The line to the server: nothing is missed unseen, and an old picture says that it is old."""

import time

from tests.browser.far_end import SOUNDS, FarEnd
from tests.browser.page import Opener, eventually

ROOM = "top|officer|city|zh|"


def row(id: str, title: str) -> dict[str, object]:
    return {"id": id, "rank": id, "title": title}


def test_a_push_that_follows_is_shown_and_one_after_a_hole_is_asked_for(
    end: FarEnd, show: Opener
) -> None:
    end.seqs[ROOM], end.shows[ROOM] = 5, ({}, {"list": [row("a", "one")]})
    desk = show("desk")
    desk.until("hall.rows('list').length === 1")
    end.push(ROOM, 5, rows={"list": {"set": [row("b", "two")], "drop": []}})
    desk.until("hall.rows('list').map((one) => one.id).join() === 'a,b'")
    assert end.resyncs == []

    end.seqs[ROOM] = 8
    end.shows[ROOM] = ({}, {"list": [row("b", "two"), row("c", "three"), row("d", "four")]})
    end.push(ROOM, 7, rows={"list": {"set": [row("d", "four")], "drop": []}})
    desk.until("hall.rows('list').map((one) => one.id).join() === 'b,c,d'")
    assert end.resyncs == [ROOM]


def test_a_push_that_was_lost_is_asked_for_at_the_next_beat(end: FarEnd, show: Opener) -> None:
    end.seqs[ROOM], end.shows[ROOM] = 5, ({}, {"list": [row("a", "one")]})
    desk = show("desk")
    desk.until("hall.rows('list').length === 1")
    end.beating = False
    beat = {"head": 1, "now": end.now(), "boot": end.boot, "epoch": 0, "redis": True}
    end.say("hb", {**beat, "rooms": {ROOM: 5, "another|officer|city|zh|": 9}})
    end.seqs[ROOM], end.shows[ROOM] = 6, ({}, {"list": [row("a", "one"), row("b", "two")]})
    end.say("hb", {**beat, "rooms": {ROOM: 6}})
    desk.until("hall.rows('list').length === 2")
    assert end.resyncs == [ROOM]


def test_a_push_that_the_snapshot_holds_already_changes_nothing(end: FarEnd, show: Opener) -> None:
    end.seqs[ROOM], end.shows[ROOM] = 5, ({}, {"list": [row("a", "new")]})
    desk = show("desk")
    desk.until("hall.rows('list').length === 1")
    end.push(ROOM, 3, rows={"list": {"set": [row("a", "old")], "drop": []}})
    end.push(ROOM, 5, rows={"list": {"set": [row("b", "next")], "drop": []}})
    desk.until("hall.rows('list').length === 2")
    assert desk.hall("hall.rows('list')[0].title") == "new"
    assert end.resyncs == []


def test_a_room_that_the_server_finds_behind_is_asked_for(end: FarEnd, show: Opener) -> None:
    end.shows[ROOM] = ({}, {"list": [row("a", "one")]})
    desk = show("desk")
    desk.until("hall.rows('list').length === 1")
    end.shows[ROOM] = ({}, {"list": [row("a", "one"), row("b", "lost")]})
    end.late = [ROOM]
    desk.until("hall.rows('list').length === 2")
    assert end.resyncs == [ROOM]


def test_a_silent_server_is_seen_within_three_seconds_and_so_is_its_return(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    end.beating = False
    fell = time.monotonic()
    desk.until("root.dataset.stale")
    assert 1.4 < time.monotonic() - fell < 3.2
    assert desk.page.locator(".stopped").is_visible()
    assert desk.page.locator("#stopped-at").inner_text().count(":") == 2
    end.beating = True
    desk.until("!root.dataset.stale && !root.dataset.staleSince")


def test_a_server_that_lives_and_does_not_serve_makes_no_old_picture_new(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    end.behind = 2_700
    desk.until("root.dataset.stale")
    assert desk.page.locator(".stopped").is_visible()
    assert len(end.joins) == 1, "the line itself is whole"
    end.behind = 0
    desk.until("!root.dataset.stale")


def test_a_screen_that_was_not_let_in_asks_again(end: FarEnd, show: Opener) -> None:
    end.deaf = 1
    desk = show("desk")
    assert len(end.joins) == 2
    end.deaf = 14
    end.line.cut()
    desk.until("root.dataset.stale")  # the beats go on
    assert eventually(lambda: len(end.joins) == 15, 30)
    desk.until("!root.dataset.stale")


def test_until_every_panel_has_its_picture_again_all_of_them_are_old(
    end: FarEnd, show: Opener
) -> None:
    end.shows[ROOM] = ({}, {"list": [row("a", "one")]})
    desk = show("desk")
    desk.until("hall.rows('list').length === 1 && !root.dataset.stale")
    end.shows[ROOM] = ({}, {"list": [row("a", "one"), row("b", "two")]})
    end.dumb = [ROOM]  # as when the store is away for a moment
    end.line.cut()
    assert eventually(lambda: len(end.joins) == 2)
    desk.until("root.dataset.stale")
    assert eventually(lambda: end.resyncs.count(ROOM) >= 2), "it is asked for with the beats"
    assert desk.root("stale"), "the line is whole and the beats go on"
    end.dumb = []
    desk.until("!root.dataset.stale && hall.rows('list').length === 2")
    assert len(end.joins) == 2


def test_what_is_opened_while_the_screen_is_let_in_is_asked_for(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    end.pause_s = 1.0
    end.line.cut()
    assert eventually(lambda: len(end.joins) == 2)
    desk.hall("hall.open('incident', 'INC-1')")
    assert end.joins[1]["subject"].get("incident") is None
    assert eventually(lambda: end.opened == [{"panel": "incident", "subject": "INC-1"}])


def test_a_screen_comes_back_after_the_server_was_gone_and_says_what_it_knows(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    end.event(41)
    desk.until("hall.heard.length === 1")
    end.down = True
    end.line.cut()
    desk.until("root.dataset.stale")
    end.down = False
    desk.until("!root.dataset.stale")
    assert [one["since"] for one in end.joins] == [0, 41]
    assert len({one["screen_id"] for one in end.joins}) == 1


def test_what_was_told_to_others_and_lost_on_the_way_is_asked_for(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    end.event(41, after=1)
    desk.until("hall.heard.length === 1")
    assert end.missed == []
    end.event(47, after=44)  # the 44th was lost
    desk.until("hall.heard.length === 2")
    assert eventually(lambda: end.missed == [41])
    end.told = {SOUNDS: 52, "sound:leader:city": 99}  # and then the last one
    assert eventually(lambda: 47 in end.missed)
    end.event(52, after=47)
    desk.until("hall.heard.length === 3")
    asked = len(end.missed)
    desk.page.wait_for_timeout(600)  # three beats
    assert len(end.missed) == asked


def test_a_server_that_started_anew_is_joined_anew(end: FarEnd, show: Opener) -> None:
    show("desk")
    end.boot = "second"
    assert eventually(lambda: len(end.joins) == 2)


def test_a_screen_takes_on_the_mode_and_says_so_at_once(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    assert eventually(lambda: bool(end.reports))
    end.show(ROOM, {"mode": {"mode": "WARTIME", "level": 2, "epoch": 77}})
    asked = time.monotonic()
    desk.until("root.dataset.mode === 'WARTIME' && root.dataset.lv === '2'")
    assert eventually(lambda: end.reports[-1]["epoch"] == 77)
    assert time.monotonic() - asked < 1.8  # the next report of its own accord comes later
    assert end.reports[-1]["mode"] == "WARTIME"
    end.show(ROOM, {"mode": {"mode": "PEACETIME", "level": None, "epoch": 80}})
    desk.until("root.dataset.mode === 'PEACETIME' && !root.dataset.lv")


def test_opening_another_subject_leaves_no_trace_of_the_old(end: FarEnd, show: Opener) -> None:
    old, new = "detail|officer|city|zh|AL-1", "detail|officer|city|zh|AL-2"
    desk = show("desk")
    desk.hall("hall.select('alert', 'AL-1')")
    assert eventually(lambda: {"panel": "detail", "subject": "AL-1"} in end.opened)
    desk.hall("hall.select('alert', 'AL-2')")
    assert eventually(lambda: {"panel": "detail", "subject": "AL-2"} in end.opened)
    end.show(old, rows={"probe": [row("a", "of the first")]})
    end.show(new, rows={"probe": [row("a", "of the second")]})
    desk.until("hall.rows('probe').length === 1")
    assert desk.hall("hall.rows('probe')[0].title") == "of the second"
