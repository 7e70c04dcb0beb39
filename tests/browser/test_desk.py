"""The desk under the fingers: keys act on what is chosen, and nothing that is typed gets lost."""

from typing import Any

import pytest

from dispatch.vocabulary import Role
from layouts.panels import (
    desk_activate,
    desk_brief,
    desk_confirm,
    desk_matrix,
    desk_queue,
    desk_report,
    desk_timers,
    desk_top,
)
from layouts.panels.desk_standdown import screens_props
from layouts.texts import Texts
from streams.view import View
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

T = Texts("zh")
QUEUE, COMPOSER, CONFIRM = (f"{name}|officer|city|zh|" for name in ("queue", "composer", "confirm"))
CHOSEN = "hall.selection.alert"
OFFICER, LEADER = View(Role.OFFICER, ("city",)), View(Role.LEADER, ("city",))


def alert(id: str, severity: int = 3, **more: Any) -> dict[str, Any]:
    usual = {
        "id": id, "state": "NEW", "severity": severity, "title": f"leak {id}", "place": "Pier 2",
        "source": "gas", "source_name": None, "incident": None, "incident_title": None,
        "merged_count": 0, "confidence": None, "occurred_at": 1, "received_at": 1, "ack_due": 1,
        "closed_at": None,
    }  # fmt: skip
    return {**usual, **more}


def queue(end: FarEnd, *alerts: dict[str, Any]) -> None:
    counts = {"waiting": len(alerts), "linked": 0, "closed_today": 0}
    picture = {"alerts": {"alerts": list(alerts), "counts": counts}}
    end.show(QUEUE, rows=lists(desk_queue.props(picture, T, OFFICER)))


def desk_with(end: FarEnd, show: Opener, *alerts: dict[str, Any]) -> Shown:
    desk = show("desk")
    queue(end, *alerts)
    desk.page.locator("#queue-grid .qr").nth(len(alerts) - 1).wait_for()
    return desk


def press(desk: Shown, *keys: str) -> None:
    for key in keys:
        desk.page.keyboard.press(key)


def test_arrows_move_the_choice_and_a_new_alert_above_does_not_take_it(
    end: FarEnd, show: Opener
) -> None:
    desk = desk_with(end, show, alert("AL-2"), alert("AL-3", severity=4))
    press(desk, "ArrowDown")
    assert desk.hall(CHOSEN) == "AL-2"
    queue(end, alert("AL-1", severity=1), alert("AL-2"), alert("AL-3", severity=4))
    desk.page.locator("#queue-grid .qr").nth(2).wait_for()
    assert desk.hall(CHOSEN) == "AL-2"
    press(desk, "a")
    assert eventually(lambda: len(end.commands) == 1)
    assert (end.commands[0].name, end.commands[0].body) == (
        "alert.acknowledge",
        {"alert": "AL-2"},
    )


def order(desk: Shown) -> list[str]:
    """The alerts of the queue from top to bottom, as they are painted."""
    return desk.page.evaluate(  # type: ignore[no-any-return]
        "() => [...document.querySelectorAll('#queue-grid > .qr')].map((one) => one.dataset.row)"
    )


def test_s_sorts_the_queue_by_level_by_time_left_and_by_the_newest(
    end: FarEnd, show: Opener
) -> None:
    worst = alert("AL-1", severity=1, ack_due=30, received_at=1)
    urgent = alert("AL-2", severity=3, ack_due=10, received_at=2)
    newest = alert("AL-3", severity=4, ack_due=20, received_at=3)
    desk = desk_with(end, show, worst, urgent, newest)
    label = desk.page.locator("#queue-counts .sort")
    for word, wanted in (
        ("level", ["AL-1", "AL-2", "AL-3"]),
        ("due", ["AL-2", "AL-3", "AL-1"]),
        ("new", ["AL-3", "AL-2", "AL-1"]),
        ("level", ["AL-1", "AL-2", "AL-3"]),
    ):
        assert order(desk) == wanted
        assert label.inner_text() == T(f"queue.by_{word}") + "S"
        press(desk, "s")
    assert order(desk) == ["AL-2", "AL-3", "AL-1"]
    press(desk, "ArrowDown", "ArrowDown")
    assert desk.hall(CHOSEN) == "AL-3"
    late = alert("AL-4", severity=2, ack_due=15, received_at=4)
    queue(end, worst, urgent, newest, late)
    desk.page.locator("#queue-grid .qr").nth(3).wait_for()
    assert order(desk) == ["AL-2", "AL-4", "AL-3", "AL-1"]
    assert desk.hall(CHOSEN) == "AL-3"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1600, 860), (1920, 1080)])
