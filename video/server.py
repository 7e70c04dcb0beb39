"""The media process's HTTP doors: WHEP and WHIP sessions, pictures, and what the web controls."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatch.clock import now_ms
from video import sdp
from video.feeds import Feeds
from video.peers import Session
from video.refused import MediaRefused
from video.sdp import Offer
from video.source import Kind, Source
from video.tokens import Action, Claims, TokenError, Tokens, expect, key

log = logging.getLogger(__name__)

SDP, FRAGMENT, PROBLEM = (
    "application/sdp",
    "application/trickle-ice-sdpfrag",
    "application/problem+json",
)
STILL = b"--still\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
CONTROL_MAX = 4 << 20
SOURCES_MAX = 5_000
FORGET_S = 1.0
LEAVE_S = 1.0  # what another engine has to hear that its viewers leave; we have 4 s in all
WIDTH = 640
CLIENT = "X-Client-Address"
TAKEN = "X-Taken-At"  # of a still: when its picture came, ms UTC
View = Callable[..., Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Engine(Protocol):
    """What answers for paths that begin with its word."""

    async def play(self, claims: Claims, offer: Offer) -> Session: ...
    async def publish(self, claims: Claims, offer: Offer) -> Session: ...
    async def close(self) -> None: ...


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    path: Annotated[str, Field(max_length=140)]
    url: Annotated[str, Field(max_length=2_000)]
    kind: Kind
    pinned: bool = False


class WantedSet(BaseModel):
    model_config = ConfigDict(extra="forbid")
    revision: Annotated[str, Field(max_length=100)]
    sources: Annotated[list[Wanted], Field(max_length=SOURCES_MAX)]


@dataclass
class Doors:
    """engines: by the first word of a path; tasks: run beside the doors until the end.

    control: more addresses of the web's control, by (method, path below /control/).
    """

    tokens: Tokens
    control_key: str
    feeds: Feeds
    engines: Mapping[str, Engine]
    tasks: tuple[Callable[[], Awaitable[None]], ...] = ()
    control: Mapping[tuple[str, str], Callable[[Any], Awaitable[Any]]] = field(default_factory=dict)
    sessions: dict[str, tuple[Claims, Session]] = field(default_factory=dict)


def control_key(secret: str) -> str:
    return key(secret, "media control").hex()


def application(doors: Doors) -> web.Application:
    server = web.Application(middlewares=[_problems], client_max_size=CONTROL_MAX)

    def bound(view: View, *more: Any) -> Handler:
        async def run(request: web.Request) -> web.StreamResponse:
            return await view(doors, request, *more)

        return run

    server.add_routes(
        [
            web.post(r"/media/whep/{path:.+}", bound(_open, "whep")),
            web.post(r"/media/whip/{path:.+}", bound(_open, "whip")),
            web.patch("/media/session/{id}", bound(_patch)),
            web.delete("/media/session/{id}", bound(_delete)),
            web.get(r"/media/snapshot/{path:.+}", bound(_snapshot), allow_head=False),
            web.get(r"/media/mjpeg/{path:.+}", bound(_mjpeg), allow_head=False),
            web.route("*", r"/control/{name:.+}", bound(_control)),
        ]
    )
    server.cleanup_ctx.append(lambda _app: _beside(doors))
    return server


async def _beside(doors: Doors) -> AsyncIterator[None]:
    beside = (doors.feeds.run, lambda: _forget(doors), *doors.tasks)
    running = [asyncio.ensure_future(task()) for task in beside]
    yield
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await _end((one.close() for _, one in doors.sessions.values()), LEAVE_S)
    await _end((engine.close() for engine in set(doors.engines.values())), None)


async def _end(closing: Iterable[Awaitable[None]], limit: float | None) -> None:
    """Close each; one that cannot be closed keeps no other from it.

    Another engine that is dead takes its time to say so: calls must finish their files meanwhile.
    """
    tasks = [asyncio.ensure_future(one) for one in closing]
    if not tasks:
        return
    done, late = await asyncio.wait(tasks, timeout=limit)
    for task in late:
        task.cancel()
    for error in filter(None, (one.exception() for one in done if not one.cancelled())):
        log.warning("something could not be closed: %r", error)


async def _forget(doors: Doors) -> None:
    """Drop sessions whose connection is over."""
    while True:
        await asyncio.sleep(FORGET_S)
        for id in [id for id, (_, one) in doors.sessions.items() if not one.alive()]:
            del doors.sessions[id]


@web.middleware
async def _problems(request: web.Request, handler: Any) -> web.StreamResponse:
    """Every refusal as problem+json; a fault of ours is logged."""
    try:
        answer: web.StreamResponse = await handler(request)
        return answer
    except MediaRefused as refused:
        return _problem(refused.status, refused.code, refused.detail)
    except TokenError as error:
        return _problem(403, error.code)
    except web.HTTPException as error:
        return _problem(error.status, error.reason.lower().replace(" ", "_"))
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _problem(500, "fault")


def _problem(status: int, code: str, detail: str = "") -> web.Response:
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail or code}
    headers = {"Retry-After": "1"} if status == 503 else {}
    return web.json_response(body, status=status, headers=headers, content_type=PROBLEM)


async def _open(doors: Doors, request: web.Request, action: Action) -> web.Response:
    claims = expect(_claims(doors, request), request.match_info["path"], action)
    if request.content_type != SDP:
        raise MediaRefused(415, "content_type", f"send {SDP}")
    offer = sdp.offer(await _text(request), request.headers.get(CLIENT, ""))
    engine = _engine(doors, claims.path)
    opened = await (engine.play if action == "whep" else engine.publish)(claims, offer)
    doors.sessions[opened.id] = (claims, opened)
    headers = {"Location": f"/media/session/{opened.id}"}
    return web.Response(text=opened.answer, status=201, content_type=SDP, headers=headers)


async def _patch(doors: Doors, request: web.Request) -> web.Response:
    session = _session(doors, request)
    if request.content_type != FRAGMENT:
        raise MediaRefused(415, "content_type", f"send {FRAGMENT}")
    found = sdp.fragment(await _text(request), request.headers.get(CLIENT, ""))
    await session.add_candidates(found)
    return web.Response(status=204)


async def _delete(doors: Doors, request: web.Request) -> web.Response:
    session = _session(doors, request)
    doors.sessions.pop(session.id, None)
    await session.close()
    return web.Response(status=200)


async def _snapshot(doors: Doors, request: web.Request) -> web.Response:
    claims = expect(_claims(doors, request), request.match_info["path"], "snapshot")
    made, at = await doors.feeds.snapshot(claims.path, _width(request))
    headers = {"Cache-Control": "no-store", TAKEN: str(at)}
    return web.Response(body=made, content_type="image/jpeg", headers=headers)


async def _mjpeg(doors: Doors, request: web.Request) -> web.StreamResponse:
    claims = expect(_claims(doors, request), request.match_info["path"], "mjpeg")
    stills = doors.feeds.stills(claims.path, _width(request))
    first = await anext(stills, None)
    if first is None:
        raise MediaRefused(503, "source_dead", "no picture came")
    kind = {"Content-Type": "multipart/x-mixed-replace; boundary=still"}
    answer = web.StreamResponse(headers={**kind, "Cache-Control": "no-store"})
    await answer.prepare(request)
    try:
        await answer.write(STILL % len(first) + first + b"\r\n")
        async for still in stills:
            await answer.write(STILL % len(still) + still + b"\r\n")
    except ConnectionResetError:  # the viewer has gone
        pass
    finally:
        await stills.aclose()
    return answer


async def _control(doors: Doors, request: web.Request) -> web.Response:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), doors.control_key.encode()):
        raise MediaRefused(403, "no_right")
    asked = (request.method, request.match_info["name"])
    try:
        if asked == ("GET", "status"):
            return web.json_response(_status(doors))
        if asked == ("PUT", "sources"):
            return _want(doors, WantedSet.model_validate_json(await request.read()))
        if asked in doors.control:
            body = await request.json() if request.can_read_body else None
            return web.json_response(await doors.control[asked](body))
    except (ValidationError, ValueError) as error:
        raise MediaRefused(422, "invalid", str(error)[:300]) from None
    raise MediaRefused(404, "not_found")


def _status(doors: Doors) -> dict[str, Any]:
    known = {"revision": doors.feeds.revision, "at": now_ms(), "sessions": len(doors.sessions)}
    return {**known, "feeds": doors.feeds.status()}


def _want(doors: Doors, wanted: WantedSet) -> web.Response:
    doors.feeds.want(
        wanted.revision, [Source(w.path, w.url, w.kind, w.pinned) for w in wanted.sources]
    )
    return web.json_response({"revision": wanted.revision})


def _claims(doors: Doors, request: web.Request) -> Claims:
    """Who asks, before anything that was sent is looked at."""
    return doors.tokens.read(_bearer(request), now_ms())


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise MediaRefused(401, "sign_in", "a token is needed")
    return token.strip()


def _session(doors: Doors, request: web.Request) -> Session:
    """The session of the address, for who opened it; others learn nothing of it."""
    claims = doors.tokens.recognise(_bearer(request))
    opened = doors.sessions.get(request.match_info["id"])
    if opened is None or (opened[0].sub, opened[0].path) != (claims.sub, claims.path):
        raise MediaRefused(404, "no_such_session")
    return opened[1]


def _engine(doors: Doors, path: str) -> Engine:
    engine = doors.engines.get(path.split("/")[0])
    if engine is None:
        raise MediaRefused(404, "no_such_feed", f"there is no {path}")
    return engine


async def _text(request: web.Request) -> str:
    """The body as text. Raises MediaRefused 400 or 413."""
    raw = await request.content.read(sdp.SIZE_MAX + 1)
    while len(raw) <= sdp.SIZE_MAX and (more := await request.content.read(sdp.SIZE_MAX)):
        raw += more
    if len(raw) > sdp.SIZE_MAX:
        raise MediaRefused(413, "too_large")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise MediaRefused(400, "bad_sdp", "not UTF-8") from None


def _width(request: web.Request) -> int:
    text = request.query.get("width", "")
    return int(text) if text.isdecimal() and len(text) < 6 else WIDTH
