"""In which language a request is answered: the address says it, else a cookie, else Chinese."""

from urllib.parse import parse_qs, urlsplit

from flask import Request, Response

from layouts.texts import LANGUAGES

COOKIE = "lang"
YEAR_S = 31_536_000


def of(request: Request) -> str:
    """The page's own `?lang=`; for what a page asks for, that of the page it stands in."""
    for asked in (request.args.get("lang"), _of_page(request), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return LANGUAGES[0]


def keep(request: Request, response: Response, secure: bool) -> None:
    """Remember a language that the address names."""
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(
            COOKIE, request.args["lang"], max_age=YEAR_S, secure=secure, samesite="Lax"
        )


def _of_page(request: Request) -> str | None:
    return parse_qs(urlsplit(request.referrer or "").query).get("lang", [None])[0]