def test_the_queues_keys_stand_in_one_line_and_none_is_cut(
    end: FarEnd, show: Opener, lang: str, size: tuple[int, int]
) -> None:
    desk, t = show("desk", lang), Texts(lang)
    desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    counts = {"waiting": 120, "linked": 34, "closed_today": 187}
    picture = {"alerts": {"alerts": [alert("AL-1")], "counts": counts}}
    end.show(f"queue|officer|city|{lang}|", rows=lists(desk_queue.props(picture, t, OFFICER)))
    desk.page.locator("#queue-foot .keyline").wait_for()
    assert desk.page.locator("#queue-foot .keyline").evaluate("(one) => one.offsetHeight") < 50
    assert cut_off(desk, "#queue-foot .keyline > .btn") == []
    label = desk.page.locator("#queue-counts .sort")
    for word in ("by_level", "listed_by_due", "listed_by_new"):
        assert label.inner_text() == t(f"queue.{word}") + "S"
        assert cut_off(desk, "#queue-counts .chip") == []
        press(desk, "s")
    seen = desk.page.evaluate(
        """() => { const place = (one) => one.getBoundingClientRect();
        const box = place(document.querySelector(".able"));
        return [...document.querySelectorAll(".able > span")].map(place)
          .filter((one) => one.top < box.bottom - 2)
          .map((one) => one.right <= box.right + 0.5); }"""
    )
    assert len(seen) >= 2
    assert all(seen)


def test_an_alert_that_goes_down_moves_alone(end: FarEnd, show: Opener) -> None:
    names = [f"AL-{n}" for n in range(1, 7)]
    desk = desk_with(end, show, *map(alert, names))
    desk.page.evaluate(
        """() => { window.left = []; new MutationObserver((all) => {
        const gone = all.flatMap((one) => [...one.removedNodes]);
        window.left.push(...gone.map((row) => row.dataset.row));
        }).observe(document.getElementById("queue-grid"), { childList: true }); }"""
    )
    ids = [one["id"] for one in desk.hall("hall.rows('queue-grid')")]
    rows = {one["id"]: one for one in desk.hall("hall.rows('queue-grid')")}
    gone = next(id for id in ids if "AL-2" in id)
    end.show(QUEUE, rows={"queue-grid": [{**rows[gone], "rank": "~"}]})
    there = (
        "() => [...document.getElementById('queue-grid').children].map((one) => one.dataset.row)"
    )
    assert eventually(lambda: desk.page.evaluate(there) == [*(i for i in ids if i != gone), gone])
    assert desk.page.evaluate("window.left") == [gone]


def test_down_a_down_a_acknowledges_two_and_an_acknowledged_one_is_left(
    end: FarEnd, show: Opener
) -> None:
    known = alert("AL-3", state="ACKNOWLEDGED", ack_due=3)
    desk = desk_with(end, show, alert("AL-1", ack_due=1), alert("AL-2", ack_due=2), known)
    press(desk, "ArrowDown", "a", "ArrowDown", "a", "ArrowDown", "a")
    assert eventually(lambda: len(end.commands) == 2)
    desk.page.wait_for_timeout(300)
    assert [one.body["alert"] for one in end.commands] == ["AL-1", "AL-2"]


def test_letters_are_only_letters_where_somebody_is_typing(end: FarEnd, show: Opener) -> None:
    desk = desk_with(end, show, alert("AL-1"))
    press(desk, "ArrowDown", "+")
    end.show("report|officer|city|zh|", rows=lists(desk_report.props({}, T, OFFICER)))
    what = desk.page.locator("#panel-report [name=what]")
    what.click()
    desk.page.keyboard.type("a3x")
    assert what.input_value() == "a3x"
    assert desk.root("view") == "intake"
    assert end.commands == []


