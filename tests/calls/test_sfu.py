"""A call among stock connections: who hears and sees whom."""

import json
from functools import partial

import pytest

from tests.calls.conftest import Call, Run
from tests.calls.parties import Offer, Party, until
from video.refused import MediaRefused


def test_two_hear_and_see_each_other(in_call: Run) -> None:
    async def test(call: Call) -> None:
        anna = await call.join("anna", hertz=400, grey=60)
        ben = await call.join("ben", hertz=900, grey=180)
        for one, other in ((anna, ben), (ben, anna)):
            await until(partial(_hears, one, other.hertz), "the other's voice")
            await until(partial(_sees, one, other.grey), "the other's picture")
        assert anna.said["slots"] == {"audio": ["ben", None, None, None],
                                      "video": ["ben", None, None, None]}  # fmt: skip

    in_call(test)


def test_each_of_several_is_seen_in_a_place_of_his_own(in_call: Run) -> None:
    async def test(call: Call) -> None:
        greys = {"a": 40, "b": 110, "c": 180}
        for id, grey in greys.items():
            await call.join(id, receive=False, grey=grey)
        seer = await call.join("s", send=False)
        await until(lambda: len(seer.seen) == len(greys), "three pictures")
        for id, grey in greys.items():
            await until(partial(_shows, seer, id, grey), f"the picture of {id}")
        assert {seer.slot_of("video", id) for id in greys} == {0, 1, 2}

    in_call(test)


def test_who_is_muted_by_the_desk_is_not_heard(in_call: Run) -> None:
    async def test(call: Call) -> None:
        anna = await call.join("anna", receive=False, picture=False)
        ben = await call.join("ben", send=False)
        await until(lambda: abs(ben.pitch(0) - anna.hertz) < 20, "a voice")
        await call.want("anna", "ben", facts={"anna": {"muted": True}})
        source = call.calls._rooms["r"].callers["anna"].sources["audio"]
        slot = next(iter(source.slots))
        await until(lambda: ben.told_of("anna").get("muted"), "told that she is muted")
        sent = slot.sent
        heard = source.heard_at
        await until(lambda: source.heard_at > heard + 0.3, "she goes on talking")
        assert slot.sent == sent
        await call.want("anna", "ben")
        await until(lambda: slot.sent > sent + 10, "heard again")

    in_call(test)


def test_a_line_that_is_over_is_not_held_on_to(in_call: Run) -> None:
    async def test(call: Call) -> None:
        for n in range(3):
            await call.join(f"guest{n}", picture=False)
        await call.want("anna")
        await until(lambda: len(call.calls._peers) == 0, "all of them shown out")
        assert call.calls._sessions == {}

    in_call(test)


def test_who_comes_again_is_held_by_his_new_line_alone(in_call: Run) -> None:
    async def test(call: Call) -> None:
        await call.join("anna", receive=False, picture=False)
        first = call.calls._sessions["send call/r/anna"]
        await call.parties[0].send()
        held = call.calls._sessions["send call/r/anna"]
        await until(lambda: not call.calls._peers.has(first), "the earlier line is over")
        assert held is not first
        assert call.calls._sessions == {"send call/r/anna": held}

    in_call(test)


def test_who_is_shown_out_is_gone_and_does_not_come_back(in_call: Run) -> None:
    async def test(call: Call) -> None:
        await call.join("anna")
        ben = await call.join("ben")
        await until(lambda: ben.slot_of("audio", "anna") == 0, "a voice")
        told = await call.want("ben")
        assert "anna" not in call.calls._rooms["r"].callers
        assert [one["participant"] for one in told["rooms"][0]["callers"]] == ["ben"]
        await until(lambda: ben.slot_of("audio", "anna") is None, "her place is empty")
        anna = call.parties[0]
        with pytest.raises(MediaRefused, match="not in this call"):
            await call.calls.publish(anna.claims("whip", exp=0), Offer(""))

    in_call(test)


def test_a_large_call_is_heard_mixed_and_nobody_hears_himself(in_call: Run) -> None:
    async def test(call: Call) -> None:
        pitches = {"a": 500, "b": 700, "c": 1100, "d": 1300, "e": 1700}
        for id, hertz in pitches.items():
            await call.join(id, receive=False, hertz=hertz, picture=False)
        listener = await call.join("f", hertz=2300, picture=False)
        await until(lambda: listener.slot_of("audio", "*") == 0, "the mix")
        for hertz in pitches.values():
            await until(partial(_mixed, listener, hertz), f"{hertz} Hz in the mix")
        assert listener.strength(0, 2300) < 0.01

    in_call(test)


def test_a_caller_on_a_weak_line_may_ask_for_one_sound_and_no_picture(in_call: Run) -> None:
    async def test(call: Call) -> None:
        await call.join("anna", receive=False, hertz=600)
        ben = await call.join("ben", send=False)
        await until(lambda: ben.slot_of("video", "anna") == 0, "a picture")
        ben.channel.send(json.dumps({"video": 0, "sound": "mix"}))
        await until(lambda: ben.slot_of("video", "anna") is None, "no picture")
        await until(lambda: ben.slot_of("audio", "*") == 0, "the mix")
        await until(lambda: abs(ben.pitch(0) - 600) < 20, "her voice")
        assert ben.said["slots"] == {"audio": ["*", None, None, None], "video": [None] * 4}

    in_call(test)


def test_the_last_speakers_are_seen(in_call: Run) -> None:
    async def test(call: Call) -> None:
        for id in ("a", "b", "c"):
            await call.join(id, receive=False, hertz=300, grey=90)
        seer = await call.join("s", send=False, receive=False)
        await seer.receive(audio=4, video=1)
        await until(lambda: seer.slot_of("video", "a") == 0, "the first who came")
        room = call.calls._rooms["r"]
        for id in ("a", "b"):
            room.callers[id].sources["audio"].mute(True)
        await until(lambda: room._recent[:1] == ["c"], "c alone is loud")
        await until(lambda: seer.slot_of("video", "c") == 0, "who speaks is seen")
        assert seer.slot_of("video", "a") != 0
        before = seer.frames.get(0, 0)
        await until(lambda: seer.frames.get(0, 0) > before + 5, "the picture moves on")

    in_call(test)


@pytest.mark.parametrize("sdp", ["", "v=0", "v=0\r\nm=audio", "x" * 3000])
def test_garbage_is_refused(in_call: Run, sdp: str) -> None:
    async def test(call: Call) -> None:
        anna = await call.join("anna", send=False, receive=False)
        for door, action in ((call.calls.publish, "whip"), (call.calls.play, "whep")):
            with pytest.raises(MediaRefused) as refused:
                await door(anna.claims(action), Offer(sdp))
            assert refused.value.status == 400
        assert len(call.calls._peers) == 0

    in_call(test)


def _hears(one: Party, hertz: int) -> bool:
    return abs(one.pitch(0) - hertz) < 20


def _sees(one: Party, grey: int) -> bool:
    return abs(one.seen.get(0, 0) - grey) < 12


def _shows(one: Party, owner: str, grey: int) -> bool:
    slot = one.slot_of("video", owner)
    return slot is not None and abs(one.seen.get(slot, 0) - grey) < 16


def _mixed(one: Party, hertz: int) -> bool:
    return one.strength(0, hertz) > 0.04
