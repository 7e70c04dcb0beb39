"""One sound of many voices, without the listener's own: for large calls and for weak networks."""

import asyncio
import logging
from collections import deque
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from video.private import RtpPacket
from video.sfu import Source, Stream

log = logging.getLogger(__name__)

RATE = 48_000
SAMPLES = 960  # of a frame of 20 ms
FRAME_S = SAMPLES / RATE
PREFILL = 2  # frames a voice waits before it is mixed: what a late packet may be late
MOST = 6  # frames kept of a voice; a burst beyond that is dropped, so nobody lags behind
BITRATE = 32_000  # bits a second: a voice, not music
EFFORT = 4  # of 10: a third of the encoder's time is saved and no ear tells
Sound = NDArray[np.int16]


class Voice:
    """One participant's sound, decoded, waiting to be mixed."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._decoder = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate = RATE
        self._decoder.layout = "mono"
        self._decoder.format = "s16"
        self._frames: deque[Sound] = deque(maxlen=MOST)
        self._playing = False
        source.followers.append(self._heard)

    def close(self) -> None:
        if self._heard in self.source.followers:
            self.source.followers.remove(self._heard)

    def take(self) -> Sound | None:
        """The next 20 ms, or None while there is nothing."""
        if not self._playing and len(self._frames) < PREFILL:
            return None
        self._playing = bool(self._frames)
        return self._frames.popleft() if self._playing else None

    def _heard(self, _packet: RtpPacket, data: bytes) -> None:
        try:
            frames = self._decoder.decode(av.Packet(data))
        except av.FFmpegError as error:
            log.debug("a packet of %s cannot be decoded: %s", self.source.owner, error)
            return
        for frame in frames:
            sound = frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)
            for start in range(0, len(sound) - SAMPLES + 1, SAMPLES):
                self._frames.append(sound[start : start + SAMPLES])


class Blend(Stream):
    """What one listener hears of all others, as one Opus stream."""

    def __init__(self, listener: str) -> None:
        super().__init__("audio", "", "opus")
        self.listener = listener
        self._encoder = av.CodecContext.create("libopus", "w")
        self._encoder.sample_rate = RATE
        self._encoder.layout = "mono"
        self._encoder.format = "s16"
        self._encoder.time_base = Fraction(1, RATE)
        self._encoder.bit_rate = BITRATE
        self._encoder.options = {"application": "voip", "compression_level": str(EFFORT)}
        self._seq = self._pts = 0

    async def play(self, sound: Sound) -> None:
        """Send 20 ms of sound to the listener's slot."""
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._pts
        frame.time_base = Fraction(1, RATE)
        for packet in self._encoder.encode(frame):
            made = RtpPacket(0, 0, self._seq, self._pts, 0, bytes(packet))
            await self.spread(made)
            self._seq = (self._seq + 1) % (1 << 16)
        self._pts = (self._pts + SAMPLES) % (1 << 32)


def next_frame(due: float, now: float) -> float:
    """When the frame after that of `due` is to be mixed, in seconds.

    After a pause as many frames are caught up as the voices have kept; beyond them is only silence.
    """
    return max(due + FRAME_S, now - MOST * FRAME_S)


class Mixer:
    """Mixes a room's voices for those who listen to the mix; costs nothing while nobody does."""

    def __init__(self) -> None:
        self._voices: dict[str, Voice] = {}
        self._blends: dict[str, Blend] = {}
        self._task: asyncio.Task[None] | None = None

    def listen(self, listener: str) -> Blend:
        """The mix for one listener; it runs until `leave`."""
        if listener not in self._blends:
            self._blends[listener] = Blend(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return self._blends[listener]

    def leave(self, listener: str) -> None:
        blend = self._blends.pop(listener, None)
        for slot in tuple(blend.slots) if blend else ():
            slot.feed(None)
        if not self._blends:
            self.close()

    def voices(self, sources: dict[str, Source]) -> None:
        """Mix these voices, one a participant, from now on."""
        wanted = sources if self._blends else {}
        for owner, voice in tuple(self._voices.items()):
            if wanted.get(owner) is not voice.source:
                self._voices.pop(owner).close()
        for owner, source in wanted.items():
            if owner not in self._voices:
                self._voices[owner] = Voice(source)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._blends.clear()
        self.voices({})

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = next_frame(due, loop.time())
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._tick()

    async def _tick(self) -> None:
        heard = {owner: voice.take() for owner, voice in self._voices.items()}
        total = np.zeros(SAMPLES, np.int32)
        for sound in heard.values():
            if sound is not None:
                total += sound
        for blend in tuple(self._blends.values()):
            own = heard.get(blend.listener)
            mixed = total if own is None else total - own
            await blend.play(np.clip(mixed, -32_768, 32_767).astype(np.int16))
