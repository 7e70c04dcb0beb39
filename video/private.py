"""Every name of aiortc that is not its public interface, behind functions of our own.

aiortc 1.16 has no public way to pass received packets on without decoding them, so the call
server leans on the names below; aioice has none to say how soon who vanished is sent nothing any
more. The versions are pinned, and `tests/calls/test_private.py` holds
each name to what is believed of it here: a new aiortc fails there, and not in a call.
"""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from aioice import stun
from aioice.ice import Connection
from aiortc import RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver, clock
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTP_HISTORY_SIZE,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtpPacket,
    unpack_remb_fci,
)

__all__ = ["RtpPacket", "Wire", "ask_keyframe", "codec_of", "codecs_of", "miss_soon",
           "share_transport", "tap"]  # fmt: skip

ASK_S = 2.5  # between two answered questions whether the far end is there
UNANSWERED = 3  # questions in a row, and it is not
AGAIN = 2  # times that a question is repeated: it is sent thrice, and its answer may take 3.5 s

Heard = Callable[[RtpPacket, bytes], None]
"""Takes a packet as it came and its payload without the codec's own header."""


class _Tap:
    """Stands in the place of a receiver's jitter buffer: nothing is put together or decoded."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._heard(packet, packet._data)  # type: ignore[attr-defined]
        return False, None


def tap(receiver: RTCRtpReceiver, heard: Heard) -> None:
    """Give every packet of a receiver to `heard`, retransmitted ones too, and decode none.

    The receiver goes on asking for what was lost and reporting to its sender.
    """
    receiver._RTCRtpReceiver__jitter_buffer = _Tap(heard)  # type: ignore[attr-defined]


def codec_of(receiver: RTCRtpReceiver, packet: RtpPacket) -> RTCRtpCodecParameters | None:
    """The codec of a received packet, by its payload type."""
    known: dict[int, RTCRtpCodecParameters] = receiver._RTCRtpReceiver__codecs  # type: ignore[attr-defined]
    return known.get(packet.payload_type)


def codecs_of(transceiver: RTCRtpTransceiver) -> dict[str, int]:
    """The codecs that both sides agreed on, each with its payload type; the first of a name."""
    agreed: dict[str, int] = {}
    for one in transceiver._codecs:
        if one.payloadType is not None:
            agreed.setdefault(one.name, one.payloadType)
    return agreed


async def ask_keyframe(receiver: RTCRtpReceiver, ssrc: int) -> None:
    """Ask the sender of a picture for a keyframe. ssrc: of its media, never of its repair."""
    await receiver._send_rtcp_pli(ssrc)


def share_transport(transceiver: RTCRtpTransceiver) -> None:
    """Let the first transceiver of a peer of one bundle say that its transport is shared.

    Where another line of the offer comes before its own, aiortc would take its transport for one
    that nobody needs any more, and stop what all use: such a peer never connects.
    """
    transceiver._bundled = True


def miss_soon(transceiver: RTCRtpTransceiver) -> None:
    """Let the connection be over 10 to 14 s after its far end has vanished.

    aioice takes 27 to 39 s (RFC 7675 allows 30), which a viewer's whole stream is sent to nobody;
    and counts an answer after half a second as none. Here more must be lost, nine packets in a
    row instead of six, and a line as slow as 3 s is held. An answer that says no ends it at once.
    """
    connection = transceiver.sender.transport.transport._connection
    connection.query_consent = partial(_question, connection)  # type: ignore[method-assign]


async def _question(connection: Connection) -> None:
    silent = 0
    while silent < UNANSWERED:
        await asyncio.sleep(0 if silent else ASK_S * random.uniform(0.8, 1.2))
        silent = 0 if await _answers(connection) else silent + 1
    connection._query_consent_task = None
    await connection.close()


async def _answers(connection: Connection) -> bool:
    password = (connection.remote_password or "").encode()
    for pair in tuple(connection._nominated.values()):
        request = connection.build_request(pair, nominate=False)
        try:
            await pair.protocol.request(request, pair.remote_addr, password, AGAIN)
        except stun.TransactionError:
            return False
    return True


class Wire:
    """A sender that sends packets of others as its own."""

    def __init__(self, sender: RTCRtpSender) -> None:
        self._sender = sender

    @property
    def ssrc(self) -> int:
        return self._sender._ssrc

    def on_keyframe_asked(self, then: Callable[[], None]) -> None:
        """Call `then` when the far end has lost the picture."""
        self._sender._send_keyframe = then  # type: ignore[method-assign]

    def on_report(self, bitrate: Callable[[int], None], lost: Callable[[float], None]) -> None:
        """Tell what the far end reports: the bits a second that it can take, the part it lost."""
        inner = self._sender._handle_rtcp_packet

        async def handle(packet: Any) -> None:
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
                _tell_bitrate(packet, bitrate)
            elif isinstance(packet, RtcpRrPacket):
                for report in packet.reports:
                    if report.ssrc == self.ssrc:
                        lost(report.fraction_lost / 256)
            await inner(packet)

        self._sender._handle_rtcp_packet = handle  # type: ignore[method-assign]

    async def send(self, packet: RtpPacket) -> None:
        """Send a packet, keep it for retransmission, count it for the sender's reports.

        Raises ConnectionError when the far end is gone.
        """
        sender: Any = self._sender
        packet.ssrc = sender._ssrc
        packet.extensions.mid = sender._RTCRtpSender__mid
        packet.extensions.abs_send_time = (clock.current_ntp_time() >> 14) & 0x00FFFFFF
        sender._RTCRtpSender__rtp_history[packet.sequence_number % RTP_HISTORY_SIZE] = packet
        await sender.transport._send_rtp(
            packet.serialize(sender._RTCRtpSender__rtp_header_extensions_map)
        )
        sender._RTCRtpSender__ntp_timestamp = clock.current_ntp_time()
        sender._RTCRtpSender__rtp_timestamp = packet.timestamp
        sender._RTCRtpSender__octet_count += len(packet.payload)
        sender._RTCRtpSender__packet_count += 1


def _tell_bitrate(packet: RtcpPsfbPacket, bitrate: Callable[[int], None]) -> None:
    try:
        bitrate(unpack_remb_fci(packet.fci)[0])
    except ValueError:  # feedback of another kind
        return
