"""The three screens as Dash apps on the one server."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dash
from dash.development.base_component import Component
from flask import Flask, request
from markupsafe import escape

from callbacks import language, phone_shell
from callbacks.who import Who, known
from layouts.frame import LANG
from layouts.texts import Texts

VENDOR_SCRIPTS = ("/vendor/socket.io.min.js", "/vendor/protomaps-leaflet.js")
INDEX = """<!DOCTYPE html>
<html>
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""
NO_ICON = '<link rel="icon" href="data:,">'

Build = Callable[[Texts, Who | None], Component]


class ScreenApp(dash.Dash):
    """A Dash app whose page says its language and its screen in the root element."""

    screen = ""

    def interpolate_index(self, *_args: Any, **parts: Any) -> str:
        lang = language.of(request)
        t = Texts(lang)
        parts["title"] = str(escape(f"{t('product.name')} · {t(f'screen.{self.screen}')}"))
        parts["app_entry"] = _waiting(t)
        parts["favicon"] = phone_shell.HEAD if self.screen == "phone" else NO_ICON
        root = f'<html lang="{LANG[lang]}" data-screen="{self.screen}" data-mode="PEACETIME">'
        page: str = super().interpolate_index(**parts)
        return page.replace("<html>", root, 1)


def create(server: Flask, screen: str, assets: Path, build: Build) -> ScreenApp:
    """The app of one screen at its own address; `build` makes its page for who is asking."""
    app = ScreenApp(
        f"yiping-{screen}",
        server=server,  # type: ignore[arg-type]
        url_base_pathname=f"/{screen}/",
        assets_folder=str(assets),
        assets_ignore=r"^(sign-in|join)\.",
        assets_path_ignore=["^vendor$"],
        external_scripts=list(VENDOR_SCRIPTS),
        serve_locally=True,
        compress=False,
        update_title="",
        suppress_callback_exceptions=True,
        add_log_handler=False,
        index_string=INDEX,
    )
    app.screen = screen
    app.layout = lambda: build(Texts(language.of(request)), known())
    return app


def _waiting(t: Texts) -> str:
    """What stands until the page is drawn."""
    words = escape(t("door.loading"))
    return f'<div id="react-entry-point"><div class="_dash-loading">{words}</div></div>'


def card(who: Who | None) -> Mapping[str, Any] | None:
    return who.card() if who else None
