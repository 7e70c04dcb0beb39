"""Pictures through a relay alone, as for screens beyond a firewall."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dispatch.clock import now_ms
from tests.video.media import Cameras, running, screen
from tests.video.turn_server import SECRET, coturn
from video import ice, turn


def test_no_server_is_offered_unless_one_is_set() -> None:
    assert turn.ice_servers((), "", "x", 0) == []
    assert turn.ice_servers(("stun:10.0.0.1",), "", "x", 0) == [{"urls": ["stun:10.0.0.1"]}]
    servers = turn.ice_servers(("turn:10.0.0.1",), "s", "wang", 1_000_000)
    assert servers[0]["username"] == f"{1_000 + turn.LIFE_S}:wang"


def test_pictures_come_through_the_relay_alone(
    browser: Browser, clips: Path, cameras: Cameras, tmp_path: Path
) -> None:
    address = ice.main_address()
    if address == "127.0.0.1":
        pytest.skip("coturn relays to no loopback address, and this machine has no other")
    with (
        coturn(tmp_path, address) as url,
        running(clips, cameras, addresses=(address,)) as media,
    ):
        media.want(a=("rtsp", cameras.url("plain")))
        servers = turn.ice_servers((url,), SECRET, "officer", now_ms())
        only = {"iceServers": servers, "iceTransportPolicy": "relay"}
        with screen(browser, media, only) as one:
            assert one.play("cam/a") == (201, "")
            assert one.plays(15.0)["pair"] == "relay"
        ended = turn.ice_servers((url,), SECRET, "officer", now_ms() - 3 * 3_600_000)
        with screen(browser, media, {**only, "iceServers": ended}) as other:
            other.play("cam/a")
            found = other.page.evaluate(
                """async () => { const pc = new RTCPeerConnection(window.config), seen = [];
                pc.onicecandidate = (e) => e.candidate && seen.push(e.candidate.type);
                pc.addTransceiver("video"); await pc.setLocalDescription(await pc.createOffer());
                await new Promise((then) => setTimeout(then, 1500)); pc.close(); return seen; }"""
            )
            assert found == []
