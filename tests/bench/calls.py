"""What a call of twelve costs the media process: `python -m tests.bench.calls [people] [seconds]`.

Twelve clients send a picture of 320x240 at 15 a second and a voice, encoded beforehand, and receive
the last four pictures and everybody's voice; they run in processes of their own, four in each.
Clients do not decode pictures; each listens to how much of the voices is missing, and tells by the
packets' numbers which were never sent (the process was late) and which were lost on the way to it
(the machine, or the client, was). The last line is one JSON object.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from typing import Any

import av
import httpx
import numpy as np
import psutil
from aioice import ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from tests.calls.booth import ROOM, SECRET
from tests.stack import ROOT, free_port
from video.private import tap
from video.server import control_key

WARM_S = 4.0
TOGETHER = 4  # people of one process
NUMBERS = 1 << 16  # of RTP, then they begin again
ALONE = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)


def voice() -> list[bytes]:
    """Ten seconds of Opus, 20 ms each."""
    made = av.CodecContext.create("libopus", "w")
    made.sample_rate, made.layout, made.format = 48_000, "mono", "s16"
    made.time_base, made.bit_rate = Fraction(1, 48_000), 32_000
    found = []
    for n in range(500):
        wave = np.sin(2 * np.pi * 440 * (np.arange(960) + n * 960) / 48_000) * 8_000
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, n * 960, Fraction(1, 48_000)
        found += [bytes(one) for one in made.encode(frame)]
    return found


def picture() -> list[tuple[bytes, bool]]:
    """Four seconds of VP8 at 15 a second, about 150 kb/s, a keyframe a second."""
    made = av.CodecContext.create("libvpx", "w")
    made.width, made.height, made.pix_fmt = 320, 240, "yuv420p"
    made.time_base, made.framerate, made.bit_rate = Fraction(1, 15), 15, 150_000
    made.gop_size = 15
    made.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    coarse = np.random.default_rng(1).integers(60, 190, (45, 40), np.uint8)
    drawn = np.kron(coarse, np.ones((8, 8), np.uint8))  # blocks that move: about what a face costs
    found = []
    for n in range(60):
        frame = av.VideoFrame.from_ndarray(np.roll(drawn, n * 5, 1), "yuv420p")
        frame.pts, frame.time_base = n, Fraction(1, 15)
        found += [(bytes(one), one.is_keyframe) for one in made.encode(frame)]
    return found


class Encoded(MediaStreamTrack):
    """Sends what was encoded beforehand, at its own pace."""

    def __init__(self, kind: str, packets: list[Any], rate: int, clock: int) -> None:
        super().__init__()
        self.kind, self._packets, self._rate, self._clock = kind, packets, rate, clock
        self._n, self._began = 0, 0.0

    async def recv(self) -> av.Packet:
        self._began = self._began or time.monotonic()
        await asyncio.sleep(max(0.0, self._began + self._n / self._rate - time.monotonic()))
        found = self._packets[self._n % len(self._packets)]
        packet = av.Packet(found[0] if isinstance(found, tuple) else found)
        packet.pts = self._n * self._clock // self._rate
        packet.time_base = Fraction(1, self._clock)
        self._n += 1
        return packet


class Client:
    """One participant, who counts what he receives."""

    def __init__(self, id: str, url: str) -> None:
        self.id, self._url = id, url
        self.heard, self.seen, self.sent = 0, 0, 0
        self._numbers: dict[int, int] = {}
        self.first_heard = 0.0
        self.peers: list[RTCPeerConnection] = []

    async def join(self, sound: list[bytes], film: list[tuple[bytes, bool]]) -> None:
        out = self._peer()
        out.addTrack(Encoded("audio", sound, 50, 48_000))
        out.addTrack(Encoded("video", film, 15, 90_000))
        await self._meet(out, "whip")
        into = self._peer()
        for kind in ["audio"] * 4 + ["video"] * 4:
            into.addTransceiver(kind, direction="recvonly")
        into.createDataChannel("room")
        for one in into.getTransceivers():
            tap(one.receiver, self._hear if one.kind == "audio" else self._see)
        await self._meet(into, "whep")

    def _peer(self) -> RTCPeerConnection:
        self.peers.append(RTCPeerConnection(ALONE))
        return self.peers[-1]

    def _hear(self, packet: Any, _data: bytes) -> None:
        self.heard += 1
        step = packet.sequence_number - self._numbers.get(packet.ssrc, packet.sequence_number - 1)
        if 0 < (ahead := step % NUMBERS) < NUMBERS // 2:
            self._numbers[packet.ssrc] = packet.sequence_number
            self.sent += ahead

    def _see(self, packet: Any, _data: bytes) -> None:
        self.seen += bool(packet.marker)

    async def _meet(self, peer: RTCPeerConnection, action: str) -> None:
        await peer.setLocalDescription(await peer.createOffer())
        async with httpx.AsyncClient(base_url=self._url, timeout=20) as door:
            leave = (await door.get("/token", params={"me": self.id, "action": action})).json()
            headers = {
                "Authorization": f"Bearer {leave['token']}",
                "Content-Type": "application/sdp",
            }
            sdp = peer.localDescription.sdp
            answer = await door.post(leave["url"], headers=headers, content=sdp)
            answer.raise_for_status()
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))


async def attend(url: str, ids: list[str]) -> None:
    """These take part; each line of standard input is answered with their counts."""
    ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    clients = [Client(id, url) for id in ids]
    sound, film = voice(), picture()
    for one in clients:
        await one.join(sound, film)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps([[one.heard, one.seen, one.sent] for one in clients]), flush=True)
    for one in clients:
        await asyncio.gather(*(peer.close() for peer in one.peers))


async def measure(people: int, seconds: float) -> dict[str, Any]:
    """The call in a process of its own, its people in others, a few in each."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.calls.booth", str(port), folder]
        server = subprocess.Popen(command, cwd=ROOT)
        try:
            return await _measure(server.pid, f"http://127.0.0.1:{port}", people, seconds)
        finally:
            server.kill()
            server.wait()


