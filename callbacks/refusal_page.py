"""A refusal as a page, for a person who came by an address; programs get the problem itself."""

from flask import Flask, Response, render_template, request

from callbacks import language
from callbacks.problems import PROBLEM
from layouts.frame import LANG
from layouts.texts import Texts

WORDS = {403: "door.forbidden", 404: "door.not_found"}


def install(server: Flask) -> None:
    @server.after_request
    def _as_page(response: Response) -> Response:
        if response.mimetype != PROBLEM or not wants_page():
            return response
        lang = language.of(request)
        t = Texts(lang)
        say = t(WORDS.get(response.status_code, "door.fault"))
        response.set_data(render_template("refused.html", t=t, lang=LANG[lang], say=say))
        response.mimetype = "text/html"
        return response


def wants_page() -> bool:
    """Whether a person's browser goes to this address, not a script in a page."""
    navigating = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    asks = "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and navigating and asks
