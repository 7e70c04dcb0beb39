"""What a web process runs for its screens: hub, doorbell and positions, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.vocabulary import REAL
from streams.background import Task, every
from streams.doorbell import Doorbell
from streams.hub import Hub
from streams.look import Board
from streams.ports import Emit, PanelLike, Together
from streams.positions import CHANNEL, Positions
from streams.writing import Writing

BEAT_S = 1.0
LOOK_S = 0.3  # so late at most is a screen when no bell rings
WATCH_S = 0.2
FRAME_S = 1.0  # positions are sent at most so often
STORED_S = 15.0  # as often places are stored, and read back while no other process tells us


@dataclass(frozen=True)
class Live:
    """The parts; `doorbell.ring` is what the writer calls after each commit."""

    hub: Hub
    doorbell: Doorbell
    positions: Positions
    database: Database
    emit: Emit
    now: Callable[[], int]
    realm: str
    writing: Writing

    def tasks(self) -> list[Task]:
        """What must run beside the doors until the process ends."""
        return [
            self.hub.run,
            self.doorbell.publish,
            self.doorbell.listen,
            every(BEAT_S, self._beat, "the heartbeat"),
            every(WATCH_S, self._watch_writing, "watching what is written"),
            self.writing.run,
            every(LOOK_S, self.hub.look, "looking at the log"),
            every(FRAME_S, self._send_positions, "sending positions"),
            every(FRAME_S, lambda: self.positions.watch(self.database, self.realm), "unit states"),
            every(STORED_S, self._load_positions, "reading positions"),
        ]

    def _beat(self) -> None:
        self.hub.beat(self.doorbell.alive, self.writing.works)

    def _watch_writing(self) -> None:
        """That nothing can be written, or can again, is not kept until the next beat."""
        self.writing.heard(self.hub.cursor)
        if self.writing.turned():
            self._beat()

    def _send_positions(self) -> None:
        self.positions.send(self.emit, self.hub.audiences(), self.now())

    def _load_positions(self) -> None:
        if not self.doorbell.alive:
            self.positions.load(self.database, self.now(), self.realm)


def live(
    database: Database,
    board: Board,
    panels: Mapping[str, PanelLike],
    texts: Callable[[str], Any],
    emit: Emit,
    redis_url: str,
    writing: Writing,
    now: Callable[[], int] = now_ms,
    realm: str = REAL,
    together: Together | None = None,
) -> Live:
    """Put a process's live parts together; the last stored positions are read at once."""
    hub = Hub(database, board, panels, texts, emit, now, realm, together)
    positions = Positions(board.city)
    bell = Doorbell(redis_url, hub.rang, hub.heard, also={CHANNEL: positions.hear})
    positions.publish = bell.say
    positions.load(database, now(), realm)
    return Live(hub, bell, positions, database, emit, now, realm, writing)
