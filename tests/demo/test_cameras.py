"""The demo city's cameras: scenes of our own, marked as such, as a camera should send them."""

import asyncio
from pathlib import Path

import av
import numpy as np
import pytest

from demo import scenes
from demo.cameras import scene_of
from demo.rtsp import Broadcast, Clip, RtspServer, payloads_of, read_clip


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scenes") / "street.mp4"
    scenes._encode(file, "street", "-sub")
    return file


def test_a_scene_is_what_browsers_can_show(scene: Path) -> None:
    with av.open(str(scene)) as container:
        stream = container.streams.video[0]
        packets = [one for one in container.demux(stream) if one.size]
        times = [one.pts for one in packets]
    assert times == sorted(times)
    keys = [n for n, one in enumerate(packets) if one.is_keyframe]
    wide, high, rate = scenes.SIZES["-sub"]
    assert keys == list(range(0, scenes.SECONDS * rate, rate * scenes.GOP_S))
    assert (stream.codec_context.width, stream.codec_context.height) == (wide, high)
    assert scene.stat().st_size < 300_000


def test_a_scene_moves_and_says_that_it_is_a_demonstration(scene: Path) -> None:
    with av.open(str(scene)) as container:
        frames = [one.to_ndarray(format="rgb24").astype(int) for one in container.decode(video=0)]
    assert np.abs(frames[0] - frames[40]).mean() > 1.0
    corner = frames[7][8:14, -18:-10].reshape(-1, 3).mean(axis=0)
    assert corner[0] > corner[1] + 60


def test_a_camera_looks_at_what_its_name_says() -> None:
    assert scene_of("云港化工储罐区 031") == "tanks"
    assert scene_of("滨河路下穿立交") in ("underpass", "water")
    assert scene_of("人民广场") == "square"
    assert scene_of("无名") == "street"


def test_fragments_put_together_are_the_unit_again() -> None:
    nal = bytes([0x65]) + bytes(range(256)) * 20
    parts = list(payloads_of(nal))
    assert len(parts) > 3
    assert parts[0][1] & 0x80
    assert parts[-1][1] & 0x40
    head = bytes([(parts[0][0] & 0xE0) | (parts[0][1] & 0x1F)])
    assert head + b"".join(one[2:] for one in parts) == nal


async def _talk(port: int, *requests: str) -> list[str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for n, request in enumerate(requests):
        writer.write(f"{request}\r\nCSeq: {n}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if "Content-Length: " in head:
            size = int(head.split("Content-Length: ")[1].split("\r\n")[0])
            head += (await reader.readexactly(size)).decode()
        answers.append(head)
    writer.close()
    return answers


def _serve(clip: Clip, password: tuple[str, str] | None, *requests: str) -> list[str]:
    async def once() -> list[str]:
        server = RtspServer({"cam/a": Broadcast(clip)}.get, password)
        port = await server.start("127.0.0.1", 0)
        try:
            return await _talk(port, *requests)
        finally:
            await server.stop()

    return asyncio.run(once())


def test_the_server_speaks_rtsp(scene: Path) -> None:
    clip = read_clip(scene)
    udp = "SETUP rtsp://h/cam/a/track RTSP/1.0\r\nTransport: RTP/AVP;unicast;client_port=1-2"
    answers = _serve(
        clip,
        None,
        "OPTIONS rtsp://h/cam/a RTSP/1.0",
        "DESCRIBE rtsp://h/cam/a RTSP/1.0",
        "DESCRIBE rtsp://h/cam/b RTSP/1.0",
        udp,
        "TEARDOWN rtsp://h/cam/a RTSP/1.0",
    )
    codes = [one.split(" ")[1] for one in answers]
    assert codes == ["200", "200", "404", "461", "200"]
    assert "sprop-parameter-sets=" in answers[1]
    assert "CSeq: 1" in answers[1]


def test_a_server_with_a_password_wants_it(scene: Path) -> None:
    clip = read_clip(scene)
    good = "DESCRIBE rtsp://h/cam/a RTSP/1.0\r\nAuthorization: Basic dTpw"
    bad = good.replace("dTpw", "dTpx")
    answers = _serve(clip, ("u", "p"), bad, "DESCRIBE rtsp://h/cam/a RTSP/1.0", good)
    assert [one.split(" ")[1] for one in answers] == ["401", "401", "200"]
