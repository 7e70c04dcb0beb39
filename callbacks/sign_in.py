"""Coming in and going out: by a link's token, or by account and password."""

from math import ceil
from typing import Annotated

from flask import Flask, Response, make_response, redirect, render_template, request
from pydantic import BaseModel, ConfigDict, Field

from callbacks import codec, language
from callbacks.people import People
from callbacks.who import Who, cookie_name, current
from dispatch.city import City
from dispatch.errors import Refused, TooMany
from dispatch.vocabulary import Role
from layouts.frame import LANG
from layouts.texts import LANGUAGES, Texts

HOME = {Role.WALL: "/wall/", Role.RESPONDER: "/phone/", Role.ADMIN: "/health"}
DESK = "/desk/"
DEVICE = 200  # characters kept of what a browser calls itself


class Link(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    token: Annotated[str, Field(min_length=1, max_length=200)]


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    user: Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,64}$")]
    password: Annotated[str, Field(min_length=1, max_length=200)]


def install(server: Flask, people: People, city: City, secure: bool) -> None:
    """The page, the two ways in and the way out."""
    door = _Door(people, city, secure)
    server.add_url_rule("/in", "in", door.page)
    server.add_url_rule("/sign-in", "sign_in", door.page)
    server.add_url_rule("/sign-in", "enter", door.by_password, methods=["POST"])
    server.add_url_rule("/sign-in/link", "enter_by_link", door.by_link, methods=["POST"])
    server.add_url_rule("/sign-out", "sign_out", door.leave, methods=["POST"])
    server.add_url_rule("/", "home", door.home)


class _Door:
    def __init__(self, people: People, city: City, secure: bool) -> None:
        self._people = people
        self._city = city
        self._secure = secure
        self._cookie = cookie_name(secure)

    def page(self) -> Response:
        return self._page()

    def by_link(self) -> Response:
        """The page's script brings the token; the answer says where to go."""
        link = Link.model_validate(request.get_json())
        token, who = self._people.by_link(link.token, _device())
        response = make_response(codec.write({"to": home_of(who)}))
        response.mimetype = "application/json"
        return self._give(response, token)

    def by_password(self) -> Response:
        """The form works without any script: a redirect, or the page again with the reason."""
        given = Credentials.model_validate(request.form.to_dict())
        try:
            token, who = self._people.by_password(
                given.user, given.password, request.remote_addr or "", _device()
            )
        except Refused as refused:
            return self._page(given.user, refused)
        return self._give(_redirect(home_of(who)), token)

    def leave(self) -> Response:
        """Ends the session here and on every socket of it."""
        self._people.leave(request.cookies.get(self._cookie, ""))
        response = _redirect("/in")
        response.delete_cookie(self._cookie, secure=self._secure, httponly=True, samesite="Lax")
        return response

    def home(self) -> Response:
        return _redirect(home_of(current()))

    def _give(self, response: Response, token: str) -> Response:
        response.set_cookie(
            self._cookie, token, secure=self._secure, httponly=True, samesite="Lax", path="/"
        )
        return response

    def _page(self, user: str = "", refused: Refused | None = None) -> Response:
        lang = language.of(request)
        t = Texts(lang)
        names = self._city.settings
        html = render_template(
            "sign-in.html",
            t=t,
            lang=LANG[lang],
            other=next(one for one in LANGUAGES if one != lang),
            centre=t.name({"zh": names.centre_zh, "en": names.centre_en}),
            simulated=names.simulated,
            user=user,
            say=_reason(t, refused),
        )
        response = make_response(html, refused.status if refused else 200)
        language.keep(request, response, self._secure)
        return response


def home_of(who: Who) -> str:
    """The address of the screen that a role works at."""
    return HOME.get(who.actor.role, DESK) if who.actor.role else DESK


def _reason(t: Texts, refused: Refused | None) -> str:
    if refused is None:
        return ""
    if isinstance(refused, TooMany):
        return t("sign_in.wait", seconds=ceil(refused.wait_s))
    return t("sign_in.refused")


def _device() -> str:
    said = request.headers.get("User-Agent", "")
    return "".join(char for char in said if char.isprintable())[:DEVICE]


def _redirect(to: str) -> Response:
    return make_response(redirect(to, 303))
