"""What must be seen over the desk: a clock that was set, a waiting request, a neighbour's war,
STANDBY, a stand-down.
"""

import json
from typing import Any

from dash.development.base_component import Component

from dispatch.vocabulary import Mode
from layouts.desk_lists import listing
from layouts.desk_parts import badge, button, response_name, ticking
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.war import districts
from streams.view import View

LIST = "notices-list"
ENDED_SHOWN = 3
ENDED_MS = 30 * 60_000  # how long a stand-down stays in sight


def skeleton(t: Texts, _screen: str) -> Component:
    return listing(LIST, "notices", role="status", aria_label=t("notice.title"))


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    seen, own = pictures["activations"], set(pictures["activations"]["own"])
    titles = {one["id"]: one["title"] for one in pictures["incidents"]["incidents"]}
    standby = [one for one in seen["active"] if one["id"] in own and one["mode"] == Mode.STANDBY]
    jump, loans = pictures["clock"]["jump"], pictures["loans"]
    held, unfired = pictures["journal"]["held"], pictures["unfired"]
    shown: list[Row] = [
        *([row(f"clock-{jump['seq']}", "00", _clock(jump, t))] if jump else []),
        *([row("unfired", "01", _unfired(unfired, t))] if unfired["timers"] else []),
        *([row("journal", "01", _journal(held, t))] if held else []),
        *(row(one["id"], f"0{one['id']}", _asked(one, t)) for one in seen["proposed"]),
        *(
            row(one["id"], f"1{one['id']}", _neighbour(one, titles, loans, t))
            for one in seen["neighbours"]
        ),
        *(
            row(one["loan"], f"0{one['loan']}", _request(one, t))
            for one in loans["requests"]
            if one["incident"] not in {war["incident"] for war in seen["neighbours"]}
        ),
        *(row(one["id"], f"2{one['id']}", _standby(one, titles, t)) for one in standby),
        *(row(one["id"], f"3{one['id']}", _ended(one, t)) for one in _latest(seen["ended_recent"])),
    ]
    return {(LIST, "rows"): shown}


