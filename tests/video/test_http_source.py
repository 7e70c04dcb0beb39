"""A camera that sends MPEG-TS by HTTP: cut off, mad, slow, and back again."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import pytest

from tests.calls.parties import until
from tests.video.clips import encode
from video.addresses import Allowed
from video.feed import Feed, Viewer
from video.probe import Probe
from video.reader import Bounds
from video.source import Source

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nTransfer-Encoding: chunked\r\n\r\n"
Says = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PROMISE_S = 3.0
BLOCK = 32_768  # what FFmpeg asks for at once


@pytest.fixture(scope="module")
def ts(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four seconds of a camera as MPEG-TS."""
    folder = tmp_path_factory.mktemp("ts")
    return remuxed(encode(folder / "a.mp4", seconds=4.0), folder / "a.ts").read_bytes()


def remuxed(path: Path, into: Path) -> Path:
    with av.open(str(path)) as source, av.open(str(into), "w", format="mpegts") as out:
        stream = source.streams.video[0]
        made = out.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = made
                out.mux(packet)
    return into


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ts: bytes) -> None:
    """A stream that is cut in the midst of a chunk."""
    half = len(ts) // 2
    writer.write(CHUNKED + chunk(ts[:half]) + b"%x\r\n" % 10_000 + ts[half : half + 5_000])


async def mad(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ts: bytes) -> None:
    """What is no HTTP at all."""
    writer.write(b"\x00\xff nothing that was ever agreed on\r\n\r\n")


async def bad_chunk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ts: bytes) -> None:
    writer.write(CHUNKED + chunk(ts) + b"this is no number\r\n" + ts)


async def good(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ts: bytes) -> None:
    """One picture after the other, for a while."""
    writer.write(CHUNKED)
    for at in range(0, len(ts), 1_880):
        writer.write(chunk(ts[at : at + 1_880]))
        await writer.drain()
        await asyncio.sleep(0.01)


async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ts: bytes) -> None:
    """A byte now and then: each comes in time, all of them never."""
    writer.write(CHUNKED)
    while not writer.is_closing():
        writer.write(chunk(b"\x47"))
        await asyncio.sleep(0.2)


class Camera:
    """Answers each request with the next of its manners, the last one again and again."""

    def __init__(self, ts: bytes, *manners: Callable[..., Awaitable[None]]) -> None:
        self._ts, self._manners, self.asked = ts, list(manners), 0

    async def __aenter__(self) -> "Camera":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        manner = self._manners[min(self.asked, len(self._manners) - 1)]
        self.asked += 1
        try:
            await manner(reader, writer, self._ts)
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    @property
    def source(self) -> Source:
        return Source("cam/ts", f"http://127.0.0.1:{self.port}/live", "mpegts")

    @property
    def allowed(self) -> Allowed:
        return Allowed(places=frozenset({("127.0.0.1", self.port)}))

    def feed(self) -> Feed:
        return Feed(self.source, Bounds(self.allowed, threading.Semaphore(0)))


@pytest.mark.parametrize("manner", [cut, mad, bad_chunk])
def test_a_stream_that_breaks_is_opened_again(ts: bytes, manner: Says) -> None:
    async def test() -> None:
        async with Camera(ts, manner, manner, good) as camera:
            feed = camera.feed()
            viewer = feed.watch()
            await until(lambda: feed.health.state == "dead", "it is said to be dead")
            assert feed.health.reason == "ended"
            broke = time.monotonic()
            await until(lambda: camera.asked >= 3, "it is asked again")
            await _fresh(viewer)
            assert time.monotonic() - broke < PROMISE_S
            viewer.close()
            feed.end()

    asyncio.run(test())


def test_what_nobody_foresaw_kills_no_reader(
    ts: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The thread of a source goes on whatever its opening raises."""

    class Odd(Allowed):
        left = 2

        def resolve(self, url: str):  # type: ignore[no-untyped-def]
            if Odd.left:
                Odd.left -= 1
                raise RecursionError("a parser that went too deep")
            return super().resolve(url)

    async def test() -> None:
        async with Camera(ts, good) as camera:
            odd = Odd(places=camera.allowed.places)
            feed = Feed(camera.source, Bounds(odd, threading.Semaphore(0)))
            viewer = feed.watch()
            await until(lambda: feed.health.state == "dead", "it is said to be dead")
            assert feed.health.reason == "failed"
            await _fresh(viewer)
            feed.end()

    with caplog.at_level(logging.CRITICAL, "video.reader"):
        asyncio.run(test())


def test_a_picture_is_seen_when_it_is_there(ts: bytes) -> None:
    """A small stream is not held back until a big block of it is full."""

    async def begin(_reader: object, writer: asyncio.StreamWriter, ts: bytes) -> None:
        writer.write(CHUNKED + chunk(ts[: 3 * BLOCK - 188]))
        await writer.drain()
        await asyncio.sleep(2.5)

    async def test() -> None:
        async with Camera(ts, begin) as camera:
            feed = camera.feed()
            viewer = feed.watch()
            for _ in range(20):  # of the second second
                await asyncio.wait_for(viewer.next(), 2.0)  # before the stream ends
            feed.end()

    asyncio.run(test())


@pytest.mark.parametrize("manner", [cut, mad, bad_chunk])
def test_a_probe_of_a_broken_stream_answers(ts: bytes, manner: Says) -> None:
    async def test() -> None:
        async with Camera(ts, manner) as camera:
            probe = Probe(camera.allowed, None, False)
            told = await probe({"url": camera.source.url, "kind": "mpegts"})
            assert told["playable"] or told["reason"] == "ended"
            assert manner is not mad or not told["playable"]

    asyncio.run(test())


def test_a_stream_that_drips_is_given_up(ts: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("video.source.OPEN_S", 1.0)

    async def test() -> None:
        async with Camera(ts, drips) as camera:
            feed = camera.feed()
            viewer = feed.watch()
            await until(lambda: feed.health.state == "dead", "it is said to be dead")
            assert feed.health.reason == "timeout"
            viewer.close()
            feed.end()

    asyncio.run(test())


async def _fresh(viewer: Viewer) -> None:
    """A picture that came just now."""
    while True:
        packet = await asyncio.wait_for(viewer.next(), 5.0)
        if packet.keyframe and time.time() * 1000 - packet.at < 500:
            return
