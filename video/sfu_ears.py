"""What one participant receives: its slots, and how many pictures its line can take."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from aiortc import RTCDataChannel

from video.mix import Mixer
from video.private import Wire
from video.sfu import Kind, Slot, Source

log = logging.getLogger(__name__)

AUDIO_SLOTS = 4  # up to so many others are heard each by itself, more of them mixed
VIDEO_SLOTS = 4
LOSSY = 0.10  # of a slot's packets: the line is full
CALM_S = 8.0  # without loss before one more picture is tried
LEAKY = 0.02  # an estimate of the line counts only while packets are lost as well
PATIENCE = 3  # bad reports in a row before a picture is taken away
LONGEST_CALM_S = 64.0
MESSAGE_MAX = 16_384  # characters: what describes a direct line is the longest


class Line:
    """How many pictures a receiver's line takes: sound first, pictures as far as there is room."""

    def __init__(self) -> None:
        self.allowed = VIDEO_SLOTS
        self._bad, self._calm_s = 0, CALM_S
        self._changed_at = time.monotonic()
        self.lost = 0.0
        self.bitrate = 0

    def hear_loss(self, part: float) -> None:
        self.lost += 0.3 * (part - self.lost)
        self._bad = self._bad + 1 if part > LOSSY else 0

    def hear_bitrate(self, bits: int) -> None:
        self.bitrate = bits

    def judge(self, sending: int, now: float) -> bool:
        """Whether another number of pictures is right. sending: bits a second that go out now."""
        narrow = self.lost > LEAKY and 0 < self.bitrate < sending // 2
        full = self._bad >= PATIENCE or narrow
        if full and self.allowed > 0 and now - self._changed_at > 1.5:
            self._change(self.allowed - 1, now)
            self._calm_s = min(LONGEST_CALM_S, self._calm_s * 2)
            return True
        if not full and self.allowed < VIDEO_SLOTS and now - self._changed_at > self._calm_s:
            self._change(self.allowed + 1, now)
            return True
        return False

    def _change(self, allowed: int, now: float) -> None:
        self.allowed, self._changed_at, self._bad, self.bitrate = allowed, now, 0, 0


class Ears:
    """A participant's receiving end.

    asked: how many pictures the person wants; mixed: wants one mixed sound; direct: can speak to
    another without us; signalled: hears what is for that other.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.slots: dict[Kind, list[Slot]] = {"audio": [], "video": []}
        self.line = Line()
        self.asked, self.mixed = VIDEO_SLOTS, False
        self.ready = self.direct = False
        self.signalled: Callable[[dict[str, Any]], None] = lambda _signal: None
        self._channel: RTCDataChannel | None = None
        self._told = ""

    def add(self, slot: Slot, wire: Wire) -> None:
        self.slots[slot.kind].append(slot)
        if slot.kind == "video":
            wire.on_report(self.line.hear_bitrate, self.line.hear_loss)

    @property
    def wanted(self) -> int:
        """How many pictures are sent at most."""
        return min(self.asked, self.line.allowed, len(self.slots["video"]))

    def close(self) -> None:
        self.ready = False
        for kind in self.slots.values():
            for slot in kind:
                slot.feed(None)

    def hear(self, others: Sequence[Source], mixer: Mixer) -> None:
        """Give each voice a slot of its own, or the mix of all of them in the first one."""
        slots = self.slots["audio"]
        if self.mixed or len(others) > len(slots):
            blend = mixer.listen(self.owner)
            for slot in slots[1:]:
                slot.feed(None)
            if slots:
                slots[0].feed(blend)
            return
        mixer.leave(self.owner)
        place(slots, others)

    def see(self, ranked: Sequence[Source]) -> None:
        """Show the first of these pictures."""
        place(self.slots["video"], ranked[: self.wanted])

    def sending(self) -> int:
        """Bits a second of the pictures that go out."""
        streams = [slot.stream for slot in self.slots["video"]]
        return sum(one.rate for one in streams if isinstance(one, Source))

    def attach(self, channel: RTCDataChannel) -> None:
        self._channel, self._told = channel, ""
        channel.on("message", self._asked)

    def tell(self, said: dict[str, Any]) -> None:
        """Say over the data channel who is in which slot; what was said before is not repeated."""
        known = {
            **said,
            "slots": {kind: [_owner(one) for one in slots] for kind, slots in self.slots.items()},
            "wanted": self.wanted,
        }
        text = json.dumps(known, ensure_ascii=False)
        if text != self._told and self.send(text):
            self._told = text

    def send(self, text: str) -> bool:
        if self._channel is None or self._channel.readyState != "open":
            return False
        self._channel.send(text)
        return True

    def _asked(self, message: object) -> None:
        """{"video": 0..4, "sound": "each" or "mix", "direct": bool} or {"signal": {...}}.

        Anything else is not heard.
        """
        if not isinstance(message, str) or len(message) > MESSAGE_MAX:
            return
        try:
            asked = json.loads(message)
        except (ValueError, RecursionError):
            return
        if not isinstance(asked, dict):
            return
        if isinstance(signal := asked.get("signal"), dict):
            self.signalled(signal)
        self.direct = asked.get("direct", self.direct) is True
        video = asked.get("video")
        if isinstance(video, int) and 0 <= video <= VIDEO_SLOTS:
            self.asked = video
        if asked.get("sound") in ("each", "mix"):
            self.mixed = asked["sound"] == "mix"


def place(slots: Sequence[Slot], streams: Sequence[Source]) -> None:
    """Put streams into slots; who has one already stays where he is."""
    for slot in slots:
        if slot.stream is not None and slot.stream not in streams:
            slot.feed(None)
    seated = {slot.stream for slot in slots}
    free = [slot for slot in slots if slot.stream is None]
    waiting = [stream for stream in streams if stream not in seated]
    for slot, stream in zip(free, waiting, strict=False):
        slot.feed(stream)


def _owner(slot: Slot) -> str | None:
    if slot.stream is None:
        return None
    return slot.stream.owner or "*"  # the mix is everybody
