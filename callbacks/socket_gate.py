"""The gate before Socket.IO: no session or a foreign page, no handshake at all."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Request

from callbacks import origin
from callbacks.guard import HOST, unknown
from callbacks.problems import problem
from callbacks.who import Find, Who, cookie_name
from dispatch.vocabulary import Role

PATH = "/socket.io"
WHO = "yiping.who"
TOKEN = "yiping.token"
# An offer of permessage-deflate. To compress one message for each of two hundred screens takes
# more processor time than all else that an alert costs, and 256 KB a screen; on a hall's wire that
# buys nothing. A phone on a mobile network keeps it.
DEFLATE = "HTTP_SEC_WEBSOCKET_EXTENSIONS"

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]


class SocketGate:
    """WSGI middleware: leaves who is asking in the environ for the socket's handlers."""

    def __init__(self, inner: Wsgi, session: Find, secure: bool) -> None:
        self._inner = inner
        self._session = session
        self._cookie = cookie_name(secure)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self._inner(environ, start)
        request = Request(environ)
        if not HOST.fullmatch(request.host) or request.headers.get("Origin") != origin.own(request):
            return problem(403, "foreign_origin", "sockets are for our own pages")(environ, start)
        token = request.cookies.get(self._cookie, "")
        who: Who | None = self._session(token)
        if who is None:
            return unknown()(environ, start)
        environ[WHO], environ[TOKEN] = who, token
        if who.actor.role != Role.RESPONDER:
            environ.pop(DEFLATE, None)
        return self._inner(environ, start)
