"""A camera that was broken into leads us nowhere: not past the list of addresses."""

import asyncio
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest

from demo.rtsp import read_clip
from tests.video.clips import encode
from tests.video.media import Background, Cameras
from video.addresses import Allowed, NotAllowed
from video.relay import Astray, Gate
from video.source import RTSP, Source, open_source

SDP = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=x",
        "t=0 0",
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
        "a=control:track",
        "",
    )
)
GOOD = {
    "OPTIONS": "RTSP/1.0 200 OK\r\nCSeq: {n}\r\nPublic: DESCRIBE, SETUP, PLAY\r\n\r\n",
    "DESCRIBE": "RTSP/1.0 200 OK\r\nCSeq: {n}\r\nContent-Type: application/sdp\r\n"
    f"Content-Length: {len(SDP)}\r\n\r\n{SDP}",
    "SETUP": "RTSP/1.0 200 OK\r\nCSeq: {n}\r\nSession: 1\r\n"
    "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
    "PLAY": "RTSP/1.0 200 OK\r\nCSeq: {n}\r\nSession: 1\r\n\r\n",
}
AWAY = "RTSP/1.0 302 Found\r\nCSeq: {n}\r\nLocation: rtsp://127.0.0.1:{trap}/inside\r\n\r\n"
HIDDEN = {
    "plain": AWAY,
    "another of its kind": AWAY.replace("302 Found", "301 Moved"),
    "with signs that FFmpeg leaves out": AWAY.replace("302", "3\r02"),
    "in lines of another kind": AWAY.replace("\r\n", "\n"),
    "behind a frame that is none": "RTSP/1.0 200 OK\r\nCSeq: {n}\r\n$\0\0\0" + AWAY,
    "in a body that is none": "RTSP/1.0 200 OK\r\nContent-Length: +9\r\n\r\n" + AWAY,
    "in a frame's place": "$\0\0\0" + AWAY,
}


class Astrays:
    """A camera that answers one method with where to go instead, and the place it points to."""

    def __init__(self, method: str, away: str = AWAY) -> None:
        self._answers = {**GOOD, method: away}
        self.trapped = 0

    async def __aenter__(self) -> "Astrays":
        self._camera = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._trap = await asyncio.start_server(self._caught, "127.0.0.1", 0)
        self.port: int = self._camera.sockets[0].getsockname()[1]
        self.trap: int = self._trap.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._camera.close()
        self._trap.close()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := (await reader.readuntil(b"\r\n\r\n")).decode():
                number = asked.lower().partition("cseq:")[2].split()[0]
                said = self._answers.get(asked.split()[0], GOOD["PLAY"])
                said = said.replace("{n}", number).replace("{trap}", str(self.trap))
                writer.write(said.encode("latin-1"))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _caught(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.trapped += 1
        writer.close()


def test_ffmpeg_by_itself_follows_a_camera_to_wherever_it_points() -> None:
    """Why there is a relay: where this fails, FFmpeg has changed and the relay may go."""

    async def test() -> None:
        async with Astrays("DESCRIBE") as camera:
            with pytest.raises(av.FFmpegError):
                await asyncio.to_thread(av.open, camera.url, format="rtsp", options=RTSP)
            assert camera.trapped == 1

    asyncio.run(test())


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
def test_a_camera_that_points_elsewhere_is_not_followed(method: str) -> None:
    async def test() -> None:
        async with Astrays(method) as camera:
            assert await _refused(camera) is (NotAllowed if method != "PLAY" else av.FFmpegError)
            assert camera.trapped == 0

    asyncio.run(test())


@pytest.mark.parametrize("away", HIDDEN.values(), ids=HIDDEN)
def test_nor_where_it_hides_its_pointing(away: str) -> None:
    async def test() -> None:
        async with Astrays("DESCRIBE", away) as camera:
            await _refused(camera)
            assert camera.trapped == 0

    asyncio.run(test())


async def _refused(camera: Astrays) -> type[Exception]:
    """How the opening of a camera fails."""
    allowed = Allowed(places=frozenset({("127.0.0.1", camera.port)}))
    try:
        await asyncio.to_thread(open_source, Source("cam/a", camera.url, "rtsp"), allowed)
    except NotAllowed:
        return NotAllowed
    except (OSError, av.FFmpegError):
        return av.FFmpegError
    raise AssertionError("it was opened")


def test_answers_come_whole_however_they_are_cut() -> None:
    said = GOOD["OPTIONS"].encode() + b"$\0\0\3abc" + GOOD["DESCRIBE"].encode()
    gate = Gate()
    passed = [gate.pass_on(said[at : at + 1]) for at in range(len(said))]
    assert b"".join(passed) == said
    assert [len(one) for one in passed if one] == [len(GOOD["OPTIONS"]), 7, len(GOOD["DESCRIBE"])]


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"REDIRECT rtsp://10.0.0.9/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 9999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nA: b\nLocation: c\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nA: " + b"x" * 20_000,
    ],
)
def test_what_is_no_plain_answer_is_refused(said: bytes) -> None:
    with pytest.raises(Astray):
        Gate().pass_on(said)


def test_a_camera_behind_tls_plays(tmp_path: Path) -> None:
    """Its certificate is its own, as cameras have."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    ask = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera"]
    subprocess.run([*ask, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    clip = read_clip(encode(tmp_path / "a.mp4"))
    cameras = Cameras(Background(), {"a": clip}, ("admin", "a secret"))
    cameras.start()

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_connection("127.0.0.1", cameras.port)
        await asyncio.gather(_pump(reader, inner[1]), _pump(inner[0], writer))

    async def test() -> None:
        door = await asyncio.start_server(through, "127.0.0.1", 0, ssl=context)
        port = door.sockets[0].getsockname()[1]
        url = f"rtsps://admin:a%20secret@127.0.0.1:{port}/a"
        count = await asyncio.to_thread(_seen, url)
        assert count == 30
        door.close()

    asyncio.run(test())
    cameras.stop()


def _seen(url: str) -> int:
    parts = urlsplit(url)
    allowed = Allowed(places=frozenset({("127.0.0.1", parts.port or 0)}))
    count = 0
    with open_source(Source("cam/a", url, "rtsp"), allowed) as container:
        for _packet in container.demux(video=0):
            count += 1
            if count == 30:
                break
    return count


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
