"""Calls kept as evidence: what was sent stands in the files, with its time."""

import asyncio
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from tests.calls.conftest import Call, Run
from tests.calls.parties import ALONE, until
from video.archive import Archive
from video.frames import Frames
from video.private import RtpPacket
from video.record_call import Take
from video.reel import PART
from video.sfu import Source


def test_each_voice_and_picture_is_kept_as_it_came(in_call: Run, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    began = time.time() * 1000

    async def test(call: Call) -> None:
        await call.want("anna", "ben", record=True)
        await call.join("anna", receive=False, hertz=600, grey=200)
        await call.join("ben", receive=False, hertz=900, picture=False)
        room = call.calls._rooms["r"]
        await until(lambda: len(room.callers) == 2, "both")
        await call.want("anna", "ben", record=True)
        source = room.callers["anna"].sources["video"]
        await until(lambda: source.heard_at > 0, "a picture")
        from_then = source.heard_at
        await until(lambda: source.heard_at > from_then + 2.0, "two seconds")
        await call.want("anna", "ben", record=False)
        told.extend(await _finished(call, 2))

    in_call(test)
    by = {one["participant"]: one for one in told}
    anna = tmp_path / "recordings" / by["anna"]["file"]
    assert hashlib.sha256(anna.read_bytes()).hexdigest() == by["anna"]["sha256"]
    assert json.loads(anna.with_name(anna.name + ".json").read_text())["call"] == "r"
    assert began - 500 < by["anna"]["started_at"] < by["anna"]["ended_at"]
    assert set(by["ben"]["tracks"]) == {"audio"}
    pictures, sound = _decoded(anna)
    assert len(pictures) >= 12
    assert abs(pictures[-1] - 200) < 20  # the video's range of grey is a little smaller
    assert abs(_pitch(sound) - 600) < 5
    assert len(sound) / 48_000 > 1.5


def test_a_pause_is_a_gap_and_what_is_known_is_not_told_again(in_call: Run) -> None:
    async def test(call: Call) -> None:
        await call.want("anna", record=True)
        anna = await call.join("anna", receive=False, picture=False)
        source = call.calls._rooms["r"].callers["anna"].sources["audio"]
        sender = anna.peers[0].getSenders()[0]
        await until(lambda: source.heard_at > 0, "a voice")
        first = source.heard_at
        await until(lambda: source.heard_at > first + 1.5, "a voice for a while")
        sender._enabled = False
        quiet = time.monotonic()
        await until(lambda: time.monotonic() > quiet + 1.8, "silence")
        sender._enabled = True
        await until(lambda: source.heard_at > quiet + 1.9, "the voice again")
        await call.want("anna", record=False)
        (found,) = await _finished(call, 1)
        gap = found["tracks"]["audio"]["gaps"][0]
        assert 1_500 < gap[1] - gap[0] < 3_000
        told = await call.want("anna", stored=[found["file"]])
        assert told["recordings"] == []

    in_call(test)


def test_what_a_killed_process_left_open_is_closed_and_told(in_call: Run, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"

    async def test(call: Call) -> None:
        await call.want("anna", record=True)
        await call.join("anna", receive=False, hertz=700, picture=False)
        left = folder / "r"
        await until(lambda: any(_size(one) > 4_000 for one in left.glob(f"*{PART}")), "a file")
        part = next(left.glob(f"*{PART}"))
        after = tmp_path / "after" / "r"
        after.mkdir(parents=True)
        (after / part.name).write_bytes(part.read_bytes())  # as a kill would leave it

    in_call(test)
    archive = Archive(tmp_path / "after")
    archive.close()
    (found,) = archive.finished()
    assert found["salvaged"]
    assert found["participant"] == "anna"
    _, sound = _decoded(tmp_path / "after" / found["file"])
    assert abs(_pitch(sound) - 700) < 5
    assert found["ended_at"] - found["started_at"] > 500


def test_frames_come_in_order_and_what_never_came_is_counted() -> None:
    frames = Frames(video=True)
    made = []
    for seq in (65_534, 0, 65_535, 1, 3, 4):  # 2 is lost, 65535 came late
        packet = RtpPacket(96, 1, seq, (seq + 10) * 3_000 % 2**32, 1, b"x")
        made += frames.add(packet, bytes([seq % 256]), seq == 65_534)
    assert [one.data[0] for one in made] == [254, 255, 0, 1]
    assert made[0].key
    for part in frames._waiting.values():
        object.__setattr__(part, "came", part.came - 1)
    made = frames.add(RtpPacket(96, 1, 5, 50_000, 1, b"x"), b"\x05", False)
    assert [one.data[0] for one in made][-1:] == [5]
    assert frames.lost == 1


@pytest.mark.parametrize("muted", [100, 33_000, 50_000, 65_000])
def test_a_voice_that_was_muted_is_kept_again_from_its_first_packet(
    tmp_path: Path, muted: int
) -> None:
    """muted: packets that came meanwhile; 33,000 to 65,535 are 11 to 22 minutes of a voice."""
    archive = Archive(tmp_path)

    async def test() -> None:
        source = _voice()
        take = Take(archive, "r", "anna")
        take.follow(source)
        _speak(source, range(50))
        source.mute(True)
        _speak(source, range(50, 50 + muted))
        source.mute(False)
        _speak(source, range(50 + muted, 100 + muted))
        take.finish()

    asyncio.run(test())
    archive.close()
    told = [one["tracks"]["audio"] for one in archive.finished()]
    assert sum(one["frames"] for one in told) == 100
    assert sum(one["lost"] for one in told) == 0, "what the desk silenced is not lost on the way"


def _voice() -> Source:
    """A participant's voice as a call has it, without the line."""
    receiver = RTCPeerConnection(ALONE).addTransceiver("audio").receiver
    opus = RTCRtpCodecParameters("audio/opus", 48_000, 2, payloadType=111)
    receiver._RTCRtpReceiver__codecs = {111: opus}
    return Source("audio", "anna", receiver)


def _speak(source: Source, packets: range) -> None:
    """Packets of 20 ms of silence, by their place in the voice."""
    for n in packets:
        packet = RtpPacket(111, 0, n % 2**16, n * 960 % 2**32, 1, b"\xfc\xff\xfe")
        source._heard(packet, packet.payload)


async def _finished(call: Call, count: int) -> list[dict[str, Any]]:
    archive = call.calls.archive
    assert archive is not None
    await until(lambda: len(archive.finished()) == count, "finished files")
    told = await call.calls.wanted({"rooms": []})
    found: list[dict[str, Any]] = told["recordings"]
    return found


def _decoded(path: Path) -> tuple[list[int], np.ndarray]:
    """The grey of each picture, and the sound."""
    pictures, sound = [], [np.zeros(0)]
    with av.open(str(path)) as file:
        for frame in file.decode():
            if isinstance(frame, av.VideoFrame):
                pictures.append(int(frame.to_ndarray(format="gray")[40:80, 40:80].mean()))
            else:
                sound.append(frame.to_ndarray()[0])
    return pictures, np.concatenate(sound)


def _pitch(sound: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * 48_000 / len(sound))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
