"""WHEP: a viewer's offer answered with the feed's own H.264."""

import logging

from aiortc import (
    MediaStreamTrack,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from video.feed import Feed, Viewer
from video.packing import Packed, send_packed
from video.peers import FOR_CALLS, Peers, Session
from video.private import miss_soon, share_transport
from video.refused import MediaRefused
from video.sdp import Offer

log = logging.getLogger(__name__)

PATIENCE_S = 8.0  # a cold source takes up to 3 s to open
BUSY = ("timeout", "refused", "ended", "failed")


class FeedTrack(MediaStreamTrack):
    """What one viewer is sent."""

    kind = "video"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer

    async def recv(self) -> Packed:  # type: ignore[override]
        try:
            return (await self._viewer.shot()).packed
        except EOFError:
            raise MediaStreamError from None


async def play(feed: Feed, peers: Peers, offer: Offer) -> Session:
    """Open a session for a viewer. Raises MediaRefused."""
    line = offer.line("recvonly")
    if line is None:
        raise MediaRefused(406, "codec", "the offer takes no H.264 video")
    viewer = feed.watch()
    try:
        await whole(feed)
        peer = peers.make(viewer.close, FOR_CALLS)
    except BaseException:
        viewer.close()
        raise
    try:
        peer.on("datachannel", lambda channel: feed.on_channel(channel))
        transceiver = take(peer, offer, line, FeedTrack(viewer), "sendonly")
        send_packed(transceiver.sender)
        answer = await accept(peer, offer)
        miss_soon(transceiver)
    except BaseException:
        await peers.end(peer)
        raise

    return session(peer, peers, answer)


def take(
    peer: RTCPeerConnection,
    offer: Offer,
    line: int,
    what: MediaStreamTrack | str,
    direction: str,
) -> RTCRtpTransceiver:
    """Our transceiver for one line of the offer; all its other lines will be answered inactive.

    aiortc would receive them, decode them and keep every frame for a reader who never comes.
    """
    for number, media in enumerate(offer.parsed.media):
        if number == line:
            ours = peer.addTransceiver(what, direction=direction)
        elif media.kind in ("audio", "video"):
            peer.addTransceiver(media.kind, direction="inactive")
    ours.setCodecPreferences(h264())  # has no effect after setRemoteDescription
    share_transport(peer.getTransceivers()[0])
    return ours


def session(peer: RTCPeerConnection, peers: Peers, answer: str) -> Session:
    """The session of one peer connection: over when the connection is."""

    async def close() -> None:
        await peers.end(peer)

    async def add(found: list[RTCIceCandidate]) -> None:
        await add_candidates(peer, found)

    return Session(answer, close, add, lambda: peers.has(peer))


async def accept(peer: RTCPeerConnection, offer: Offer) -> str:
    """Take the offer; the answer's SDP with all our candidates. Raises MediaRefused 400."""
    try:
        await peer.setRemoteDescription(offer.description)
        answer = await peer.createAnswer()
        await peer.setLocalDescription(answer)
    except (ValueError, InvalidStateError, InvalidAccessError, OperationError) as error:
        raise MediaRefused(400, "bad_sdp", str(error)) from None
    except (KeyError, AttributeError, IndexError, AssertionError, TypeError) as error:
        log.info("an offer that was read could not be used: %r", error)
        raise MediaRefused(400, "bad_sdp", "the offer cannot be answered") from None
    return peer.localDescription.sdp


async def add_candidates(peer: RTCPeerConnection, found: list[RTCIceCandidate]) -> None:
    for candidate in found:
        try:
            await peer.addIceCandidate(candidate)
        except ValueError:  # after the end of candidates
            return


async def whole(feed: Feed) -> None:
    """Wait until there is a picture. Raises MediaRefused 409 or 503."""
    reason = await feed.ready(PATIENCE_S)
    feed.missed = bool(reason)
    if reason in BUSY:
        raise MediaRefused(503, "source_dead", reason)
    if reason:
        raise MediaRefused(409, "not_playable", reason)


def h264() -> list[RTCRtpCodecCapability]:
    known = RTCRtpSender.getCapabilities("video").codecs
    return [one for one in known if one.mimeType == "video/H264"]
