"""The alert queue of the desk: what waits, what is being handled, what was closed last."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OPEN_ALERTS, AlertState
from layouts.desk_lists import line, lines
from layouts.desk_parts import badge, button, in_doubt, ticking
from layouts.kit import given
from layouts.nodes import Node, Row, node
from layouts.panel import Panel, Pictures, Props
from layouts.remembered import remembered
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

LIST, COUNTS, FOOT = "queue-grid", "queue-counts", "queue-foot"
ORDERS = ("level", "due", "new")
"""What S goes through; the first is the usual one. assets/31-desk-lists.js sorts by them."""
GROUPS = ("open", "handling", "closed")
MANY = 200  # lines of a group; under a storm nobody reads on, and every screen would carry them
BLINKING = 3  # more than that and nobody looks
NO_DUE = 9_999_999_999_999


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2(
                [t("queue.title"), html.Span(id="queue-total", className="n mid"),
                 html.Small(id="queue-rate")],
                className="ph",
            ),
            html.Div(id=COUNTS, className="flt", **given(data_nodes="1")),
            lines(LIST, "alert", t("queue.title")),
            html.Div(id=FOOT, className="keysfoot", **given(data_nodes="1")),
        ],
        className="col",
    )  # fmt: skip


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    picture = pictures["alerts"]
    grouped = group(picture["alerts"])
    known = picture["counts"]
    counts = {"open": known["waiting"], "handling": known["linked"]}
    closed = known["closed_today"]
    partly = any(unlisted(name, grouped[name], counts) for name in counts)
    rate = t("queue.rate", n=picture["counts"].get("per_hour", 0))
    return {
        ("queue-total", "children"): str(counts["open"] + counts["handling"]),
        ("queue-rate", "children"): rate,
        (LIST, "rows"): rows_of(grouped, counts, t),
        (COUNTS, "rows"): [_chips({**counts, "closed": closed}, partly, t)],
        (FOOT, "rows"): [_foot(t)],
    }


def group(alerts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Alerts by what is to be done, each group in its order: level, then time left."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for alert in alerts:
        found[group_of(alert)].append(alert)
    for name in GROUPS:
        found[name].sort(key=lambda alert: order(name, alert))
    return found


def group_of(alert: dict[str, Any]) -> str:
    """The group of an alert; that of an incident that is over is closed with it."""
    if alert["state"] in OPEN_ALERTS:
        return "open"
    handled = alert["state"] == AlertState.LINKED and alert["closed_at"] is None
    return "handling" if handled else "closed"


def order(group_name: str, alert: dict[str, Any]) -> tuple[int, int, str]:
    """The worst level first, then the least time left; closed ones by the latest close."""
    if group_name == "closed":
        return (0, -(alert["closed_at"] or 0), alert["id"])
    return (alert["severity"] or 9, alert["ack_due"] or NO_DUE, alert["id"])


def rows_of(
    grouped: dict[str, list[dict[str, Any]]], counts: dict[str, int], t: Texts
) -> list[Row]:
    """The lines of the list; `rank` puts a group under its head and keeps its order.

    A group shows its first MANY; a last line says how many more there are.
    """
    found: list[Row] = []
    for n, name in enumerate(GROUPS):
        alerts = grouped[name]
        label = t(f"queue.{name}") if alerts else t(f"queue.no_{name}")
        found.append(line(f"group:{name}", f"{n}", _head(name, label, bool(alerts)), group=name))
        frames = [alert["id"] for alert in alerts if unacknowledged(alert)][:BLINKING]
        found += [_line(alert, n, name, alert["id"] in frames, t) for alert in alerts[:MANY]]
        hidden = unlisted(name, alerts, counts)
        if hidden:
            found.append(_more(n, name, hidden, t))
    return found


def unlisted(name: str, alerts: list[dict[str, Any]], counts: dict[str, int]) -> int:
    """How many of a group's alerts no line shows: like one that stands there, or past MANY."""
    return max(0, counts.get(name, len(alerts)) - len(alerts[:MANY]))


def unacknowledged(alert: dict[str, Any]) -> bool:
    """New and of level I or II: its frame stands out until somebody acknowledges it."""
    return alert["state"] == AlertState.NEW and alert["severity"] in (1, 2)


@remembered
def _line(alert: dict[str, Any], n: int, name: str, blinks: bool, t: Texts) -> Row:
    level, due, key = order(name, alert)
    known = {"group": name, "incident": alert["incident"], "state": alert["state"]}
    rank = f"{n}{level}{due + NO_DUE:014d}{key}"
    if name != "closed":
        newest = NO_DUE - alert["received_at"]
        known["by"] = {"due": f"{n}{due:014d}{key}", "new": f"{n}{newest:014d}{key}"}
    return line(alert["id"], rank, _row(name, alert, blinks, t), **known)


