"""Lines of the duty log, newest first; what one person's watching of cameras left is one line."""

from typing import Any

from layouts.desk_words import log_line
from layouts.nodes import Node, Row, node, row
from layouts.remembered import remembered
from layouts.texts import Texts
from layouts.times import clock

Entry = dict[str, Any]
WATCHED = ("ViewingStarted", "ViewingExtended")
NEWEST_FIRST = 10**11


def log_rows(log: list[Entry], most: int, t: Texts) -> list[Row]:
    """The newest `most` lines of a log."""
    return [_line(group, t) for group in folded(log)[:most]]


def folded(log: list[Entry]) -> list[list[Entry]]:
    """Entries newest first; all that one person's watching left stands where its newest would.

    Time to watch that ran out is the watcher's.
    """
    watcher = {one["subject"]: one["actor"] for one in log if one["type"] in WATCHED}
    found: dict[Any, list[Entry]] = {}
    for one in sorted(log, key=lambda one: -one["seq"]):
        watches = one["type"].startswith("Viewing")
        key = watcher.get(one["subject"], one["actor"]) if watches else one["seq"]
        found.setdefault(key, []).append(one)
    return list(found.values())


def _line(group: list[Entry], t: Texts) -> Row:
    if len(group) == 1:
        return _single(group[0], t)
    return _dated(f"watched:{group[-1]['seq']}", group[0], _words(group, t))


@remembered
def _single(entry: Entry, t: Texts) -> Row:
    return _dated(str(entry["seq"]), entry, node("span", log_line(entry, t)))


def _dated(key: str, newest: Entry, words: Node) -> Row:
    body = node("div.lg", node("b.n", clock(newest["at"])), words)
    return row(key, f"{NEWEST_FIRST - newest['seq']:012d}", body)


def _words(group: list[Entry], t: Texts) -> Node:
    """What a folded line says; its entries are in its title."""
    begun = [one for one in group if one["type"] in WATCHED]
    who = t.name((begun or group)[0].get("actor_name")) or t("log.system")
    feeds = len({one["body"].get("feed") for one in group})
    since = clock(group[-1]["at"], seconds=False)
    each = "\n".join(f"{clock(one['at'])} {log_line(one, t)}" for one in reversed(group))
    return node("span", t("log.watched", who=who, n=feeds, all=len(group), since=since), title=each)
