"""Words from outside are words: on the map, in lists, in grids, on the phone and in the outbox."""

from typing import Any

import pytest

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown
from tests.browser.test_map import mark

EVIL = '<img src=x onerror="window.hit=1"><b>bold</b>'


HARMLESS = (None, 0)


def harm(shown: Shown, under: str) -> tuple[object, int]:
    """What a script of the words did, and how many elements were made of them."""
    shown.page.wait_for_timeout(300)
    made = shown.page.locator(f"{under} img[src=x], {under} b b").count()
    return shown.page.evaluate("window.hit"), made


def node_row(id: str, node: Any) -> dict[str, Any]:
    return {"id": id, "rank": id, "node": node}


def test_a_title_is_text_on_the_map(end: FarEnd, show: Opener) -> None:
    wall = show("wall")
    end.show("map|x|x|zh|", rows={"map-marks": [mark("AL-1", 37.05, 118.05, title=EVIL)]})
    chip = wall.page.locator(".mark[data-id='AL-1'] .tx")
    assert chip.inner_text() == EVIL
    assert harm(wall, "#panel-map") == HARMLESS


def test_a_title_is_text_in_a_grid(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    row = {**node_row("AL-1", ["div", ["b", EVIL]]), "group": "open", "level": 2}
    end.show("queue|x|x|zh|", rows={"queue-grid": [row]})
    desk.page.locator("#queue-grid").get_by_text(EVIL).wait_for()
    assert harm(desk, "#queue-grid") == HARMLESS


@pytest.mark.parametrize(
    "node",
    [
        ["img", {"src": "x", "onerror": "window.hit=1"}],
        ["script", "window.hit=1"],
        ["a", {"href": "javascript:window.hit=1"}, "x"],
        ["a", {"href": "//elsewhere.example/"}, "x"],
        ["iframe", {"srcdoc": EVIL}],
        ["div", {"onclick": "window.hit=1", "style": "position:fixed"}, "x"],
    ],
)
def test_a_node_that_is_no_plain_part_of_a_page_loses_its_teeth(
    end: FarEnd, show: Opener, node: list[Any]
) -> None:
    phone = show("phone")
    end.show("phone-task|x|x|zh|", rows={"phone-order": [node_row("text", node)]})
    line = phone.page.locator("#phone-order [data-row=text]")
    line.wait_for(state="attached")
    line.dispatch_event("click")
    assert line.evaluate("one => [...one.attributes].map(a => a.name).join()") in ("data-row",)
    assert line.evaluate("one => one.tagName") in ("SPAN", "A", "DIV")
    assert harm(phone, "#phone-order") == HARMLESS


def test_an_order_is_text_on_the_phone_and_in_its_outbox(end: FarEnd, show: Opener) -> None:
    phone = show("phone")
    node = ["h2", {"data-read": "ZL-1", "data-state": "READ"}, EVIL]
    end.show("phone-task|x|x|zh|", rows={"phone-order": [node_row("text", node)]})
    phone.page.locator("#phone-order h2").get_by_text(EVIL).wait_for()
    phone.page.context.set_offline(True)
    phone.hall("hall.queue.put('order.acknowledge', { order: given })", EVIL)
    phone.page.locator("#phone-queue").get_by_text(EVIL).wait_for()
    assert harm(phone, "#screen") == HARMLESS


def test_scripts_from_the_page_itself_do_not_run(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.put('<img src=x onerror="window.hit=1"><script>window.hit=2</script>')
    assert harm(desk, "#head") == HARMLESS