def lists(props: dict[tuple[str, str], Any]) -> dict[str, Any]:
    return {id: value for (id, name), value in props.items() if name in ("rows", "rowData")}


def test_who_holds_a_phone_that_does_not_show_the_mode_is_called(end: FarEnd, show: Opener) -> None:
    lost = {
        "id": "s-1", "screen": "s-1", "name": "P1", "role": "responder", "epoch": 1,
        "mode": "WARTIME", "seen_at": 1, "scope": ["gk"], "scope_names": [], "state": "silent",
        "followed": None, "unit": "P1", "phone": "",
    }  # fmt: skip
    picture = {
        "screens": {"screens": [lost], "confirmed": 0, "total": 1, "epoch": 2, "recorded": True}
    }
    end.answers.append(409)
    desk = show("desk")
    desk.hall("hall.desk.view('standdown')")
    end.show("screens|officer|city|zh|", rows=lists(screens_props(picture, T, OFFICER)))
    desk.page.locator("[data-do=call-unit]").click()
    assert eventually(lambda: len(end.commands) == 1)
    assert (end.commands[0].name, end.commands[0].body) == ("call.open", {"unit": "P1"})
    said = desk.page.locator("#panel-screens [data-answer]")
    assert eventually(lambda: said.inner_text() != "")
    assert desk.page.locator("[data-do=call-unit]").is_enabled()


def draft(id: str, text: str) -> dict[str, Any]:
    field = ["input", {"name": "text", "type": "text", "value": text, "data-edit": id}]
    tick = ["input", {"type": "checkbox", "name": "draft", "value": id, "checked": True}]
    return {"id": id, "rank": id, "node": ["div.draft", tick, field]}


