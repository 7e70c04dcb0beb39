"""The doorbell: rings at once, through Redis too, and nothing is lost when Redis is."""

import json
import threading
import time

from streams.background import Task
from streams.doorbell import CHANNEL, Doorbell
from streams.hub import Hub
from streams.look import Board
from tests.dispatch.centre import Centre
from tests.streams.redis_server import Server
from tests.streams.test_hub import Hall
from tests.streams.waiting import running, wait_for


def test_the_bell_tells_outside_systems_number_type_realm_and_scope(
    server: Server, centre: Centre
) -> None:
    centre.hears(district="e")
    bell = Doorbell(server.url)
    with server.client() as outside, outside.pubsub() as ears, running(bell.publish):
        ears.subscribe(CHANNEL)
        ears.get_message(timeout=1)
        bell.ring(centre.rung)
        heard = ears.get_message(timeout=1)
    assert heard is not None
    assert json.loads(heard["data"]) == {
        "n": 1, "type": "AlertReceived", "realm": "real", "scope": ["e"],
    }  # fmt: skip


def test_ringing_never_waits_for_redis(server: Server, centre: Centre) -> None:
    centre.hears()
    bell = Doorbell(server.url)
    server.freeze()
    with running(bell.publish):
        began = time.monotonic()
        for _ in range(200):
            bell.ring(centre.rung)
        assert time.monotonic() - began < 0.1
    assert not bell.alive


def test_another_process_hears_and_shows_it(server: Server, centre: Centre, board: Board) -> None:
    hall = Hall(centre, board)
    hall.shows("queue")
    here = Doorbell(server.url, hall.hub.rang, hall.hub.heard)
    there = Doorbell(server.url)
    with running(here.listen, here.publish, there.publish, _run(hall.hub)):
        wait_for(lambda: here.alive, 3)
        centre.hears()
        there.ring(centre.rung)
        wait_for(lambda: "push" in [event for event, _, _ in hall.sent], 0.5)
    assert [event for event, _, _ in hall.sent].count("push") == 1


def test_lies_on_the_bell_do_no_harm(server: Server, centre: Centre, board: Board) -> None:
    hall = Hall(centre, board)
    hall.shows("queue")
    bell = Doorbell(server.url, hall.hub.rang, hall.hub.heard)
    lies = [b"", b"{", b'{"n":"7"}', b'{"n":true}', b'{"n":NaN}', b"[1]", b"\xff\xfe", b'{"n":-1}',
            b'{"n":999999}', b'{"n":99999999999999999999999}', b"[" * 3000]  # fmt: skip
    with running(bell.listen, bell.publish, _run(hall.hub)), server.client() as liar:
        wait_for(lambda: bell.alive, 3)
        for lie in lies:
            liar.publish(CHANNEL, lie)
        centre.hears()
        bell.ring(centre.rung)
        wait_for(lambda: hall.hub.cursor == 1, 1)
    assert len([event for event, _, _ in hall.sent if event == "push"]) == 1


def test_the_bell_works_again_soon_after_redis_is_back(
    server: Server, centre: Centre, board: Board
) -> None:
    hall = Hall(centre, board)
    hall.shows("queue")
    here, there = Doorbell(server.url, heard=hall.hub.heard), Doorbell(server.url)
    with running(here.listen, here.publish, there.publish, _run(hall.hub)):
        wait_for(lambda: here.alive, 3)
        server.kill()
        wait_for(lambda: not here.alive, 5)
        centre.hears()
        there.ring(centre.rung)
        server.start()
        wait_for(lambda: here.alive, 3)
        centre.hears()
        there.ring(centre.rung[1:])
        wait_for(lambda: hall.hub.cursor == 2, 0.5)
    assert "push" in [event for event, _, _ in hall.sent]


def test_without_redis_screens_are_a_second_behind_at_most(centre: Centre, board: Board) -> None:
    hall = Hall(centre, board)
    hall.shows("queue")
    bell = Doorbell("")
    with running(_run(hall.hub), bell.listen, bell.publish, _beats(hall.hub)):
        centre.hears()
        wait_for(lambda: "push" in [event for event, _, _ in hall.sent], 1.0)
    assert not bell.alive


def _run(hub: Hub) -> Task:
    return hub.run


def _beats(hub: Hub) -> Task:
    def beat(stop: threading.Event) -> None:
        while not stop.wait(0.9):
            hub.beat(redis=False)

    return beat
