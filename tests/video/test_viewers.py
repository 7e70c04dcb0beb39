"""Who is behind catches up in turns with everybody else, or goes on from a later picture."""

import asyncio

from video.feed import BEHIND_MAX, Shot, Viewer
from video.reader import Packet


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
