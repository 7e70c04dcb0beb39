"""The doors of the media process: who may, and that nothing sent from outside is a fault."""

import itertools
import time

import httpx
import pytest

from dispatch.clock import now_ms
from tests.video.media import Cameras, Media
from video.tokens import LIFE_MS, Claims, TokenError, Tokens, expect

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
GOOD = "\r\n".join(
    (
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 127.0.0.1 40999 typ host",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        FINGERPRINT,
        "a=setup:actpass",
        "a=mid:0",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtpmap:102 H264/90000",
        "a=rtcp-fb:102 nack pli",
        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
        "",
    )
)
LINES = GOOD.strip().split("\r\n")
BAD = {
    "empty": "",
    "one line": "v=0",
    "no SDP": "hello",
    "JSON": "{}",
    "only zeros": "\0" * 100,
    "no m-line": "\r\n".join(LINES[:5]),
    "a hundred m-lines": GOOD + "\r\n".join(LINES[5:]) * 100,
    "a number where none is": GOOD.replace("m=video 9", "m=video x"),
    "a port too high": GOOD.replace("m=video 9", "m=video 99999999"),
    "another kind": GOOD.replace("m=video", "m=image"),
    "a half candidate": GOOD.replace("2113937151 127.0.0.1 40999 typ host", ""),
    "a fingerprint of nothing": GOOD.replace(FINGERPRINT, "a=fingerprint:sha-256"),
    "no ICE": GOOD.replace("a=ice-ufrag:abcd\r\n", ""),
    "no mid": GOOD.replace("a=mid:0\r\n", ""),
    "a bad rtpmap": GOOD.replace("H264/90000", "H264"),
    "a bad format": GOOD.replace("packetization-mode=1", "packetization-mode"),
    "no setup": GOOD.replace("a=setup:actpass\r\n", ""),
    "another setup": GOOD.replace("actpass", "holdconn"),
    "an unknown direction": GOOD.replace("a=recvonly", "a=upwards"),
    "only VP8": GOOD.replace("H264/90000", "VP8/90000"),
    "an offer to send": GOOD.replace("a=recvonly", "a=sendonly"),
}


@pytest.fixture
def playing(media: Media, cameras: Cameras) -> Media:
    media.want(a_=("rtsp", cameras.url("plain")))
    media.wait("a_", "live")
    return media


def test_a_good_offer_is_answered(playing: Media) -> None:
    answer = playing.post("cam/a_", GOOD)
    assert answer.status_code == 201, answer.text
    assert "a=candidate" in answer.text
    found = [line for line in answer.text.splitlines() if line.startswith("a=candidate")]
    assert {line.split()[4] for line in found} == {"127.0.0.1"}
    assert all(40_000 <= int(line.split()[5]) <= 40_199 for line in found)
    session = answer.headers["Location"]
    more = "a=mid:0\r\na=candidate:1 1 udp 2113937151 abc-def.local 40998 typ host\r\n"
    token, kind = playing.token("cam/a_"), "application/trickle-ice-sdpfrag"
    assert playing.ask("PATCH", session, token, more, kind).status_code == 204
    assert playing.ask("PATCH", session, token, "a=candidate:x", kind).status_code == 400
    assert playing.ask("PATCH", session, token, more, "text/plain").status_code == 415
    assert playing.ask("DELETE", session, token).status_code == 200
    assert playing.ask("DELETE", session, token).status_code == 404


@pytest.mark.parametrize("name", BAD)
def test_a_bad_offer_is_the_senders_fault(playing: Media, name: str) -> None:
    answer = playing.post("cam/a_", BAD[name])
    assert 400 <= answer.status_code < 500, (name, answer.text)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_an_offer_cut_anywhere_is_never_our_fault(playing: Media) -> None:
    for n, line in enumerate(LINES):
        for text in (
            "\r\n".join(LINES[:n] + LINES[n + 1 :]) + "\r\n",
            GOOD.replace(line, line[:-3]),
        ):
            answer = playing.post("cam/a_", text)
            assert answer.status_code < 500, (line, answer.text)


def test_size_and_kind_of_a_body_are_checked(playing: Media) -> None:
    assert playing.post("cam/a_", "a" * 70_000).status_code == 413
    token = playing.token("cam/a_")
    assert playing.ask("POST", "/media/whep/cam/a_", token, GOOD).status_code == 415


