"""People in a call, for tests: stock aiortc connections that send a tone and a picture."""

import asyncio
import fractions
import json
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack

from video.calls import Calls
from video.tokens import Claims

FAR = 4_000_000_000_000
RATE = 48_000
PATIENCE_S = 10.0
ALONE = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)


@dataclass(frozen=True)
class Offer:
    sdp: str


class Tone(AudioStreamTrack):
    """A sine of one pitch: who hears it can tell whose it is."""

    def __init__(self, hertz: int, loud: float = 0.5) -> None:
        super().__init__()
        self.hertz, self.loud = hertz, loud

    async def recv(self) -> av.AudioFrame:
        frame = await super().recv()
        at = frame.pts * RATE // frame.sample_rate
        wave = np.sin(2 * np.pi * self.hertz * (np.arange(960) + at) / RATE)
        made = av.AudioFrame.from_ndarray(
            (wave * 32_000 * self.loud).astype(np.int16).reshape(1, -1), "s16", "mono"
        )
        made.sample_rate, made.pts, made.time_base = RATE, at, fractions.Fraction(1, RATE)
        return made


class Shade(VideoStreamTrack):
    """A picture of one grey: who sees it can tell whose it is."""

    def __init__(self, grey: int) -> None:
        super().__init__()
        self.grey = grey

    async def recv(self) -> av.VideoFrame:
        pts, base = await self.next_timestamp()
        await asyncio.sleep(1 / 60)  # about 15 pictures a second
        plane = np.full((180, 160), 128, np.uint8)
        plane[:120] = self.grey
        made = av.VideoFrame.from_ndarray(plane, "yuv420p")
        made.pts, made.time_base = pts, base
        return made


@dataclass
class Party:
    """One participant; what he hears and sees stands in `heard` and `seen` by slot."""

    calls: Calls
    room: str
    id: str
    hertz: int = 440
    grey: int = 60
    peers: list[RTCPeerConnection] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)
    heard: dict[int, np.ndarray] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    frames: dict[int, int] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    channel: Any = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    picture: bool = True

    def claims(self, action: str, exp: int = FAR) -> Claims:
        return Claims(self.id, f"call/{self.room}/{self.id}", action, exp)  # type: ignore[arg-type]

    async def send(self) -> None:
        peer = self._peer()
        peer.addTrack(Tone(self.hertz))
        if self.picture:
            peer.addTrack(Shade(self.grey))
        await self._meet(peer, self.calls.publish, "whip")

    async def receive(self, audio: int = 4, video: int = 4) -> None:
        peer = self._peer()
        for kind in ["audio"] * audio + ["video"] * video:
            peer.addTransceiver(kind, direction="recvonly")
        self.channel = peer.createDataChannel("room")
        self.channel.on("message", self._told)
        await self._meet(peer, self.calls.play, "whep")
        slots: dict[str, int] = {"audio": 0, "video": 0}
        for one in peer.getTransceivers():
            follow = self._listen if one.kind == "audio" else self._watch
            self.tasks.append(asyncio.ensure_future(follow(one.receiver.track, slots[one.kind])))
            slots[one.kind] += 1

    async def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        for peer in self.peers:
            await peer.close()

    def slot_of(self, kind: str, owner: str) -> int | None:
        found = self.said.get("slots", {}).get(kind, [])
        return found.index(owner) if owner in found else None

    def told_of(self, id: str) -> dict[str, Any]:
        """What the call says of a person."""
        people = self.said.get("people", [])
        return next((one for one in people if one["id"] == id), {})

    def pitch(self, slot: int) -> float:
        """The strongest pitch heard in a slot."""
        wave = self.heard.get(slot)
        if wave is None or not wave.any():
            return 0.0
        return float(np.argmax(np.abs(np.fft.rfft(wave))) * RATE / len(wave))

    def strength(self, slot: int, hertz: int) -> float:
        """How strong a pitch is in a slot, of all that is heard there."""
        wave = self.heard.get(slot)
        if wave is None or not wave.any():
            return 0.0
        power = np.abs(np.fft.rfft(wave)) ** 2
        at = round(hertz * len(wave) / RATE)
        return float(power[max(0, at - 3) : at + 4].sum() / power.sum())

    def _peer(self) -> RTCPeerConnection:
        self.peers.append(RTCPeerConnection(ALONE))
        return self.peers[-1]

    async def _meet(self, peer: RTCPeerConnection, door: Any, action: str) -> None:
        await peer.setLocalDescription(await peer.createOffer())
        session = await door(self.claims(action), Offer(peer.localDescription.sdp))
        self.sessions.append(session)
        await peer.setRemoteDescription(RTCSessionDescription(session.answer, "answer"))

    def _told(self, text: str) -> None:
        said = json.loads(text)
        if said["type"] == "room":
            self.said = said

    async def _listen(self, track: MediaStreamTrack, slot: int) -> None:
        while True:
            frame = await track.recv()
            wave = frame.to_ndarray().reshape(-1).astype(float)
            if frame.layout.name == "stereo":
                wave = wave[::2]
            kept = self.heard.get(slot, np.zeros(0))
            self.heard[slot] = np.concatenate([kept, wave])[-9_600:]

    async def _watch(self, track: MediaStreamTrack, slot: int) -> None:
        while True:
            frame = await track.recv()
            self.seen[slot] = int(frame.to_ndarray(format="gray")[40:80, 40:80].mean())
            self.frames[slot] = self.frames.get(slot, 0) + 1


async def until(met: Any, what: str = "", patience: float = PATIENCE_S) -> None:
    """Wait until a condition holds. Raises AssertionError."""
    deadline = asyncio.get_running_loop().time() + patience
    while not met():
        assert asyncio.get_running_loop().time() < deadline, what or "it never came so far"
        await asyncio.sleep(0.05)


__all__ = ["Offer", "Party", "Shade", "Tone", "until"]
