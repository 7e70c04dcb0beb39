"""Keeps what was made of a row, for as long as the row is the very same object.

Pictures give the same row object while nothing in it changes, so of two hundred lines only the
one that changed is made anew.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from layouts.texts import Texts
from streams.kept import Kept

Made = TypeVar("Made")
Rest = ParamSpec("Rest")
Row = dict[str, Any]


def remembered(
    make: Callable[Concatenate[Row, Rest], Made],
) -> Callable[Concatenate[Row, Rest], Made]:
    """Make once for the same row, language and other arguments. Nobody may change what is made."""
    kept: Kept[tuple[Row, Made]] = Kept()

    @wraps(make)
    def recall(row: Row, *rest: Rest.args, **named: Rest.kwargs) -> Made:
        others = (one.lang if isinstance(one, Texts) else one for one in rest)
        key = (id(row), *others, *named.items())
        known = kept.get(key)
        if known is not None and known[0] is row:
            return known[1]
        made = make(row, *rest, **named)
        kept.put(key, (row, made))
        return made

    return recall
