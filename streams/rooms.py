"""A room: all screens that show one panel with one view; what they show, and what changes."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from streams.view import View

Props = Mapping[tuple[str, str], Any]
Json = dict[str, Any]
LISTS = ("rowData", "rows")  # values that travel row by row
HEADS = 200  # pushes of which it is known up to where they brought the log
SETTLE_MS = 1_500  # as long may a screen's report be under way


class Room:
    """One room and the sequence of its pushes.

    seq: number of the last push; head: the log's number that it shows; at: when (ms).
    """

    def __init__(self, name: str, panel: str, view: View, seq: int) -> None:
        self.name, self.panel, self.view, self.seq = name, panel, view, seq
        self.members = 0
        self.painted = self.failed = False
        self.head = self.at = 0
        self._props: dict[str, Json] = {}
        self._rows: dict[str, dict[str, Json]] = {}
        self._history: deque[tuple[int, int]] = deque([(0, seq)])
        self._heads: deque[tuple[int, int]] = deque(maxlen=HEADS)

    @property
    def shown(self) -> bool:
        """Whether any screen can have seen it, be it only that it failed."""
        return self.painted or self.failed

    def paint(self, props: Props, head: int, at: int) -> Json | None:
        """Take new props; the push that brings screens from the last ones to these, or None."""
        changed: dict[str, Json] = {}
        rows: dict[str, Json] = {}
        for (id, prop), value in props.items():
            if prop in LISTS:
                if (delta := self._move(id, value)) is not None:
                    rows[id] = delta
            elif (new := plain(value)) != self._props.setdefault(id, {}).get(prop, _NOTHING):
                self._props[id][prop] = changed.setdefault(id, {})[prop] = new
        self.head, self.at = head, at
        mended, self.failed = self.failed, False
        if not changed and not rows and not mended and self.painted:
            return None
        self.painted = True
        return self._push(changed, rows)

    def fail(self, head: int, at: int) -> Json | None:
        """The panel could not be painted: say so once; what was shown before stays."""
        if self.failed:
            return None
        self.failed, self.head, self.at = True, head, at
        return {**self._push({}, {}), "error": True}

    def snapshot(self) -> Json:
        """Everything that a screen needs to show the room as it is."""
        whole = {
            "room": self.name,
            "panel": self.panel,
            "to_seq": self.seq,
            "head": self.head,
            "at": self.at,
            "props": self._props,
            "rows": {id: list(rows.values()) for id, rows in self._rows.items()},
        }
        return {**whole, "error": True} if self.failed else whole

    @property
    def pushed_at(self) -> int:
        """When (ms) its last push was made; 0 if there was none."""
        return self._history[-1][0]

    def behind(self, shown: int, now: int) -> bool:
        """Whether a screen that shows push `shown` has missed one that it should have by now."""
        while len(self._history) > 1 and self._history[1][0] <= now - SETTLE_MS:
            self._history.popleft()
        return not self._history[0][1] <= shown <= self.seq

    def reaches(self, shown: int, cursor: int) -> int:
        """Up to which number of the log a screen shows this room, if it shows push `shown`.

        cursor: up to where the room is painted.
        """
        missed = next((head for seq, head in self._heads if seq > shown), None)
        return cursor if missed is None else missed - 1

    def _push(self, props: dict[str, Json], rows: dict[str, Json]) -> Json:
        self.seq += 1
        self._history.append((self.at, self.seq))
        self._heads.append((self.seq, self.head))
        return {
            "room": self.name,
            "panel": self.panel,
            "from_seq": self.seq - 1,
            "to_seq": self.seq,
            "head": self.head,
            "at": self.at,
            "props": props,
            "rows": rows,
        }

    def _move(self, id: str, rows: list[Json]) -> Json | None:
        """What changes in a list: rows to set, ids to drop; None if nothing does."""
        old = self._rows.get(id)
        new = {row["id"]: row for row in rows}
        if len(new) != len(rows):
            raise ValueError(f"{id} has two rows of the same id")
        self._rows[id] = new
        if old is None:
            return {"set": rows, "drop": []}
        fresh = [row for key, row in new.items() if (was := old.get(key)) is not row and was != row]
        gone = [key for key in old if key not in new]
        return {"set": fresh, "drop": gone} if fresh or gone else None


_NOTHING = object()


def plain(value: Any) -> Any:
    """A prop as JSON values: components are written out, tuples are lists."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "to_plotly_json"):
        return plain(value.to_plotly_json())
    return value


def room_name(panel: str, view: View) -> str:
    """The room of a panel and a view."""
    return "|".join((panel, view.role, "+".join(view.scope), view.lang, view.subject))
