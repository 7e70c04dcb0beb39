"""What `video/private.py` believes of aiortc's insides: one test a name, on real objects."""

import inspect
from importlib.metadata import version

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, clock
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RTP_HISTORY_SIZE, HeaderExtensionsMap, RtpPacket

from tests.calls.conftest import Call, Run
from tests.calls.parties import until
from video import private
from video.calls import Silence


def test_the_version_is_the_one_that_was_read() -> None:
    assert version("aiortc") == "1.16.0"


def test_a_receiver_has_a_jitter_buffer_and_its_codecs(in_call: Run) -> None:
    async def test(call: Call) -> None:
        receiver = _peer().addTransceiver("video").receiver
        assert isinstance(receiver._RTCRtpReceiver__jitter_buffer, JitterBuffer)
        assert receiver._RTCRtpReceiver__codecs == {}
        added = list(inspect.signature(JitterBuffer.add).parameters)
        assert added == ["self", "packet"]

    in_call(test)


def test_a_tapped_receiver_decodes_nothing_and_keeps_its_payload_type(in_call: Run) -> None:
    async def test(call: Call) -> None:
        await call.join("anna", receive=False)
        sources = call.calls._rooms["r"].callers["anna"].sources
        heard: dict[str, list[tuple[RtpPacket, bytes]]] = {"audio": [], "video": []}
        for kind, source in sources.items():
            source.followers.append(
                lambda packet, data, kind=kind: heard[kind].append((packet, data))
            )
        await until(lambda: len(heard["audio"]) > 5 and len(heard["video"]) > 5, "packets")
        for kind, source in sources.items():
            receiver = source._receiver
            packet, data = heard[kind][0]
            codec = private.codec_of(receiver, packet)
            assert codec is not None
            assert codec.name == {"audio": "opus", "video": "VP8"}[kind]
            assert len(data) <= len(packet.payload)
            assert receiver._RTCRtpReceiver__decoder_queue.empty()
            assert receiver.track._queue.empty()

    in_call(test)


def test_a_keyframe_is_asked_of_one_ssrc(in_call: Run) -> None:
    asked = inspect.signature(RTCRtpReceiver._send_rtcp_pli)
    assert list(asked.parameters) == ["self", "media_ssrc"]
    assert inspect.iscoroutinefunction(RTCRtpReceiver._send_rtcp_pli)

    async def test(call: Call) -> None:
        anna = await call.join("anna", receive=False)
        source = call.calls._rooms["r"].callers["anna"].sources["video"]
        await until(lambda: source.rate or source._ssrc, "a picture")
        sender = next(one for one in anna.peers[0].getSenders() if one.kind == "video")
        await until(lambda: not sender._RTCRtpSender__force_keyframe, "no keyframe is due")
        before = sender._RTCRtpSender__stats
        got: list[int] = []
        sender._send_keyframe = lambda: got.append(1)
        await private.ask_keyframe(source._receiver, source._ssrc)
        await until(lambda: bool(got), "the request")
        assert before is sender._RTCRtpSender__stats

    in_call(test)


def test_a_transceiver_knows_what_was_agreed(in_call: Run) -> None:
    async def test(call: Call) -> None:
        here, there = _peer(), _peer()
        there.addTransceiver("video", direction="recvonly")
        here.addTransceiver(Silence("video"), direction="sendonly")
        await there.setLocalDescription(await there.createOffer())
        await here.setRemoteDescription(there.localDescription)
        await here.setLocalDescription(await here.createAnswer())
        agreed = private.codecs_of(here.getTransceivers()[0])
        assert {"VP8", "H264"} <= set(agreed)
        for type in agreed.values():
            assert f"a=rtpmap:{type} " in here.localDescription.sdp
        await here.close()
        await there.close()

    in_call(test)


SENDER = {
    "_ssrc": int,
    "_RTCRtpSender__mid": type(None),
    "_RTCRtpSender__rtp_history": dict,
    "_RTCRtpSender__rtp_header_extensions_map": HeaderExtensionsMap,
    "_RTCRtpSender__ntp_timestamp": int,
    "_RTCRtpSender__rtp_timestamp": int,
    "_RTCRtpSender__octet_count": int,
    "_RTCRtpSender__packet_count": int,
}


@pytest.mark.parametrize("name", SENDER)
def test_a_sender_has(in_call: Run, name: str) -> None:
    async def test(call: Call) -> None:
        sender = _peer().addTransceiver(Silence("video")).sender
        assert isinstance(getattr(sender, name), SENDER[name])

    in_call(test)


def test_a_sender_asks_itself_for_keyframes_and_hears_reports() -> None:
    assert list(inspect.signature(RTCRtpSender._send_keyframe).parameters) == ["self"]
    heard = RTCRtpSender._handle_rtcp_packet
    assert inspect.iscoroutinefunction(heard)
    assert list(inspect.signature(heard).parameters) == ["self", "packet"]


def test_a_sender_repeats_what_stands_in_its_history(in_call: Run) -> None:
    async def test(call: Call) -> None:
        await call.join("anna", receive=False, picture=False)
        await call.join("ben", send=False)
        room = call.calls._rooms["r"]
        await until(lambda: bool(room.callers["ben"].ears.slots["audio"][0].sent), "a voice")
        slot = room.callers["ben"].ears.slots["audio"][0]
        sender = slot._wire._sender
        last = slot._seq
        kept = sender._RTCRtpSender__rtp_history[last % RTP_HISTORY_SIZE]
        assert kept.sequence_number == last
        counted = sender.transport._get_stats()
        await sender._retransmit(last)
        packets = next(iter(sender.transport._get_stats().values())).packetsSent
        assert packets > next(iter(counted.values())).packetsSent

    in_call(test)


def test_a_packet_carries_what_a_slot_writes() -> None:
    packet = RtpPacket(96, 1, 7, 8, 9, b"x")
    packet.extensions.mid = "0"
    packet.extensions.audio_level = (False, 30)
    packet.extensions.abs_send_time = (clock.current_ntp_time() >> 14) & 0x00FFFFFF
    again = RtpPacket.parse(packet.serialize(HeaderExtensionsMap()))
    assert (again.payload_type, again.marker, again.sequence_number) == (96, 1, 7)
    assert (again.timestamp, again.ssrc, again.payload) == (8, 9, b"x")


def _peer() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


def test_a_transceiver_knows_whether_its_transport_is_shared(in_call: Run) -> None:
    async def test(call: Call) -> None:
        first, second = _peer().addTransceiver("video"), _peer().addTransceiver("audio")
        assert first._bundled is False
        private.share_transport(first)
        assert first._bundled is True
        assert second._bundled is False

    in_call(test)
