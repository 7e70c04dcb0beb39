"""Closed by default: nobody gets anything without signing in, save what signing in needs."""

import re
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, g, redirect, request

from callbacks import origin
from callbacks.problems import problem
from callbacks.refusal_page import wants_page
from callbacks.who import Find, Who, bearer, cookie_name
from dispatch.access import can

OPEN = frozenset(
    {"/in", "/sign-in", "/sign-in/link", "/livez", "/readyz", "/metrics", "/join", "/join/look"}
)
GUESTS = frozenset(f"/join/{name}" for name in ("back", "token", "hand", "leave"))
"""For guests of a call, who have a session of their own: these ask for it themselves."""
ASKS_ITSELF = "/metrics"  # its readers are programs that have a token of their own
OPEN_FILES = re.compile(
    r"/assets/(0-fonts\.css|1-tokens\.css|sign-in\.css|sign-in\.js)"
    r"|/assets/(8-call\.css|39-call-direct\.js|40-call-line\.js|41-call-stage\.js|join\.js)"
    r"|/vendor/(inter|noto-sans-sc)/[^?]*\.(css|woff2)"
)
SCREENS = ("wall", "desk", "phone")
KEY_DOOR = "/api/v1/"  # the only addresses that an API key opens
HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


Admit = Callable[[Who | None], Response | None]


def install(
    server: Flask, session: Find, key: Find, secure: bool, media: Admit | None = None
) -> None:
    """Ask every request who makes it, before anything else looks at it.

    session, key: find who holds a cookie's token or an API key; media: asks for what is below
    /media/, where a header holds another kind of token.
    """
    cookie = cookie_name(secure)

    @server.before_request
    def _guard() -> Response | None:
        g.who = None
        if not HOST.fullmatch(request.host):
            return problem(400, "bad_host", "the Host header is not a host's name")
        if request.path == ASKS_ITSELF:
            return None
        if media is not None and request.path.startswith("/media/"):
            return media(session(request.cookies.get(cookie, "")))
        presented = bearer(request)
        if presented is not None:
            g.who = key(presented) if presented else None
            return _of_key(g.who)
        if not origin.is_ours(request):
            return problem(403, "foreign_origin", "this request was not made by our own page")
        g.who = session(request.cookies.get(cookie, ""))
        return _of_person(g.who)


def _of_key(who: Who | None) -> Response | None:
    if who is None:
        return unknown()
    if not request.path.startswith(KEY_DOOR):
        return problem(403, "no_right", "an API key opens /api/v1/ alone")
    return None


def _of_person(who: Who | None) -> Response | None:
    if is_open(request.path):
        return None
    if who is None:
        return _to_sign_in() if wants_page() else unknown()
    return _of_screen(who)


def _of_screen(who: Who) -> Response | None:
    """A screen's page, its files and its callbacks belong to the roles that have the screen."""
    screen = request.path.split("/")[1]
    if screen in SCREENS and not can(who.actor, f"screen.{screen}"):
        return problem(403, "no_right", f"{who.actor.role} has no {screen}")
    if _is_catch_all():
        return problem(404, "not_found")
    return None


def is_open(path: str) -> bool:
    return path in OPEN or path in GUESTS or OPEN_FILES.fullmatch(path) is not None


def unknown() -> Response:
    response = problem(HTTPStatus.UNAUTHORIZED, "sign_in", "sign in first")
    response.headers["WWW-Authenticate"] = 'Bearer realm="yiping"'
    return response


def _to_sign_in() -> Response:
    return redirect("/in", 303)  # type: ignore[return-value]


def _is_catch_all() -> bool:
    """Dash answers every address below a screen with its page; we say what is not there."""
    return request.url_rule is not None and request.url_rule.rule.endswith("/<path:path>")
