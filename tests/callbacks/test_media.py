"""The web process's doors to pictures: who is given a token, and what is passed on."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from PIL import Image
from sqlalchemy import select

from callbacks import media_parts, web
from callbacks.media_parts import MediaValues
from callbacks.services import Services
from demo.rtsp import read_clip
from dispatch.access import Actor
from dispatch.cameras import registry
from dispatch.commands import perform
from dispatch.models import event
from dispatch.vocabulary import Role
from streams.feeds import Feeds
from streams.pictures.feeds import feeds as picture
from streams.view import Moment, View
from tests.callbacks.person import OURS, Person
from tests.video.clips import encode
from tests.video.media import SECRET, Background, Cameras, Media, running, wait_for
from tests.video.test_doors import GOOD

SDP = {**OURS, "Content-Type": "application/sdp"}
ROW = "C2,二号,{lat},{lon},{url},leader,u,p\n"
KEY = {"Idempotency-Key": "k"}
HEAD = "id,name_zh,lat,lon,url,roles,user,password\n"


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cameras]:
    clip = read_clip(encode(tmp_path_factory.mktemp("clip") / "plain.mp4"))
    made = Cameras(Background(), {"cam/CAM-1": clip})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def process(cameras: Cameras, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Media]:
    with running(tmp_path_factory.mktemp("media"), cameras) as one:
        yield one


@pytest.fixture
def services(services: Services, process: Media, cameras: Cameras) -> Services:
    """The same, with a media process, and a camera whose address is relative."""
    services.board.feeds = Feeds.of(services.city)
    values = MediaValues(
        process.url, SECRET, Fernet(Fernet.generate_key()), f"rtsp://127.0.0.1:{cameras.port}/"
    )
    city = replace(
        services.city, cameras=tuple(replace(c, url=f"cam/{c.id}") for c in services.city.cameras)
    )
    made = media_parts.make(values, services.database, city, services.board.feeds)
    return replace(services, city=city, media=made)


@pytest.fixture
def told(services: Services) -> Services:
    """The media process knows the cameras."""
    assert services.media
    wait_for(lambda: services.media.link.poll() or services.board.feeds.up, bool)  # type: ignore[union-attr, func-returns-value]
    return services


def _leave(browser: Any, path: str, action: str = "whep") -> Any:
    browser.does("viewing.start", f"s-{path}", feed=path.removesuffix("/sub"), reason="drill")
    return browser.post("/api/v1/media/tokens", json={"path": path, "action": action})


def test_a_token_opens_a_picture_for_who_may_see_it(person: Person, told: Services) -> None:
    officer = person("officer")
    leave = _leave(officer, "cam/CAM-1").get_json()
    assert leave["url"] == "/media/whep/cam/CAM-1"
    assert leave["ice_servers"] == []
    headers = {**SDP, "Authorization": f"Bearer {leave['token']}"}
    answer = officer.client.post(leave["url"], data=GOOD, headers=headers)
    assert answer.status_code == 201, answer.data
    session = answer.headers["Location"]
    kind = {**headers, "Content-Type": "application/trickle-ice-sdpfrag"}
    assert officer.client.patch(session, data="a=mid:0\r\n", headers=kind).status_code == 204
    assert officer.client.delete(session, headers=headers).status_code == 200
    bad = officer.client.post(leave["url"], data="v=0", headers=headers)
    assert (bad.status_code, bad.get_json()["code"]) == (400, "bad_sdp")
    big = officer.client.post(leave["url"], data="a" * 200_000, headers=headers)
    assert big.status_code == 413


@pytest.mark.parametrize(
    ("who", "path", "action", "status"),
    [
        ("west", "cam/CAM-1", "whep", 200),
        ("wall", "cam/CAM-1", "mjpeg", 200),
        ("fir1", "cam/CAM-1", "whep", 403),
        ("root", "cam/CAM-1", "whep", 403),
        ("officer", "cam/CAM-1", "whip", 403),
        ("officer", "cam/CAM-1/sub", "whep", 404),
        ("officer", "cam/CAM-9", "whep", 404),
        ("officer", "call/a/b", "whep", 403),
        ("officer", "drone/X", "whep", 404),
        ("officer", "../control/status", "whep", 422),
        ("officer", "cam/CAM-1", "control", 422),
    ],
)
def test_rights_are_asked_for_each_picture(
    person: Person, told: Services, who: str, path: str, action: str, status: int
) -> None:
    assert _leave(person(who), path, action).status_code == status


def test_a_still_comes_by_the_sessions_cookie(person: Person, told: Services) -> None:
    officer = person("officer")
    unsaid = officer.get("/media/snapshot/cam/CAM-1?width=160")
    assert (unsaid.status_code, unsaid.get_json()["code"]) == (403, "no_viewing")
    officer.does("viewing.start", "s-1", feed="cam/CAM-1", reason="drill")
    still = officer.get("/media/snapshot/cam/CAM-1?width=160")
    assert (still.status_code, still.data[:3]) == (200, b"\xff\xd8\xff")
    assert person("fir1").get("/media/snapshot/cam/CAM-1").status_code == 403
    assert person.nobody().get("/media/snapshot/cam/CAM-1").status_code == 401
    assert person("officer").post("/media/whep/cam/CAM-1", data=GOOD).status_code == 401
    key = person.system("all", "alerts:write")
    assert key.get("/media/snapshot/cam/CAM-1").status_code == 403


def test_an_import_takes_what_plays_and_says_why_not(
    person: Person, told: Services, cameras: Cameras
) -> None:
    admin, place = person("root"), {"lat": 37.05, "lon": 118.05}
    good = ROW.format(url=cameras.url("cam/CAM-1"), **place)
    bad = good.replace("C2", "C3").replace("cam/CAM-1", "nobody")
    away = good.replace("C2", "C4").replace("127.0.0.1", "127.0.0.2")
    csv = {"Content-Type": "text/csv", "Idempotency-Key": "import-1"}
    answer = admin.post("/api/v1/cameras", data=HEAD + good + bad + away, headers=csv)
    found = answer.get_json()
    assert found["accepted"] == 1, found
    assert {one["id"]: one["reason"] for one in found["refused"]} == {
        "C3": "refused",
        "C4": "not_allowed",
    }
    assert person("officer").post("/api/v1/cameras", data="", headers=csv).status_code == 403
    assert told.media
    told.media.link.poll()
    listed = admin.get("/api/v1/cameras").get_json()["cameras"]
    assert "127.0.0.1" not in str(listed)
    assert {one["id"] for one in listed} == {"CAM-1", "C2"}
    assert _leave(person("lead"), "cam/C2").status_code == 200
    assert _leave(person("officer"), "cam/C2").status_code == 403
    known = told.database.read(lambda c: registry(c, told.city, told.media.vault))  # type: ignore[union-attr]
    assert next(one for one in known if one.camera.id == "C2").password == "p"


def test_a_camera_is_taken_out_of_use_and_an_imported_one_out_of_the_registry(
    person: Person, told: Services, cameras: Cameras
) -> None:
    admin, lead = person("root"), person("lead")
    csv = {"Content-Type": "text/csv", "Idempotency-Key": "import-2"}
    row = ROW.format(url=cameras.url("cam/CAM-1"), lat=37.05, lon=118.05)
    assert admin.post("/api/v1/cameras", data=HEAD + row, headers=csv).get_json()["accepted"] == 1

    def does(method: str, address: str, key: str, **facts: Any) -> int:
        assert told.media
        headers = {**OURS, "Idempotency-Key": key}
        done = admin.client.open(
            f"/api/v1/cameras/{address}", method=method, headers=headers, **facts
        )
        told.media.link.poll()
        return int(done.status_code)

    assert does("POST", "CAM-1/disable", "d1", json={"reason": "to be repaired"}) == 200
    assert _leave(lead, "cam/CAM-1").status_code == 404
    listed = {one["id"]: one for one in admin.get("/api/v1/cameras").get_json()["cameras"]}
    assert listed["CAM-1"]["disabled"]["reason"] == "to be repaired"
    assert listed["C2"]["disabled"] is None
    assert does("POST", "CAM-1/enable", "d2") == 200
    assert _leave(lead, "cam/CAM-1").status_code == 200
    assert does("DELETE", "C2", "d3") == 200
    assert _leave(lead, "cam/C2").status_code == 404
    assert does("DELETE", "CAM-1", "d4") == 404
    assert does("POST", "CAM-1/disable", "", json={"reason": "x"}) == 422
    officer = person("officer").client.delete("/api/v1/cameras/C2", headers={**OURS, **KEY})
    assert officer.status_code == 403


def test_the_picture_shows_states_to_those_who_may_see(told: Services) -> None:
    def take(role: Role, scope: tuple[str, ...]) -> Any:
        def once(connection: Any) -> Any:
            moment = Moment(0, told.now())
            return picture(told.board.look(connection, moment), View(role, scope))

        return told.database.read(once)

    assert told.media
    told.media.link.poll()
    seen = take(Role.OFFICER, ("city",))
    assert seen["media"] == "up"
    one = seen["feeds"][0]
    assert (one["path"], one["sub"], one["name"]["zh"]) == ("cam/CAM-1", "", "东门")
    assert one["state"] in ("idle", "live", "opening")
    assert take(Role.OFFICER, ("e",))["feeds"] == []
    told.board.feeds.up = False
    assert take(Role.OFFICER, ("city",))["feeds"][0]["state"] == "unknown"


def test_without_a_media_process_the_doors_say_so(
    services: Services, process: Media, cameras: Cameras
) -> None:
    gone = MediaValues("http://127.0.0.1:1", SECRET, Fernet(Fernet.generate_key()))
    made = media_parts.make(gone, services.database, services.city, Feeds({}))
    assert made
    made.link.poll()
    person = Person(server := web.create(replace(services, media=made)), services)
    assert isinstance(server, Flask)
    token = made.tokens.issue("officer", "cam/CAM-1", "whep", services.now())[0]
    headers = {**SDP, "Authorization": f"Bearer {token}"}
    answer = person.nobody().client.post("/media/whep/cam/CAM-1", data=GOOD, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "media_down")
    assert answer.headers["Retry-After"]
    none = Person(web.create(replace(services, media=None)), services)
    assert _leave(none("officer"), "cam/CAM-1").status_code == 503


def test_a_still_is_kept_with_its_time_and_place_and_its_hash_in_the_log(
    person: Person, told: Services, tmp_path: Path
) -> None:
    told = replace(told, settings=replace(told.settings, recordings=tmp_path))
    here = Person(web.create(told), told)
    officer, incident = here("officer"), _incident(told)
    asked = {"feed": "cam/CAM-1", "incident": incident}
    refused = officer.post("/api/v1/stills", json=asked, headers={"Idempotency-Key": "s0"})
    assert refused.get_json()["code"] == "no_viewing"
    officer.does("viewing.start", "v", feed="cam/CAM-1", incident=incident)
    before = told.now()
    kept = officer.post("/api/v1/stills", json=asked, headers={"Idempotency-Key": "s1"})
    assert kept.status_code == 200, kept.data
    again = officer.post("/api/v1/stills", json=asked, headers={"Idempotency-Key": "s1"})
    assert again.get_json() == kept.get_json()
    one = kept.get_json()
    served = officer.get(f"/api/v1/recordings/{one['file']}")
    assert served.mimetype == "image/jpeg"
    assert hashlib.sha256(served.data).hexdigest() == one["sha256"]
    assert [file.name for file in tmp_path.rglob("*@*")] == [Path(one["file"]).name]
    image = Image.open(io.BytesIO(served.data))
    image.load()
    said, gps = image.getexif(), image.getexif().get_ifd(0x8825)
    assert said[0x010E].startswith(f"cam/CAM-1 {incident} officer")
    camera = told.city.cameras[0]
    degrees, minutes, seconds = (float(part) for part in gps[2])
    assert abs(degrees + minutes / 60 + seconds / 3600 - camera.lat) < 1e-6
    assert abs(one["taken_at"] - before) < 10_000
    body = told.database.read(
        lambda c: (
            c.execute(select(event.c.body_json).where(event.c.type == "RecordingPictured"))
            .scalars()
            .one()
        )
    )
    assert one["sha256"] in body
    for nowhere in ("EV-0", ".."):
        wrong = {**asked, "incident": nowhere}
        gone = officer.post("/api/v1/stills", json=wrong, headers={"Idempotency-Key": nowhere})
        assert gone.status_code in (404, 422)
    assert len(list(tmp_path.rglob("*@*"))) == 1


def test_a_phone_sends_its_picture_when_its_person_says_so_and_no_longer(
    person: Person, told: Services, process: Media
) -> None:
    crew, order = person("fir1"), _order(told, "FIR-1")

    def asks(path: str) -> tuple[int, str]:
        answer = crew.post("/api/v1/media/tokens", json={"path": path, "action": "whip"})
        return answer.status_code, answer.get_json().get("code", "")

    def sources() -> set[str]:
        assert told.media
        told.media.link.poll()
        return {one["path"] for one in process.control("GET", "status").json()["feeds"]}

    assert asks("phone/FIR-1") == (403, "not_sending")
    assert crew.does("order.send_picture", "p1", order=order, on=True).status_code == 200
    assert asks("phone/FIR-1") == (200, "")
    assert asks("phone/FIR-2")[0] == 403
    assert "phone/FIR-1" in sources()
    assert _leave(person("lead"), "phone/FIR-1").status_code == 200
    assert crew.does("order.send_picture", "p2", order=order, on=False).status_code == 200
    assert asks("phone/FIR-1") == (403, "not_sending")
    assert "phone/FIR-1" not in sources()


def _order(told: Services, unit: str) -> str:
    actor, incident = _lead(told), _incident(told)
    asked = {"incident": incident, "text": "go", "kind": "dispatch", "priority": 1, "unit": unit}

    def does(name: str, **body: Any) -> dict[str, Any]:
        return perform(told.writer, told.city, actor, name, f"o-{name}", body, told.now()).body

    order = str(does("order.draft", **asked)["order"])
    does("order.issue", orders=[order])
    return order


def _lead(told: Services) -> Actor:
    lead = next(one for one in told.city.people if one.id == "lead")
    return Actor(lead.id, lead.role, lead.districts, session="s")


def _incident(told: Services) -> str:
    """An incident in the district of the camera."""
    actor = _lead(told)
    camera, now = told.city.cameras[0], told.now()
    place = {"lat": camera.lat, "lon": camera.lon, "place": "gate", "minutes_ago": 0}
    what = {"what": "smoke", "category": "accident", "severity": 3, **place}

    def does(name: str, **body: Any) -> dict[str, Any]:
        done = perform(told.writer, told.city, actor, name, f"i-{name}", body, now)
        return done.body

    alert = does("alert.report", **what)["alert"]
    does("alert.verify", alert=alert, note="seen")
    return str(does("incident.open", alert=alert, grade=3)["incident"])
