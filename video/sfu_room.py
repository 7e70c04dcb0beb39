"""One call: who sends, who receives, and who of them is heard and seen by whom."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from video.mix import Mixer
from video.record_call import CallRecorder
from video.sfu import Kind, Source
from video.sfu_ears import Ears
from video.sfu_pair import Pairing

log = logging.getLogger(__name__)

BEAT_S = 0.5
HERE_S = 5.0  # who has been heard within this is in the call
SPEAKS = 77  # loudness (0 silent to 127) of a voice in a quiet room: -50 dBov


@dataclass(frozen=True)
class Person:
    """What the desk says of a participant."""

    id: str
    name: str = ""
    muted: bool = False
    hand: bool = False


@dataclass
class Caller:
    """A participant who is connected. since: ms UTC of the first connection."""

    id: str
    since: int
    sources: dict[Kind, Source] = field(default_factory=dict)
    ears: Ears | None = None


class Room:
    """A call.

    people: those who may be in it, as the desk last said; None until it has. direct: two who are
    alone may speak to each other without us.
    """

    def __init__(
        self, name: str, recorder: CallRecorder | None = None, direct: bool = False
    ) -> None:
        self.name = name
        self.callers: dict[str, Caller] = {}
        self.people: dict[str, Person] | None = None
        self._recent: list[str] = []
        self._mixer = Mixer()
        self._recorder, self._recording = recorder, False
        self._task: asyncio.Task[None] | None = None
        self._pairing = Pairing(self) if direct else None

    @property
    def recording(self) -> bool:
        return self._recording

    @property
    def empty(self) -> bool:
        return not self.callers

    def caller(self, id: str) -> Caller:
        """The participant, connected from now on."""
        if id not in self.callers:
            self.callers[id] = Caller(id, round(time.time() * 1000))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return self.callers[id]

    def publish(self, id: str, sources: Sequence[Source]) -> None:
        """A participant sends: these sources come in the place of those he sent before."""
        caller = self.caller(id)
        self._unpublish(caller)
        caller.sources = {one.kind: one for one in sources}
        for source in sources:
            source.began = self.arrange
        self._hush(caller)
        if self._recording and self._recorder:
            self._recorder.follow(self.name, sources)
        self.arrange()

    def unpublish(self, id: str, sources: Sequence[Source]) -> None:
        """These sources have ended; newer ones of the same participant stay."""
        caller = self.callers.get(id)
        if caller is None or list(caller.sources.values()) != list(sources):
            return
        self._unpublish(caller)
        self._forget(caller)

    def listen(self, id: str, ears: Ears) -> None:
        caller = self.caller(id)
        if caller.ears is not None:
            caller.ears.close()
        caller.ears = ears
        if self._pairing:
            ears.signalled = partial(self._pairing.pass_on, id)

    def unlisten(self, id: str, ears: Ears) -> None:
        ears.close()
        caller = self.callers.get(id)
        if caller is None or caller.ears is not ears:
            return
        caller.ears = None
        self._mixer.leave(id)
        self._forget(caller)

    def apply(self, people: Mapping[str, Person], record: bool) -> list[str]:
        """What the desk wants; gives those who are here and may not be."""
        self.people = dict(people)
        for caller in self.callers.values():
            self._hush(caller)
        if record != self._recording and self._recorder:
            self._record(record)
        self._recording = record
        self.arrange()
        return [id for id in self.callers if id not in people]

    def arrange(self) -> None:
        """Give everybody's slots their streams, and say who is where."""
        voices = {id: one.sources["audio"] for id, one in self.callers.items()
                  if "audio" in one.sources}  # fmt: skip
        for caller in tuple(self.callers.values()):
            if caller.ears is None or not caller.ears.ready:
                continue
            others = [source for id, source in voices.items() if id != caller.id]
            caller.ears.hear(others, self._mixer)
            caller.ears.see(self._pictures(caller.id))
            caller.ears.tell({**self._said(), "direct": self._partner(caller.id)})
        self._mixer.voices(voices)

    def status(self) -> dict[str, Any]:
        """Who is connected, as the control door shows it."""
        return {"room": self.name, "callers": [_status(one) for one in self.callers.values()]}

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._mixer.close()
        if self._recorder:
            self._recorder.stop(self.name)

    def _pictures(self, viewer: str) -> list[Source]:
        """Pictures of the others, who spoke last first; the rest in the order they came."""
        order = {id: place for place, id in enumerate(self._recent)}
        others = [one for one in self.callers.values() if one.id != viewer and _shows(one)]
        others.sort(key=lambda one: (order.get(one.id, len(order)), one.since))
        return [one.sources["video"] for one in others]

    def _said(self) -> dict[str, Any]:
        people = (self.people or {}).values()
        return {
            "type": "room",
            "people": [{**asdict(one), "here": one.id in self.callers} for one in people],
            "recording": self._keeps(),
            "speaks": self._recent[0] if self._recent else None,
        }

    def _keeps(self) -> bool | None:
        """Whether what is said here is written down; None as long as nobody has said."""
        if self.people is None:
            return None
        return self._recording and self._recorder is not None

    def _partner(self, id: str) -> dict[str, Any] | None:
        return self._pairing.partner(id) if self._pairing else None

    def _hush(self, caller: Caller) -> None:
        person = (self.people or {}).get(caller.id)
        if person is not None and "audio" in caller.sources:
            caller.sources["audio"].mute(person.muted)

    def _unpublish(self, caller: Caller) -> None:
        gone, caller.sources = list(caller.sources.values()), {}
        if self._recorder:
            self._recorder.leave(self.name, gone)
        for source in gone:
            source.close()

    def _forget(self, caller: Caller) -> None:
        if not caller.sources and caller.ears is None:
            self.callers.pop(caller.id, None)
            self._recent = [one for one in self._recent if one != caller.id]
        self.arrange()

    def _record(self, on: bool) -> None:
        assert self._recorder is not None
        if not on:
            self._recorder.stop(self.name)
            return
        for caller in self.callers.values():
            self._recorder.follow(self.name, list(caller.sources.values()))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                self._beat()
            except Exception:
                log.exception("call %s could not be arranged", self.name)

    def _beat(self) -> None:
        now = time.monotonic()
        for caller in self.callers.values():
            for source in caller.sources.values():
                source.measure(now)
            if caller.ears is not None:
                caller.ears.line.judge(caller.ears.sending(), now)
        self._follow_speaker()
        self.arrange()
        self._tell_levels()

    def _follow_speaker(self) -> None:
        loud = {id: _loudness(one) for id, one in self.callers.items()}
        best = max(loud, key=loud.__getitem__, default=None)
        if best is not None and loud[best] > SPEAKS and self._recent[:1] != [best]:
            self._recent = [best, *(one for one in self._recent if one != best)]

    def _tell_levels(self) -> None:
        levels = {id: round(_loudness(one)) for id, one in self.callers.items()}
        text = json.dumps({"type": "levels", "levels": levels})
        for caller in self.callers.values():
            if caller.ears is not None:
                caller.ears.send(text)


def _shows(caller: Caller) -> bool:
    """Whether a picture has come lately: a camera that is off takes no slot."""
    source = caller.sources.get("video")
    return source is not None and time.monotonic() - source.heard_at < 3.0


def _loudness(caller: Caller) -> float:
    source = caller.sources.get("audio")
    return source.loudness if source is not None and not source.muted else 0.0


def _status(caller: Caller) -> dict[str, Any]:
    ears = caller.ears
    recently = time.monotonic() - HERE_S
    heard = any(one.heard_at > recently for one in caller.sources.values())
    return {
        "participant": caller.id,
        "since": caller.since,
        "present": heard or (ears is not None and ears.ready),
        "sends": sorted(kind for kind in caller.sources),
        "lost": round(ears.line.lost, 3) if ears else None,
        "pictures": ears.wanted if ears else 0,
    }
