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


def address(link: Link, base: tuple[str, str, int], number: int) -> str:
    """Where the link leads. base: scheme, host, port; number: 0 for the role's first link."""
    scheme, host, port = base
    if host in ("127.0.0.1", "localhost"):
        host = f"{HOSTS.get(link.role, link.role)}{number + 1 if number else ''}.localhost"
    return f"{scheme}://{host}:{port}/in#{link.token}"


def show(links: Sequence[Link], base: tuple[str, str, int], phones: bool, out: TextIO) -> None:
    """Print every link; with `phones`, a QR code for each responder's."""
    seen: dict[str, int] = {}
    for link in links:
        number = seen.get(link.role, 0)
        seen[link.role] = number + 1
        there = address(link, base, number)
        print(f"  {link.role:<10} {there}  {link.name}", file=out)
        if phones and link.role == "responder":
            print(lan.code(there), file=out)
    out.flush()
