"""Whether a source would play: opened once, read for a moment, and left again."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from pydantic import BaseModel, ConfigDict, Field

from video import annexb
from video.addresses import Allowed, NotAllowed
from video.chain import NotPlayable, Through, hindrance
from video.source import Kind, Source, open_source, reason_of

log = logging.getLogger(__name__)

READ_S = 4.0  # two groups of pictures of a camera as it should be set
ENOUGH = 2  # keyframes: their distance is then known


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str = Field(max_length=2_000)
    kind: Kind


class Probe:
    """Answers the web's control. transcodes: whether what cannot be passed on may be encoded."""

    def __init__(self, allowed: Allowed, folder: Path | None, transcodes: bool) -> None:
        self._allowed, self._folder, self._transcodes = allowed, folder, transcodes

    async def __call__(self, body: Any) -> dict[str, Any]:
        """{playable, reason, codec, width, height, fps, gop_s, bframes}"""
        asked = Asked.model_validate(body)
        if asked.kind == "whep":
            reason = await asyncio.to_thread(self.reach, asked.url)
            return _told(not reason, reason)
        return await asyncio.to_thread(self.look, Source("probe", asked.url, asked.kind))

    def look(self, source: Source) -> dict[str, Any]:
        """Blocks some seconds."""
        try:
            with open_source(source, self._allowed, self._folder) as container:
                return self._read(container)
        except (OSError, ValueError, EOFError, av.FFmpegError, NotAllowed) as error:
            return _told(False, reason_of(error))
        except Exception:  # a source must not do to us what nobody foresaw
            log.exception("a source cannot be tried")
            return _told(False, "failed")

    def reach(self, url: str) -> str:
        """Why another engine may not be asked; it is asked only when somebody looks."""
        try:
            self._allowed.resolve(url)
        except NotAllowed:
            return "not_allowed"
        return ""

    def _read(self, container: InputContainer) -> dict[str, Any]:
        if not container.streams.video:
            return _told(False, "no_video")
        stream = container.streams.video[0]
        own = stream.codec_context
        facts = {"codec": own.name, "width": own.width, "height": own.height}
        reason = hindrance(stream)
        if not reason:
            reason, more = _pass_through(container)
            facts |= more
        playable = not reason or (self._transcodes and reason in ("bframes", "h265", "codec"))
        return _told(playable, reason, bframes=reason == "bframes", **facts)


def _pass_through(container: InputContainer) -> tuple[str, dict[str, Any]]:
    """Why it cannot be passed through, and what was counted meanwhile."""
    stream = container.streams.video[0]
    chain, began, count = Through(stream), time.monotonic(), 0
    keys: list[int] = []
    ticks: list[int] = []
    try:
        for packet in container.demux(stream):
            for unit, at in chain.take(packet):
                count += 1
                ticks += [at] if at is not None else []
                keys += [at or 0] if annexb.is_keyframe(unit) else []
            if len(keys) > ENOUGH or time.monotonic() - began > READ_S:
                break
    except NotPlayable as error:
        return error.reason, {}
    span = (ticks[-1] - ticks[0]) / 90_000 if len(ticks) > 1 else 0.0
    facts = {"fps": round((len(ticks) - 1) / span, 1) if span else 0.0}
    facts["gop_s"] = round((keys[1] - keys[0]) / 90_000, 2) if len(keys) > 1 else 0.0
    return ("" if keys else "no_keyframe"), facts


def _told(playable: bool, reason: str, **facts: Any) -> dict[str, Any]:
    empty = {"codec": "", "width": 0, "height": 0, "fps": 0.0, "gop_s": 0.0, "bframes": False}
    return {"playable": playable, "reason": reason, **empty, **facts}