def _head(group_name: str, label: str, filled: bool) -> Node:
    checked = None if filled else node("span.chk", data_checked=1)
    return node("div.gh", node("span", label), checked, data_group=group_name)


def _more(n: int, group_name: str, count: int, t: Texts) -> Row:
    words = node("span", t("queue.more", n=count))
    body = node("div.gh", words, data_group=group_name)
    return line(f"group:{group_name}:more", f"{n}~", body, group=group_name)


def _row(name: str, alert: dict[str, Any], blinks: bool, t: Texts) -> Node:
    fresh = alert["state"] == AlertState.NEW
    frame = ("1" if blinks else "still") if unacknowledged(alert) else None
    return node(
        "div.qr",
        badge(alert["severity"], t) if name != "closed" else node("i.ck", "✓", data_done="yes"),
        node("div.tm", clock(alert["occurred_at"], seconds=False),
             node("small", _state(name, alert, t))),
        node("div.tt", node("b", alert["title"], _alike(alert, t)), node("small", _where(alert))),
        node("div.src", t.name(alert.get("source_name")) or alert["source"], _trust(alert, t)),
        _ages(name, alert, t),
        data_select=f"alert:{alert['id']}",
        data_lv=alert["severity"],
        data_new="1" if fresh else None,
        data_unack=frame,
        data_group=name,
    )  # fmt: skip


def _state(name: str, alert: dict[str, Any], t: Texts) -> str:
    """How far a waiting alert is; the other groups say it by their head or at the line's end."""
    return t(f"queue.state_{alert['state']}") if name == "open" else ""


def _where(alert: dict[str, Any]) -> str:
    parts = [alert["place"], alert.get("incident_title") or "", alert["id"]]
    return " · ".join(part for part in parts if part)


def _alike(alert: dict[str, Any], t: Texts) -> Node | None:
    """How many more of the same kind and place there are, which are not drawn."""
    hidden = alert.get("alike")
    return node("span.n", " ", t("queue.alike", n=hidden)) if hidden else None


def _trust(alert: dict[str, Any], t: Texts) -> Node | None:
    merged, confidence = alert.get("merged_count") or 0, alert.get("confidence")
    if alert.get("damaged"):
        return node("small", t("queue.damaged"), data_doubt="row")
    if merged:
        return node("small", t("queue.merged", n=merged))
    if in_doubt(alert):
        return node("small", t("queue.time_doubtful"), data_doubt="time")
    if confidence is None:
        return None
    return node("small", t("queue.confidence", value=f"{confidence:.2f}"))


def _ages(name: str, alert: dict[str, Any], t: Texts) -> Node:
    if name == "closed":
        return node("div.ag.dim", node("small", t(f"alert_state.{alert['state']}")))
    age = ticking("age", alert["received_at"])
    if alert["state"] != AlertState.NEW:
        return node("div.ag", age)
    left = ticking("left", alert["ack_due"], data_from=alert["received_at"])
    return node("div.ag", age, node("small", left))


def _chips(counts: dict[str, int], partly: bool, t: Texts) -> Row:
    """partly: not every alert is listed. What is listed goes by level, so any other order is one
    of the listed alone, and says so.
    """
    chips = [
        node("button.chip", t(f"queue.chip_{name}", n=counts[name]), type="button",
             data_do="filter", data_filter=name)
        for name in GROUPS
    ]  # fmt: skip
    orders = [node("span", _order_name(one, partly, t), data_order=one) for one in ORDERS]
    sort = node("button.chip.sort", orders, node("kbd", "S"), type="button", data_do="sort",
                data_key="S", title=t("queue.sort"))  # fmt: skip
    body = node("div.chips", chips, sort)
    return {"id": "chips", "rank": "0", "node": body}


def _order_name(one: str, partly: bool, t: Texts) -> str:
    listed = partly and one != ORDERS[0]
    return t(f"queue.listed_by_{one}") if listed else t(f"queue.by_{one}")


def _foot(t: Texts) -> Row:
    shown = {"↑ ↓": "choose", "Enter": "open", "A": "ack", "V": "verify", "E": "set_up",
             "M": "merge", "X": "dismiss"}  # fmt: skip
    keys = [
        node("span", node("kbd", key), " ", t(f"queue.key_{what}")) for key, what in shown.items()
    ]
    keys = node("div.able", keys)
    more = button(t("keys.all"), "?", "bare", data_do="side", data_side="keys")
    report = button(t("report.open"), "+", "bare", data_do="side", data_side="report")
    return {"id": "foot", "rank": "0", "node": node("div.keyline", keys, report, more)}


PANEL = Panel(
    id="queue",
    screens={"desk": "queue"},
    pictures=("alerts",),
    skeleton=skeleton,
    props=props,
)
