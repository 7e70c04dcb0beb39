"""The plan's steps, the incident's log, what waits for a decision, what is short: a tab each."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import harm
from layouts.desk_acts import ask
from layouts.desk_lists import listing
from layouts.desk_parts import answer, ticking
from layouts.duty_log import log_rows
from layouts.kit import given
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.panels.wall_decisions import due, items, question
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import share
from streams.pictures.incidents import STEP_SETTLED
from streams.view import View

STEPS, LOG = "steps-list", "steps-log"
SHOWN = 100
TABS = (("plan", "P"), ("log", "L"), ("decide", ""), ("gaps", ""))
"""Name and key of each page; the two short ones are reached by pointer and Tab."""


def skeleton(t: Texts, _screen: str) -> Component:
    tabs = [
        html.Button(
            [t(f"steps.{name}"), " ", html.Span(id=f"steps-{name}-n", className="n"), " ",
             html.Kbd(key) if key else None],
            className="tab", type="button",
            **given(data_do="tab", data_tab=name, data_key=key or None),
        )
        for name, key in TABS
    ]  # fmt: skip
    return html.Div(
        [
            html.Div(tabs, className="tabs"),
            html.Div(
                [listing(STEPS), _none(t("steps.no_plan"))],
                className="scr",
                **given(data_page="plan"),
            ),
            html.Div(
                [listing(LOG, "log"), _none(t("steps.no_log"))],
                className="scr",
                **given(data_page="log"),
            ),
            *(
                html.Div(
                    [listing(f"steps-{name}"), _none(t(f"steps.no_{name}"))],
                    className="scr",
                    **given(data_page=name),
                )
                for name in ("decide", "gaps")
            ),
            listing("steps-note", "actbar"),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    picture = pictures["incident"]
    steps, log = picture.get("steps") or [], picture.get("log") or []
    done = sum(one["state"] in STEP_SETTLED for one in steps)
    incident = picture.get("incident")
    level = incident["grade"] if incident else None
    return {
        ("steps-plan-n", "children"): f"{done}/{len(steps)}",
        ("steps-log-n", "children"): str(len(log)),
        (STEPS, "rows"): [_step(one, level, t) for one in steps],
        (LOG, "rows"): log_rows(log, SHOWN, t),
        ("steps-note", "rows"): [row("note", "0", _note(t))],
        **_decisions({**pictures, "ruling": picture}, t),
        **_gaps(incident, t),
    }


def _decisions(pictures: Pictures, t: Texts) -> Props:
    """What waits for a decision, as the wall asks it; the drafts are those of this incident."""
    found = items(pictures, t)
    lines = [
        row(key, f"{n:03d}", node("div.dc", question(item, t), due(item, t), data_lv=item["level"]))
        for n, (key, item) in enumerate(found)
    ]
    return {("steps-decide-n", "children"): str(len(found)), ("steps-decide", "rows"): lines}


def _gaps(incident: dict[str, Any] | None, t: Texts) -> Props:
    """What is short, as the officer entered it, with whose word it is and its time."""
    told = (incident or {}).get("facts", {}).get("needs") or {"value": []}
    lines = [
        row(f"need:{n}", f"{n:03d}", _gap(need, told, t)) for n, need in enumerate(told["value"])
    ]
    return {("steps-gaps-n", "children"): str(len(lines)), ("steps-gaps", "rows"): lines}


def _gap(need: dict[str, Any], told: dict[str, Any], t: Texts) -> Node:
    have = share(need["have"], 0, need["need"])
    bar = node("div.gb", node("b"), style_b=have)
    words = node("span", node("b", need["what"]),
                 node("small", f"{told['source']} · {harm.checked(told, t)}"))  # fmt: skip
    return node("div.gp", words, bar, node("b.n", harm.shortage(need, t)))


def _step(step: dict[str, Any], level: int | None, t: Texts) -> Row:
    """Open steps first by their limit, the done ones below."""
    done = step["state"] in STEP_SETTLED
    mark = "✓" if done else str(step["seq"])
    time = clock(step["limit_at"], seconds=False) if done else ticking("left", step["limit_at"])
    body = node(
        "div.ps",
        node("i.k", mark),
        node("span", t.name(step["text"]), node("small", _order(step, t))),
        node("span.n", time),
        data_state="done" if done else step["state"],
        data_due=None if done else step["limit_at"],
        data_late="1" if step["late_at"] and not done else None,
        data_lv=level,
    )
    return row(
        f"step:{step['seq']}", f"{int(done)}{step['limit_at'] or 0:014d}{step['seq']:03d}", body
    )


def _order(step: dict[str, Any], t: Texts) -> str:
    late = t("steps.late", at=clock(step["late_at"], seconds=False)) if step["late_at"] else ""
    if not step["order"]:
        return " · ".join(part for part in (late, t("steps.no_order")) if part)
    state = t(f"order_state.{step['order_state']}")
    said = (late, step["order"], t.name(step["unit_name"]), state)
    return " · ".join(part for part in said if part)


def _note(t: Texts) -> Node:
    return node(
        "div",
        ask("note", "incident.note", "text", "incident", t("acts.note_text"), t("acts.note_do"), t),
        node(
            "button.btn",
            t("acts.log"),
            " ",
            node("kbd", "N"),
            type="button",
            data_kind="bare",
            data_do="line",
            data_for="note",
            data_key="N",
        ),
        answer(),
    )


def _none(text: str) -> Component:
    return html.P(text, className="none")


PANEL = Panel(
    id="steps",
    screens={"desk": "steps"},
    pictures=("incident", "incidents", "orders", "activations"),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
