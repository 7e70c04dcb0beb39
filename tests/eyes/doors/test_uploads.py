"""Photos from the scene: known by their content, kept without their places, seen by who may."""

import hashlib
import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from werkzeug.test import TestResponse

from callbacks import pictures_sent
from callbacks.services import Services
from dispatch.errors import Invalid
from tests.callbacks.person import Browser, Person

LAT = (IFDRational(37, 1), IFDRational(30, 1), IFDRational(0, 1))


def photo(turn: int = 6) -> bytes:
    """A JPEG as a phone makes it: with its maker, its place, and how it is turned."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = turn, "Maker of phones"
    exif.get_ifd(0x8825).update({1: "N", 2: LAT, 3: "E", 4: LAT})
    out = io.BytesIO()
    dots = np.random.default_rng(3).integers(0, 255, (48, 64, 3), np.uint8)
    Image.fromarray(dots).save(out, "JPEG", exif=exif, comment=b"said by the phone")
    return out.getvalue()


def video() -> bytes:
    """An MP4 with a place in it, as phones write it."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        stream = made.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(5):
            shade = np.full((48, 64, 3), n * 40, np.uint8)
            made.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        made.mux(stream.encode(None))
    data = out.getvalue()
    place = b"+37.5000+118.7000/"
    said = struct.pack(">I4s", len(place) + 12, b"\xa9xyz") + struct.pack(">HH", len(place), 0)
    box = struct.pack(">I4s", len(said) + len(place) + 8, b"udta") + said + place
    at = data.index(b"moov") - 4
    size = struct.unpack(">I", data[at : at + 4])[0]
    end = at + size
    assert end == len(data)
    return data[:at] + struct.pack(">I", size + len(box)) + data[at + 4 : end] + box


def test_a_photos_place_and_maker_are_taken_out_and_its_turn_stays() -> None:
    before = photo()
    file = pictures_sent.read(before)
    after = Image.open(io.BytesIO(file.data))
    assert (file.type, file.kind) == ("image/jpeg", "photo")
    assert dict(after.getexif()) == {0x0112: 6}
    assert after.getexif().get_ifd(0x8825) == {}
    assert b"Maker" not in file.data
    assert b"said by" not in file.data
    same = np.asarray(Image.open(io.BytesIO(before)))
    assert np.array_equal(np.asarray(after), same)
    assert file.received_sha256 == hashlib.sha256(before).hexdigest()


def test_a_videos_place_is_taken_out_and_it_still_plays() -> None:
    before = video()
    assert b"+37.5000" in before
    file = pictures_sent.read(before)
    assert (file.type, file.kind) == ("video/mp4", "video")
    assert b"+37.5000" not in file.data
    with av.open(io.BytesIO(file.data)) as played:
        assert sum(1 for _ in played.decode(video=0)) == 5


def test_what_else_a_picture_says_is_taken_out() -> None:
    plain = Image.new("RGB", (8, 8))
    for kind in ("PNG", "WEBP"):
        out, exif = io.BytesIO(), Image.Exif()
        exif[0x010F] = "Maker of phones"
        plain.save(out, kind, exif=exif)
        assert b"Maker" in out.getvalue()
        file = pictures_sent.read(out.getvalue())
        assert b"Maker" not in file.data
        assert Image.open(io.BytesIO(file.data)).size == (8, 8)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_type"),
        (b"MZ" + bytes(100), "file_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_type"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "file_type"),
        (photo()[:300], "file_damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(4), "file_damaged"),
        (b"\0\0\0\x08ftypisom\0\0\xff\xffmoov", "file_damaged"),
        (b"\xff\xd8\xff" + bytes(pictures_sent.PHOTO_MAX), "too_large"),
    ],
)
def test_what_is_no_photo_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        pictures_sent.read(data)
    assert refused.value.code == code


def test_damage_never_raises_anything_else() -> None:
    rng, good = np.random.default_rng(5), (photo(), video())
    for n in range(400):
        data = bytearray(good[n % 2])
        for at in rng.integers(4, len(data), 4):
            data[at] = int(rng.integers(0, 256))
        try:
            pictures_sent.read(bytes(data[: int(rng.integers(4, len(data) + 1))]))
        except Invalid:
            continue


def test_a_photo_is_kept_once_and_shown_to_who_may_see(
    person: Person, services: Services, order: str
) -> None:
    phone = person("fir1")
    sent = send(phone, order, photo())
    assert sent.status_code == 201, sent.json
    again = send(phone, order, photo())
    assert (again.status_code, again.json["upload"]) == (200, sent.json["upload"])
    shown = person("officer").get(f"/api/v1/uploads/{sent.json['upload']}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert services.settings.uploads
    files = [one for one in Path(services.settings.uploads).rglob("*") if one.is_file()]
    assert len(files) == 1
    assert hashlib.sha256(shown.data).hexdigest() == files[0].stem
    assert person("med1").get(f"/api/v1/uploads/{sent.json['upload']}").status_code == 404


def test_a_photo_may_follow_when_the_order_is_done(person: Person, order: str) -> None:
    phone = person("fir1")
    phone.does("order.acknowledge", "a-1", order=order)
    phone.does("order.advance", "a-2", order=order, to="DONE")
    assert send(phone, order, photo()).status_code == 201


def test_a_program_is_no_photo_whatever_it_calls_itself(person: Person, order: str) -> None:
    refused = send(person("fir1"), order, b"MZ" + bytes(50))
    assert (refused.status_code, refused.json["code"]) == (422, "file_type")
    assert send(person("officer"), order, photo()).status_code == 403


def test_a_place_is_taken_only_while_it_is_shared(
    person: Person, services: Services, order: str
) -> None:
    phone = person("fir1")
    point = {"lat": 37.055, "lon": 118.055, "at": services.now(), "accuracy": 6}
    said = {"order": order, "points": [point]}
    address = "/api/v1/positions/own"
    assert phone.post(address, json=said).status_code == 409
    phone.does("order.share_place", "s-1", order=order, on=True)
    assert phone.post(address, json=said).json == {"accepted": 1}
    assert services.positions.frame(("city",), services.now())[:4] != bytes(4)
    phone.does("order.advance", "a-2", order=order, to="DONE")
    assert phone.post(address, json=said).status_code == 409


def send(who: Browser, order: str, data: bytes, key: str = "p-1") -> TestResponse:
    headers = {"Idempotency-Key": key, "Content-Type": "image/jpeg"}
    return who.post(f"/api/v1/uploads?order={order}", headers=headers, data=data)
