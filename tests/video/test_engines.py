"""What another WHEP engine answers, badly or late, is read as it should be."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from tests.video.test_doors import GOOD
from video import foreign, sdp, server
from video.addresses import Allowed
from video.foreign import Foreign
from video.refused import MediaRefused
from video.source import Source

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


def test_an_answer_that_is_no_sdp_is_a_dead_camera_and_its_session_is_ended() -> None:
    """A proxy's page of an error, with 201, would be taken for a picture by every screen."""

    async def answers(request: web.Request) -> web.StreamResponse:
        headers = {"Location": request.path}
        return web.Response(status=201, text="<html>", headers=headers)

    async def test(feed: Foreign, asked: list[str]) -> None:
        with pytest.raises(MediaRefused) as refused:
            await foreign.play(feed, sdp.offer(GOOD))
        assert (refused.value.status, feed.status()["state"]) == (503, "dead")
        assert asked == ["POST", "DELETE"]

    asked_of(answers, test)


@pytest.mark.parametrize("place", ["http://[bad", "//elsewhere.invalid/s", "", "http://[::1]:x/"])
def test_a_session_of_no_place_there_plays_and_nothing_is_sent_elsewhere(place: str) -> None:
    async def answers(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=201, text=GOOD, headers={"Location": place})

    async def test(feed: Foreign, asked: list[str]) -> None:
        session = await foreign.play(feed, sdp.offer(GOOD))
        await session.close()
        assert (session.answer, asked) == (GOOD, ["POST"])

    asked_of(answers, test)


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
