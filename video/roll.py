"""One owner's row of files: begun, written and ended by the archive's thread, one after another.

What cannot be written is never lost in silence: the file ends there, the next one begins as soon
as it can be opened, and carries the stretch between them as a gap.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from video.archive import Archive
from video.reel import Kind, Reel

log = logging.getLogger(__name__)


def nothing(_reel: Reel) -> None:
    """Add nothing to a file that ends."""


class Roll:
    """Called in the event loop. `_reel` is touched by the writing thread alone."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive, self._name = archive, name
        self._reel: Reel | None = None
        self._failed_at: int | None = None  # set by the writing thread
        self._told = False  # of this trouble; touched by the writing thread alone
        self._missing: int | None = None  # since when nothing is kept, ms UTC

    @property
    def broken(self) -> bool:
        """Whether what is given now is not kept: end the file, and begin another."""
        return self._failed_at is not None or self._missing is not None

    def begin(self, stem: Path, facts: dict[str, Any], kinds: set[Kind], at: int,
              codec: str = "", first: bytes = b"") -> bool:  # fmt: skip
        """Open the next file; see Reel. False: so much waits to be written that this may not."""
        since = self._missing

        def make() -> None:
            try:
                reel = Reel(stem, facts, kinds, at, codec, first)
            except Exception as error:  # a full disk, or whatever the container finds amiss
                self._fail(at if since is None else since, error)
                return
            if since is not None:
                reel.miss(since)
                log.warning("%s is written again, %s ms are missing", self._name, at - since)
            self._reel, self._told = reel, False

        if not self._archive.post(make, len(first)):
            self._drop(at)
            return False
        self._missing = None
        return True

    def write(self, kind: Kind, data: bytes, at: int, key: bool) -> None:
        """Write one frame as it is."""

        def put() -> dict[str, Any] | None:
            if self._reel is None:
                return None
            try:
                self._reel.write(kind, data, at, key)
            except Exception as error:
                self._fail(at, error)
                reel, self._reel = self._reel, None
                return reel.finish(at)
            return None

        if self._missing is None and not self._archive.post(put, len(data)):
            self._drop(at)

    def end(self, at: int, last: Callable[[Reel], None] = nothing) -> None:
        """Finish the file. last: what it is told before that."""
        if self._failed_at is not None:
            self._missing = self._failed_at if self._missing is None else self._missing
            self._failed_at = None

        def close() -> dict[str, Any] | None:
            reel, self._reel = self._reel, None
            if reel is None:
                return None
            last(reel)
            return reel.finish(at)

        self._archive.post(close)

    def _drop(self, at: int) -> None:
        if self._missing is None:
            self._missing = at
            log.warning("%s is not written: the disk does not keep up", self._name)

    def _fail(self, at: int, error: Exception) -> None:
        self._failed_at = at
        if not self._told:
            log.warning("%s is not written: %s", self._name, error)
        self._told = True
