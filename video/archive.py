"""Where recordings stand: written by one thread, told until the desk's log has taken them."""

import json
import logging
import queue
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av

from video.reel import PART, Track, seal

log = logging.getLogger(__name__)

STORED = ".stored"
NAME = re.compile(r"[\w.-]{1,64}@\d{13}\.(webm|mp4)", re.A)
FEED = re.compile(r"(cam|drone|phone)\.[\w.-]+", re.A)
Job = Callable[[], dict[str, Any] | None]
"""Writes something; gives a manifest when a file is finished."""


class Archive:
    """Files under `folder`: `<call>/<participant>@<ms>`, `<incident>/cam.<id>@<ms>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: dict[str, dict[str, Any]] = {}
        self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
        self._thread.start()
        self.post(self._recover)

    def post(self, job: Job) -> None:
        """Let the thread do it, after all that was posted before."""
        self._jobs.put(job)

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
        while (job := self._jobs.get()) is not None:
            try:
                manifest = job()
            except Exception:
                log.exception("a recording could not be written")
                continue
            if manifest is not None:
                self._done[manifest["file"]] = manifest

    def _recover(self) -> None:
        """What an earlier process finished and nobody took; what it left open is closed."""
        for part in sorted(self.folder.glob(f"*/*{PART}")):
            name = part.name.removesuffix(PART)
            if NAME.fullmatch(name):
                try:
                    seal(part.with_name(name), salvage(part))
                except (OSError, av.FFmpegError) as error:
                    log.warning("%s cannot be salvaged: %s", part.name, error)
        for beside in sorted(self.folder.glob("*/*.json")):
            manifest = json.loads(beside.read_text(encoding="utf-8"))
            if not (self.folder / f"{manifest['file']}{STORED}").exists():
                self._done[manifest["file"]] = manifest


def salvage(part: Path) -> dict[str, Any]:
    """What can be said of a file whose process was killed: it ends with its last whole frame."""
    owner, _, rest = part.name.partition("@")
    started = int(rest[:13])
    last, counts = 0.0, {"audio": 0, "video": 0}
    with av.open(str(part)) as file:
        for packet in file.demux():
            if packet.pts is not None and packet.time_base is not None:
                last = max(last, float(packet.pts * packet.time_base))
                counts[packet.stream.type] += 1
        tracks = {one.type: Track(one.codec_context.name, counts[one.type]) for one in file.streams}
    return {
        **whose(part.parent.name, owner),
        "started_at": started,
        "ended_at": started + round(last * 1000),
        "tracks": {kind: asdict(track) for kind, track in tracks.items()},
        "salvaged": True,
    }


def whose(folder: str, owner: str) -> dict[str, str]:
    """What a file's place says of it."""
    if FEED.fullmatch(owner):
        return {"incident": folder, "feed": owner.replace(".", "/", 1)}
    return {"call": folder, "participant": owner}