def test_nothing_is_opened_without_a_token_for_it(playing: Media) -> None:
    address, kind = "/media/whep/cam/a_", "application/sdp"
    old = playing.tokens.issue("officer", "cam/a_", "whep", now_ms() - LIFE_MS - 1)[0]
    forged = Tokens("another secret of the same length").issue("x", "cam/a_", "whep", now_ms())[0]
    refused = {
        "": 401, "x": 403, "x.y": 403, "é": 403, forged: 403, old: 403,
        playing.token("cam/b"): 403, playing.token("cam/a_", "snapshot"): 403,
        playing.token("cam/a_")[:-2]: 403, "a" * 5_000: 403,
    }  # fmt: skip
    for token, status in refused.items():
        headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
        answer = httpx.post(
            playing.url + address, content=GOOD, headers={**headers, "Content-Type": kind}
        )
        assert answer.status_code == status, (token, answer.text)


def test_a_token_says_who_may_do_what_until_when() -> None:
    tokens = Tokens("a secret")
    token, ends = tokens.issue("wang", "cam/a", "whep", 1_000)
    assert tokens.read(token, ends) == Claims("wang", "cam/a", "whep", ends)
    assert tokens.recognise(token).sub == "wang"
    for now, code in ((ends + 1, "token_expired"),):
        with pytest.raises(TokenError, match=code):
            tokens.read(token, now)
    with pytest.raises(TokenError, match="wrong_path"):
        expect(tokens.read(token, 0), "cam/b", "whep")
    with pytest.raises(TokenError, match="wrong_action"):
        expect(tokens.read(token, 0), "cam/a", "whip")


def test_no_changed_byte_of_a_token_goes_unnoticed() -> None:
    tokens = Tokens("a secret")
    token, _ = tokens.issue("wang", "cam/a", "whep", 0)
    for at, other in itertools.product(range(0, len(token) - 1), "A9"):
        changed = token[:at] + other + token[at + 1 :]
        if changed != token:
            with pytest.raises(TokenError):
                tokens.read(changed, 0)


def test_pictures_come_as_jpeg_where_video_does_not(playing: Media) -> None:
    token = playing.token("cam/a_", "snapshot")
    still = playing.ask("GET", "/media/snapshot/cam/a_?width=160", token)
    assert still.content[:3] == b"\xff\xd8\xff"
    assert still.headers["Cache-Control"] == "no-store"
    assert playing.ask("GET", "/media/snapshot/cam/a_").status_code == 401
    moving = {"Authorization": f"Bearer {playing.token('cam/a_', 'mjpeg')}"}
    with httpx.stream("GET", f"{playing.url}/media/mjpeg/cam/a_", headers=moving) as answer:
        got = b""
        for chunk in answer.iter_bytes():
            got += chunk
            if got.count(b"--still") >= 3:
                break
    assert got.count(b"\xff\xd8\xff") >= 2


def test_no_feed_is_a_404_and_a_dead_one_a_503(media: Media, cameras: Cameras) -> None:
    media.want(gone=("rtsp", cameras.url("nobody")), shut=("rtsp", "rtsp://127.0.0.1:1/x"))
    assert media.post("cam/none", GOOD).status_code == 404
    dead = media.post("cam/gone", GOOD)
    assert (dead.status_code, dead.json()["detail"]) == (503, "refused")
    assert dead.headers["Retry-After"] == "1"
    shut = media.post("cam/shut", GOOD)
    assert (shut.status_code, shut.json()["detail"]) == (409, "not_allowed")


def test_the_control_door_is_for_the_web_process_alone(media: Media) -> None:
    for word in ("", "x", media.token("cam/a")):
        answer = media.ask("GET", "/control/status", word)
        assert answer.status_code == 403
    for body in (None, {}, {"revision": "1"}, {"revision": "1", "sources": [{"path": "x"}]}):
        assert media.control("PUT", "sources", body).status_code == 422
    assert media.control("GET", "nothing").status_code == 404


def test_a_feed_nobody_watches_is_closed_again(
    media: Media, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("video.feed.LINGER_S", 0.3)
    media.want(a=("rtsp", cameras.url("plain")))
    assert media.feed("a")["state"] == "idle"
    token = media.token("cam/a", "snapshot")
    assert media.ask("GET", "/media/snapshot/cam/a", token).status_code == 200
    assert media.feed("a")["state"] == "live"
    media.wait("a", "idle", 3.0)
    began = time.monotonic()
    while cameras.broadcasts["plain"].viewers and time.monotonic() < began + 5:
        time.sleep(0.05)
    assert not cameras.broadcasts["plain"].viewers
