"""待决策: proposals that wait for a signature, and orders that somebody must decide about."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch import grading
from dispatch.vocabulary import OrderState
from layouts import harm, war
from layouts.kit import Children, head, listed, timer
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import late, nothing, tick
from streams.view import View

SHOWN = 2
FORCES = 4  # names that an option has room for
LATE_STEP = 2  # the second escalation goes to whoever must decide


def skeleton(t: Texts, screen: str) -> Component:
    count = html.B(id="wall-decisions-count", className="n")
    small: Children = [t("wall_decide.note"), " · ", timer("clock")]
    return html.Div(
        [head([t("wall_decide.title"), " ", count], small), listed("wall-decisions-list")],
        className="same",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    found = items(pictures, t)
    shown: list[dict[str, Any]] = [
        row(key, f"{n:02d}", _item(n + 1, item, t)) for n, (key, item) in enumerate(found[:SHOWN])
    ]
    if not found:
        shown = [row("none", "0", nothing(t("wall_decide.none")))]
    elif len(found) > SHOWN:
        rest = node("div.more", t("wall_decide.more", n=len(found) - SHOWN))
        shown.append(row("more", "99", rest))
    return {
        ("wall-decisions-count", "children"): str(len(found)),
        ("wall-decisions-list", "rows"): shown,
    }


def items(pictures: Pictures, t: Texts) -> list[tuple[str, dict[str, Any]]]:
    """What waits for a decision, the nearest end first: (id, question, why, options, due, who)."""
    proposed = sorted(pictures["activations"]["proposed"], key=lambda one: one["expires_at"])
    titles = {one["id"]: one["title"] for one in pictures["incidents"]["incidents"]}
    found = [(one["id"], _activation(one, titles, t)) for one in proposed]
    found += [
        (one["id"], _order(one, t)) for one in pictures["orders"]["orders"] if open_question(one)
    ]
    found += [
        (f"grade:{one['id']}", item)
        for one in pictures["incidents"]["incidents"]
        if (item := _grade(one, t))
    ]
    rest = _drafts(pictures["ruling"], t)
    return [*found, ("drafts", rest)] if rest else found


def open_question(order: dict[str, Any]) -> bool:
    """An order that its receiver declined, or that nobody took in spite of every reminder."""
    unanswered = late(order) and (order.get("escalation") or 0) >= LATE_STEP
    return order["state"] == OrderState.DECLINED or unanswered


def _activation(one: dict[str, Any], titles: dict[str, str], t: Texts) -> dict[str, Any]:
    where = war.districts(one, t)
    mode = t(f"mode.{one['mode']}")
    return {
        "level": one["level"],
        "question": t(
            "wall_decide.ask_mode", where=where, response=war.response(one, t), mode=mode
        ),
        "why": t(
            "wall_decide.proposed", who=t.name(one.get("proposed_by_name")), reason=one["reason"]
        ),
        "about": titles.get(one["incident"], one["incident"]),
        "options": [
            (t("wall_decide.sign"), _if_signed(one, where, mode, t)),
            (t("wall_decide.reject"), t("wall_decide.if_rejected")),
        ],
        "due": one["expires_at"],
        "before": t("wall_decide.before", at=clock(one["expires_at"])),
        "who": t("wall_decide.who", who=war.signers(one, t)),
    }


def _if_signed(one: dict[str, Any], where: str, mode: str, t: Texts) -> str:
    """What follows: which screens, how many steps of the plan, which forces."""
    if not one.get("plan_steps"):
        return t("wall_decide.if_signed_bare", where=where, mode=mode)
    forces = t("wall.and").join(t(f"force.{force}") for force in one["plan_forces"][:FORCES])
    steps = one["plan_steps"]
    return t("wall_decide.if_signed", where=where, mode=mode, n=steps, forces=forces)


def _grade(incident: dict[str, Any], t: Texts) -> dict[str, Any] | None:
    """Whether the harm that is known asks for a worse grade than the officer's first one."""
    found = grading.suggested(incident["facts"])
    if found is None or found[0] >= incident["grade"]:
        return None
    grade, name = found
    fact = incident["facts"][name]
    said = {"what": t(f"harm.{name}"), "n": fact["value"], "source": fact["source"]}
    new, old = t(f"grade.{grade}"), t(f"grade.{incident['grade']}")
    return {
        "level": grade,
        "question": t("wall_decide.ask_grade", what=incident["title"], old=old, new=new),
        "why": t("wall_decide.harm", **said, state=harm.checked(fact, t)),
        "about": incident["title"],
        "options": [
            (t("wall_decide.regrade"), t("wall_decide.if_regraded", grade=new)),
            (t("wall_decide.keep"), t("wall_decide.if_kept", grade=old)),
        ],
        "due": None,
        "since": fact["as_of"],
        "before": "",
        "who": t("wall_decide.who", who=t("role.shift_lead")),
    }


