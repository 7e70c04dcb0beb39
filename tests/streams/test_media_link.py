"""A media process that is silent is shown at once, and told in the log when it is no start."""

import logging

import pytest

from dispatch.cameras import Registered
from dispatch.city_records import Camera
from streams import feeds
from streams.feeds import Feeds, MediaLink
from tests.stack import free_port


def test_silence_is_told_once_and_not_while_it_starts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = Feeds({})
    link = MediaLink(known, list, f"http://127.0.0.1:{free_port()}", "key")
    with caplog.at_level(logging.WARNING):
        link.poll()
        link.poll()
        assert not known.up
        assert caplog.messages == []
        monkeypatch.setattr(feeds, "PATIENCE_S", 0.0)
        link.poll()
        link.poll()
    assert caplog.messages == ["the media process does not answer: ConnectError"]


def camera(id: str, **said: str) -> Registered:
    made = Camera(id, id, id, "e", 37.05, 118.05, 0, 60, url=f"rtsp://10.0.0.1/{id}")
    for name, value in said.items():  # as a store that was spoilt past the product may hold it
        object.__setattr__(made, name, value)
    return Registered(made)


def test_an_address_that_nobody_can_read_keeps_no_other_camera_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoilt = (camera("C2", url="rtsp://[fd00::1/x"), camera("C3", sub_url="gopher://10.0.0.1/x"))
    known = [camera("C1"), *spoilt, camera("C4")]
    link = MediaLink(Feeds({}), lambda: known, f"http://127.0.0.1:{free_port()}", "key")
    for _ in range(2):
        link.renew()
        link.poll()
    assert [row["path"] for row in link._rows] == ["cam/C1", "cam/C4"]
    assert caplog.messages == [
        f"camera {id} is left out: its address cannot be read" for id in ("C2", "C3")
    ]
