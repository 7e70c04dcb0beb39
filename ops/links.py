"""The sign-in links that a start prints: one for each role."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from ops import lan

HOSTS = {
    "wall": "wall",
    "leader": "leader",
    "shift_lead": "lead",
    "officer": "desk",
    "responder": "phone",
}
"""Role -> its name before `.localhost`: each has cookies of its own in one browser."""


@dataclass(frozen=True)
class Link:
    """Who may come in with `token`; `name` as the city spells it."""

    account: str
    role: str
    name: str
    token: str


Base = tuple[str, str, int]
"""Scheme, host and port of the web process."""


def address(link: Link, base: Base) -> str:
    """Where the link leads: on this machine, to the role's own host."""
    scheme, host, port = base
    if host in ("127.0.0.1", "localhost"):
        host = f"{HOSTS.get(link.role, link.role)}.localhost"
    return f"{scheme}://{host}:{port}/in#{link.token}"


def first_of_each(links: Sequence[Link]) -> list[Link]:
    """The first link of every role, in the order given."""
    firsts: dict[str, Link] = {}
    for link in links:
        firsts.setdefault(link.role, link)
    return list(firsts.values())


def show(links: Sequence[Link], base: Base, phones: bool, out: TextIO) -> None:
    """Print one link a role; with `phones`, the responder's as a code too."""
    for link in first_of_each(links):
        there = address(link, base)
        print(f"  {link.role:<10}  {there}  {link.name}", file=out)
        if phones and link.role == "responder":
            print(lan.code(there), file=out)
    out.flush()
