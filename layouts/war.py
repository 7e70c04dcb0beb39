"""What a screen makes of the activations in its jurisdiction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dispatch.vocabulary import Mode
from layouts.texts import Texts

Thing = Mapping[str, Any]
WEIGHT = {Mode.WARTIME: 0, Mode.STANDBY: 1}


def own(activations: Thing) -> list[Thing]:
    """The active ones that meet this screen's jurisdiction, the one that rules it first."""
    ids = set(activations.get("own") or [row["id"] for row in activations["active"]])
    rows = [row for row in activations["active"] if row["id"] in ids]
    return sorted(rows, key=_rank)


def _rank(row: Thing) -> tuple[int, int, int, str]:
    since = row.get("started_at") or 0
    return WEIGHT.get(row["mode"], 2), row["level"], since, row["id"]


def ruling(activations: Thing) -> Thing | None:
    """The activation that gives this screen its mode, None in peacetime."""
    rows = own(activations)
    return rows[0] if rows else None


def incident_of(activation: Thing | None, incidents: Iterable[Thing]) -> Thing | None:
    """The incident that an activation was started for."""
    if activation is None:
        return None
    return next((row for row in incidents if row["id"] == activation["incident"]), None)


def districts(row: Thing, t: Texts) -> str:
    """The districts of a thing's scope by name."""
    names: Sequence[Mapping[str, str]] = row.get("scope_names") or []
    shown = [t.name(name) for name in names] or list(row["scope"])
    return t("wall.and").join(shown)


def response(row: Thing, t: Texts) -> str:
    """市级Ⅲ级响应: who decides it and how high it is."""
    return t(f"wall.response_{row['mode']}", level=t(f"level.{row['level']}"))


def signers(row: Thing, t: Texts) -> str:
    """Whose signature an activation still waits for."""
    needs = row.get("needs") or []
    roles = needs if isinstance(needs, list) else [needs]
    words = [t(f"role.{_role(need)}") for need in roles]
    return t("wall.and").join(words) or t("role.leader")


def _role(need: Any) -> str:
    return str(need.get("role", "leader")) if isinstance(need, Mapping) else str(need)
