"""Writing orders: what cannot go out is not ticked, and a unit that is taken is called so."""

from typing import Any

import pytest

from dispatch.vocabulary import Role
from layouts.panels import desk_composer
from layouts.texts import Texts
from streams.view import View
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

T = Texts("zh")
OFFICER = View(Role.OFFICER, ("gk",), "zh", "EV-1")
COMPOSER = "composer|officer|gk|zh|EV-1"
UNITS = {"FIR-1": "一号消防", "FIR-2": "二号消防", "FIR-3": "三号消防"}


def draft(id: str, unit: str) -> dict[str, Any]:
    return {
        "id": id, "incident": "EV-1", "state": "DRAFT", "plan_step": None, "drafted_at": 1,
        "unit": unit, "unit_name": {"zh": UNITS[unit], "en": unit}, "unit_district": "gk",
        "text": f"go {id}", "priority": 1,
    }  # fmt: skip


def taken(unit: str, **said: Any) -> dict[str, Any]:
    usual = {"status": "ASSIGNED", "order": "ZL-9", "order_state": "ISSUED",
             "incident_title": "leak", "lent_to": None, "to_names": []}  # fmt: skip
    return {"unit": unit, **usual, **said}


def write(end: FarEnd, *drafts: dict[str, Any], held: tuple[dict[str, Any], ...] = ()) -> None:
    """Let the centre show these drafts, and these units as taken."""
    pictures: dict[str, Any] = {
        "incident": {"orders": list(drafts)}, "recommend": {"units": []}, "loans": {"asked": []},
        "taken": {"units": list(held), "freed": {}, "districts": ["gk", "xc"]},
    }  # fmt: skip
    props = desk_composer.props(pictures, T, OFFICER)
    end.show(COMPOSER, rows={id: value for (id, name), value in props.items() if name == "rows"})


def free_again(end: FarEnd, unit: str) -> None:
    """Let the centre say that a unit is not taken any more."""
    before = end.seqs[COMPOSER]
    end.seqs[COMPOSER] = before + 1
    gone = {"composer-taken": {"set": [], "drop": [f"unit:{unit}"]}}
    end.push(COMPOSER, before, rows=gone)


@pytest.fixture
def desk(end: FarEnd, show: Opener) -> Shown:
    """The desk at its orders, whose city has three engines of Gangkou and one of Xicheng."""
    one = show("desk")
    names = {**UNITS, "FIR-4": "四号消防"}
    units = [
        {"kind": "unit", "id": id, "name_zh": name, "name_en": id, "lat": 37.0, "lon": 119.0,
         "district": "xc" if id == "FIR-4" else "gk"}
        for id, name in names.items()
    ]  # fmt: skip
    found = {"places": units}
    one.page.route("**/api/v1/places**", lambda route: route.fulfill(json=found))
    one.page.keyboard.press("3")
    one.hall("hall.select('incident', 'EV-1')")
    return one


def ticked(desk: Shown) -> list[str]:
    found: list[str] = desk.page.locator("[name=draft]:checked").evaluate_all(
        "(all) => all.map((one) => one.value)"
    )
    return found


def test_a_draft_is_unticked_when_its_unit_is_taken_and_the_others_go_out(
    end: FarEnd, desk: Shown
) -> None:
    drafts = (draft("ZL-1", "FIR-1"), draft("ZL-2", "FIR-2"))
    write(end, *drafts)
    box = desk.page.locator("[name=draft][value='ZL-1']")
    box.focus()
    write(end, *drafts, held=(taken("FIR-1"),))
    line = desk.page.locator("#composer-drafts [data-row='ZL-1']")
    line.get_by_text("ZL-9").wait_for()
    assert ticked(desk) == ["ZL-2"], "the box in focus too"
    assert box.is_disabled()
    desk.page.keyboard.press("Control+Enter")
    assert eventually(lambda: len(end.commands) == 1)
    assert (end.commands[0].name, end.commands[0].body) == ("order.issue", {"orders": ["ZL-2"]})
    write(end, *drafts)
    line.locator("[name=draft]:checked").wait_for()
    assert line.locator(".borrow").count() == 0


