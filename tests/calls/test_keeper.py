"""The media process's calls follow the log, and what it sees comes back into it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from dispatch.city import City
from dispatch.models import party
from dispatch.models import recording as recording_table
from streams.call_keeper import GRACE_MS, CallKeeper
from streams.names import Names
from tests.dispatch.centre import Centre
from tests.stack import free_port
from video.process import MediaSettings, assemble
from video.server import control_key

SECRET = "0123456789abcdef0123456789abcdef"


class Media:
    """The real media process's doors, in a thread."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self._up, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._up.wait(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._running.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        async def begin() -> None:
            own = MediaSettings("127.0.0.1", self.port, SECRET, ("127.0.0.1",),
                                recordings=self._folder)  # fmt: skip
            self._running = web.AppRunner(assemble(own))
            await self._running.setup()
            await web.TCPSite(self._running, "127.0.0.1", self.port).start()
            self._up.set()

        self._loop.create_task(begin())
        self._loop.run_forever()


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Media]:
    opened = Media(tmp_path / "recordings")
    yield opened
    opened.stop()


@pytest.fixture
def keeper(centre: Centre, city: City, media: Media, tmp_path: Path) -> CallKeeper:
    names = Names(city, lambda key: {"zh": key, "en": key})
    address = f"http://127.0.0.1:{media.port}"
    key, folder = control_key(SECRET), tmp_path / "recordings"
    return CallKeeper(
        centre.database, centre.writer, names, address, key, folder, now=lambda: centre.now
    )


def test_who_never_came_is_said_to_be_away(centre: Centre, keeper: CallKeeper) -> None:
    on = centre.does("officer", "call.open", incident=centre.incident(type="other")[0])["call"]
    centre.does("leader", "call.join", call=on)
    keeper.keep()
    assert keeper.up
    assert _state(centre, "leader") == "JOINED"
    centre.now += GRACE_MS + 1_000
    keeper.keep()
    assert _state(centre, "leader") == "AWAY"
    assert centre.told(on)[-1] == "CallLost"


def test_a_dead_media_process_is_no_reason_to_stop(
    centre: Centre, city: City, tmp_path: Path
) -> None:
    names = Names(city, lambda key: {"zh": key, "en": key})
    address = f"http://127.0.0.1:{free_port()}"
    lost = CallKeeper(centre.database, centre.writer, names, address, "x", now=lambda: centre.now)
    centre.does("officer", "call.open", incident=centre.incident(type="other")[0])
    centre.does("leader", "call.open", unit="FIR-E-01")
    lost.keep()
    assert not lost.up


def test_what_was_left_unfinished_is_stored_and_told_once(
    centre: Centre, keeper: CallKeeper, tmp_path: Path, media: Media
) -> None:
    on = centre.does("officer", "call.open", incident=centre.incident(type="other")[0])["call"]
    manifest = (
        f'{{"file": "{on}/leader@1795233600000.webm", "call": "{on}", "participant": "leader",'
        ' "started_at": 1, "ended_at": 2, "bytes": 3, "sha256": "' + "b" * 64 + '",'
        ' "tracks": {"audio": {"codec": "opus", "frames": 2, "gaps": []}}}'
    )
    media.stop()
    folder = tmp_path / "recordings" / on
    folder.mkdir(parents=True)
    (folder / "leader@1795233600000.webm.json").write_text(manifest)
    again = Media(tmp_path / "recordings")
    keeper._door.base_url = f"http://127.0.0.1:{again.port}"
    for _ in range(50):
        keeper.keep()
        if centre.rows(recording_table):
            break
    keeper.keep()
    (row,) = centre.rows(recording_table)
    assert (row["call"], row["party"]) == (on, "leader")
    assert (folder / "leader@1795233600000.webm.stored").exists()
    keeper.keep()
    assert [e.type for e in centre.events()].count("RecordingStored") == 1
    again.stop()
    media.__init__(tmp_path / "other")  # type: ignore[misc]


def _state(centre: Centre, name: str) -> str:
    (row,) = centre.rows(party, party.c.party == name)
    return str(row["state"])