def _drafts(ruling: dict[str, Any], t: Texts) -> dict[str, Any] | None:
    """The plan's orders that nobody has issued yet, with the step that is due first."""
    drafts = [one for one in ruling["orders"] if one["state"] == OrderState.DRAFT]
    incident, limits = ruling["incident"], {one["seq"]: one for one in ruling["steps"]}
    waiting = [limits[one["plan_step"]] for one in drafts if one["plan_step"] in limits]
    if incident is None or not waiting:
        return None
    first = min(waiting, key=lambda step: step["limit_at"])
    units = [t.name(one.get("unit_name")) for one in drafts if one.get("unit")]
    named = t("wall.and").join(units[:FORCES])
    more = {"n": len(drafts), "units": len(units), "named": named}
    return {
        "level": incident["grade"],
        "question": t("wall_decide.ask_drafts", n=len(drafts), what=incident["title"]),
        "why": t("wall_decide.first_step", n=first["seq"], text=t.name(first["text"])),
        "about": incident["title"],
        "options": [
            (t("wall_decide.issue"), t("wall_decide.if_issued", **more)),
            (t("wall_decide.wait"), t("wall_decide.if_waited", n=len(waiting))),
            *_first_alone(drafts, first, t),
        ],
        "due": first["limit_at"],
        "before": t("wall_decide.before", at=clock(first["limit_at"], seconds=False)),
        "who": t("wall_decide.who", who=t("role.shift_lead")),
    }


def _first_alone(
    drafts: list[dict[str, Any]], first: dict[str, Any], t: Texts
) -> list[tuple[str, str]]:
    """The order of the step that is due first, if it has a unit and others could wait."""
    own = [one for one in drafts if one["plan_step"] == first["seq"]]
    unit = t.name(own[0].get("unit_name")) if own and own[0].get("unit") else ""
    if not unit or len(drafts) == len(own):
        return []
    rest = t("wall_decide.if_first", unit=unit, n=len(drafts) - len(own))
    return [(t("wall_decide.first_alone", n=first["seq"]), rest)]


def _order(one: dict[str, Any], t: Texts) -> dict[str, Any]:
    unit = t.name(one.get("unit_name"))
    declined = one["state"] == OrderState.DECLINED
    stamp = (one.get("stamps") or {}).get("DECLINED") or {}
    why = t("wall_decide.declined", unit=unit, reason=one.get("note") or stamp.get("reason") or "—")
    return {
        "level": one.get("incident_level"),
        "question": t("wall_decide.ask_order", order=one["id"], text=one["text"]),
        "why": why if declined else t("wall_decide.unanswered", unit=unit),
        "about": one.get("incident_title") or "",
        "options": [
            (t("wall_decide.reassign"), _if_reassigned(one, t)),
            (t("wall_decide.cancel"), t("wall_decide.if_cancelled")),
            *([] if declined else [(t("wall_decide.by_phone"), t("wall_decide.if_by_phone"))]),
        ],
        "due": None,
        "since": stamp.get("at") or one.get("ack_due"),
        "before": "",
        "who": t("wall_decide.who", who=t("role.shift_lead")),
    }


def _if_reassigned(one: dict[str, Any], t: Texts) -> str:
    """To whom, if the escalation has found another unit."""
    other = t.name(one.get("proposed_name")) or one.get("proposed")
    return t("wall_decide.to_unit", unit=other) if other else t("wall_decide.if_reassigned")


def _item(number: int, item: dict[str, Any], t: Texts) -> Node:
    return node(
        "div.dec",
        node("div.no.n", str(number)),
        question(item, t),
        due(item, t),
        data_lv=item["level"],
    )  # fmt: skip


def question(item: dict[str, Any], t: Texts) -> Node:
    """What is asked, on which ground, and the options with what follows from each."""
    basis = node("div.rc", node("b", t("wall_decide.basis")), item["why"])
    return node("div.q", node("div.tt", item["question"]), basis, _options(item))


def _options(item: dict[str, Any]) -> list[Node]:
    """A, B and where there is one C, each with what follows from it."""
    return [
        node("div.op", node("b", letter), node("span", node("i", name), "　", follows))
        for letter, (name, follows) in zip("ABC", item["options"], strict=False)
    ]


def due(item: dict[str, Any], t: Texts) -> Node:
    """The time that is left (or gone by), until when, and whose decision it is."""
    counts_down = item["due"] is not None
    time = tick("left", item["due"]) if counts_down else tick("age", item.get("since"))
    return node(
        "div.due",
        time,
        node("span", item["before"] or t("wall_decide.since")),
        node("b.wh", item["who"]),
    )


PANEL = Panel(
    id="wall-decisions",
    screens={"wall": "decisions"},
    pictures=("activations", "orders", "incidents", "ruling"),
    skeleton=skeleton,
    props=props,
)
