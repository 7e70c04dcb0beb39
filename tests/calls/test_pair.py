"""When two who are alone in a call may speak without the media process."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from video.sfu_ears import MESSAGE_MAX, Ears
from video.sfu_pair import SIGNALS
from video.sfu_room import Person, Room


def among(check: Callable[[Room], Any], *here: str, direct: bool = True) -> Any:
    """What a check gives in a room in which these are, with a page that can speak directly."""

    async def run() -> Any:
        room = Room("TH-1", direct=direct)
        for id in here:
            ears = Ears(id)
            ears.ready = ears.direct = True
            room.listen(id, ears)
        room.apply({id: Person(id) for id in here}, False)
        found = check(room)
        room.close()
        return found

    return asyncio.run(run())


def partner(room: Room, id: str) -> object:
    return room._partner(id)


def partners(room: Room) -> list[object]:
    return [partner(room, id) for id in room.callers]


def test_each_of_two_hears_who_the_other_is_and_one_of_them_calls() -> None:
    def check(room: Room) -> None:
        assert partner(room, "anna") == {"other": "ben", "calls": True}
        assert partner(room, "ben") == {"other": "anna", "calls": False}
        assert partner(room, "cai") is None

    among(check, "ben", "anna")


@pytest.mark.parametrize("here", [("anna",), ("anna", "ben", "cai")])
def test_one_or_three_go_by_the_room(here: tuple[str, ...]) -> None:
    assert among(partners, *here) == [None] * len(here)


def test_a_site_that_does_not_want_it_has_none() -> None:
    assert among(partners, "anna", "ben", direct=False) == [None, None]


def test_what_is_recorded_goes_by_the_room() -> None:
    def recorded(room: Room) -> list[object]:
        room.apply(dict(room.people or {}), True)
        return partners(room)

    assert among(recorded, "anna", "ben") == [None, None]


def test_who_is_muted_by_the_desk_is_muted_for_everybody() -> None:
    def muted(room: Room) -> list[object]:
        room.apply({"anna": Person("anna", muted=True), "ben": Person("ben")}, False)
        return partners(room)

    assert among(muted, "anna", "ben") == [None, None]


def test_a_page_that_cannot_goes_by_the_room() -> None:
    def check(room: Room) -> None:
        ears = room.callers["anna"].ears
        assert ears is not None
        ears._asked("[" * MESSAGE_MAX)  # deeper than JSON is read
        ears._asked('{"direct": 1}')
        assert partners(room) == [None, None]
        ears._asked('{"direct": true}')
        assert partner(room, "ben") == {"other": "anna", "calls": False}

    among(check, "anna", "ben")


def test_what_one_says_reaches_the_other_alone_and_not_without_end() -> None:
    def check(room: Room) -> None:
        heard: dict[str, list[str]] = {}
        for id, caller in room.callers.items():
            assert caller.ears is not None
            heard[id] = []
            caller.ears.attach(Wire(heard[id]))  # type: ignore[arg-type]
        anna = room.callers["anna"].ears
        assert anna is not None
        for n in range(SIGNALS + 5):
            anna._asked(f'{{"signal": {{"candidate": {n}}}}}')
        assert heard["anna"] == []
        assert len(heard["ben"]) == SIGNALS
        assert heard["ben"][0] == '{"type": "signal", "signal": {"candidate": 0}}'
        room.apply(dict(room.people or {}), True)
        anna._asked('{"signal": {}}')
        assert len(heard["ben"]) == SIGNALS

    among(check, "anna", "ben")


class Wire:
    """The far end of a data channel."""

    readyState = "open"

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def on(self, _event: str, _call: object) -> None:
        pass

    def send(self, text: str) -> None:
        if '"signal"' in text:
            self._heard.append(text)
