"""The map: units on one canvas, marks that choose, and where it looks."""

from typing import Any

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

ROOM = "map|officer|city|zh|"
FREE, EN_ROUTE = 0, 2
NEVER_MS = 2**32 - 1


def mark(id: str, lat: float, lon: float, **more: Any) -> dict[str, Any]:
    kind = "incident" if id.startswith("EV") else "alert"
    plain = {"id": id, "rank": id, "kind": kind, "lat": lat, "lon": lon, "level": 3, "at": 1}
    return {**plain, "title": f"title of {id}", "state": "NEW", "scope": ["city"], **more}


def unit(id: str, incident: str | None) -> dict[str, Any]:
    order = f"ZL-{id}" if incident else None
    plain = {"id": id, "rank": id, "force_type": "FIR", "status": "EN_ROUTE", "pace": 10.0}
    return {**plain, "incident": incident, "current_order": order}


def holds(shown: Shown, lat: float, lon: float) -> bool:
    return bool(shown.hall("hall.leaflet.getBounds().contains(given)", [lat, lon]))


def settled(shown: Shown) -> None:
    shown.until("hall.leaflet && hall.leaflet.getZoom() > 6")


def test_a_frame_of_positions_is_drawn_once(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    before = desk.hall("hall.unitsPainted()")
    end.positions(("FIR-1", 37.05, 118.05, 1_000, EN_ROUTE), ("MED-1", 37.05, 118.15, 0, FREE))
    desk.until("hall.placeOf('MED-1')")
    desk.until(f"hall.unitsPainted() > {before}")
    place = desk.hall("hall.placeOf('FIR-1')")
    assert (round(place["lat"], 3), round(place["lon"], 3)) == (37.05, 118.05)
    assert place["status"] == "EN_ROUTE"


def test_a_unit_that_is_not_heard_of_is_lost_sooner_under_way(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    ages = [(EN_ROUTE, 59_000), (EN_ROUTE, 61_000), (FREE, 61_000), (FREE, 601_000)]
    states = []
    for n, (status, age) in enumerate(ages):
        lat = 37.01 + n / 100
        end.positions(("FIR-1", lat, 118.05, age, status))
        desk.until(f"hall.placeOf('FIR-1') && Math.abs(hall.placeOf('FIR-1').lat - {lat}) < 1e-4")
        states.append(desk.hall("hall.unitState('FIR-1')"))
    assert states == ["under", "lost", "free", "lost"]


def test_a_unit_that_was_never_heard_of_is_lost(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    end.positions(("FIR-1", 37.05, 118.05, NEVER_MS, FREE))
    desk.until("hall.placeOf('FIR-1')")
    assert desk.hall("hall.unitState('FIR-1')") == "lost"


def test_a_mark_comes_changes_and_goes(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    end.show(ROOM, rows={"map-marks": [mark("AL-1", 37.05, 118.05)]})
    badge = desk.page.locator(".mark[data-id='AL-1'] .lv")
    assert badge.get_attribute("data-lv") == "3"
    worse = mark("AL-1", 37.05, 118.05, level=1, title="it is worse")
    end.push(ROOM, 1, rows={"map-marks": {"set": [worse], "drop": []}})
    desk.page.locator(".mark[data-id='AL-1'] .lv[data-lv='1']").wait_for()
    assert desk.page.locator(".mark[data-id='AL-1'] .tx").inner_text() == "it is worse"
    end.push(ROOM, 2, rows={"map-marks": {"set": [], "drop": ["AL-1"]}})
    desk.page.locator(".mark[data-id='AL-1']").wait_for(state="detached")


def test_a_click_on_a_mark_chooses_it_and_elsewhere_names_a_place(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    settled(desk)
    end.show(ROOM, rows={"map-marks": [mark("AL-1", 37.05, 118.05)]})
    desk.page.locator(".mark[data-id='AL-1'] .lv").click()
    assert desk.hall("hall.selection.alert") == "AL-1"
    desk.hall("(hall.on('map:click', (at) => (window.clicked = at)), 0)")
    wanted = desk.hall("hall.leaflet.getBounds().pad(-0.4).getSouthEast()")
    spot = desk.hall("hall.leaflet.latLngToContainerPoint(given)", wanted)
    desk.page.locator("#map").click(position={"x": spot["x"], "y": spot["y"]})
    clicked = desk.page.evaluate("window.clicked")
    assert abs(clicked["lat"] - wanted["lat"]) < 0.002
    assert abs(clicked["lon"] - wanted["lng"]) < 0.002


def war(end: FarEnd) -> None:
    end.show("top|officer|city|zh|", {"mode": {"mode": "WARTIME", "level": 3, "epoch": 3}})


def test_in_war_the_map_holds_the_incident_and_its_units(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    end.positions(("FIR-1", 37.02, 118.02, 0, EN_ROUTE), ("MED-1", 37.09, 118.19, 0, FREE))
    rows = {"map-marks": [mark("EV-1", 37.03, 118.03)], "map-units": [unit("FIR-1", "EV-1")]}
    end.show(ROOM, rows=rows)
    war(end)
    desk.until("hall.leaflet.getZoom() > 13")
    assert holds(desk, 37.03, 118.03)
    assert holds(desk, 37.02, 118.02)
    assert not holds(desk, 37.09, 118.19)
    zoom = desk.hall("hall.leaflet.getZoom()")
    desk.hall("hall.select('incident', 'EV-1')")
    desk.page.keyboard.press("f")
    assert desk.hall("hall.leaflet.getZoom()") == zoom


def test_a_unit_that_is_lent_is_of_its_incident_until_no_frame_names_it(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    settled(desk)
    end.positions(("FIR-1", 37.02, 118.02, 0, FREE), ("MED-1", 37.09, 118.19, 0, FREE))
    lent = {**unit("FIR-1", "EV-1"), "current_order": None, "status": "AVAILABLE"}
    end.show(ROOM, rows={"map-marks": [mark("EV-1", 37.03, 118.03)], "map-units": [lent]})
    desk.until("hall.unitsOf('EV-1').length === 1")
    end.positions(("MED-1", 37.09, 118.19, 0, FREE))
    desk.until("!hall.placeOf('FIR-1')")
    assert desk.hall("hall.unitsOf('EV-1').length") == 0
    assert desk.hall("Boolean(hall.placeOf('MED-1'))")


def test_a_worse_incident_elsewhere_does_not_take_the_map_from_the_war(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    settled(desk)
    worse = mark("EV-2", 37.09, 118.19, level=2)
    end.show(ROOM, rows={"map-marks": [mark("EV-1", 37.03, 118.03, war=3), worse]})
    war(end)
    desk.until("hall.leaflet.getZoom() > 13")
    assert holds(desk, 37.03, 118.03)
    assert not holds(desk, 37.09, 118.19)
    assert desk.hall("hall.incidentInSight()") == "EV-1"


def test_the_map_does_not_move_under_a_pointer(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    desk.page.locator("#map").hover()
    before = desk.hall("hall.leaflet.getZoom()")
    end.show(ROOM, rows={"map-marks": [mark("EV-1", 37.03, 118.03)]})
    war(end)
    desk.until("root.dataset.mode === 'WARTIME'")
    desk.page.locator("#map").hover()
    zoom = desk.hall("hall.leaflet.getZoom()")
    desk.page.wait_for_timeout(600)
    assert desk.hall("hall.leaflet.getZoom()") == zoom <= before + 1
    desk.page.mouse.move(5, 5)
    desk.until("hall.leaflet.getZoom() > 13")


def test_follow_brings_the_chosen_thing_in_sight_and_whole_lets_it_go(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    settled(desk)
    whole = desk.hall("hall.leaflet.getZoom()")
    end.show(ROOM, rows={"map-marks": [mark("AL-1", 37.08, 118.18)]})
    desk.until("hall.markOf('AL-1')")
    desk.hall("hall.select('alert', 'AL-1')")
    desk.page.keyboard.press("f")
    desk.until("hall.leaflet.getZoom() === 15")
    desk.page.locator("[data-map=whole]").click()
    assert eventually(lambda: desk.hall("hall.leaflet.getZoom()") == whole)


def test_units_at_the_incident_are_told_one_by_one(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    end.positions(
        ("FIR-1", 37.0301, 118.0301, 0, EN_ROUTE), ("MED-1", 37.0299, 118.0299, 0, EN_ROUTE)
    )
    rows = {
        "map-marks": [mark("EV-1", 37.03, 118.03)],
        "map-units": [unit("FIR-1", "EV-1"), unit("MED-1", "EV-1")],
    }
    end.show(ROOM, rows=rows)
    war(end)
    desk.until("hall.unitsTogether().flat().length === 2")
    assert [sorted(one) for one in desk.hall("hall.unitsTogether()")] == [["FIR-1", "MED-1"]]


def test_chips_that_would_lie_on_one_another_stand_apart_or_are_left_out(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    settled(desk)
    found = [mark(f"AL-{n}", 37.05 + n / 1e4, 118.05, level=n) for n in (2, 3, 4)]
    end.show(ROOM, rows={"map-marks": found})
    desk.until("document.querySelectorAll('.mark[data-side]').length === 3")
    chips = desk.page.locator(".mark[data-chip='1'] .tx")
    boxes = [chips.nth(n).bounding_box() for n in range(chips.count())]
    assert 1 <= len(boxes) < 3
    assert desk.page.locator(".mark[data-id='AL-2'] .tx").is_visible()
    for one in boxes:
        for other in boxes:
            apart = (
                one is other
                or one["x"] >= other["x"] + other["width"]
                or other["x"] >= one["x"] + one["width"]
                or one["y"] >= other["y"] + other["height"]
                or other["y"] >= one["y"] + one["height"]
            )
            assert apart, (one, other)


def test_at_war_the_map_has_two_fifths_of_a_small_desk(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    settled(desk)
    war(end)
    line = ["div", "a line of a list"]
    many = {
        name: [{"id": f"{n}", "rank": f"{n:02d}", "node": line} for n in range(20)]
        for name in ("notices-list", "composer-drafts", "switcher-list")
    }
    for panel, name in (("notices", "notices-list"), ("switcher", "switcher-list")):
        end.show(f"{panel}|officer|city|zh|", rows={name: many[name]})
    end.show("composer|officer|city|zh|EV-1", rows={"composer-drafts": many["composer-drafts"]})
    desk.until("root.dataset.view === 'dispatch'")
    assert eventually(
        lambda: (desk.page.locator("#panel-map").bounding_box() or {})["height"] >= 340
    )
    bar = desk.page.locator("#panel-matrix").bounding_box()
    assert bar["y"] + bar["height"] <= 860


def across(desk: Shown, lat: float, lon: float) -> float:
    """Where a place is drawn, in px from the map's left edge."""
    at = desk.hall("hall.leaflet.latLngToContainerPoint(given)", [lat, lon])
    return float(at["x"])


def free_width(desk: Shown) -> float:
    """How much of the map's width lies left of its buttons."""
    tools = desk.page.locator(".maptools > [data-map=follow]").bounding_box()
    box = desk.page.locator(".map .leaflet-container").bounding_box()
    assert tools is not None
    assert box is not None
    return tools["x"] - box["x"]


def test_what_the_map_holds_does_not_lie_under_its_buttons(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    assert across(desk, 37.05, 118.2) < free_width(desk) or across(desk, 37.05, 118.0) <= 18
    assert across(desk, 37.05, 118.0) >= 0
    end.show(ROOM, rows={"map-marks": [mark("EV-1", 37.05, 118.199)]})
    desk.until("hall.markOf('EV-1')")
    desk.hall("hall.fit('x', [[37.04, 118.05], [37.05, 118.199]])")
    assert across(desk, 37.05, 118.199) < free_width(desk)
    assert across(desk, 37.04, 118.05) > 0


def test_the_legend_of_a_small_desk_breaks_between_its_parts_alone(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk", "en")
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    parts = desk.page.locator(".mapnote.at-foot span")
    heights = parts.evaluate_all("(all) => all.map((one) => one.offsetHeight)")
    assert heights
    assert max(heights) < 32
    note, whole = (desk.page.locator(css).bounding_box() for css in (".mapnote.at-foot", ".map"))
    assert note is not None
    assert whole is not None
    assert note["x"] + note["width"] <= whole["x"] + whole["width"]


def drone(lat: float, lon: float) -> dict[str, Any]:
    name = "Gangkou drone 1 (dock)"
    said = {"name": name, "state": "live", "lat": lat, "lon": lon, "alt": 128, "heading": 40}
    return {"id": "UAV-1", "rank": "0", "feed": "drone/UAV-1", **said}


UNDER = """() => {
    const all = (css) => [...document.querySelectorAll(css)];
    const box = (css) => all(css).map((one) => one.getBoundingClientRect());
    const [words] = box(".drone > .tx");
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    const map = document.querySelector(".map .leaflet-container").getBoundingClientRect();
    const whole = words.left >= map.left - 1 && words.right <= map.right + 1;
    return whole && !box(".mark > *, .maptools > *, .mapnote").some((one) => over(words, one));
}"""
"""Whether a drone's words stand whole in the map and lie on no mark, title, note or button."""


def test_a_drones_words_lie_on_no_incident_and_under_no_button(end: FarEnd, show: Opener) -> None:
    desk = show("desk", "en")
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    settled(desk)
    room, place = "map|officer|city|en|", (37.05, 118.1)
    end.positions(("FIR-1", 37.06, 118.06, 0, EN_ROUTE), ("MED-1", 37.03, 118.12, 0, EN_ROUTE))
    marks = {"map-marks": [mark("EV-1", *place)],
             "map-units": [unit("FIR-1", "EV-1"), unit("MED-1", "EV-1")]}  # fmt: skip
    end.show("top|officer|city|en|", {"mode": {"mode": "WARTIME", "level": 3, "epoch": 3}})
    desk.until("root.dataset.mode === 'WARTIME'")
    for north, east in ((0, 0), (0.002, 0), (0.002, 0.004), (-0.001, 0.006), (0, -0.004)):
        flying = drone(place[0] + north, place[1] + east)
        end.show(room, rows={**marks, "map-drones": [flying]})
        at = f"[{flying['lat']}, {flying['lon']}]"
        desk.until(
            "hall.droneShown('drone/UAV-1') && String([hall.droneShown('drone/UAV-1').lat,"
            f" hall.droneShown('drone/UAV-1').lon]) === String({at})"
        )
        assert eventually(lambda: bool(desk.page.evaluate(UNDER))), (north, east)


def test_the_list_of_units_at_an_incident_leaves_its_title_free(end: FarEnd, show: Opener) -> None:
    """In English, on a small desk, in wartime: six names beside one place."""
    desk = show("desk", "en")
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    settled(desk)
    usual = {"force": "FIR", "state": "under", "eta": "~2 min"}
    lines = [{**usual, "words": f"Chemical Park Brigade {n}"} for n in range(6)]
    free = desk.hall(
        """(() => {
            const ctx = document.createElement("canvas").getContext("2d");
            const size = { x: 700, y: 380 };
            return [[350, 190], [80, 60], [620, 330], [350, 40], [60, 340]].map(([x, y]) => {
                const title = { x: x + 15, y: y - 12, w: 180, h: 24 };
                const chips = [title, { x: x - 180, y: y - 60, w: 330, h: 26 }];
                const taken = [...chips];
                hall.signs.stack(ctx, given, { x, y }, { scale: 1, ratio: 1, taken, size });
                return hall.signs.free(taken.at(-1), chips);
            });
        })()""",
        lines,
    )
    assert free == [True] * 5


def test_a_unit_that_works_for_a_neighbours_incident_is_named_as_lent(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    settled(desk)
    end.positions(("FIR-1", 37.05, 118.05, 0, EN_ROUTE), ("MED-1", 37.05, 118.15, 0, FREE))
    off = {**unit("MED-1", None), "status": "OFF_DUTY"}
    end.show(ROOM, rows={"map-marks": [], "map-units": [unit("FIR-1", "EV-7"), off]})
    assert eventually(lambda: desk.hall("hall.unitsLent()") == ["FIR-1"])
    rows = {"map-marks": [mark("EV-7", 37.03, 118.03)], "map-units": [unit("FIR-1", "EV-7"), off]}
    end.show(ROOM, rows=rows)
    assert eventually(lambda: desk.hall("hall.unitsLent()") == [])


def test_a_neighbour_at_war_is_looked_at_from_its_notice(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    button = ["button.btn", {"data-do": "look-at", "data-districts": "w"}, "look"]
    row = {"id": "MA-1", "rank": "0", "node": ["div.nbr", button]}
    end.show("notices|officer|city|zh|", rows={"notices-list": [row]})
    desk.page.locator("#notices-list .nbr button").click()
    desk.until("Math.abs(hall.leaflet.getCenter().lng - 118.05) < 0.02")
    desk.page.locator("[data-map=whole]").click()
    desk.until("Math.abs(hall.leaflet.getCenter().lng - 118.05) > 0.02")


def test_a_list_of_units_that_has_no_room_stands_in_the_map_and_off_the_incident(
    end: FarEnd, show: Opener
) -> None:
    """As on a wall: long English names, and a map that is not much wider than they are."""
    desk = show("desk", "en")
    settled(desk)
    line = {"force": "FIR", "state": "under", "eta": "~1 min"}
    lines = [{**line, "words": f"Gangkou Special Station engine {n:02d}"} for n in range(9)]
    box, badge = desk.hall(
        """(() => {
            const ctx = document.createElement("canvas").getContext("2d");
            const badge = { x: 190, y: 105, w: 190, h: 30 };
            const taken = [badge];
            const look = { scale: 1, ratio: 1, taken, size: { x: 440, y: 240 } };
            hall.signs.stack(ctx, given, { x: 205, y: 120 }, look);
            return [taken.at(-1), badge];
        })()""",
        lines,
    )
    assert box["x"] >= 0
    assert box["x"] + box["w"] <= 440
    assert box["y"] >= 0
    assert box["y"] + box["h"] <= 240
    assert box["y"] >= badge["y"] + badge["h"] or box["y"] + box["h"] <= badge["y"]


def test_the_caption_of_a_district_counts_its_own_units(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    settled(desk)
    units = end.line.city.units
    desk.until(f"hall.unitCount() === {len(units)}")
    desk.hall("(hall.who.scope = given)", ["w"])
    own = sum(one.district == "w" for one in units)
    assert 0 < own < len(units), "the test's city has units in both"
    assert desk.hall("hall.unitCount()") == own
    west = next(one.name_zh for one in end.line.city.districts if one.code == "w")
    words = "document.getElementById('map-title').textContent"
    desk.until(f"{words}.startsWith('{west} ') && {words}.includes('力量 {own} ')")


FAR_NAMES = """() => {
  const hall = window.dash_clientside.hall;
  hall.leaflet.setZoom(7, { animate: false });
  const shared = hall.nameBoxes().some((a, i, all) => all.slice(i + 1).some((b) =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h));
  const names = [...document.querySelectorAll(".districtname")];
  return { shared, tops: names.map((one) => Math.round(one.getBoundingClientRect().y)) };
}"""


def test_names_of_districts_part_where_they_would_lie_on_one_another(
    end: FarEnd, show: Opener
) -> None:
    wall = show("wall", "en")
    settled(wall)
    wall.until("hall.nameBoxes().length > 1")
    found = wall.page.evaluate(FAR_NAMES)  # at once, before the map is fitted to the city again
    assert found["shared"] is False
    assert len(set(found["tops"])) > 1, "they stood side by side before"
