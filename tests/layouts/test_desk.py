"""The desk: what waits stands in order, what can be done stands with its key, nothing is lost."""

from typing import Any

import pytest
from sqlalchemy import update

from dispatch import canonical, journal, jumps, lease
from dispatch.models import alert
from dispatch.vocabulary import Role
from layouts.nodes import Node, Row
from layouts.panels import desk_queue
from layouts.panels.desk_matrix import COLUMNS
from layouts.panels.desk_switcher import SIGNS, numbered
from layouts.texts import Texts
from layouts.times import clock
from streams.look import Board
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.layouts.looking import attributes, buttons, nodes, props_of, said

T = Texts("zh")
OFFICER, LEADER = View(Role.OFFICER, ("city",)), View(Role.LEADER, ("city",))
BROWSER_OWN = {"Ctrl+W", "Ctrl+T", "Ctrl+N", "F6", "F7", "F11", "F12"}


def shown(
    centre: Centre, board: Board, panel: str, list_id: str, subject: str = "", who: View = OFFICER
) -> list[Row]:
    props = props_of(panel, centre, board, View(who.role, who.scope, "zh", subject))
    found: list[Row] = props.get((list_id, "rows")) or props.get((list_id, "rowData")) or []
    return sorted(found, key=lambda row: row["rank"])


def queue(centre: Centre, board: Board) -> list[str]:
    """The queue's lines from top to bottom."""
    return [row["id"] for row in shown(centre, board, "queue", "queue-grid")]


def button(rows: list[Row], key: str) -> dict[str, Any]:
    """The button on which this key is printed, enabled or not."""
    found = [one for row in rows for one in nodes(row["node"]) if one[0].startswith("button")]
    return next(attributes(one) for one in found if ["kbd", key] in one)


def test_the_queue_goes_by_level_then_by_the_time_left(centre: Centre, board: Board) -> None:
    mild = centre.hears(severity=4, lat=37.02)["alert"]
    first = centre.hears(severity=2, lat=37.04)["alert"]
    centre.now += 20_000
    second = centre.hears(severity=2, lat=37.06)["alert"]
    worst = centre.hears(severity=1, lat=37.08)["alert"]
    assert queue(centre, board)[:5] == ["group:open", worst, first, second, mild]


def test_a_time_ahead_of_our_clock_is_shown_as_doubtful(centre: Centre, board: Board) -> None:
    sure = centre.hears(lat=37.02)["alert"]
    said = centre.now + 7_200_000
    doubtful = centre.hears(lat=37.08, occurred_at=said)["alert"]
    lines = {row["id"]: str(row["node"]) for row in shown(centre, board, "queue", "queue-grid")}
    assert "时间存疑" in lines[doubtful]
    assert "时间存疑" not in lines[sure]
    facts = str(shown(centre, board, "detail", "detail-head", doubtful))
    assert "时间存疑" in facts
    assert clock(said, seconds=False) in facts


def test_an_alert_that_was_over_when_it_came_is_shown_as_doubtful(
    centre: Centre, board: Board
) -> None:
    times = {"sent_at": centre.now - 7_200_000, "expires_at": centre.now - 3_600_000}
    id = centre.hears(lat=37.08, **times)["alert"]
    (line,) = (str(r["node"]) for r in shown(centre, board, "queue", "queue-grid") if r["id"] == id)
    assert "时间存疑" in line
    facts = str(shown(centre, board, "detail", "detail-head", id))
    assert clock(times["expires_at"], seconds=False) in facts


@pytest.mark.parametrize(
    "spoilt",
    [
        {"reading_json": '{"value": NaN}'},
        {"reading_json": "not json"},
        {"scope_json": "[", "geometry_json": '{"type":'},
        {"severity": 9},
    ],
)
def test_a_row_that_was_spoilt_past_the_product_is_shown_so_and_spoils_no_other(
    centre: Centre, board: Board, spoilt: dict[str, Any]
) -> None:
    good, bad = centre.hears(lat=37.02)["alert"], centre.hears(lat=37.08)["alert"]
    centre.database.write(
        lambda c: c.execute(update(alert).where(alert.c.id == bad).values(spoilt))
    )
    lines = {row["id"]: str(row["node"]) for row in shown(centre, board, "queue", "queue-grid")}
    assert "数据损坏" in lines[bad]
    assert "数据损坏" not in lines[good]
    assert "nan" not in canonical.dumps(lines)  # which a browser's socket would not survive
    assert "数据损坏" not in str(shown(centre, board, "detail", "detail-head", good))
    shown(centre, board, "detail", "detail-head", bad)


