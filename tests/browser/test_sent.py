"""What an officer issues: waiting, accepted, delivered, signed; never said before it is so."""

from collections import deque
from typing import Any

from layouts.texts import Texts
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

COMPOSER, MATRIX = "composer|officer|city|zh|EV-1", "matrix|officer|city|zh|EV-1"
T = Texts("zh")


def draft(id: str) -> dict[str, Any]:
    box = ["input", {"type": "checkbox", "name": "draft", "value": id, "checked": True}]
    return {"id": id, "rank": id, "node": ["label", box]}


def orders(end: FarEnd, **states: str) -> None:
    """The matrix as the centre shows it."""
    rows = [
        {"id": id.replace("_", "-"), "rank": id, "h": 34, "state": state, "node": ["div", state]}
        for id, state in states.items()
    ]
    end.show(MATRIX, rows={"matrix-grid": rows})


def said(desk: Shown) -> str:
    return desk.page.locator("#composer-answer").inner_text()


def test_an_order_is_followed_from_waiting_to_signed_and_never_ahead_of_the_centre(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    desk.page.keyboard.press("3")
    desk.hall("hall.select('incident', 'EV-1')")
    assert eventually(lambda: any(one["panel"] == "composer" for one in end.opened))
    write = {"id": "write", "rank": "0", "node": ["textarea", {"name": "order_text"}]}
    limit = {"id": "limit", "rank": "1", "node": ["input", {"name": "limit"}]}
    drafts = [draft("ZL-1"), draft("ZL-2")]
    end.show(COMPOSER, rows={"composer-write": [write, limit], "composer-drafts": drafts})
    desk.page.locator("#composer-drafts [name=draft]").nth(1).wait_for()
    end.answers = deque([503] * 4)
    desk.page.evaluate("void window.dash_clientside.hall.desk.verbs.issue(document.body)")
    assert eventually(lambda: said(desk) == T("desk.pending"))
    assert eventually(lambda: len(end.commands) >= 3)
    assert said(desk) == T("desk.pending")
    assert eventually(lambda: len(end.commands) == 5)
    assert end.commands[-1].body == {"orders": ["ZL-1", "ZL-2"]}
    assert eventually(lambda: said(desk) == T("composer.progress", n=2, come=0, signed=0))
    orders(end, ZL_1="DELIVERED", ZL_2="ISSUED", ZL_3="ACKED")
    assert eventually(lambda: said(desk) == T("composer.progress", n=2, come=1, signed=0))
    orders(end, ZL_1="ACKED", ZL_2="READ", ZL_3="ACKED")
    assert eventually(lambda: said(desk) == T("composer.progress", n=2, come=2, signed=1))
