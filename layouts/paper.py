"""The order sheet for the hour in which the screens are gone: what it says, before it is drawn.

Telephone numbers on it are those of duty posts and units; it names no caller, no household and
nobody of the lists of persons in care.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layouts.texts import Texts
from layouts.times import clock, stamp
from layouts.war import districts

Cells = tuple[str, ...]
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Table:
    """head: names of the columns; widths: their shares; rows: as many cells each."""

    head: Cells
    widths: tuple[int, ...]
    rows: tuple[Cells, ...]


@dataclass(frozen=True)
class Part:
    """A heading, lines below it, and a table."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Sheet:
    """title: at its head; foot: on every page, for whoever finds a single one."""

    title: str
    under: str
    foot: str
    parts: tuple[Part, ...]


def of_json(said: Any) -> Sheet:
    """A sheet again, of what `dataclasses.asdict` made of it and JSON carried."""
    parts = []
    for one in said["parts"]:
        drawn = one["table"]
        table = None
        if drawn is not None:
            rows = tuple(tuple(cells) for cells in drawn["rows"])
            table = Table(tuple(drawn["head"]), tuple(drawn["widths"]), rows)
        parts.append(Part(one["title"], tuple(one["lines"]), table))
    return Sheet(said["title"], said["under"], said["foot"], tuple(parts))


@dataclass(frozen=True)
class Origin:
    """Where the sheet comes from: centre, time (ms UTC), the log's last number and hash.

    phones: account -> the number of that person's post.
    """

    centre: Mapping[str, str]
    at: int
    head: int
    last_hash: str
    simulated: bool
    phones: Mapping[str, str]


PICTURES = ("incidents", "orders", "activations", "alerts", "duty")


def sheet(pictures: Mapping[str, Any], origin: Origin, t: Texts) -> Sheet:
    """The open incidents with their orders, what waits for somebody, and whom to call."""
    orders = pictures["orders"]["orders"]
    incidents = pictures["incidents"]["incidents"]
    mark = f" · {t('product.simulated')}" if origin.simulated else ""
    facts = {"at": f"{stamp(origin.at)}:{clock(origin.at)[-2:]}", "head": origin.head}
    return Sheet(
        f"{t.name(origin.centre)} · {t('paper.title')}{mark}",
        t("paper.under", **facts),
        t("paper.foot", hash=origin.last_hash[:16], **facts) + mark,
        (
            _modes(pictures["activations"], t),
            *(_incident(one, orders, t) for one in incidents),
            *([] if incidents else [Part(t("paper.no_incident"))]),
            _waiting(pictures["alerts"]["alerts"], t),
            _duty(pictures["duty"], origin.phones, t),
        ),
    )


def _modes(seen: dict[str, Any], t: Texts) -> Part:
    lines = [
        f"{one['id']} {t('mode.' + one['mode'])} {t(_level(one['level']))} · "
        f"{districts(one, t)} · "
        f"{stamp(one['started_at'])} · {one['reason']}"
        for one in seen["active"]
    ]
    return Part(t("paper.modes"), tuple(lines or [t("mode.PEACETIME")]))


def _level(level: int | None) -> str:
    return f"level.{level}" if level in LEVELS else "desk.no_level"


def _incident(one: dict[str, Any], orders: list[dict[str, Any]], t: Texts) -> Part:
    mine = [order for order in orders if order["incident"] == one["id"]]
    lines = (
        f"{t('grade.' + str(one['grade']))} · {t('incident_state.' + one['state'])} · "
        f"{districts(one, t)} · {one['place']}",
        t("paper.reported", at=stamp(one["reported_at"]), opened=stamp(one["opened_at"])),
    )
    names = ("id", "priority", "text", "unit", "phone", "state", "issued", "limit", "signed")
    head = tuple(t(f"paper.col_{name}") for name in (*names, "by_hand"))
    rows = tuple(_order(order, t) for order in mine)
    table = Table(head, (20, 9, 60, 32, 20, 14, 14, 14, 22, 30), rows)
    if not rows:
        return Part(f"{one['id']} {one['title']}", (*lines, t("paper.no_order")))
    return Part(f"{one['id']} {one['title']}", lines, table)


def _order(one: dict[str, Any], t: Texts) -> Cells:
    signed = (one["stamps"] or {}).get("ACKED") or (one["stamps"] or {}).get("DECLINED")
    return (
        one["id"],
        t(f"priority.{one['priority']}"),
        one["text"],
        t.name(one.get("unit_name")) or one["unit"] or "",
        one.get("unit_phone") or "—",
        t(f"order_state.{one['state']}"),
        clock(one["issued_at"]),
        clock(one["ack_due"]) if signed is None else "",
        clock(signed["at"]) if signed else "",
        "",
    )


def _waiting(alerts: list[dict[str, Any]], t: Texts) -> Part:
    """Alerts that are no incident yet."""
    waiting = [one for one in alerts if one["state"] in ("NEW", "ACKNOWLEDGED", "CONFIRMED")]
    names = ("id", "level", "state", "title", "place", "received")
    rows = tuple(
        (
            one["id"],
            t(_level(one["severity"])),
            t(f"alert_state.{one['state']}"),
            one["title"],
            one["place"],
            stamp(one["received_at"]),
        )
        for one in waiting[:MOST]
    )
    lines = (t("paper.more", n=len(waiting) - MOST),) if len(waiting) > MOST else ()
    head = tuple(t(f"paper.col_{name}") for name in names)
    table = Table(head, (24, 12, 18, 80, 70, 24), rows) if rows else None
    return Part(t("paper.waiting", n=len(waiting)), lines, table)


MOST = 40  # alerts on paper; the worst first


def _duty(duty: dict[str, Any], phones: Mapping[str, str], t: Texts) -> Part:
    people = [duty["leader"], duty["shift_lead"], *duty["officers"]]
    rows = tuple(
        (
            t(f"role.{one['role']}"),
            t.name(one["seat"]),
            t.name(one["name"]),
            phones.get(one["id"]) or "—",
        )
        for one in people
        if one
    )
    head = tuple(t(f"paper.col_{name}") for name in ("post", "seat", "name", "phone"))
    return Part(t("paper.duty"), (), Table(head, (40, 70, 50, 60), rows) if rows else None)
