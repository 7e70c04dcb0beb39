"""Sources are read only where cameras may be: the guard against requests made in our name."""

import socket
from pathlib import Path

import pytest

from streams.feeds import absolute
from video.addresses import Allowed, NotAllowed, shown
from video.source import Source, open_source

NOWHERE = (
    "rtsp://127.0.0.1/x", "rtsp://127.0.0.1:6379/x", "rtsp://localhost/x", "rtsp://[::1]/x",
    "rtsp://0.0.0.0/x", "rtsp://169.254.169.254/latest", "rtsp://[fe80::1]/x", "rtsp://8.8.8.8/x",
    "rtsp://224.0.0.1/x", "rtsp://2130706433/x", "rtsp://0x7f000001/x", "rtsp://[::ffff:127.0.0.1]/x",
    "rtsp:///x", "rtsp://no.such.host.invalid/x", "http://127.0.0.1:80/x",
)  # fmt: skip


@pytest.mark.parametrize("url", NOWHERE)
def test_an_address_that_is_not_a_cameras_is_not_opened(url: str) -> None:
    with pytest.raises((NotAllowed, ValueError)):
        open_source(Source("cam/a", url, "rtsp"), Allowed())


@pytest.mark.parametrize(
    "url",
    ["rtsp://10.0.0.1:99999/", "rtsp://10.0.0.1:x/", "rtsp://[fd00::1/", "rtsp://a..b/",
     "whep+http://[::ffff:169.254.169.254]/", "rtsp://[64:ff9b::7f00:1]/", "rtsp://[2002:7f00:1::]/"],
)  # fmt: skip
def test_what_is_no_address_leads_nowhere(url: str) -> None:
    """Another engine's would otherwise be answered with a fault of ours."""
    with pytest.raises(NotAllowed):
        Allowed().resolve(url)


@pytest.mark.parametrize(
    "url", ["/etc/passwd", "file:///etc/passwd", "concat:/etc/passwd", "data:x", "subfile:/etc/x"]
)
def test_files_and_other_protocols_are_not_opened(url: str, tmp_path: Path) -> None:
    for kind in ("rtsp", "mpegts", "file"):
        with pytest.raises((NotAllowed, ValueError)):
            open_source(Source("cam/a", url, kind), Allowed(), tmp_path)  # type: ignore[arg-type]


def test_a_name_is_looked_up_once_and_must_lead_to_allowed_places_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answers(*addresses: str) -> None:
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 554)) for one in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: rows)

    answers("10.0.0.7")
    place = Allowed().resolve("rtsp://u:p@camera.lan/x")
    assert place.url == "rtsp://u:p@10.0.0.7:554/x"
    answers("10.0.0.7", "127.0.0.1")
    with pytest.raises(NotAllowed):
        Allowed().resolve("rtsp://camera.lan/x")


def test_networks_and_single_places_are_read_from_words() -> None:
    allowed = Allowed.parse(["10.8.0.0/16", "127.0.0.1:8554"])
    assert allowed.holds("10.8.1.1", 554)
    assert allowed.holds("127.0.0.1", 8554)
    assert not allowed.holds("127.0.0.1", 8555)
    assert not allowed.holds("10.9.1.1", 554)
    assert Allowed.parse(["127.0.0.1:8554"]).holds("192.168.1.1", 554)
    for word in ("10.0.0.0/99", "x", "10.0.0.1:", "nvr:554"):
        with pytest.raises(ValueError, match=r"."):
            Allowed.parse([word])


def test_a_log_shows_no_password() -> None:
    assert shown("rtsp://u:p@10.0.0.7:554/x?token=s") == "rtsp://10.0.0.7:554/x"


def test_relative_addresses_follow_the_base() -> None:
    assert absolute("cam/a/sub", "rtsp://10.0.0.7:554/") == "rtsp://10.0.0.7:554/cam/a/sub"
    assert absolute("rtsp://10.0.0.8/y", "rtsp://10.0.0.7:554/") == "rtsp://10.0.0.8/y"
    assert absolute("cam/a", "") == ""
