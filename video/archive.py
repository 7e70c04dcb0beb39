"""Where recordings stand: written by one thread, told until the desk's log has taken them."""

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from video.salvage import STORED, left_behind

log = logging.getLogger(__name__)

MOST = 256 << 20  # bytes that wait for the disk: some 25 s of twenty cameras
EACH = 500  # bytes of a job itself
Job = Callable[[], dict[str, Any] | None]
"""Writes something; gives a manifest when a file is finished."""


class Archive:
    """Files under `folder`: `<call>/<participant>@<ms>`, `<incident>/cam.<id>@<ms>`.

    most: bytes that may wait to be written.
    """

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder = folder
        self._jobs: queue.SimpleQueue[tuple[Job, int] | None] = queue.SimpleQueue()
        self.most, self._waiting = most, 0
        self._counting = threading.Lock()
        self._done: dict[str, dict[str, Any]] = {}
        self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
        self._thread.start()
        self.post(self._recover)

    @property
    def waiting(self) -> int:
        """Bytes that wait to be written."""
        return self._waiting

    def post(self, job: Job, size: int = 0) -> bool:
        """Let the thread do it, after all that was posted before; False if too much waits.

        size: bytes that it holds; what holds none is always taken.
        """
        held = size + EACH if size else 0
        with self._counting:
            if held and self._waiting + held > self.most:
                return False
            self._waiting += held
        self._jobs.put((job, held))
        return True

    def finished(self) -> list[dict[str, Any]]:
        """Manifests of finished files that the log has not taken yet."""
        return list(self._done.values())

    def stored(self, files: Iterable[str]) -> None:
        """The log has these."""
        for name in files:
            if self._done.pop(name, None) is not None:
                (self.folder / f"{name}{STORED}").touch()

    def close(self) -> None:
        """Write what is posted, then stop."""
        self._jobs.put(None)
        self._thread.join(10)

    def _work(self) -> None:
        while (next := self._jobs.get()) is not None:
            job, held = next
            try:
                manifest = job()
            except Exception:
                log.exception("a recording could not be written")
                manifest = None
            finally:
                with self._counting:
                    self._waiting -= held
            if manifest is not None:
                self._done[manifest["file"]] = manifest

    def _recover(self) -> None:
        """What an earlier process finished and nobody took; what it left open is closed."""
        for manifest in left_behind(self.folder):
            self._done[manifest["file"]] = manifest
