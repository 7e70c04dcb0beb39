"""Replay: an incident's recordings in one clock, what is missing in them, and its duty log."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.desk_words import log_line
from layouts.kit import given
from layouts.nodes import Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

HEAD, TRACKS, LOG = "replay-head", "replay-tracks", "replay-log"
STAGE, SLIDE, LINES = "replay-stage", "replay-slide", "replay-lines"
KNOWN, CHOICE = "replay-known", "replay-of"
RATES = (1, 2, 4, 8)
MOST = 200  # recordings that the picture holds


def skeleton(t: Texts, _screen: str) -> Component:
    """What is played stands in `replay-stage`, painted by the browser's own script."""
    return html.Div(
        [
            html.H2([t("replay.title"), html.Small(id=HEAD), _choice(t)], className="ph"),
            html.Div([_pictures(t), _beside(t)], className="re"),
        ],
        className="col",
    )


def _choice(t: Texts) -> Component:
    return html.Label([t("replay.pick"), html.Span(id=CHOICE)], className="re-of")


def _pictures(t: Texts) -> Component:
    return html.Section(
        [
            html.Div(id=STAGE, className="re-stage", **given(aria_label=t("replay.pictures"))),
            html.Div(_hands(t), className="bar", role="toolbar"),
            html.Div(id=SLIDE, className="re-slide"),
            html.Div(id=LINES, className="re-lines"),
        ],
        className="col",
    )


def _beside(t: Texts) -> Component:
    return html.Section(
        [
            html.H3([t("replay.known"), html.Small(t("replay.known_note"))], className="ph"),
            html.Div(id=KNOWN, className="re-known", role="status"),
            html.H3(t("replay.log"), className="ph"),
            html.Div([listing(LOG), html.P(t("replay.no_log"), className="none")], className="scr"),
        ],
        className="col",
    )


def _hands(t: Texts) -> list[Component]:
    before = [_hand(t("replay.before"), "before", "["), _hand(t("replay.back"), "back", "←")]
    after = [_hand(t("replay.on"), "on", "→"), _hand(t("replay.next"), "next", "]")]
    rates = [_hand(f"{rate}×", "rate", rate=str(rate)) for rate in RATES]
    now = html.Output(id="replay-clock", className="n re-clock")
    play = _hand(t("replay.play"), "play", t("replay.space"))
    return [*before, play, *after, now, *rates, _hand(t("replay.mute"), "mute")]


def _hand(label: str, step: str, key: str = "", rate: str | None = None) -> Component:
    """A button; its key works only while the replay is in sight."""
    parts = [html.Span(label), html.Kbd(key)] if key else [html.Span(label)]
    marks = given(data_do="replay", data_step=step, data_rate=rate)
    return html.Button(parts, className="btn", type="button", **marks)


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    incident = pictures["incident"]["incident"]
    if not view.subject or incident is None:
        return {(HEAD, "children"): t("replay.choose"), (TRACKS, "rows"): [], (LOG, "rows"): []}
    kept = [one for one in pictures["recordings"]["recordings"] if one["kind"] != "still"]
    log = sorted(pictures["incident"]["log"], key=lambda one: one["seq"])
    tracks = _tracks(kept, t)
    said = t("replay.note") if tracks else t("replay.none")
    if len(pictures["recordings"]["recordings"]) >= MOST:
        said = t("replay.newest", n=MOST)
    return {
        (HEAD, "children"): f"{incident['id']} · {incident['title']} · {said}",
        (TRACKS, "rows"): [_span(incident, kept, log), *tracks],
        (LOG, "rows"): [_event(one, n, t) for n, one in enumerate(log)],
    }


def _span(incident: Any, kept: list[Any], log: list[Any]) -> Row:
    """From when to when there is anything to see."""
    times = [incident["opened_at"], *(one["at"] for one in log)]
    times += [one[end] for one in kept for end in ("started_at", "ended_at")]
    return {"id": "span", "rank": "", "from": min(times), "to": max(times)}


def _tracks(kept: list[Any], t: Texts) -> list[Row]:
    """One for each camera and each participant: its files in order of time."""
    whose: dict[str, list[Any]] = {}
    for one in sorted(kept, key=lambda one: (one["kind"], one["started_at"])):
        whose.setdefault(one["feed"] or f"{one['call']}/{one['party']}", []).append(one)
    return [
        {"id": key, "rank": f"{n:03d}", "name": _name(clips[0], t),
         "clips": [_clip(one) for one in clips]}
        for n, (key, clips) in enumerate(whose.items())
    ]  # fmt: skip


def _name(one: Any, t: Texts) -> str:
    return t.name(one["name"]) if one["name"] else str(one["feed"] or "")


def _clip(one: Any) -> dict[str, Any]:
    """One file. gaps: of each stream, [from, to] in ms UTC, as its manifest has them."""
    gone = one["deleted_at"] is not None
    return {
        "src": None if gone else f"/api/v1/recordings/{one['file']}",
        "from": one["started_at"],
        "to": one["ended_at"],
        "gaps": {kind: track["gaps"] for kind, track in one["tracks"].items()},
    }


def _event(one: Any, n: int, t: Texts) -> Row:
    """A line of the log; pressing it takes the clock there."""
    body = node("button.lg", node("b.n", clock(one["at"])), node("span", log_line(one, t)),
                type="button", data_do="replay", data_step="to", data_at=one["at"])  # fmt: skip
    return row(str(one["seq"]), f"{n:05d}", body)


PANEL = Panel(
    id="replay",
    screens={"desk": "replay"},
    pictures=("recordings", "incident"),
    skeleton=skeleton,
    props=props,
    subject="replayed",
)
