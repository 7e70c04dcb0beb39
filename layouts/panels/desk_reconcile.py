"""The account: accepted, stored, shown, signed in one table, and each difference by name."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import button, listing
from layouts.desk_parts import badge, ticking
from layouts.kit import given
from layouts.nodes import Node, Row, node, row, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock, stamp
from streams.view import View

HEAD, SUMS, TABLE, LIST, FOOT = (
    f"reconcile-{name}" for name in ("head", "sums", "table", "list", "foot")
)
STEPS = ("accepted", "stored", "shown", "signed")
PARTS = ("lost", "untold", "under_way", "unshown", "unsigned")
SHEET = "/api/v1/papers/orders"
URGENT = ("lost", "untold", "behind", "late")


def skeleton(t: Texts, _screen: str) -> Component:
    meaning = [html.Div([html.B(t(f"account.{one}")), t(f"account.{one}_is")]) for one in STEPS]
    return html.Div(
        [
            html.H2([t("account.title"), html.Small(id=HEAD)], className="ph big"),
            html.Div([*meaning, listing(SUMS, "ask")], className="rk"),
            html.Div([_counts(t), _differences(t)], className="rp"),
            html.Div(_acts(t), className="bar"),
        ],
        className="col",
    )


def _counts(t: Texts) -> Component:
    names = [t("account.kind"), *(t(f"account.{one}") for one in STEPS), t("account.difference")]
    return html.Section(
        [
            html.H3([t("account.counts"), html.Small(t("account.counts_note"))], className="ph"),
            html.Div([html.Span(name) for name in names], className="rl rh"),
            listing(TABLE, "scr", role="table", aria_label=t("account.counts")),
            listing(FOOT, "rf"),
        ],
        className="col",
    )


def _differences(t: Texts) -> Component:
    none = html.P(t("account.none"), className="none")
    return html.Section(
        [
            html.H3(t("account.differences"), className="ph"),
            html.Div([listing(LIST), none], className="scr"),
        ],
        className="col",
    )


def _acts(t: Texts) -> list[Component]:
    """Alt+R and Alt+O work from every view, so these stand in the page for all of them."""
    everywhere = given(data_key="Alt+O", data_anywhere="1")
    sheet = html.A(
        [html.Span(t("account.print")), html.Kbd("Alt O")],
        href=f"{SHEET}?lang={t.lang}",
        target="_blank",
        className="btn",
        **everywhere,
    )
    opened = button(t("account.open"), "Alt+R", data_do="view", data_view="reconcile",
                    data_anywhere="1")  # fmt: skip
    back = button(t("account.back"), "1", data_do="view", data_view="intake")
    return [opened, sheet, back]


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    found = pictures["reconcile"]
    if not found["open"]:
        return {
            (HEAD, "children"): t("account.not_open"),
            **{(name, "rows"): [] for name in (SUMS, TABLE, LIST, FOOT)},
        }
    since = t("account.since", since=stamp(found["since"]), first=found["first"],
              head=found["head"])  # fmt: skip
    return {
        (HEAD, "children"): since,
        (SUMS, "rows"): _sums(found, t),
        (TABLE, "rows"): [*_lines(found["lines"], t), _total(found["lines"], t)],
        (LIST, "rows"): _named(found, t),
        (FOOT, "rows"): rows(("foot", _foot(found, t))),
    }


def _sums(found: dict[str, Any], t: Texts) -> list[Row]:
    lost = sum(one["lost"] for one in found["lines"])
    counts = {"lost": lost, "doubled": found["doubled"], "disordered": found["disordered"]}
    all_of_them = sum(one["difference"] for one in found["lines"])
    body = node(
        "div",
        node("b", f"{t('account.difference')} {all_of_them}"),
        node("span", t("account.named")),
        node("div", t("account.nothing_lost", **counts)),
        data_wrong=None if found["sound"] else "1",
    )
    return [row("sums", "0", body)]


def _lines(lines: list[dict[str, Any]], t: Texts) -> list[Row]:
    return [
        row(one["kind"], f"{n:02d}", _line(t(f"account.of_{one['kind']}"), one, t))
        for n, one in enumerate(lines)
    ]


def _line(name: str, one: dict[str, Any], t: Texts) -> Node:
    parts = [t(f"account.part_{part}", n=one[part]) for part in PARTS if one[part]]
    note = " · ".join(parts) or t("account.equal")
    differs = one["difference"]
    return node(
        "div.rl",
        node("div.tt", node("b", name), node("small", note)),
        *(node("span.n", _figure(one[step])) for step in STEPS),
        node("span.n", str(differs), data_differs="1" if differs else None),
        role="row",
        data_wrong=None if one["adds_up"] and not one["lost"] else "1",
    )


def _total(lines: list[dict[str, Any]], t: Texts) -> Row:
    """Accepted and stored of all kinds; the other two are not counts of the same things."""
    names = (*PARTS, "difference")
    sums: dict[str, Any] = {name: sum(one[name] for one in lines) for name in names}
    for step in ("accepted", "stored"):
        sums[step] = sum(one[step] or 0 for one in lines)
    wholes = {"shown": None, "signed": None, "adds_up": all(one["adds_up"] for one in lines)}
    return row("all", "99", _line(t("account.all"), {**sums, **wholes}, t))


def _figure(count: int | None) -> str:
    return "—" if count is None else f"{count:,}"


def _foot(found: dict[str, Any], t: Texts) -> Node:
    whether = t("account.adds_up" if found["sound"] else "account.not_up", at=clock(found["at"]))
    chain = t("account.chain", hash=found["last_hash"][:12])
    again = t("account.restored", n=found["restored"]) if found["restored"] else None
    return node("div", node("b", whether), node("span", chain), node("span", again))


def _named(found: dict[str, Any], t: Texts) -> list[Row]:
    """What must be acted on first, then what waits, then what is only under way."""
    under_way = sum(one["under_way"] for one in found["lines"])
    listed = [
        *(_event("lost", one, t) for one in found["lost"]),
        *(_event("untold", one, t) for one in found["untold"]),
        *(_screen(one, t) for one in found["screens"] if one["state"] != "current"),
        *(_order(one, found["at"], t) for one in found["orders"]),
        *(_alert(one, found["at"], t) for one in found["alerts"]),
    ]
    if under_way:
        what = t("account.under_way", n=under_way)
        listed.append(("under_way", "fine", what, t("account.under_way_why"), None))
    return [
        row(key, f"{state not in URGENT:d}{n:04d}", _difference(state, what, why, mark, t))
        for n, (key, state, what, why, mark) in enumerate(listed)
    ]


Named = tuple[str, str, str, str, Node | None]
"""Key, state, what it is, why it differs, and its time."""


def _event(kind: str, one: dict[str, Any], t: Texts) -> Named:
    what = f"{t(f'account.{kind}', seq=one['seq'])}　{one['subject']} · {t('event.' + one['type'])}"
    why = t(f"account.{kind}_why", at=clock(one["at"]))
    return f"{kind}:{one['seq']}:{one['at']}", kind, what, why, ticking("age", one["at"])


def _screen(one: dict[str, Any], t: Texts) -> Named:
    what = f"{t('account.screen', name=one['name'])} · {t('role.' + one['role'])}"
    why = t(f"account.screen_{one['state']}", cursor=one["cursor"], lacks=one["lacks"])
    return f"screen:{one['screen']}", one["state"], what, why, ticking("age", one["seen_at"])


def _order(one: dict[str, Any], now: int, t: Texts) -> Named:
    unit = t.name(one.get("unit_name")) or one["unit"] or ""
    why = t("account.order_why", state=t(f"order_state.{one['state']}"))
    what = t("account.order", id=one["id"], unit=unit)
    return f"order:{one['id']}", _due(one, now), what, why, _left(one, now)


def _alert(one: dict[str, Any], now: int, t: Texts) -> Named:
    what = t("account.alert", id=one["id"], title=one["title"])
    mark = node("span", badge(one["severity"], t), _left(one, now))
    return f"alert:{one['id']}", _due(one, now), what, t("account.alert_why"), mark


def _due(one: dict[str, Any], now: int) -> str:
    return "late" if (one["ack_due"] or now) < now else "waits"


def _left(one: dict[str, Any], now: int) -> Node:
    return ticking("over" if _due(one, now) == "late" else "left", one["ack_due"])


def _difference(state: str, what: str, why: str, mark: Node | None, t: Texts) -> Node:
    urgent = state in URGENT
    return node(
        "div.gr.flat",
        node("div.tt", node("b", what), node("small", why)),
        node("div.ag", mark, node("small", t("account.act_now" if urgent else "account.fine"))),
        data_wrong="1" if urgent else None,
    )


PANEL = Panel(
    id="reconcile",
    screens={"desk": "reconcile"},
    pictures=("reconcile",),
    skeleton=skeleton,
    props=props,
    subject="account",
)