def test_what_is_typed_survives_a_push_and_another_view(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    press(desk, "3")
    end.show(COMPOSER, rows={"composer-drafts": [draft("ZL-1", "go"), draft("ZL-2", "stay")]})
    field = desk.page.locator("[data-edit='ZL-1']")
    field.fill("go upwind")
    end.show(COMPOSER, rows={"composer-drafts": [draft("ZL-1", "go now"), draft("ZL-2", "stay")]})
    desk.page.wait_for_timeout(300)
    assert field.input_value() == "go upwind"
    assert field.evaluate("(one) => one === document.activeElement")
    desk.page.evaluate("document.activeElement.blur()")
    press(desk, "1", "3")
    assert field.input_value() == "go upwind"


def test_nodes_become_text_and_harmless_attributes_alone(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    bad = ["a", {"href": "javascript:alert(1)", "onclick": "alert(1)", "title": "kept"}, "<b>x</b>"]
    end.show(
        COMPOSER, rows={"composer-drafts": [{"id": "x", "rank": "x", "node": ["script", bad]}]}
    )
    desk.until("document.querySelector('#composer-drafts a') !== null")
    shown = desk.page.evaluate("document.querySelector('#composer-drafts').innerHTML")
    assert "<script" not in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    for word in ("javascript:", "onclick"):
        assert word not in shown
    assert 'title="kept"' in shown


def proposed() -> dict[str, Any]:
    one = {
        "id": "MA-1", "incident": "EV-1", "incident_title": "leak", "mode": "WARTIME", "level": 2,
        "scope": ["gk"], "scope_names": [], "plan_name": None, "reason": "wind",
        "needs": ["leader"],
        "signed": [{"by": "xu", "role": "shift_lead", "at": 1, "by_name": None}],
        "proposed_by_name": None, "proposed_at": 1, "expires_at": 4_000_000_000_000,
        "residents": 286_000, "harm": {},
    }  # fmt: skip
    return {"proposed": [one], "mode": "PEACETIME"}


def test_issuing_an_order_never_signs_a_war(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    press(desk, "3")
    asked = {"activations": proposed(), "screens": {"total": 4}}
    end.show(CONFIRM, rows=lists(desk_confirm.props(asked, T, LEADER)))
    end.show(COMPOSER, rows={"composer-write": [written()], "composer-drafts": []})
    desk.page.wait_for_selector("html[data-confirm]")
    desk.page.locator("[name=order_text]").fill("go")
    press(desk, "Control+Enter")
    desk.page.wait_for_timeout(300)
    assert end.commands == []
    assert desk.page.locator("#composer-answer").inner_text() == T("composer.no_incident")
    desk.page.evaluate("document.activeElement.blur()")
    press(desk, "Control+Enter")
    assert eventually(lambda: [one.name for one in end.commands] == ["activation.sign"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_how_long_a_request_is_valid_is_never_cut(end: FarEnd, show: Opener, lang: str) -> None:
    desk, t = show("desk", lang), Texts(lang)
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    asked = {"activations": proposed(), "screens": {"total": 4}}
    asked["activations"]["proposed"][0]["expires_at"] = desk.hall("Math.round(hall.now()) + 170000")
    end.show(f"confirm|officer|city|{lang}|", rows=lists(desk_confirm.props(asked, t, LEADER)))
    left = desk.page.locator("#panel-confirm .ph small")
    left.locator("time:not(:empty)").wait_for()
    assert left.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")
    assert cut_off(desk, "#panel-confirm .ph time") == []


def written() -> dict[str, Any]:
    return {"id": "write", "rank": "0", "node": ["textarea", {"name": "order_text"}]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_action_is_cut_off_on_a_small_desk(end: FarEnd, show: Opener, lang: str) -> None:
    desk, t = show("desk", lang), Texts(lang)
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    small = {"incident": None, "orders": [], "log": [], "steps": []}
    end.show(
        f"matrix|officer|city|{lang}|",
        rows=lists(desk_matrix.props({"incident": small, "recommend": {"units": []}}, t, OFFICER)),
    )
    end.show(f"report|officer|city|{lang}|", rows=lists(desk_report.props({}, t, OFFICER)))
    task = {"incident": {"title": "leak", "id": "EV-1", "grade": 3, "scope": []}}
    form = desk_activate.props({"incident": task, "duty": {"districts": []}}, t, OFFICER)
    end.show(f"activate|officer|city|{lang}|", rows=lists(form))
    press(desk, "3")
    assert cut_off(desk, "#panel-matrix .bar .btn") == []
    tops = desk.page.locator("#panel-matrix .bar .btn").evaluate_all(
        "(all) => all.map((one) => Math.round(one.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == 1
    assert cut_off(desk, "#panel-forces .bar .btn") == []
    assert cut_off(desk, "#panel-composer [data-do=issue]") == []
    press(desk, "1")
    desk.hall("hall.desk.aside('report')")
    assert cut_off(desk, "#panel-report .actbar .btn") == []
    desk.hall("hall.desk.aside('activate')")
    assert cut_off(desk, "#panel-activate .actbar .btn") == []


def cut_off(desk: Shown, css: str) -> list[str]:
    """The buttons that are not in sight as a whole: beyond the window, or beyond their panel."""
    desk.page.locator(css).first.wait_for()
    found: list[str] = desk.page.evaluate(
        """(css) => [...document.querySelectorAll(css)].filter((one) => {
            const box = one.getBoundingClientRect();
            const frame = one.closest("section").getBoundingClientRect();
            const right = Math.min(innerWidth, frame.right) + 1;
            const bottom = Math.min(innerHeight, frame.bottom) + 1;
            return one.offsetParent && (box.right > right || box.bottom > bottom);
        }).map((one) => one.innerText)""",
        css,
    )
    return found


def at_war(t: Texts) -> dict[str, Any]:
    """The top bar's lists while a war of one district runs."""
    where, who = {"zh": "港口区", "en": "Gangkou"}, {"zh": "许文博", "en": "Xu Wenbo"}
    one = {"id": "MA-1", "mode": "WARTIME", "level": 3, "scope_names": [where],
           "incident": "EV-1123-0001", "proposed_by_name": who, "started_at": 1}  # fmt: skip
    held = {"active": [one], "own": ["MA-1"], "mode": "WARTIME"}
    task = {"id": "EV-1123-0001", "title": "2# 液氨储罐泄漏", "reported_at": 1}
    counts = {"waiting": 4, "linked": 1, "open": 4, "handling": 1}
    asked = {"activations": held, "incidents": {"incidents": [task]}, "sources": {"sources": []},
             "alerts": {"alerts": [], "counts": counts}}  # fmt: skip
    return lists(desk_top.props(asked, t, OFFICER))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_in_a_wars_top_bar_lies_on_another_thing(
    end: FarEnd, show: Opener, lang: str
) -> None:
    desk = show("desk", lang)
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    desk.page.evaluate("document.documentElement.dataset.mode = 'WARTIME'")
    end.show(f"top|officer|city|{lang}|", rows=at_war(Texts(lang)))
    desk.page.locator("#head .ban").wait_for()
    assert desk.page.evaluate(OVERLAID) == []
    assert desk.page.evaluate("document.querySelector('#head').scrollWidth <= innerWidth")


@pytest.mark.parametrize("mode", ["PEACETIME", "WARTIME"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_tabs_of_the_desk_stand_equally_far_from_one_another(
    end: FarEnd, show: Opener, lang: str, mode: str
) -> None:
    desk = show("desk", lang)
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    if mode == "WARTIME":
        desk.page.evaluate("document.documentElement.dataset.mode = 'WARTIME'")
        end.show(f"top|officer|city|{lang}|", rows=at_war(Texts(lang)))
        desk.page.locator("#head .ban").wait_for()
    for view in ("1", "3"):
        press(desk, view)
        gaps = desk.page.evaluate(
            """() => {
            const ends = [...document.querySelectorAll(".top > .tabs > .tab")].map((one) => {
                const words = document.createRange();
                words.selectNodeContents(one);
                return words.getBoundingClientRect();
            });
            return ends.slice(1).map((one, n) => one.left - ends[n].right);
        }"""
        )
        assert min(gaps) >= 8, gaps
        assert max(gaps) - min(gaps) < 2, gaps


OVERLAID = """() => {
    const css = ["ban", "in", "tmr", "sim", "tab", "fld", "sources", "tag", "clk", "btn"];
    const parts = [...document.querySelectorAll(css.map((one) => `#head .${one}`).join())]
        .filter((one) => one.offsetParent && one.textContent.trim());
    const boxes = parts.map((one) => one.getBoundingClientRect());
    return parts.flatMap((one, n) => parts.slice(n + 1).flatMap((other, m) => {
        const [a, b] = [boxes[n], boxes[n + 1 + m]];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
        const apart = !one.contains(other) && !other.contains(one);
        return apart && across ? [`${one.textContent} / ${other.textContent}`] : [];
    }));
}"""


def test_the_account_has_the_whole_desk(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    desk.hall("hall.desk.view('reconcile')")
    box = desk.page.locator("#panel-reconcile").bounding_box()
    assert box is not None
    assert box["width"] > 1500
    assert box["height"] > 700


def test_what_a_frozen_picture_proposes_leaves_it_in_sight(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    press(desk, "3")
    usual = {"sub": "", "badge": "", "why": "sees", "reason": "", "since": 1, "leaves": []}
    rows = [
        {**usual, "id": f"{n}", "rank": f"{n}", "slot": n, "feed": f"cam/{n}", "playable": True,
         "name": "港北路 K3 西侧云台 / 滨海大道立交桥东匝道 · 东南 1,320 m",
         "state": "frozen", "incident": None}
        for n in (1, 2, 3, 0)
    ]  # fmt: skip
    end.show("cameras|officer|city|zh|", rows={"desk-cameras-tiles": rows})
    offered = desk.page.locator("#panel-cameras .next:visible")
    offered.wait_for()
    assert offered.count() == 1
    start, edge = offered.evaluate(
        """(e) => {
          const words = document.createRange();
          words.selectNodeContents(e);
          return [words.getBoundingClientRect().left, e.getBoundingClientRect().left];
        }"""
    )
    assert start >= edge, "its words begin in sight"
    button = offered.bounding_box()
    tile = desk.page.locator("#panel-cameras .cam[data-large='1']").bounding_box()
    assert button is not None
    assert tile is not None
    assert button["height"] < tile["height"] / 3
    assert button["y"] > tile["y"] + tile["height"] / 2


PIXELS = """(e) => {
  const pen = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(e);
  pen.font = `${style.fontSize} ${style.fontFamily}`;
  const room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return [pen.measureText(e.placeholder).width, room];
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1600, 860), (1920, 1080)])
@pytest.mark.parametrize("view", ["1", "3"])
def test_what_is_asked_before_a_picture_is_watched_stands_below_it(
    end: FarEnd, show: Opener, lang: str, size: tuple[int, int], view: str
) -> None:
    desk = show("desk", lang)
    desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    press(desk, view)
    usual = {"sub": "", "badge": "", "why": "near", "reason": "", "since": 1, "leaves": []}
    rows = [
        {**usual, "id": f"{n}", "rank": f"{n}", "slot": n, "feed": f"cam/{n}", "playable": True,
         "name": "长安路 / 永宁街", "state": "live", "incident": None, "alert": None}
        for n in (1, 2, 3)
    ]  # fmt: skip
    end.show(f"cameras|officer|city|{lang}|", rows={"desk-cameras-tiles": rows})
    tile = desk.page.locator("#panel-cameras .cam[data-large='1']")
    tile.locator(".why input").wait_for()
    frame, asked, name = (tile.locator(one).bounding_box() for one in (".stage", ".why", ".cl"))
    assert frame is not None
    assert asked is not None
    assert name is not None
    assert frame["height"] > 30
    assert frame["y"] + frame["height"] <= asked["y"] + 0.5
    assert asked["y"] + asked["height"] <= name["y"] + 0.5
    wanted, room = tile.locator(".why input").evaluate(PIXELS)
    assert wanted <= room


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_watches_a_picture_and_why_stands_below_it(
    end: FarEnd, show: Opener, lang: str
) -> None:
    desk = show("desk", lang)
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    press(desk, "3")
    me, until = desk.hall("hall.who.id"), desk.hall("hall.now() + 900000")
    leave = {"by": me, "until": until, "incident": "EV-1", "reason": None}
    row = {"id": "1", "rank": "1", "slot": 1, "feed": "cam/1", "playable": True, "sub": "",
           "name": "长安路 / 永宁街", "badge": "", "why": "near", "state": "dead", "since": 1,
           "reason": "", "leaves": [leave], "incident": "EV-1", "alert": None}  # fmt: skip
    end.show(f"cameras|officer|city|{lang}|", rows={"desk-cameras-tiles": [row]})
    tile = desk.page.locator("#panel-cameras .cam[data-large='1']")
    line = tile.locator(".leave")
    line.get_by_text("EV-1").wait_for()
    frame, said = tile.locator(".stage").bounding_box(), line.bounding_box()
    assert frame is not None
    assert said is not None
    assert frame["y"] + frame["height"] <= said["y"] + 0.5
    x, y = said["x"] + 20, said["y"] + said["height"] / 2
    top = desk.page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", [x, y])
    assert top == "leave", "nothing lies over it"


@pytest.mark.parametrize("size", [(1600, 860), (1920, 1080)])
@pytest.mark.parametrize("side", ["loans", "find"])
def test_the_chosen_alert_stays_in_sight_while_something_else_takes_its_place(
    end: FarEnd, show: Opener, size: tuple[int, int], side: str
) -> None:
    desk = desk_with(end, show, alert("AL-2"))
    desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    assert not desk.page.locator("#panel-brief").is_visible()
    press(desk, "ArrowDown")
    subject = {**alert("AL-2", title="ramp"), "reported_at": 1}
    found = desk_brief.props({"incident": {"alert": subject, "incident": None}}, T, OFFICER)
    desk.hall(f"hall.desk.aside('{side}')")
    end.show("brief|officer|city|zh|AL-2", rows=lists(found))
    brief = desk.page.locator("#panel-brief")
    desk.page.locator("#brief-list .bh").wait_for()
    assert T("brief.chosen", title="ramp") in brief.inner_text()
    lines = desk.page.locator("#brief-list > *")
    box, last = brief.bounding_box(), lines.last.bounding_box()
    queue_box = desk.page.locator("#panel-queue").bounding_box()
    assert box is not None
    assert last is not None
    assert queue_box is not None
    assert last["y"] + last["height"] <= box["y"] + box["height"]
    assert box["y"] >= queue_box["y"] + queue_box["height"]
    assert abs(box["x"] - queue_box["x"]) < 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_steps_four_tabs_stand_in_one_line_and_a_decision_is_of_the_desks_size(
    end: FarEnd, show: Opener, lang: str
) -> None:
    desk = show("desk", lang)
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    press(desk, "3")
    parts = [["div.q", ["div.tt", "go?"], ["div.op", ["b", "A"], ["span", "yes"]]],
             ["div.due", ["b.wh", "meng"]]]  # fmt: skip
    row = {"id": "d", "rank": "0", "node": ["div.dc", *parts]}
    end.show(f"steps|officer|city|{lang}|", rows={"steps-decide": [row]})
    tabs = desk.page.locator("#panel-steps .tab")
    heights = {desk.page.evaluate("(e) => e.scrollHeight", one) for one in tabs.element_handles()}
    assert max(heights) < 45
    assert cut_off(desk, "#panel-steps .tab") == []
    desk.page.locator("#panel-steps [data-tab=decide]").click()
    for part in (".op", ".wh"):
        size = desk.page.locator(f"#steps-decide {part}").evaluate(
            "(e) => parseFloat(getComputedStyle(e).fontSize)"
        )
        assert size < 16


LIMITS = {
    "zh": "侦察罐区：热成像与可见光，先查空域",
    "en": "Scout the tank farm: thermal and visible, check airspace first",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1600, 860), (1920, 1080)])
def test_a_timer_says_whole_what_it_counts(
    end: FarEnd, show: Opener, lang: str, size: tuple[int, int]
) -> None:
    desk, t = show("desk", lang), Texts(lang)
    desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    press(desk, "3")
    usual = {"grade": 3, "opened_at": 1, "running": []}
    step = {
        "seq": 6,
        "text": LIMITS,
        "limit_at": desk.hall("Math.round(hall.now()) + 1500000"),
        "late_at": None,
    }
    incidents = [{**usual, "id": "EV-1", "running": [step]}, {**usual, "id": "EV-2"}]
    pictures: dict[str, Any] = {
        "incidents": {"incidents": incidents}, "orders": {"orders": []},
        "loans": {"wanted": []}, "activations": {"proposed": []}, "alerts": {"alerts": []},
    }  # fmt: skip
    (found,) = desk_timers.props(pictures, t, OFFICER).values()
    end.show(f"timers|officer|city|{lang}|", rows={"timers-grid": found})
    label = desk.page.locator("#timers-grid .td .what")
    label.wait_for()
    assert label.inner_text() == t("timers.step", n=6, text=LIMITS[lang])
    room = label.evaluate("(e) => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]")
    assert max(room) <= 1
    bar, time = (desk.page.locator(f"#timers-grid .td {one}").bounding_box()
                 for one in (".br", "time"))  # fmt: skip
    words = label.bounding_box()
    assert words is not None
    assert bar is not None
    assert time is not None
    assert words["x"] + words["width"] <= time["x"]
    assert words["y"] + words["height"] <= bar["y"] + 0.5


@pytest.mark.parametrize("height", [860, 1080])
def test_the_pictures_have_the_room_that_no_call_needs(
    end: FarEnd, show: Opener, height: int
) -> None:
    desk = show("desk")
    desk.page.set_viewport_size({"width": 1600, "height": height})
    press(desk, "3")
    call = {"id": "TH-1", "rank": "0", "node": ["div.callbox", "TH-1"]}

    def pictures() -> float:
        box = desk.page.locator("#panel-cameras").bounding_box()
        return box["height"] if box else 0.0

    calls = desk.page.locator("#panel-calls .calls")
    assert calls.evaluate("(e) => e.scrollHeight <= e.clientHeight")
    alone = pictures()
    end.show("calls|officer|city|zh|", rows={"calls-list": [call]})
    desk.until("root.hasAttribute('data-calls')")
    assert 100 < pictures() < alone - 20
    end.push("calls|officer|city|zh|", 1, {}, {"calls-list": {"set": [], "drop": ["TH-1"]}})
    desk.until("!root.hasAttribute('data-calls')")
    assert pictures() == alone
