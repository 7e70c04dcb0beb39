"""A camera whose pictures another WHEP engine has plays on our screens all the same."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser

from tests.video.clips import encode
from tests.video.engine import Engine
from tests.video.media import Background, Cameras, Media, running, screen
from tests.video.test_doors import GOOD
from video import foreign, sdp, server
from video.addresses import Allowed
from video.foreign import Foreign
from video.source import Source


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    clip = encode(tmp_path / "long.mp4", seconds=20.0)
    made = Engine(Background(), str(clip), "word-of-the-engine")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def media(engine: Engine, cameras: Cameras, clips: Path) -> Iterator[Media]:
    with running(clips, cameras, places=[("127.0.0.1", engine.port)]) as one:
        yield one


def test_another_engines_pictures_reach_the_screen_directly(
    browser: Browser, media: Media, engine: Engine
) -> None:
    url = f"whep+http://bearer:{engine.token}@127.0.0.1:{engine.port}/live/whep"
    media.want(far=("whep", url))
    with screen(browser, media) as one:
        assert one.play("cam/far") == (201, "")
        one.plays(15.0)
        answer = one.page.evaluate("() => window.pc.remoteDescription.sdp")
        assert engine.token not in answer
        assert engine.asked == [f"Bearer {engine.token}"]
        assert media.feed("far")["viewers"] == 0
        assert len(engine.peers) == 1
    assert engine.peers == {}


def test_an_engine_that_refuses_or_is_gone_is_said_to_be_dead(media: Media, engine: Engine) -> None:
    bad = f"whep+http://bearer:wrong@127.0.0.1:{engine.port}/live/whep"
    media.want(far=("whep", bad), gone=("whep", "whep+http://127.0.0.1:1/whep"))
    refused = media.post("cam/far", GOOD)
    assert (refused.status_code, refused.json()["code"]) == (503, "source_dead")
    assert media.feed("far")["reason"] == "unauthorized"
    assert media.post("cam/gone", GOOD).json()["detail"] == "not_allowed"


Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


def asked_of(answers: Answers, test: Callable[[Foreign, list[str]], Awaitable[None]]) -> None:
    """Run a test with a feed of an engine that answers so; it hears what the engine was asked."""

    async def whole() -> None:
        asked: list[str] = []

        async def heard(request: web.Request) -> web.StreamResponse:
            asked.append(request.method)
            return await answers(request)

        application = web.Application()
        application.router.add_route("*", "/live/whep", heard)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        source = Source("cam/far", f"whep+http://127.0.0.1:{port}/live/whep", "whep")
        try:
            feed = Foreign(source, Allowed(places=frozenset({("127.0.0.1", port)})))
            await test(feed, asked)
        finally:
            await runner.cleanup()

    asyncio.run(whole())


async def in_pieces(request: web.Request) -> web.StreamResponse:
    """An answer that comes in two pieces, as of a busy engine."""
    if request.method == "DELETE":
        return web.Response(status=200)
    headers = {"Content-Type": "application/sdp", "Location": "/live/whep"}
    answer = web.StreamResponse(status=201, headers=headers)
    await answer.prepare(request)
    await answer.write(GOOD[:200].encode())
    await asyncio.sleep(0.2)
    await answer.write(GOOD[200:].encode())
    return answer


def test_an_answer_that_comes_in_pieces_is_whole() -> None:
    async def test(feed: Foreign, asked: list[str]) -> None:
        session = await foreign.play(feed, sdp.offer(GOOD))
        assert session.answer == GOOD
        await session.close()
        assert asked == ["POST", "DELETE"]

    asked_of(in_pieces, test)


def test_an_answer_without_end_is_refused() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=201)
        await answer.prepare(request)
        for _ in range(200):
            await answer.write(b"a=x\r\n" * 200)
        return answer

    async def test(feed: Foreign, _asked: list[str]) -> None:
        with pytest.raises(foreign.MediaRefused) as refused:
            await foreign.play(feed, sdp.offer(GOOD))
        assert refused.value.code == "source_dead"

    asked_of(endless, test)


def test_sessions_that_nobody_ends_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Foreign(Source("cam/far", "whep+http://10.0.0.1/x", "whep"), Allowed())
    alive = [feed.opened() for _ in range(foreign.OPEN_MAX + 1)]
    assert [one() for one in alive] == [False] + [True] * foreign.OPEN_MAX
    monkeypatch.setattr(foreign, "LIFE_S", 0.0)
    assert not feed.opened()()


def test_a_dead_engine_keeps_no_call_from_ending() -> None:
    """What cannot be closed, or takes too long, is left: the files of calls are finished."""
    ended: list[str] = []

    async def hangs() -> None:
        await asyncio.sleep(60)

    async def fails() -> None:
        raise foreign.MediaRefused(503, "source_dead")

    async def ends() -> None:
        ended.append("call")

    async def test() -> None:
        began = time.monotonic()
        await server._end([hangs(), fails(), ends()], 0.2)
        await server._end([fails(), ends()], None)
        assert ended == ["call", "call"]
        assert time.monotonic() - began < 2.0

    asyncio.run(test())
