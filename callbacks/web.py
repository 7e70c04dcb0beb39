"""The one web server: sessions before everything, three Dash apps, REST and sockets behind."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from dash import Dash
from dash.development.base_component import Component
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from callbacks import (
    codec,
    dash_door,
    files,
    guard,
    headers,
    health,
    join,
    map_layers,
    media_door,
    metrics,
    pages,
    phone_shell,
    problems,
    refusal_page,
    rest,
    sign_in,
    sockets,
    trail,
)
from callbacks.people import People
from callbacks.services import Services
from callbacks.who import Who
from layouts import screens
from layouts.texts import Texts

BODY_MAX = 1 << 20  # bytes of a request; the largest CAP message stays far below


def create(services: Services) -> Flask:
    """The server, whole: what gunicorn serves."""
    own = services.settings
    server = Flask(__name__, static_folder=None)
    server.config.update(MAX_CONTENT_LENGTH=BODY_MAX, MAX_FORM_PARTS=20)
    codec.install(server)
    trail.install(server, services)
    people = People(services)
    door = media_door.of(services)
    guard.install(server, people.session, people.key, own.secure, door.admit)
    door.install(server)
    _mount(server, services, people)
    apps = _apps(server, services)
    server.extensions["screens"] = apps
    problems.install(server)
    refusal_page.install(server)
    sockets.install(server, services, people)
    metrics.install(server, services)
    headers.install(server, lambda: _hashes(apps.values()), own.secure)
    _stand_behind(server, own.proxies)
    _warm(server)
    return server


def _mount(server: Flask, services: Services, people: People) -> None:
    own = services.settings
    health.install(server, services)
    phone_shell.install(server)
    sign_in.install(server, people, services.city, own.secure)
    join.install(server, services)
    files.install(server, services.city, own.assets)
    server.extensions["api"] = rest.install(server, services)


def _apps(server: Flask, services: Services) -> Mapping[str, Dash]:
    """A Dash app for each screen. What people press goes to REST; a panel that needs a callback
    of Dash registers it here, before the door is made strict.
    """
    apps = {name: _app(server, services, name) for name in screens.SCREENS}
    map_layers.register(apps["desk"])
    for app in apps.values():
        dash_door.harden(server, app)
    return apps


def _app(server: Flask, services: Services, name: str) -> Dash:
    def build(t: Texts, who: Who | None) -> Component:
        own = services.settings
        return screens.page(name, t, services.city, pages.card(who), own.played, own.direct)

    return pages.create(server, name, services.settings.assets, build)


def _hashes(apps: Iterable[Dash]) -> list[str]:
    """The hashes of the pages' inline scripts, which the content policy lets run."""
    return sorted({one for app in apps for one in app.csp_hashes()})


def _warm(server: Flask) -> None:
    """Let Dash prepare its pages now, and not while somebody waits for the first one.

    Raises RuntimeError when a page cannot be made; the log says why.
    """
    answer = server.test_client().get("/livez")
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError("the screens' pages could not be made")


def _stand_behind(server: Flask, proxies: int) -> None:
    if proxies:
        server.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            server.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
