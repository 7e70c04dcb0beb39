"""What a picture is: one named, pure query over the store at a moment, for one view."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from dispatch.access import meets
from dispatch.log import Event
from dispatch.vocabulary import CITY
from streams.look import Look, Row
from streams.view import View

Query = Callable[[Look, View], dict[str, Any]]


def always(_event: Event, _view: View) -> bool:
    return True


@dataclass(frozen=True)
class Picture:
    """One picture and what makes it stale.

    stale_on: types of events after which it may look different.
    every_s: it also changes with time or telemetry, and is taken anew so often.
    by_subject: whether it depends on the thing that the view has open; by_role: on who looks.
    touches: whether one event of these types can change it for this view.
    """

    name: str
    query: Query
    stale_on: frozenset[str] = frozenset()
    every_s: float | None = None
    by_subject: bool = False
    by_role: bool = False
    touches: Callable[[Event, View], bool] = always

    def key(self, view: View) -> Hashable:
        """Views with equal keys see the same picture."""
        subject = view.subject if self.by_subject else ""
        return self.name, view.scope, subject, view.role if self.by_role else None

    def stale_after(self, event: Event, view: View) -> bool:
        return event.type in self.stale_on and self.touches(event, view)


def in_scope(rows: Iterable[Row], view: View) -> list[Row]:
    """The rows that a view's jurisdiction meets."""
    if CITY in view.scope:
        return list(rows)
    return [row for row in rows if meets(view.scope, row["scope"])]