async def _measure(pid: int, url: str, people: int, seconds: float) -> dict[str, Any]:
    ids = [f"p{n}" for n in range(people)]
    await _open(url, ids)
    parts = [_part(url, ids[n : n + TOGETHER]) for n in range(0, people, TOGETHER)]
    try:
        for one in parts:
            _line(one)
        await asyncio.sleep(WARM_S)
        process = psutil.Process(pid)
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        then = _counts(parts)
        await asyncio.sleep(seconds)
        took, spent = time.monotonic() - began, sum(process.cpu_times()[:2]) - before
        now = _counts(parts)
    finally:
        for one in parts:
            assert one.stdin
            one.stdin.close()
            one.wait(20)
    heard, seen, sent = ((now[:, n] - then[:, n]) / took for n in range(3))
    voices = 1 if people > 5 else people - 1
    return {
        "people": people,
        "core": round(spent / took, 3),
        "voice_missing_most": round(max(0.0, 1 - float(heard.min()) / (50 * voices)), 4),
        "voice_unsent_most": round(max(0.0, 1 - float(sent.min()) / (50 * voices)), 4),
        "voice_lost_most": round(float((1 - heard / sent).max()), 4),
        "pictures_a_second_each": round(float(np.median(seen)), 1),
        "memory_mb": round(process.memory_info().rss / 1e6),
    }


async def _open(url: str, ids: list[str]) -> None:
    """Wait for the media process, and let these people into the call."""
    for _ in range(100):
        try:
            httpx.get(url)
            break
        except httpx.HTTPError:
            await asyncio.sleep(0.1)
    wish = {"room": ROOM, "record": False, "people": [{"id": id} for id in ids]}
    headers = {"Authorization": f"Bearer {control_key(SECRET)}"}
    httpx.put(f"{url}/control/calls", json={"rooms": [wish]}, headers=headers).raise_for_status()


def _part(url: str, ids: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.bench.calls", "attend", url, *ids]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(part: "subprocess.Popen[str]") -> str:
    assert part.stdout
    line = part.stdout.readline()
    assert line, "a process of participants has ended"
    return line


def _counts(parts: list["subprocess.Popen[str]"]) -> np.ndarray:
    """[voices that came, pictures, voices that were sent] of everybody so far."""
    for one in parts:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    return np.array([row for one in parts for row in json.loads(_line(one))])


if __name__ == "__main__" and sys.argv[1:2] == ["attend"]:
    asyncio.run(attend(sys.argv[2], sys.argv[3:]))
elif __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    length = float(sys.argv[2]) if len(sys.argv) > 2 else 15.0
    print(json.dumps(asyncio.run(measure(count, length))))
