"""Screens over real sockets: who may come, what they are sent, when they are cut."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import websocket
from flask import Flask
from socketio.exceptions import ConnectionError as Refused
from sqlalchemy import select, update

from callbacks import web
from callbacks.connections import BURST
from callbacks.services import Services
from dispatch import sessions
from dispatch.models import screen_seen, session
from layouts.screens import all_panels
from tests.callbacks.live import Live, eventually, running
from tests.callbacks.person import Person
from tests.callbacks.test_rest import POISON, report

SAID = {"screen_id": "s-1", "epoch": 0, "mode": "PEACETIME", "visible": True, "rooms": {}}


@pytest.fixture
def live(server: Flask, services: Services) -> Iterator[Live]:
    with running(server, services) as one:
        yield one


def test_no_session_no_handshake(live: Live, person: Person) -> None:
    token = person("officer").token
    for cookie, origin in (("", ""), ("guess", ""), (token, "http://evil.example"), (token, None)):
        with pytest.raises(Refused):
            live.screen(cookie, origin)
    live.screen(token).leaves()


def test_a_screen_joins_the_rooms_of_its_panels_and_gets_them_whole(
    live: Live, person: Person
) -> None:
    report(person("officer"), what=POISON)
    screen = live.screen(person("officer").token)
    answer = screen.joins("desk", lang="en")
    assert answer["ok"]
    assert answer["who"]["role"] == "officer"
    assert answer["who"]["name"] == {"zh": "赵", "en": "Zhao"}
    assert answer["rooms"]
    assert all(room.split("|")[1:4] == ["officer", "city", "en"] for room in answer["rooms"])
    for room in answer["rooms"]:
        screen.waits_for("snapshot", lambda data, room=room: data["room"] == room)
    queue = screen.waits_for("snapshot", lambda data: POISON in str(data["rows"]))
    assert queue["to_seq"] >= 0
    screen.leaves()


def test_what_happens_is_pushed_to_those_it_concerns(live: Live, person: Person) -> None:
    city, west = live.screen(person("officer").token), live.screen(person("west").token)
    for screen in (city, west):
        for room in screen.joins("desk")["rooms"]:
            screen.waits_for("snapshot", lambda data, room=room: data["room"] == room)
    began = time.monotonic()
    report(person("officer"), what="东边起火", lon=118.15)
    push = city.waits_for("push", lambda data: "东边起火" in str(data))
    assert time.monotonic() - began < 2
    assert push["to_seq"] == push["from_seq"] + 1
    time.sleep(0.3)
    assert "东边起火" not in str(west.heard)
    city.leaves()
    west.leaves()


@pytest.mark.parametrize(
    ("id", "screen"), [("wall", "desk"), ("officer", "wall"), ("fir1", "desk"), ("root", "wall")]
)
def test_a_screen_of_another_role_is_refused(
    live: Live, person: Person, id: str, screen: str
) -> None:
    one = live.screen(person(id).token)
    assert one.joins(screen)["code"] == "no_right"
    assert one.says("resync", {"room": "queue|officer|city|zh|"})["code"] == "unknown_room"
    assert not [name for name, _ in one.heard if name == "snapshot"]
    one.leaves()


def test_a_phone_opens_no_other_units_orders(live: Live, person: Person) -> None:
    one = live.screen(person("fir1").token)
    answer = one.joins("phone")
    assert answer["who"]["unit"] == "FIR-1"
    assert not [room for room in answer["rooms"] if "MED-1" in room]
    for panel in {room.split("|")[0] for room in answer["rooms"]}:
        opened = one.says("open", {"panel": panel, "subject": "MED-1"})
        assert "MED-1" not in opened.get("room", "")
    one.leaves()


def test_a_panel_opens_a_subject_and_leaves_the_old_one(
    live: Live, person: Person, services: Services
) -> None:
    alert = report(person("officer"))
    one = live.screen(person("officer").token)
    rooms = one.joins("desk")["rooms"]
    panel = _panel_with_subject(rooms)
    opened = one.says("open", {"panel": panel, "subject": alert})
    assert opened["room"].endswith(f"|{alert}")
    one.waits_for("snapshot", lambda data: data["room"] == opened["room"])
    old = next(room for room in rooms if room.startswith(f"{panel}|"))
    assert one.says("resync", {"room": old})["code"] == "unknown_room"
    again = one.says("open", {"panel": panel, "subject": None})
    assert again["room"] == old
    one.leaves()
    assert eventually(lambda: not services.hub.audiences())


def _panel_with_subject(rooms: list[str]) -> str:
    panels = all_panels()
    return next(
        name for name in (room.split("|")[0] for room in rooms) if panels[name].subject is not None
    )


BAD = [
    ("join", None),
    ("join", []),
    ("join", {"screen": "desk"}),
    ("join", {"screen": "desk", "screen_id": "x" * 65}),
    ("join", {"screen": "desk", "screen_id": "a|b"}),
    ("join", {"screen": "kitchen", "screen_id": "s"}),
    ("join", {"screen": "desk", "screen_id": "s", "more": 1}),
    ("join", {"screen": "desk", "screen_id": "s", "subject": {"queue": "a|b"}}),
    ("open", {"panel": "nothing", "subject": ""}),
    ("resync", {"room": 7}),
    ("resync", {"room": "nothing"}),
    ("report", {**SAID, "epoch": -1}),
    ("report", {**SAID, "epoch": "1"}),
    ("report", {**SAID, "mode": "PARTY"}),
    ("report", {**SAID, "rooms": {"r": 1.5}}),
]


def test_what_does_not_fit_is_refused_and_the_screen_stays(live: Live, person: Person) -> None:
    one = live.screen(person("officer").token)
    for event, data in BAD:
        answer = one.says(event, data)
        assert answer["ok"] is False, (event, data)
        assert answer["code"] != "fault", (event, data)
    assert one.joins("desk")["ok"]
    one.leaves()


RAW = [
    '42["report",{"epoch":NaN}]',
    '42["join",{"screen_id":"\\ud800"}]',
    '42["join",{"a":1,"a":2}]',
    "42[" + "[" * 2000 + "]" * 2000 + "]",
    '42["report",{"epoch":99999999999999999999999999}]',
    "42{",
    '42["nothing",1]',
    "4x",
]


def test_a_message_that_is_not_strict_json_disturbs_nobody(live: Live, person: Person) -> None:
    token = person("officer").token
    other = live.screen(token)
    assert other.joins("desk")["ok"]
    for text in RAW:
        _says_raw(live, token, text)
    other.heard.clear()
    other.waits_for("hb")
    assert other.says("report", SAID)["ok"]
    assert "NaN" not in str(other.heard)
    other.leaves()


def _says_raw(live: Live, token: str, text: str) -> None:
    """Say it as a hand-written client would, without a library that would not."""
    raw = websocket.create_connection(
        live.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        cookie=f"sid={token}",
        origin=live.url,
        timeout=3,
    )
    raw.recv()
    raw.send("40")
    raw.recv()
    raw.send(text)
    raw.shutdown()


def test_a_number_that_is_none_is_never_broadcast(
    live: Live, person: Person, services: Services
) -> None:
    one = live.screen(person("officer").token)
    one.joins("desk")
    with pytest.raises(ValueError, match="JSON"):
        services.port("push", {"value": float("nan")}, None)
    assert one.says("report", SAID)["ok"]
    assert not one.closed.is_set()
    one.leaves()


def test_what_cannot_be_written_does_not_hold_up_the_rest_of_its_cycle(
    live: Live, person: Person, services: Services
) -> None:
    one = live.screen(person("officer").token)
    room = one.joins("desk")["rooms"][0]
    services.port.together([("push", {"value": float("nan")}, room), ("push", {"n": 7}, room)])
    assert one.waits_for("push", lambda data: "n" in data or "value" in data) == {"n": 7}
    one.leaves()


def test_screens_hear_in_one_piece_what_their_rooms_are_told(
    live: Live, person: Person, services: Services
) -> None:
    here, away = live.screen(person("officer").token), live.screen(person("officer").token)
    queue, map_room = here.joins("desk")["rooms"][:2]
    away.says("leave", {"panel": "none"})
    said = [("push", {"n": 1}, queue), ("push", {"n": 2}, map_room), ("push", {"n": 3}, "nobody")]
    services.port.together(said)
    whole = [["push", {"n": 1}], ["push", {"n": 2}]]
    assert eventually(lambda: whole in here.cycles)
    assert not away.cycles
    here.leaves()
    away.leaves()


def test_signing_out_cuts_the_socket(live: Live, person: Person) -> None:
    browser = person("officer")
    one = live.screen(browser.token)
    one.joins("desk")
    began = time.monotonic()
    browser.post("/sign-out")
    assert one.closed.wait(2)
    assert time.monotonic() - began < 2
    assert one.waits_for("bye")["reason"] == "signed_out"
    with pytest.raises(Refused):
        live.screen(browser.token)


def test_a_session_that_another_process_ended_is_cut(
    live: Live, person: Person, services: Services
) -> None:
    ended, stays = person("officer"), person("shift")
    one, other = live.screen(ended.token), live.screen(stays.token)
    one.joins("desk")
    other.joins("desk")
    began = time.monotonic()
    sessions.close(services.writer, ended.token, services.now())
    assert one.closed.wait(3)
    assert time.monotonic() - began < 2.5
    assert not other.closed.is_set()
    assert other.says("report", SAID)["ok"]
    other.leaves()


def test_a_session_that_ran_out_is_cut_and_an_open_screen_keeps_its_own_awake(
    live: Live, person: Person, server: Flask, services: Services
) -> None:
    runs_out, stays = person("officer"), person("shift")
    one, other = live.screen(runs_out.token), live.screen(stays.token)
    one.joins("desk")
    other.joins("desk")
    half_idle = services.now() - sessions.IDLE_MS // 2

    def age(connection: Any) -> None:
        mine = session.c.account == "officer"
        connection.execute(update(session).where(mine).values(expires_at=1))
        connection.execute(update(session).where(~mine).values(seen_at=half_idle))

    services.database.write(age)
    server.extensions["sockets"].sweep.ask()
    assert one.closed.wait(2)
    assert one.waits_for("bye")["reason"] == "expired"
    assert other.says("report", SAID)["ok"]
    seen = select(session.c.seen_at).where(session.c.account == "shift")
    assert services.database.read(lambda c: c.execute(seen).scalar()) > half_idle
    other.leaves()


def test_behind_a_proxy_the_screen_is_known_by_its_https_address(
    person: Person, services: Services
) -> None:
    own = replace(services.settings, secure=True, proxies=1)
    token = person("officer").token
    with running(web.create(replace(services, settings=own)), services) as live:
        assert _knocks(live, token, "https://desk.example")
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            _knocks(live, token, "http://desk.example")


def _knocks(live: Live, token: str, origin: str) -> bool:
    """Connect as through a proxy that speaks https to the outside."""
    raw = websocket.create_connection(
        live.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        cookie=f"__Host-sid={token}",
        origin=origin,
        header={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "desk.example"},
        timeout=3,
    )
    opened: bool = raw.recv().startswith("0{")
    raw.shutdown()
    return opened


def test_a_screen_confirms_the_mode_that_it_shows(
    live: Live, person: Person, services: Services
) -> None:
    one = live.screen(person("officer").token)
    one.joins("desk", name="一号席")
    one.says("report", {**SAID, "epoch": 41, "mode": "WARTIME"})

    def rows() -> list[Any]:
        return services.database.read(lambda c: list(c.execute(select(screen_seen)).mappings()))

    assert eventually(lambda: len(rows()) == 1)
    assert (rows()[0]["epoch"], rows()[0]["mode"]) == (41, "WARTIME")
    assert (rows()[0]["name"], rows()[0]["account"]) == ("一号席", "officer")
    one.leaves()


def test_a_screen_that_missed_a_push_is_told_to_ask(live: Live, person: Person) -> None:
    one = live.screen(person("officer").token)
    rooms = one.joins("desk")["rooms"]
    shown = one.waits_for("snapshot", lambda data: data["room"] == rooms[0])
    fine = {**SAID, "rooms": {rooms[0]: shown["to_seq"], "not|mine": 3}}
    assert one.says("report", fine)["stale"] == []
    ahead = {**SAID, "rooms": {rooms[0]: shown["to_seq"] + 5}}
    assert one.says("report", ahead)["stale"] == [rooms[0]]
    assert one.says("resync", {"room": rooms[0]})["ok"]
    one.leaves()


def test_a_screen_that_says_too_much_is_told_to_wait(live: Live, person: Person) -> None:
    one = live.screen(person("officer").token)
    codes = [one.says("report", SAID).get("code") for _ in range(BURST + 40)]
    assert "too_many" in codes
    assert codes[0] is None
    one.leaves()


@pytest.mark.parametrize(("who", "taken"), [("officer", None), ("fir1", "permessage-deflate")])
def test_only_a_phone_gets_its_messages_compressed(
    live: Live, person: Person, who: str, taken: str | None
) -> None:
    raw = websocket.create_connection(
        live.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
        origin=live.url,
        cookie=f"sid={person(who).token}",
        header=["Sec-WebSocket-Extensions: permessage-deflate"],
    )
    assert raw.getheaders().get("sec-websocket-extensions") == taken
    raw.close()
