"""Who is asking: the session's cookie or an API key, once a request."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Request, g

from dispatch.access import Actor

COOKIE = "sid"
SECURE_COOKIE = "__Host-sid"  # the browser itself then binds it to https and to this one host
REMEMBERED_S = 1.0  # a session revoked in another process ends here at most this much later
KEPT = 2_000  # sessions remembered; past it the memory starts anew


@dataclass(frozen=True)
class Who:
    """A person's session, or an outside system with its API key (`session` is "" then)."""

    actor: Actor
    session: str = ""
    name: Mapping[str, str] = field(default_factory=dict)
    seat: Mapping[str, str] = field(default_factory=dict)

    def card(self) -> dict[str, object]:
        """What a screen shows of its user."""
        return {
            "id": self.actor.id,
            "name": dict(self.name),
            "seat": dict(self.seat),
            "role": self.actor.role,
            "scope": list(self.actor.scope),
            "unit": self.actor.unit,
        }


Find = Callable[[str], Who | None]


class Memory:
    """Remembers for a second what the store said of a cookie: a page asks for many files."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[str, tuple[float, Who]] = {}

    def __call__(self, token: str) -> Who | None:
        known = self._known.get(token)
        if known and time.monotonic() < known[0]:
            return known[1]
        who = self._find(token)
        if who is None:
            self._known.pop(token, None)
            return None
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[token] = (time.monotonic() + REMEMBERED_S, who)
        return who

    def forget(self, token: str) -> None:
        self._known.pop(token, None)


def cookie_name(secure: bool) -> str:
    return SECURE_COOKIE if secure else COOKIE


def bearer(request: Request) -> str | None:
    """The API key of the Authorization header, "" if the header holds something else."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def current() -> Who:
    """Who made this request; only behind the guard."""
    who: Who = g.who
    return who


def known() -> Who | None:
    """Who made this request, or None where a stranger may come."""
    who: Who | None = g.get("who")
    return who
