"""The way to the media process: same-origin `/media/...`, forwarded to it as it is.

A token in the Authorization header says what may be done; for a still or a moving JPEG, which
browsers fetch without our scripts, the session's cookie does, and the token is made here.
"""

import http.client
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from callbacks import guard
from callbacks.media_parts import Media
from callbacks.problems import problem
from callbacks.services import Services
from callbacks.who import Who, bearer
from video.tokens import Action, TokenError

log = logging.getLogger(__name__)

ROOT = "/media/"
CONNECT_S = 3.0  # to a media process that stands elsewhere; nobody waits longer for none
TIMEOUT_S = 20.0  # opening a camera that nobody watched takes some seconds
SENT = ("Content-Type", "Authorization", "If-Match")
KEPT = ("Content-Type", "Location", "Retry-After", "Cache-Control", "ETag")
BODY_MAX = 70_000  # a little more than the media process takes, so that it can say why
CHUNK = 65_536
PICTURES: tuple[Action, ...] = ("snapshot", "mjpeg")


def of(services: Services) -> "MediaDoor":
    """The door of a web process; it says so where there is no media process."""
    return MediaDoor(services.media)


class MediaDoor:
    """media: None where no media process is set up."""

    def __init__(self, media: Media | None) -> None:
        self._media = media

    def install(self, server: Flask) -> None:
        rules = {
            "whep/<path:path>": ["POST"], "whip/<path:path>": ["POST"],
            "session/<path:path>": ["PATCH", "DELETE"],
            "snapshot/<path:path>": ["GET"], "mjpeg/<path:path>": ["GET"],
        }  # fmt: skip
        for rule, methods in rules.items():
            name = f"media {rule.split('/')[0]}"
            server.add_url_rule(f"{ROOT}{rule}", name, self._forward, methods=methods)

    def admit(self, who: Who | None) -> Response | None:
        """Whether this request may go on; its token is kept for `_forward`."""
        token = bearer(request)
        if token is not None:
            return self._by_token(token)
        action = request.path.removeprefix(ROOT).split("/")[0]
        if who is None or action not in PICTURES or request.method != "GET":
            return guard.unknown()
        return self._by_cookie(who, request.path.removeprefix(f"{ROOT}{action}/"), action)

    def _by_cookie(self, who: Who, path: str, action: Any) -> Response | None:
        if self._media is None:
            return _down()
        rights = self._media.rights
        rights.check(who, path, action)
        g.media_token = self._media.tokens.issue(who.actor.id, path, action, rights.now())[0]
        return None

    def _by_token(self, token: str) -> Response | None:
        """A token of ours, also one that is over: the media process says what it still opens."""
        try:
            if self._media is None:
                raise TokenError("bad_token")
            self._media.tokens.recognise(token)
        except TokenError as error:
            return problem(403, error.code, "this is no token of ours")
        g.media_token = token
        return None

    def _forward(self, path: str) -> Response:  # noqa: ARG002 - of Flask's rule
        assert self._media is not None  # else nobody is admitted
        if (request.content_length or 0) > BODY_MAX:
            return problem(413, "too_large", f"at most {BODY_MAX} bytes")
        try:
            answer, line = self._ask(self._media.values.address)
        except (OSError, http.client.HTTPException) as error:
            log.warning("the media process does not answer: %s", type(error).__name__)
            return _down()
        headers = {name: value for name in KEPT if (value := answer.getheader(name))}
        if (answer.getheader("Content-Type") or "").startswith("multipart/"):
            headers["X-Accel-Buffering"] = "no"  # a proxy before us passes pictures on as they come
            return Response(_stream(answer, line), answer.status, headers, direct_passthrough=True)
        try:
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return _down()
        finally:
            line.close()
        return Response(body, answer.status, headers)

    def _ask(self, address: str) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        place = urlsplit(address)
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=CONNECT_S)
        headers = {name: value for name in SENT if (value := request.headers.get(name))}
        headers |= {"Authorization": f"Bearer {g.media_token}"}
        headers |= {"X-Client-Address": request.remote_addr or ""}
        target = request.full_path if request.query_string else request.path
        try:
            line.connect()
            line.sock.settimeout(TIMEOUT_S)
            line.request(request.method, target, request.get_data(cache=False), headers)
            return line.getresponse(), line
        except BaseException:
            line.close()
            raise


def _stream(answer: http.client.HTTPResponse, line: http.client.HTTPConnection) -> Iterator[bytes]:
    """What comes, as it comes, until either side ends."""
    try:
        while chunk := answer.read1(CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException):
        return
    finally:
        line.close()


def _down() -> Response:
    return problem(503, "media_down", "the media process does not answer")
