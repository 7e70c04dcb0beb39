"""Looks at one panel as a screen would have it now."""

from collections.abc import Iterator
from typing import Any

from dispatch.log import head
from layouts.nodes import Node
from layouts.panel import Props
from layouts.screens import all_panels
from layouts.texts import Texts
from streams.look import Board
from streams.pictures import take
from streams.view import Moment, View
from tests.dispatch.centre import Centre


def props_of(panel: str, centre: Centre, board: Board, view: View) -> Props:
    one = all_panels()[panel]

    def read(connection: Any) -> Props:
        look = board.look(connection, Moment(head(connection), centre.now))
        pictures = {name: take(look, name, view) for name in one.pictures}
        return one.props(pictures, Texts(view.lang), view)

    return centre.database.read(read)


def nodes(tree: Node | str) -> Iterator[Node]:
    """A node and all that is in it."""
    if not isinstance(tree, list):
        return
    yield tree
    for child in children(tree):
        yield from nodes(child)


def children(node: Node) -> list[Any]:
    return node[2:] if len(node) > 1 and isinstance(node[1], dict) else node[1:]


def attributes(node: Node) -> dict[str, Any]:
    found = node[1] if len(node) > 1 else None
    return found if isinstance(found, dict) else {}


def said(tree: Any) -> str:
    """The words of a list's rows or of a node."""
    if isinstance(tree, str):
        return tree
    if isinstance(tree, dict):
        return said(tree["node"])
    if tree and isinstance(tree[0], dict):
        return " ".join(said(row) for row in tree)
    return "".join(said(child) for child in children(tree)) if tree else ""


def buttons(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The attributes of all buttons in a list."""
    found = [one for row in rows for one in nodes(row["node"])]
    return [attributes(one) for one in found if one[0].startswith("button")]
