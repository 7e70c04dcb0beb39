"""The doors of calls: guests by link, leave to speak, recordings with ranges."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from callbacks import media_parts, web
from callbacks.services import Services
from dispatch import recordings
from dispatch.access import Actor
from dispatch.commands import perform
from dispatch.log import Request
from dispatch.recordings import Manifest
from tests.callbacks.person import Browser, Person
from video.tokens import Tokens

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def here(services: Services, kept: Path) -> Services:
    """The same, with a media process that is not there and a folder of recordings."""
    values = media_parts.MediaValues("http://127.0.0.1:9", SECRET, Fernet(Fernet.generate_key()))
    own = services
    media = media_parts.make(values, own.database, own.city, own.board.feeds)
    settings = replace(own.settings, recordings=kept)
    return replace(own, settings=settings, media=media)


@pytest.fixture
def inside(here: Services) -> Person:
    return Person(web.create(here), here)


@pytest.fixture
def on(here: Services) -> str:
    """A call with a unit, in which its person is asked."""
    leader = next(one for one in here.city.people if one.id == "lead")
    actor = Actor(leader.id, leader.role, leader.districts, session="s")
    asked = {"unit": "FIR-1"}
    done = perform(here.writer, here.city, actor, "call.open", "k", asked, here.now())
    return str(done.body["call"])


def test_who_is_in_the_call_gets_leave_to_speak_and_others_do_not(inside: Person, on: str) -> None:
    crew = inside("fir1")
    assert crew.does("call.join", call=on).status_code == 200
    told = crew.post("/api/v1/calls/tokens", json={"call": on, "action": "whip"}).get_json()
    claims = Tokens(SECRET).recognise(told["token"])
    assert (claims.path, claims.action) == (f"call/{on}/fir1", "whip")
    assert told["url"] == f"/media/whip/call/{on}/fir1"
    other = inside("med1").post("/api/v1/calls/tokens", json={"call": on, "action": "whep"})
    assert (other.status_code, other.get_json()["code"]) == (403, "not_in_call")
    wall = inside("wall").post("/api/v1/calls/tokens", json={"call": on, "action": "whep"})
    assert wall.status_code == 403


def test_an_idle_responder_of_another_district_gets_no_leave_unasked(
    inside: Person, on: str
) -> None:
    idle = inside("med1")
    refused = idle.does("call.join", call=on)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_in_call")
    for action in ("whep", "whip"):
        leave = idle.post("/api/v1/calls/tokens", json={"call": on, "action": action})
        assert (leave.status_code, leave.get_json()["code"]) == (403, "not_in_call")
    assert inside("lead").does("call.invite", call=on, unit="MED-1").status_code == 200
    assert idle.does("call.join", "k-2", call=on).status_code == 200
    asked = idle.post("/api/v1/calls/tokens", json={"call": on, "action": "whep"})
    assert asked.status_code == 200


def test_a_link_is_looked_at_without_harm_and_used_once(inside: Person, on: str) -> None:
    made = _link(inside("officer"), on)
    token = made["url"].split("#")[1]
    assert made["qr"].startswith("data:image/svg+xml")
    guest = inside.nobody()
    page = guest.get("/join")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert token not in text
    told = json.loads(text.split('id="words">')[1].split("</script>")[0])
    assert told["texts"]["call.hang_up"]
    for _ in range(2):
        assert guest.post("/join/look", json={"token": token}).get_json() == {"recorded": True}
    came = guest.post("/join", json={"token": token, "name": "王工"})
    assert came.get_json()["party"] == made["party"]
    cookie = came.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/join" in cookie
    again = inside.nobody().post("/join", json={"token": token, "name": "x"})
    assert (again.status_code, again.get_json()["code"]) == (403, "bad_link")
    seen = inside.nobody().post("/join/look", json={"token": token})
    assert (seen.status_code, seen.get_json()["code"]) == (403, "bad_link")
    leave = guest.post("/join/token", json={"action": "whep"}).get_json()
    assert Tokens(SECRET).recognise(leave["token"]).path == f"call/{on}/{made['party']}"


def test_a_guest_who_comes_back_is_in_it_when_he_asks_to_speak(inside: Person, on: str) -> None:
    guest = _guest(inside, on)
    party = guest.post("/join/leave").get_json()["party"]
    assert guest.post("/join/back").get_json() == {"party": party, "recorded": True}
    assert not _in_call(inside, party)
    assert guest.post("/join/token", json={"action": "whep"}).status_code == 200
    assert _in_call(inside, party)


def test_a_link_to_a_call_that_is_over_shows_nothing(inside: Person, on: str) -> None:
    token = _link(inside("officer"), on)["url"].split("#")[1]
    assert inside("officer").does("call.end", call=on).status_code == 200
    seen = inside.nobody().post("/join/look", json={"token": token})
    assert (seen.status_code, seen.get_json()["code"]) == (403, "bad_link")


def test_a_guest_gets_nothing_but_his_call(inside: Person, on: str) -> None:
    guest = _guest(inside, on)
    for address in (
        "/desk/",
        "/api/v1/pictures/calls",
        "/city/districts.geojson",
        "/texts/zh.json",
    ):
        assert guest.get(address).status_code in (303, 401), address
    command = guest.does("call.end", call=on)
    assert command.status_code == 401


def test_a_guest_who_is_shown_out_gets_no_leave_any_more(inside: Person, on: str) -> None:
    guest = _guest(inside, on)
    party = guest.post("/join/hand", json={"up": True}).get_json()["party"]
    assert inside("officer").does("call.remove", call=on, party=party).status_code == 200
    for name, body in (("token", {"action": "whip"}), ("back", {}), ("hand", {"up": True})):
        assert guest.post(f"/join/{name}", json=body).status_code == 401


@pytest.mark.parametrize("body", [{}, {"token": "x"}, {"token": "x" * 999, "name": "n"}, {"a": 1}])
def test_a_wrong_body_is_refused(inside: Person, on: str, body: dict[str, object]) -> None:
    answer = inside.nobody().post("/join", json=body)
    assert 400 <= answer.status_code < 500


def test_a_recording_is_played_in_ranges_by_who_may(
    inside: Person, here: Services, on: str, kept: Path
) -> None:
    data = bytes(range(256)) * 8
    name = _store(here, on, kept, data)
    officer = inside("officer")
    whole = officer.get(f"/api/v1/recordings/{name}")
    assert whole.get_data() == data
    assert hashlib.sha256(data).hexdigest() in whole.headers["ETag"]
    part = officer.get(f"/api/v1/recordings/{name}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.get_data()) == (206, data[10:20])
    assert inside("fir1").get(f"/api/v1/recordings/{name}").status_code == 403
    shown = officer.get("/api/v1/pictures/recordings").get_json()["picture"]["recordings"]
    assert [one["file"] for one in shown] == [name]
    for wrong in (f"{on}/x@1.webm", f"{on}/..%2f..%2fyiping.db", "x/y"):
        assert officer.get(f"/api/v1/recordings/{wrong}").status_code == 404


def _link(desk: Browser, on: str) -> dict[str, str]:
    headers = {"Idempotency-Key": f"link-{on}"}
    answer = desk.post("/api/v1/calls/links", json={"call": on, "label": "厂里"}, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    made: dict[str, str] = answer.get_json()
    return made


def _in_call(inside: Person, party: str) -> bool:
    shown = inside("officer").get("/api/v1/pictures/calls").get_json()["picture"]["calls"]
    return any((one["party"], one["state"]) == (party, "JOINED") for one in shown[0]["parties"])


def _guest(inside: Person, on: str) -> Browser:
    token = _link(inside("officer"), on)["url"].split("#")[1]
    guest = inside.nobody()
    guest.post("/join", json={"token": token, "name": "王工"})
    return guest


def _store(here: Services, on: str, kept: Path, data: bytes) -> str:
    name = f"{on}/fir1@1795233600000.webm"
    (kept / on).mkdir(parents=True)
    (kept / name).write_bytes(data)
    manifest = Manifest(
        file=name, call=on, participant="fir1", started_at=1, ended_at=2, bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(), tracks={},
    )  # fmt: skip
    run = lambda work: recordings.store(work, [manifest])  # noqa: E731
    here.writer.command(Request("calls", "store", {}, run, here.now()))
    return name
