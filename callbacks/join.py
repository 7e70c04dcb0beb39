"""The door for people without an account: one link, one call, and nothing else.

GET shows a page with a button, so that a link that is only looked at is not used up.
"""

import json
from typing import Annotated, Literal

from flask import Flask, Response, make_response, render_template, request
from pydantic import BaseModel, ConfigDict, Field

from callbacks import codec, language
from callbacks.call_leave import leave
from callbacks.problems import problem
from callbacks.services import Services
from dispatch import call_links, calls
from dispatch.call_links import Guest, Look, Use
from dispatch.inputs import parse
from dispatch.vocabulary import Role
from layouts.frame import LANG
from layouts.texts import Texts, words

COOKIE, SECURE_COOKIE = "guest", "__Secure-guest"
PATH = "/join"
WORDS = ("call.", "refused.")


class Action(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    action: Literal["whip", "whep"]


class Hand(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    up: Annotated[bool, Field()]


def install(server: Flask, services: Services) -> None:
    """The page, and what it may ask for."""
    door = _Door(services)
    server.add_url_rule(PATH, "join", door.page)
    server.add_url_rule(PATH, "join enter", door.enter, methods=["POST"])
    for name in ("look", "back", "token", "hand", "leave"):
        server.add_url_rule(f"{PATH}/{name}", f"join {name}", getattr(door, name), methods=["POST"])


class _Door:
    def __init__(self, services: Services) -> None:
        self._own = services
        self._secure = services.settings.secure
        self._cookie = SECURE_COOKIE if self._secure else COOKIE

    def page(self) -> Response:
        lang = language.of(request)
        t, names = Texts(lang), self._own.city.settings
        kept = {key: text for key, text in words(lang).items() if key.startswith(WORDS)}
        told = {"texts": kept, "phone": self._phone()}
        html = render_template(
            "join.html",
            t=t,
            lang=LANG[lang],
            centre=t.name({"zh": names.centre_zh, "en": names.centre_en}),
            simulated=names.simulated,
            words=json.dumps(told, ensure_ascii=True).replace("<", "\\u003c"),
        )
        return make_response(html)

    def look(self) -> Response:
        """What a link leads to; looking uses nothing up."""
        given = parse(Look, _body())
        return _json(call_links.look(self._own.database, given, self._own.now()))

    def enter(self) -> Response:
        """The link is used up here; its guest gets a session for this call alone."""
        given = parse(Use, _body())
        token, came = call_links.use(self._own.writer, given, self._own.now(), self._own.realm)
        answer = _json({"call": came["call"], "party": came["party"]})
        answer.set_cookie(
            self._cookie, token, secure=self._secure, httponly=True, samesite="Strict", path=PATH
        )
        return answer

    def back(self) -> Response:
        """Who was in the call may come back to it; he is in it once he asks for leave to speak."""
        guest = self._guest()
        if guest is None:
            return _stranger()
        return _json({"party": guest.party, "recorded": guest.recorded})

    def token(self) -> Response:
        guest = self._guest()
        if guest is None:
            return _stranger()
        asked = parse(Action, _body())
        if guest.state != "JOINED":
            self._act("join")
        path = calls.path(guest.call, guest.party)
        return _json(leave(self._own, f"guest:{guest.call}:{guest.party}", path, asked.action))

    def hand(self) -> Response:
        return self._does("hand")

    def leave(self) -> Response:
        return self._does("leave")

    def _does(self, what: str) -> Response:
        if self._guest() is None:
            return _stranger()
        return _json(self._act(what, what == "hand" and parse(Hand, _body()).up))

    def _act(self, what: str, up: bool = False) -> dict[str, object]:
        own = self._own
        return call_links.act(own.writer, self._token(), what, own.now(), up, own.realm)

    def _guest(self) -> Guest | None:
        return call_links.who(self._own.database, self._token(), self._own.now())

    def _token(self) -> str:
        return request.cookies.get(self._cookie, "")

    def _phone(self) -> str:
        """Whom to telephone when the call does not come about."""
        leads = [one for one in self._own.city.people if one.role is Role.SHIFT_LEAD and one.phone]
        return leads[0].phone if leads else ""


def _body() -> dict[str, object]:
    given = request.get_json()
    return given if isinstance(given, dict) else {}


def _json(content: dict[str, object]) -> Response:
    answer = make_response(codec.write(content))
    answer.mimetype = "application/json"
    return answer


def _stranger() -> Response:
    return problem(401, "sign_in", "a link is needed")