def search(desk: Shown, letters: str) -> list[str]:
    desk.page.locator("#composer-write [name=to]").focus()
    desk.page.keyboard.type(letters)
    hits = desk.page.locator("#composer-write .hits button")
    hits.nth(3).wait_for()
    return hits.all_inner_texts()


def test_the_search_puts_free_units_first_and_says_of_the_others_why(
    end: FarEnd, desk: Shown
) -> None:
    lent = taken("FIR-2", status="AVAILABLE", order=None, lent_to="EV-7",
                 to_names=[{"zh": "西城区", "en": "Xicheng"}])  # fmt: skip
    write(end, held=(taken("FIR-1"), lent))
    desk.page.locator("#composer-write [name=to]").wait_for()
    found = search(desk, "消防")
    assert [one.split("消防")[0] for one in found] == ["三号", "一号", "二号", "四号"]
    assert T("find.kind_unit") in found[0]
    assert "ZL-9" in found[1]
    assert T("recommend.lent", where="西城区") in found[2]
    assert T("composer.leader_sends") in found[3]


def test_the_search_leaves_the_map_with_its_field(end: FarEnd, desk: Shown) -> None:
    write(end)
    search(desk, "消防")
    desk.page.keyboard.press("Escape")
    desk.page.locator("#composer-write .hits button").first.wait_for(state="detached")
    assert desk.page.locator("#composer-write .hits").inner_text() == ""


def choose(desk: Shown, place: int) -> None:
    """Choose what the search shows in this place."""
    search(desk, "消防")
    for _ in range(place):
        desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")


def test_a_chosen_unit_that_is_taken_is_said_before_sending_and_stays_a_draft(
    end: FarEnd, desk: Shown
) -> None:
    made: list[str] = []

    def draft_it(route: Any) -> None:
        made.append(route.request.post_data_json["unit"])
        route.fulfill(json={"seq": 9, "order": f"ZL-{len(made)}"})

    desk.page.route("**/api/v1/commands/order.draft", draft_it)
    write(end, held=(taken("FIR-1"),))
    choose(desk, 3)
    note = desk.page.locator("#composer-write .held")
    note.get_by_text("四号消防").wait_for()
    choose(desk, 2)
    note.get_by_text("ZL-9").wait_for()
    assert made == []
    free_again(end, "FIR-1")
    assert eventually(lambda: "ZL-9" not in note.inner_text())
    choose(desk, 1)
    write(end, held=(taken("FIR-1"),))
    assert eventually(lambda: note.inner_text().count("ZL-9") == 1)
    desk.page.locator("[name=order_text]").fill("go")
    desk.page.keyboard.press("Control+Enter")
    desk.page.get_by_text(T("composer.kept", n=2)).wait_for()
    assert made == ["FIR-4", "FIR-1", "FIR-2"]
    assert [(one.name, one.body) for one in end.commands] == [("order.issue", {"orders": ["ZL-3"]})]


def test_a_refused_batch_says_which_unit_and_which_order_it_is_about(
    end: FarEnd, desk: Shown
) -> None:
    """A unit may be taken in the moment between the picture and the press."""
    about = {"unit": "FIR-1", "order": "ZL-9"}
    problem = {"code": "held_by_another", "title": "Conflict", "field": "orders", "about": about}
    desk.page.route(
        "**/api/v1/commands/order.issue", lambda route: route.fulfill(status=409, json=problem)
    )
    write(end, draft("ZL-1", "FIR-1"))
    desk.page.locator("[name=draft]:checked").wait_for()
    desk.page.keyboard.press("Control+Enter")
    said = desk.page.locator("#composer-answer")
    said.get_by_text(f"{T('refused.held_by_another')} · FIR-1 · ZL-9").wait_for()
