"""What keeps a unit from being ordered, in words; the picture `taken` knows it, no page guesses."""

from typing import Any

from dispatch.access import may_send
from dispatch.vocabulary import UnitStatus
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

Taken = dict[str, Any]


class Units:
    """The units as the picture `taken` has them, for one incident's orders."""

    def __init__(self, picture: dict[str, Any], view: View, t: Texts) -> None:
        self._rows: dict[str, Taken] = {one["unit"]: one for one in picture["units"]}
        self._freed: dict[str, int] = picture["freed"]
        self._view, self._t = view, t

    def held(self, unit: str) -> str | None:
        """Why nobody can order it for this incident: an order, a loan, its crew's rest."""
        one, t = self._rows.get(unit), self._t
        if one is None or self._free(one):
            return None
        if one["order"]:
            return t("taken.held", order=one["order"], what=_task(one, t))
        if one["lent_to"] not in (None, self._view.subject):
            return t("composer.lent_out", where=_where(one, t))
        return t("taken.away", status=t(f"unit_status.{one['status']}"))

    def doing(self, unit: str) -> str:
        """The same in few words: what it does, or to whom it is lent."""
        one, t = self._rows[unit], self._t
        if one["order"]:
            return t("taken.on", order=one["order"], what=_task(one, t))
        if one["lent_to"] not in (None, self._view.subject):
            return t("recommend.lent", where=_where(one, t))
        return t(f"unit_status.{one['status']}")

    def sendable(self, unit: str, district: str | None) -> bool:
        """Whether the view may order it: its own district's, or one that the incident has."""
        lent = unit in self._rows and self._rows[unit]["lent_to"] == self._view.subject
        return lent or (district is not None and self._own(district))

    def freed(self, unit: str, since: int) -> str | None:
        """That the unit was not free at some time after `since`, and has been free from when."""
        at = self._freed.get(unit, 0)
        return self._t("taken.freed", at=clock(at)) if at > since else None

    def rows(self, districts: list[str]) -> list[dict[str, Any]]:
        """What the page looks up by a unit's id, or by its district if it has no row of its own.

        why and words are absent where the view may order the unit.
        """
        known = [self._told(f"unit:{id}", self.held(id), id) for id in self._rows]
        abroad = self._t("composer.leader_sends")
        return known + [
            {"id": f"district:{one}", "rank": one, "why": abroad, "words": abroad}
            for one in districts
            if not self._own(one)
        ]

    def _told(self, id: str, words: str | None, unit: str) -> dict[str, Any]:
        told = {"why": self.doing(unit), "words": words} if words else {}
        return {"id": id, "rank": id, **told}

    def _own(self, district: str) -> bool:
        return may_send(self._view.role, self._view.scope, district)

    def _free(self, one: Taken) -> bool:
        """Whether it stands ready for this incident: lent to it, and at work for nobody."""
        return (
            not one["order"]
            and one["status"] == UnitStatus.AVAILABLE
            and one["lent_to"] in (None, self._view.subject)
        )


def _task(one: Taken, t: Texts) -> str:
    """The incident, if it may be named, and how far the order is."""
    state = t(f"order_state.{one['order_state']}") if one["order_state"] else ""
    return " · ".join(part for part in (one["incident_title"], state) if part)


def _where(one: Taken, t: Texts) -> str:
    return t("desk.and").join(t.name(to) for to in one["to_names"])
