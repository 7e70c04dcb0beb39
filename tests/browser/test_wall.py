"""The wall in a real browser: English is wider, and what runs is still read from its top bar."""

from typing import Any

import pytest

from dispatch.vocabulary import Role
from layouts.panels import wall_head
from layouts.texts import Texts
from streams.view import View
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener

WALL = View(Role.WALL, ("city",))
GK, WHO = {"zh": "港口区", "en": "Gangkou"}, {"zh": "许文博", "en": "Xu Wenbo"}
TITLE = "化工园区氨气浓度高高报"
KNOWN = ("dead", "missing", "serious", "minor")


def at_war(t: Texts) -> dict[str, Any]:
    """The top bar's lists while two activations run and all harm has been reported."""
    one = {"id": "MA-1", "mode": "WARTIME", "level": 3, "scope_names": [GK], "scope": ["gk"],
           "incident": "EV-1", "proposed_by_name": WHO, "started_at": 1, "signed": []}  # fmt: skip
    other = {**one, "id": "MA-2", "mode": "STANDBY"}
    fact = {"value": 3, "as_of": 1, "verified": True, "source": "health board"}
    task = {"id": "EV-1", "title": TITLE, "reported_at": 1, "grade": 3, "place": "云港化工 2# 罐区",
            "orders": {"total": 7, "unsigned": 4, "overdue": 0},
            "facts": {name: fact for name in KNOWN}}  # fmt: skip
    waits = {"state": "NEW", "severity": 4, "id": "AL-1"}
    asked = {
        "activations": {"active": [one, other], "own": ["MA-1", "MA-2"], "mode": "WARTIME"},
        "incidents": {"incidents": [task]}, "units": {"units": []}, "duty": {},
        "alerts": {"alerts": [waits], "counts": {"waiting": 2}}, "sources": {"sources": []},
    }  # fmt: skip
    props = wall_head.props(asked, t, WALL)
    return {id: value for (id, name), value in props.items() if name == "rows"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wars_top_bar_shows_its_title_and_every_figure(
    end: FarEnd, show: Opener, lang: str
) -> None:
    wall = show("wall", lang)
    wall.page.evaluate("document.documentElement.dataset.mode = 'WARTIME'")
    end.show(f"wall-head|wall|city|{lang}|", rows=at_war(Texts(lang)))
    wall.page.locator("#head .inc").wait_for()
    seen = wall.page.evaluate(
        """() => {
        const box = (css) => document.querySelector(css).getBoundingClientRect();
        const [head, what, title, clock] = ["#head", ".inc", ".inc .a", ".head-clock"].map(box);
        const facts = [...document.querySelectorAll("#head .fact, #head .elp")];
        return {
            title: title.top >= head.top && title.bottom <= head.bottom && title.left >= what.left,
            words: title.width / document.querySelector(".inc .a").scrollWidth,
            facts: facts.every((one) => one.getBoundingClientRect().right <= head.right + 1
                && one.scrollWidth <= one.clientWidth + 1),
            clock: clock.right <= head.right + 1,
            rows: facts.length,
        };
    }"""
    )
    assert seen["rows"] == 10
    assert (seen["title"], seen["facts"], seen["clock"]) == (True, True, True), seen
    assert seen["words"] > 0.8, "the title is hardly cut"
