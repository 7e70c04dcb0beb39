"""Whether a feed's picture can be believed: moving, standing still, black, or gone."""

from collections import deque
from typing import Any, Literal

from video.reader import Packet

State = Literal["idle", "opening", "live", "frozen", "black", "dead"]
SILENT_MS = 1_500  # the screen says it within 3 s, after two more steps of at most a second
PAUSES = 4  # of a slow camera's usual pauses, before silence counts
SAME_MS = 1_600
WINDOW = 100  # packets by which rate and pauses are counted
FRESH_MS = 10_000


class Health:
    """Fed with packets and findings; answers what the feed is."""

    def __init__(self) -> None:
        self.state: State = "idle"
        self.reason = ""
        self._since = 0
        self._last = 0
        self._changed_at = 0  # when the picture last was another one
        self._looked_at = 0  # when it was last looked at: no look, no verdict
        self._black = False
        self._recent: deque[tuple[int, int]] = deque(maxlen=WINDOW)

    def opening(self, now: int) -> None:
        self._become("opening", now)

    def came(self, packet: Packet) -> None:
        if not self._recent or packet.at - self._last > FRESH_MS:
            self._recent.clear()
        self._last = packet.at
        self._recent.append((packet.at, len(packet.data)))
        if self.state not in ("live", "black", "frozen") and packet.keyframe:
            self._changed_at, self._black = packet.at, False
            self._become("live", packet.at)
        elif self.state == "frozen" and self.reason == "no_packets":
            self._changed_at = packet.at
            self._become("live", packet.at)

    def failed(self, reason: str, now: int) -> None:
        if self.state != "dead" or self.reason != reason:
            since = self._since if self.state == "dead" else self._last or now
            self._become("dead", since, reason)

    def seen(self, moved: bool, black: bool, at: int) -> None:
        """What a look at the pictures found: whether they move, and whether they are black."""
        self._looked_at = at
        if moved:
            self._changed_at = at
        self._black = black

    def tick(self, now: int) -> None:
        if self.state not in ("live", "frozen", "black"):
            return
        if now - self._last > self._patience():
            self._become("frozen", self._last, "no_packets")
        elif self._black:
            self._become("black", now)
        elif self._looked_at - self._changed_at > SAME_MS:
            self._become("frozen", self._changed_at, "same_picture")
        else:
            self._become("live", now)

    def fresh(self) -> bool:
        """Whether the kept pictures are of now."""
        return self.state in ("live", "black", "frozen")

    def status(self, now: int) -> dict[str, Any]:
        span = self._recent[-1][0] - self._recent[0][0] if len(self._recent) > 1 else 0
        moving = span > 0 and now - self._last < FRESH_MS
        return {
            "state": self.state,
            "reason": self.reason,
            "since": self._since or None,
            "last_frame_at": self._last or None,
            "fps": round((len(self._recent) - 1) * 1000 / span, 1) if moving else 0.0,
            "kbps": round(sum(size for _, size in self._recent) * 8 / span) if moving else 0,
        }

    def _patience(self) -> float:
        """A camera of one picture a second is not frozen between two of them."""
        if len(self._recent) < 2:
            return SILENT_MS
        span = self._recent[-1][0] - self._recent[0][0]
        return max(SILENT_MS, PAUSES * span / (len(self._recent) - 1))

    def _become(self, state: State, since: int, reason: str = "") -> None:
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason, self._since = state, reason, since
