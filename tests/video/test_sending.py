"""WHIP: a browser sends its camera, and another screen sees it as any feed."""

from aiortc.rtp import RtpPacket
from playwright.sync_api import Browser

from tests.video.media import Media, screen, wait_for
from tests.video.test_doors import GOOD
from video.whip import WAIT_MAX, Assembly

SEND = """
async ([path, token]) => {
  const pc = new RTCPeerConnection();
  const canvas = document.createElement("canvas"); canvas.width = 320; canvas.height = 240;
  const pen = canvas.getContext("2d");
  let n = 0;
  setInterval(() => { pen.fillStyle = n % 2 ? "#fff" : "#234"; pen.fillRect(0, 0, 320, 240);
    pen.fillStyle = "#e33"; pen.fillRect(n++ * 5 % 280, 60, 40, 120); }, 66);
  const track = canvas.captureStream(15).getVideoTracks()[0];
  const line = pc.addTransceiver(track, {direction: "sendonly"});
  const codecs = RTCRtpSender.getCapabilities("video").codecs;
  line.setCodecPreferences(codecs.filter((one) => one.mimeType === "video/H264"));
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise((then) => setTimeout(then, 500));
  const answer = await fetch("/media/whip/" + path, {method: "POST",
    headers: {"Content-Type": "application/sdp", "Authorization": "Bearer " + token},
    body: pc.localDescription.sdp});
  if (answer.status !== 201) return [answer.status, await answer.text()];
  window.pc = pc; window.session = answer.headers.get("Location");
  window.bearer = {"Authorization": "Bearer " + token};
  await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
  return [201, ""];
}
"""


def _sent(media: Media) -> None:
    sources = [{"path": "drone/UAV-1", "url": "", "kind": "whip", "pinned": False}]
    body = {"revision": "w", "sources": sources}
    assert media.control("PUT", "sources", body).status_code == 200


def test_what_a_phone_sends_is_seen_on_a_screen(browser: Browser, media: Media) -> None:
    _sent(media)
    with screen(browser, media) as phone, screen(browser, media) as wall:
        token = media.token("drone/UAV-1", "whip")
        answer = phone.page.evaluate(SEND, ["drone/UAV-1", token])
        assert answer == [201, ""]
        feed = lambda: media.control("GET", "status").json()["feeds"][0]  # noqa: E731
        wait_for(feed, lambda one: one["state"] == "live", 15.0)
        second = media.post("drone/UAV-1", GOOD.replace("recvonly", "sendonly"), "whip")
        assert (second.status_code, second.json()["code"]) == (409, "taken")
        assert wall.play("drone/UAV-1") == (201, "")
        wall.plays(15.0, frames=5)
    wait_for(feed, lambda one: one["state"] == "dead", 5.0)


def test_nobody_sends_to_a_camera_that_is_fetched(media: Media) -> None:
    media.want(a=("rtsp", "rtsp://127.0.0.1:1/x"))
    sending = GOOD.replace("a=recvonly", "a=sendonly")
    assert media.post("cam/a", sending, "whip").status_code == 409
    _sent(media)
    assert media.post("drone/UAV-1", GOOD, "whip").status_code == 406
    assert media.post("drone/UAV-2", sending, "whip").status_code == 404


def _packet(number: int, data: bytes, marker: int, ticks: int) -> RtpPacket:
    packet = RtpPacket(payload_type=96, sequence_number=number & 0xFFFF, timestamp=ticks)
    packet.marker, packet._data = marker, data  # type: ignore[attr-defined]
    return packet


def test_packets_out_of_order_make_whole_pictures() -> None:
    units: list[tuple[bytes, int]] = []
    lost: list[int] = []
    made = Assembly(lambda unit, ticks: units.append((unit, ticks)), lambda: lost.append(1))
    key, rest = b"\x00\x00\x00\x01\x65aa", b"bb"
    made.add(_packet(65_534, key, 0, 1))
    made.add(_packet(0, b"\x00\x00\x00\x01\x41cc", 1, 2))
    made.add(_packet(65_535, rest, 1, 1))
    made.add(_packet(65_535, rest, 1, 1))
    assert units == [(key + rest, 1), (b"\x00\x00\x00\x01\x41cc", 2)]
    assert lost == []


def test_a_loss_waits_for_the_next_keyframe() -> None:
    units: list[bytes] = []
    lost: list[int] = []
    made = Assembly(lambda unit, _ticks: units.append(unit), lambda: lost.append(1))
    key, other = b"\x00\x00\x01\x65a", b"\x00\x00\x01\x41b"
    made.add(_packet(10, key, 1, 1))
    for n in range(WAIT_MAX + 1):
        made.add(_packet(12 + n, other, 1, 2 + n))
    assert (units, len(lost)) == ([key], 1)
    made.add(_packet(12 + WAIT_MAX + 1, key, 1, 900))
    assert units == [key, key]
