"""Who is behind catches up in turns with everybody else, or goes on from a later picture."""

import asyncio
import threading

from video.addresses import Allowed
from video.feed import BEHIND_MAX, GOP_MAX, Feed, Shot, Viewer
from video.reader import Bounds, Packet
from video.source import Source


def shot(number: int, keyframe: bool = False) -> Shot:
    return Shot(Packet(b"\x00\x00\x01\x65", number * 3_600, keyframe, 0))


async def _take(viewer: Viewer, taken: list[str], name: str, count: int) -> None:
    for _ in range(count):
        await viewer.next()
        taken.append(name)


def test_who_catches_up_takes_turns_with_the_others() -> None:
    """With fifty behind, each going to its end at once, the doors did not answer for seconds."""

    async def run() -> list[str]:
        taken: list[str] = []
        viewers = [Viewer([shot(n) for n in range(9)], lambda _: None) for _ in "ab"]
        await asyncio.gather(
            *(_take(viewer, taken, name, 9) for viewer, name in zip(viewers, "ab", strict=True))
        )
        return taken

    assert asyncio.run(run()) == ["a", "b"] * 9


def test_who_is_too_far_behind_goes_on_with_the_next_whole_picture() -> None:
    async def run() -> int:
        viewer = Viewer([], lambda _: None)
        for number in range(BEHIND_MAX + 5):
            viewer.put(shot(number, keyframe=number == 0))
        viewer.put(shot(1_000, keyframe=True))
        return (await viewer.next()).pts // 3_600

    assert asyncio.run(run()) == 1_000


class Silent:
    """Somebody who sends; the test gives what he sends."""

    def stop(self) -> None:
        """There is nothing to stop."""


def test_a_camera_of_rare_keyframes_shows_its_last_one_at_once() -> None:
    """Its start is longer than what is kept: who came then saw nothing before the next one."""

    async def run() -> list[int]:
        feed = Feed(Source("cam/a", "", "whip"), Bounds(Allowed(), threading.Semaphore(0)))
        feed.attach(Silent())
        for number in range(GOP_MAX + 50):
            feed.came(shot(number, keyframe=number == 0).packet)
        assert await feed.ready(0.1) == ""
        assert [one.pts for one in feed.gop] == [0]
        viewer = feed.watch()
        for number in range(1_000, 1_003):  # the first of them does not follow the kept one
            feed.came(shot(number, keyframe=number == 1_001).packet)
        seen = [(await viewer.next()).pts // 3_600 for _ in range(3)]
        assert len(feed.gop) == 2
        return seen

    assert asyncio.run(run()) == [0, 1_001, 1_002]