def test_an_alert_moves_to_the_group_of_what_is_done_with_it(centre: Centre, board: Board) -> None:
    open_, closed = centre.hears(lat=37.02)["alert"], centre.hears(lat=37.08)["alert"]
    centre.does("officer", "alert.acknowledge", alert=closed)
    centre.does("officer", "alert.dismiss", alert=closed, reason="drill by the plant")
    handled, _ = centre.incident()
    lines = queue(centre, board)
    linked = centre.row(handled)["alerts_json"].strip('["]')
    assert lines.index("group:open") < lines.index(open_) < lines.index("group:handling")
    assert lines.index("group:handling") < lines.index(linked) < lines.index("group:closed")
    assert lines[-1] == closed


def test_an_order_of_a_part_of_the_alerts_says_so(
    centre: Centre, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is listed goes by level: the newest of those need not be the newest of all."""
    for n in range(3):
        centre.hears(lat=37.02 + n / 50)

    def labels() -> dict[str, str]:
        (chips,) = shown(centre, board, "queue", "queue-counts")
        known = [one for one in nodes(chips["node"]) if "data-order" in attributes(one)]
        return {attributes(one)["data-order"]: said(one) for one in known}

    assert labels() == {one: T(f"queue.by_{one}") for one in ("level", "due", "new")}
    monkeypatch.setattr(desk_queue, "MANY", 2)
    assert queue(centre, board)[3] == "group:open:more"
    listed = {one: T(f"queue.listed_by_{one}") for one in ("due", "new")}
    assert labels() == {"level": T("queue.by_level"), **listed}


def test_the_alert_of_an_incident_that_is_over_is_closed_with_it(
    centre: Centre, board: Board
) -> None:
    over, _ = centre.incident()
    linked = centre.row(over)["alerts_json"].strip('["]')
    centre.does("officer", "incident.end", incident=over, reason="all clear")
    lines = queue(centre, board)
    assert lines.index("group:closed") < lines.index(linked)


def test_a_clock_that_was_set_is_told_with_what_to_press(centre: Centre, board: Board) -> None:
    epoch = lease.take(centre.database, "worker", centre.now) or 0
    for offset in (0, -7_200_000):
        jumps.settle(centre.writer, "boot-1", offset, centre.now, epoch)
    (line,) = shown(centre, board, "notices", "notices-list")
    assert "2:00:00" in said(line)
    assert any(
        one.get("data-act") == "clock.confirm" for one in map(attributes, nodes(line["node"]))
    )


def test_an_empty_group_says_that_it_was_looked_at(centre: Centre, board: Board) -> None:
    head = shown(centre, board, "queue", "queue-grid")[0]
    assert T("queue.no_open") in said(head)
    assert any("data-checked" in attributes(one) for one in nodes(head["node"]))


def test_only_a_new_alert_of_level_i_or_ii_blinks(centre: Centre, board: Board) -> None:
    grave, mild = centre.hears(severity=2)["alert"], centre.hears(severity=3, lat=37.08)["alert"]
    assert marks(centre, board, grave).get("data-unack") == "1"
    assert "data-unack" not in marks(centre, board, mild)
    centre.does("officer", "alert.acknowledge", alert=grave)
    assert "data-unack" not in marks(centre, board, grave)


def test_never_more_than_three_frames_blink(centre: Centre, board: Board) -> None:
    alerts = [centre.hears(severity=1, lat=37.01 + n / 50)["alert"] for n in range(4)]
    frames = [marks(centre, board, id)["data-unack"] for id in alerts]
    assert frames == ["1", "1", "1", "still"]


def marks(centre: Centre, board: Board, id: str) -> dict[str, Any]:
    rows = shown(centre, board, "queue", "queue-grid")
    return attributes(next(row["node"] for row in rows if row["id"] == id))


def test_a_title_with_markup_stays_words(centre: Centre, board: Board) -> None:
    id = centre.hears(title="<img src=x onerror=alert(1)>")["alert"]
    line = next(row for row in shown(centre, board, "queue", "queue-grid") if row["id"] == id)
    assert "<img src=x onerror=alert(1)>" in said(line)
    assert all(one[0].split(".")[0] != "img" for one in nodes(line["node"]))


def test_the_next_step_with_an_alert_stands_out_and_the_others_wait(
    centre: Centre, board: Board
) -> None:
    id = centre.hears()["alert"]
    primary = {"A": "primary", "V": None, "E": None}
    for done, expected in (
        (None, primary),
        ("alert.acknowledge", {"A": None, "V": "primary", "E": None}),
        ("alert.verify", {"A": None, "V": None, "E": "primary"}),
    ):
        if done:
            centre.does("officer", done, alert=id)
        acts = shown(centre, board, "detail", "detail-acts", id)
        assert {key: button(acts, key).get("data-kind") for key in expected} == expected
    assert button(acts, "A")["disabled"]
    assert "data-key" not in button(acts, "A"), "a key of a disabled button must do nothing"


def test_wartime_is_proposed_from_an_incident_by_those_who_may_lead(
    centre: Centre, board: Board
) -> None:
    alert = centre.hears()["alert"]
    assert button(shown(centre, board, "detail", "detail-acts", alert, LEADER), "Alt W")["disabled"]
    incident, _ = centre.incident()
    assert button(shown(centre, board, "detail", "detail-acts", incident), "Alt W")["disabled"]
    acts = shown(centre, board, "detail", "detail-acts", incident, LEADER)
    assert button(acts, "Alt W")["data-key"] == "Alt+W"


def test_an_incident_has_its_call_beside_its_name(centre: Centre, board: Board) -> None:
    alert = centre.hears()["alert"]
    assert "data-call" not in said(shown(centre, board, "detail", "detail-head", alert))
    incident, _ = centre.incident()

    def bar() -> list[dict[str, str]]:
        head = shown(centre, board, "detail", "detail-head", incident)
        line = next(row for row in head if row["id"] == "call")
        return [attributes(one) for one in nodes(line["node"])]

    assert {"data-call": "here", "data-id": incident}.items() <= next(
        one for one in bar() if one.get("data-call") == "here"
    ).items()
    assert not any(one.get("data-t") == "elapsed" for one in bar())
    centre.does("officer", "call.open", incident=incident)
    assert any(one.get("data-t") == "elapsed" for one in bar())


def test_drafts_of_the_plan_can_be_edited_and_go_out_together(centre: Centre, board: Board) -> None:
    incident, orders = centre.incident()
    drafts = shown(centre, board, "composer", "composer-drafts", incident)
    assert [row["id"] for row in drafts] == orders
    fields = [attributes(one) for one in nodes(drafts[0]["node"]) if "data-edit" in attributes(one)]
    assert {one["name"] for one in fields} == {"text", "unit", "priority"}
    assert {one["data-edit"] for one in fields} == {orders[0]}
    centre.does("officer", "order.discard", order=orders[0])
    rest = [row["id"] for row in shown(centre, board, "composer", "composer-drafts", incident)]
    assert rest == orders[1:]


def test_the_matrix_shows_each_state_once_and_puts_the_late_first(
    centre: Centre, board: Board
) -> None:
    taken = centre.order("FIR-E-01")
    incident = centre.row(taken)["incident"]
    late = centre.order("FIR-E-02", incident=incident, ack_limit=60)
    centre.does(crew("FIR-E-01"), "order.acknowledge", order=taken)
    centre.passes(61)
    rows = shown(centre, board, "matrix", "matrix-grid", incident)
    assert [row["id"] for row in rows] == [late, taken]
    assert states(rows[0]) == {"ISSUED": "done", "ACKED": "late"}
    assert states(rows[1]) == {"ISSUED": "done", "ACKED": "done"}
    assert rows[0]["h"] > rows[1]["h"], "a late order has a line for its remedy"
    assert T("matrix.step_1") in said(rows[0])
    assert T("matrix.late", n=1) == late_count(centre, board, incident)


def states(line: Row) -> dict[str, str]:
    cells = [one for one in nodes(line["node"]) if one[0] == "span.s"]
    found = {name: attributes(one)["data-s"] for name, one in zip(COLUMNS, cells, strict=True)}
    return {name: state for name, state in found.items() if state != "none"}


def late_count(centre: Centre, board: Board, incident: str) -> str:
    view = View(Role.OFFICER, ("city",), "zh", incident)
    words: str = props_of("matrix", centre, board, view)[("matrix-late", "children")]
    return words


def test_a_signature_by_telephone_is_marked_and_its_number_is_not_shown(
    centre: Centre, board: Board
) -> None:
    order = centre.order("FIR-E-01")
    told = {"who": "Li Juan", "number": "13800001234"}
    centre.does("officer", "order.acknowledge_by_phone", order=order, **told)
    rows = shown(centre, board, "matrix", "matrix-grid", centre.row(order)["incident"])
    assert T("matrix.by_phone") in said(rows)
    assert told["number"] not in said(rows)


def test_a_held_force_cannot_be_ticked_and_says_which_order_holds_it(
    centre: Centre, board: Board
) -> None:
    order = centre.order("FIR-E-01")
    centre.passes(1)
    rows = shown(centre, board, "forces", "forces-list", centre.row(order)["incident"])
    held = next((row for row in rows if row["id"] == "FIR-E-01"), None)
    assert held is not None
    tick = next(attributes(one) for one in nodes(held["node"]) if one[0] == "input")
    assert tick["disabled"]
    assert order in said(held)


def test_timers_run_from_the_most_urgent_and_stop_when_signed(centre: Centre, board: Board) -> None:
    slow = centre.order("FIR-E-01", ack_limit=600)
    quick = centre.order("FIR-E-02", ack_limit=60)
    running = [row["id"] for row in shown(centre, board, "timers", "timers-grid")]
    assert running.index(f"order:{quick}") < running.index(f"order:{slow}")
    centre.does(crew("FIR-E-02"), "order.acknowledge", order=quick)
    left = [row["id"] for row in shown(centre, board, "timers", "timers-grid")]
    assert f"order:{quick}" not in left
    assert f"order:{slow}" in left


def test_timers_are_of_every_incident_and_carry_its_number(centre: Centre, board: Board) -> None:
    first, _ = centre.incident()
    alone = shown(centre, board, "timers", "timers-grid", first)
    assert not any(sign in said(alone) for sign in SIGNS)
    centre.now += 1000
    second, _ = centre.incident(lat=37.09)
    rows = shown(centre, board, "timers", "timers-grid", first)
    steps = {row["id"]: row for row in rows if row["id"].startswith("step:")}
    assert {id.split(":")[1] for id in steps} == {first, second}
    for incident, sign in ((first, SIGNS[0]), (second, SIGNS[1])):
        row = steps[f"step:{incident}:1"]
        assert said(row).startswith(sign)
        assert attributes(row["node"])["data-select"] == f"incident:{incident}"


def test_units_that_two_incidents_want_are_counted_and_timed(centre: Centre, board: Board) -> None:
    held = centre.order("FIR-E-01")
    assert [row["id"] for row in shown(centre, board, "switcher", "switcher-list")] == [
        centre.row(held)["incident"]
    ]
    other, _ = centre.incident(type="other", lat=37.09)
    body = {"incident": other, "text": "go", "kind": "dispatch", "priority": 1, "unit": "FIR-E-01"}
    asked = centre.does("officer", "order.draft", **body)["order"]
    again = centre.does("officer", "order.draft", **body)["order"]
    tiles = shown(centre, board, "switcher", "switcher-list")
    assert T("switcher.wanted", n=1) in said(tiles[-1])
    timers = {row["id"]: row for row in shown(centre, board, "timers", "timers-grid")}
    line = timers[f"wanted:{asked}"]
    assert attributes(line["node"])["data-side"] == "loans"
    assert said(line).startswith(SIGNS[:2])
    for one in (asked, again):
        centre.does("officer", "order.forgo", order=one, stays=held, reason="it works inside")
    assert "wanted" not in {row["id"] for row in shown(centre, board, "switcher", "switcher-list")}


def test_a_second_person_sees_who_asked_and_signs_on_the_desk(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident()
    war = centre.war(incident, "e", level=2, who="lead")
    body = shown(centre, board, "confirm", "confirm-body", who=LEADER)
    assert {T("role.shift_lead"), T("signature.leader")} <= set(words(body))
    sign = button(shown(centre, board, "confirm", "confirm-acts", who=LEADER), "Ctrl ↵")
    assert sign["data-act"] == "activation.sign"
    assert war in sign["data-body"]
    assert "lead" in sign["data-signed"].split()
    centre.does("leader", "activation.sign", activation=war)
    assert not shown(centre, board, "confirm", "confirm-body", who=LEADER)


def test_an_officer_sees_the_question_but_may_not_sign(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident()
    centre.war(incident, "e", level=2, who="lead")
    acts = shown(centre, board, "confirm", "confirm-acts")
    assert button(acts, "Ctrl ↵")["disabled"]
    assert button(acts, "Ctrl ↵")["title"] == T("acts.needs_lead")


def test_another_districts_desk_gets_a_banner_and_stays_in_peace(
    centre: Centre, board: Board
) -> None:
    incident, _ = centre.incident()
    war = centre.war(incident, "e", level=4)
    west = View(Role.OFFICER, ("w",))
    notice = shown(centre, board, "notices", "notices-list", who=west)
    assert [row["id"] for row in notice] == [war]
    assert T("notice.here_peace") in said(notice)
    assert T("mode.PEACETIME") in said(shown(centre, board, "top", "top-banner", who=west))
    assert T("mode.WARTIME") in said(shown(centre, board, "top", "top-banner"))


def test_the_checklist_puts_what_is_done_first_and_asks_who_owns_the_rest(
    centre: Centre, board: Board
) -> None:
    incident, _ = centre.incident()
    war = centre.war(incident, "e", level=4)
    last = len(shown(centre, board, "standdown", "standdown-list")) - 1
    centre.does("officer", "activation.check", activation=war, item=last, done=True)
    rows = shown(centre, board, "standdown", "standdown-list")
    assert rows[0]["id"] == str(last)
    owners = [attributes(one).get("data-owner") for row in rows for one in nodes(row["node"])]
    assert [one for one in owners if one is not None] == list(range(last))


def test_incidents_keep_their_numbers_when_a_worse_one_comes() -> None:
    first = {"id": "EV-1", "opened_at": 1, "grade": 4}
    second = {"id": "EV-2", "opened_at": 2, "grade": 1}
    assert [one["id"] for one in numbered([second, first])] == ["EV-1", "EV-2"]


@pytest.mark.parametrize(
    "panel", ["queue", "detail", "composer", "matrix", "steps", "confirm", "report", "activate"]
)
def test_no_key_belongs_to_the_browser(centre: Centre, board: Board, panel: str) -> None:
    incident, _ = centre.incident()
    centre.war(incident, "e", level=2, who="lead")
    props = props_of(panel, centre, board, View(Role.LEADER, ("city",), "zh", incident))
    lists = [value for (_, name), value in props.items() if name in ("rows", "rowData")]
    keys = {one.get("data-key") for rows in lists for one in buttons(rows)}
    assert not keys & BROWSER_OWN
    assert not any(key and key.startswith("Alt+") and key[-1].isdigit() for key in keys)


def words(rows: list[Row]) -> list[str]:
    return [
        child for row in rows for one in nodes(row["node"]) for child in texts(one)
    ]  # fmt: skip


def texts(one: Node) -> list[str]:
    return [child for child in one[1:] if isinstance(child, str)]


def test_limits_that_nobody_carried_out_are_told(centre: Centre, board: Board) -> None:
    centre.hears(severity=1)
    centre.now += 64_000
    assert "unfired" not in {row["id"] for row in shown(centre, board, "notices", "notices-list")}
    centre.now += 2_000
    lines = {row["id"]: str(row["node"]) for row in shown(centre, board, "notices", "notices-list")}
    assert "升级未执行：1 个" in lines["unfired"]


def test_a_journal_that_a_reader_holds_up_is_told(
    centre: Centre, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.hears()
    assert "journal" not in {row["id"] for row in shown(centre, board, "notices", "notices-list")}
    monkeypatch.setattr(journal, "MOST", 0)
    lines = {row["id"]: str(row["node"]) for row in shown(centre, board, "notices", "notices-list")}
    assert "存储日志积压" in lines["journal"]
