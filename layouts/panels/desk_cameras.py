"""The desk's live pictures of what is open there: one large, the others small; and to the wall."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.wall import PUSHED_MIN
from layouts import eyes
from layouts.kit import given, listed
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

TILES, PUSH, PUSHED = "desk-cameras-tiles", "desk-cameras-push", "desk-cameras-pushed"
SENT = "desk-cameras-sent"
MINUTES = (10, PUSHED_MIN, 120)
CELLS = (4, 9, 16)


def skeleton(t: Texts, screen: str) -> Component:
    """The tiles; over them, when asked for, which place of the wall the large one shall take."""
    to_wall = html.Button(
        [html.Span(t("eyes.to_wall")), html.Kbd("F8")],
        type="button",
        className="btn",
        **given(data_eyes="push", data_key="F8", data_kind="bare"),
    )
    still = html.Button(
        t("eyes.still"),
        type="button",
        className="btn",
        title=t("eyes.still_note"),
        **given(data_still="1", data_kind="bare"),
    )
    on_wall = listed(PUSHED, className="onwall")
    return html.Div(
        [
            html.H2([t("eyes.live"), on_wall, still, to_wall], className="ph"),
            html.Div(
                html.Div(t("eyes.none"), className="empty"),
                id=TILES,
                className="tiles",
                **given(data_desk_video="1"),
            ),
            listed(SENT, className="sent"),
            listed(PUSH, className="pushes", data_form="1"),
            html.Div(className="answer", role="status", **given(data_answer="1")),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["autowall"]
    shown = [*picture["picks"], *picture["spares"]]
    return {
        (TILES, "rows"): [_tile(pick, picture, t) for pick in shown],
        (PUSH, "rows"): rows(("push", _push(picture, t))),
        (SENT, "rows"): [_sent(n, row, t) for n, row in enumerate(picture["uploads"])],
        (PUSHED, "rows"): [_pushed(n, row, t) for n, row in enumerate(picture["pushed"])],
    }


def _tile(pick: Any, picture: Any, t: Texts) -> dict[str, Any]:
    """A tile also says who has leave to watch it; the page finds its own person's."""
    row = eyes.tile(pick, picture, t)
    return {**row, "leaves": picture["watched"].get(pick["feed"], [])}


def _sent(n: int, row: Any, t: Texts) -> dict[str, Any]:
    """A photo or video that a unit sent: whose, and of what time."""
    kind = "video" if row["kind"] == "video" else "picture"
    words = t(f"scene.{kind}", at=clock(row["taken_at"], False))
    body = node("button.btn", words, node("small", t.name(row["unit_name"])), type="button",
                data_kind="bare", data_upload=row["id"], data_video=kind == "video" or None,
                title=f"SHA-256 {row['sha256'][:16]}…")  # fmt: skip
    return {"id": row["id"], "rank": f"{n:02d}", "node": body}


def _push(picture: Any, t: Texts) -> Node:
    """What the wall shows now, place by place; how long; then put it there."""
    on_wall = {row["slot"]: t.name(row["name"]) for row in picture["wall"]}
    places = [
        _choice("slot", slot, f"{slot} {on_wall.get(slot) or t('eyes.free')}", slot == 1)
        for slot in range(1, picture["cells_set"] + 1)
    ]
    lengths = [_choice("minutes", n, t("eyes.minutes", n=n), n == PUSHED_MIN) for n in MINUTES]
    cells = [
        node("button.btn", str(n), type="button", data_act="wall.arrange",
             data_body=f'{{"cells":{n}}}', aria_pressed=str(n == picture["cells_set"]).lower())
        for n in CELLS
    ]  # fmt: skip
    return node(
        "div.pushform",
        node("b", data_eyes_name="1"),
        node("div.places", places, style_n=round(picture["cells_set"] ** 0.5)),
        node("div.lengths", node("span.dim", t("eyes.push_minutes")), lengths),
        node(
            "div.acts.two",
            node("button.btn", t("eyes.push_go"), type="button", data_eyes="go",
                 data_kind="primary", data_focus="go"),
            node("button.btn", t("eyes.push_close"), type="button", data_eyes="close"),
        ),
        node("div.lengths", node("span.dim", t("eyes.cells")), cells),
    )  # fmt: skip


def _choice(name: str, value: int, words: str, chosen: bool) -> Node:
    field = node("input", type="radio", name=name, value=str(value), checked=chosen)
    return node("label", field, node("span", words))


def _pushed(n: int, row: Any, t: Texts) -> dict[str, Any]:
    """What stands on the wall by hand: until when, and the way to take it off."""
    until = clock(row["until"], False)
    words = t("cam.pushed", who=t.name(row["by_name"]), until=until)
    name = t.name(row["name"]) or row["feed"]
    body = node("span.chip", f"{row['slot']} {name}", node("small", words),
                node("button.btn", t("eyes.release"), type="button", data_act="wall.release",
                     data_kind="bare", data_body=f'{{"push":"{row["id"]}"}}'))  # fmt: skip
    return {"id": row["id"], "rank": f"{n:02d}", "node": body}


PANEL = Panel(
    id="cameras",
    screens={"desk": "cameras"},
    pictures=("autowall",),
    skeleton=skeleton,
    props=props,
    subject="incident alert",
)