def _latest(ended: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(ended, key=lambda one: -(one["ended_at"] or 0))[:ENDED_SHOWN]


def _clock(jump: dict[str, Any], t: Texts) -> Node:
    """Somebody set the machine's clock: no limit ran faster for it, but times must be compared."""
    ahead = jump["by_ms"] > 0
    by = duration(abs(jump["by_ms"]))
    return node(
        "div.nt.asked",
        node("b", t("notice.clock_ahead" if ahead else "notice.clock_back", by=by)),
        node("span.mid", t("notice.clock_limits", n=jump["timers"], at=clock(jump["at"]))),
        node("span.push"),
        button(t("notice.clock_confirm"), "", data_act="clock.confirm",
               data_body=json.dumps({"jump": jump["seq"]})),
        data_clock=jump["seq"],
    )  # fmt: skip


def _unfired(unfired: dict[str, Any], t: Texts) -> Node:
    """What should have been escalated by itself was not: people must look after it."""
    return node(
        "div.nt.asked",
        node("b", t("notice.unfired", n=unfired["timers"])),
        node("span.mid", t("notice.unfired_why", at=clock(unfired["since"]))),
        data_unfired=unfired["timers"],
    )


def _journal(held: int, t: Texts) -> Node:
    """Somebody reads the store without end: its disk fills until he is stopped."""
    return node(
        "div.nt.asked",
        node("b", t("notice.journal", mb=held // 2**20)),
        node("span.mid", t("notice.journal_why")),
        data_journal=held,
    )


def duration(ms: int) -> str:
    """Hours, minutes and seconds, as 2:00:00."""
    hours, rest = divmod(ms // 1000, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def _asked(one: dict[str, Any], t: Texts) -> Node:
    """A request that waits for its second person; stays when the panel is folded."""
    what = f"{districts(one, t)} {response_name(one['mode'], one['level'], t)}"
    return node(
        "div.nt.asked",
        badge(one["level"], t),
        node("b", t("confirm.waits", what=what)),
        node("span.mid", t.name(one.get("proposed_by_name"))),
        node("span.push"),
        ticking("left", one["expires_at"]),
        button(t("confirm.show"), "F9", data_do="confirm"),
        data_lv=one["level"],
    )


def _request(one: dict[str, Any], t: Texts) -> Node:
    """A neighbour that is not at war asks for a unit of ours."""
    where = t("desk.and").join(t.name(to) for to in one["to_names"])
    return node(
        "div.nt.asked",
        node("b", t("notice.request", where=where, unit=t.name(one["unit_name"]))),
        node("span.mid", one["incident_title"]),
        node("span.push"),
        ticking("left", one["answer_due"]),
        button(t("notice.loans"), "I", data_do="side", data_side="loans"),
    )


def _touched(one: dict[str, Any], loans: dict[str, Any], t: Texts) -> Node:
    """What a neighbour's war takes from here: units lent to it, requests that wait."""
    of = [row for row in loans["lent"] if row["incident"] == one["incident"]]
    waiting = [row for row in loans["requests"] if row["incident"] == one["incident"]]
    due = min((row["answer_due"] for row in waiting), default=None)
    return node(
        "span",
        t("notice.lent", n=len(of)),
        " · ",
        node("b", t("notice.waiting", n=len(waiting))) if waiting else t("notice.waiting", n=0),
        " " if due else None,
        ticking("left", due) if due else None,
    )


def _neighbour(
    one: dict[str, Any], titles: dict[str, str], loans: dict[str, Any], t: Texts
) -> Node:
    """A war outside this desk's districts: an outline in its level, for here it is peacetime."""
    response = response_name(one["mode"], one["level"], t)
    what = f"{districts(one, t)} {t('mode.' + one['mode'])} · {response}"
    return node(
        "div.nbr",
        badge(one["level"], t),
        node("b", what),
        node(
            "span.mid",
            titles.get(one["incident"]) or one.get("incident_title") or one["incident"],
            " · ",
            t("notice.for"),
            " ",
            ticking("elapsed", one["started_at"]),
        ),
        node("span.mid", t("notice.here_peace")),
        node("span.push"),
        _touched(one, loans, t),
        button(t("notice.look", where=districts(one, t)), "", data_do="look-at",
               data_districts=" ".join(one["scope"])),
        button(t("notice.loans"), "I", data_do="side", data_side="loans"),
        button(t("notice.fold"), "", data_do="fold-notice", data_minutes="5"),
        data_lv=one["level"],
        data_notice=one["id"],
    )  # fmt: skip


def _standby(one: dict[str, Any], titles: dict[str, str], t: Texts) -> Node:
    said = response_name(one["mode"], one["level"], t)
    return node(
        "div.stby",
        node("b", f"{t('mode.STANDBY')} · {districts(one, t)} {said}"),
        node("span", titles.get(one["incident"], one["incident"])),
        node(
            "span.mid",
            t("notice.since", at=clock(one["started_at"])),
            " · ",
            t("notice.for"),
            " ",
            ticking("elapsed", one["started_at"]),
        ),
        node("span.push"),
        node("span.mid", one["reason"]),
        button(t("standdown.open"), "J", data_do="view", data_view="standdown"),
    )


def _ended(one: dict[str, Any], t: Texts) -> Node:
    """The stand-down, green for this once, with what is still open."""
    checks = one["checklist"] or []
    done = sum(bool(item.get("done")) for item in checks)
    what = f"{districts(one, t)} {response_name(one['mode'], one['level'], t)}"
    return node(
        "div.nt.safe",
        node("b", t("notice.ended", what=what, at=clock(one["ended_at"]))),
        node("span.mid", t("notice.ended_by", who=t.name(one.get("ended_by_name")),
                           why=one["end_reason"])),
        node("span.push"),
        node("span", t("notice.checklist", done=done, all=len(checks))),
        button(t("standdown.open"), "J", data_do="view", data_view="standdown"),
        button(t("notice.fold"), "", data_do="fold-notice", data_minutes="30"),
        data_notice=one["id"],
        data_until=(one["ended_at"] or 0) + ENDED_MS,
    )  # fmt: skip


PANEL = Panel(
    id="notices",
    screens={"desk": "notices"},
    pictures=("activations", "incidents", "clock", "journal", "loans", "unfired"),
    skeleton=skeleton,
    props=props,
    classes="plain",
)
