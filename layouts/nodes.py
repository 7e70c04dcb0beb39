"""Rows that the browser paints itself: small trees of plain lists, cheap to compare and to send.

A node is `["tag.class.class", {attribute: value}, child, ...]`; the attributes may be left out,
a child is a node or a text. `assets/nodes.js` paints them by createElement and textContent alone.
"""

from collections.abc import Iterable
from typing import Any

Node = list[Any]
Row = dict[str, Any]
"""{"id", "rank", "node"}: one line of a list that the browser keeps by id."""


def node(tag: str, *children: Any, **attributes: Any) -> Node:
    """One node; `data_select` becomes `data-select`, None and False leave a thing out."""
    given = {_name(key): value for key, value in attributes.items() if _present(value)}
    kept = [child for child in _flat(children) if _present(child) and child != ""]
    return [tag, given, *kept] if given else [tag, *kept]


def row(key: str, rank: str, body: Node, **fields: Any) -> Row:
    """A line of a list: its id, its place in the order, what it shows, and what else it knows."""
    return {"id": key, "rank": rank, "node": body, **fields}


def rows(*bodies: tuple[str, Node | None]) -> list[Row]:
    """Lines in the order given; those without a body are left out."""
    return [row(key, f"{n:03d}", body) for n, (key, body) in enumerate(bodies) if body is not None]


def _name(key: str) -> str:
    """`data_lv` is data-lv, `for_` is for, `style_a` is the custom property --a."""
    if key.startswith("style_"):
        return "--" + key.removeprefix("style_")
    return key.rstrip("_").replace("_", "-")


def _present(value: Any) -> bool:
    return value is not None and value is not False


def _flat(children: Iterable[Any]) -> Iterable[Any]:
    """Take a child that is a list of nodes as its nodes; a node itself begins with its tag."""
    for child in children:
        if isinstance(child, list | tuple) and not (child and isinstance(child[0], str)):
            yield from _flat(child)
        else:
            yield child if not isinstance(child, int | float) else str(child)
