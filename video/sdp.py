"""Offers as they come from outside: checked before anything is opened for them."""

from dataclasses import dataclass

from aiortc import RTCIceCandidate, RTCSessionDescription
from aiortc.sdp import SessionDescription, candidate_from_sdp

from video import ice
from video.refused import MediaRefused

SIZE_MAX = 64 * 1024
MEDIA_MAX = 9  # m-lines: a call has four voices, four pictures and what is said of them


@dataclass(frozen=True)
class Offer:
    """A valid offer. client: the address it came from, "" if not known."""

    sdp: str
    parsed: SessionDescription
    client: str = ""

    @property
    def description(self) -> RTCSessionDescription:
        return RTCSessionDescription(self.sdp, "offer")

    def line(self, direction: str) -> int | None:
        """Which m-line is the first picture of H.264 that is offered for this direction."""
        for number, one in enumerate(self.parsed.media):
            named = any(codec.mimeType == "video/H264" for codec in one.rtp.codecs)
            if one.kind == "video" and named and one.direction in (direction, "sendrecv", None):
                return number
        return None

    def sources_besides(self, line: int) -> frozenset[int]:
        """The SSRCs that the other lines name as theirs."""
        others = [one for number, one in enumerate(self.parsed.media) if number != line]
        return frozenset(named.ssrc for one in others for named in one.ssrc)


def offer(text: str, client: str = "") -> Offer:
    """Read an offer. Raises MediaRefused 400 or 413."""
    if len(text) > SIZE_MAX:
        raise MediaRefused(413, "too_large", f"an offer has at most {SIZE_MAX} bytes")
    plain = ice.without_names(text, client)
    try:
        parsed = SessionDescription.parse(plain)
    except Exception as error:  # the parser raises whatever the text leads it to
        raise MediaRefused(400, "bad_sdp", f"not an SDP offer: {type(error).__name__}") from None
    if wrong := _fault(parsed):
        raise MediaRefused(400, "bad_sdp", wrong)
    return Offer(plain, parsed, client)


def _fault(parsed: SessionDescription) -> str:
    media = parsed.media
    if not 0 < len(media) <= MEDIA_MAX:
        return f"an offer has 1 to {MEDIA_MAX} m-lines"
    if any(not 0 <= one.port <= 65_535 for one in media):
        return "there is no such port"
    if any(one.kind not in ("audio", "video", "application") for one in media):
        return "m-lines are audio, video or application"
    if any(not (one.ice and one.ice.usernameFragment and one.ice.password) for one in media):
        return "ICE credentials are missing"
    if any(one.dtls is None or not one.dtls.fingerprints for one in media):
        return "the DTLS fingerprint is missing"
    if any(not one.rtp.muxId for one in media):
        return "a=mid is missing"
    if len({one.rtp.muxId for one in media}) < len(media):
        return "two m-lines have the same a=mid"
    return ""


def fragment(text: str, client: str = "") -> list[RTCIceCandidate]:
    """The candidates of a trickle-ICE fragment (RFC 8840). Raises MediaRefused."""
    if len(text) > SIZE_MAX:
        raise MediaRefused(413, "too_large")
    mid, found = "0", []
    for line in ice.without_names(text.replace("\r\n", "\n"), client).split("\n"):
        if line.startswith("a=mid:"):
            mid = line.removeprefix("a=mid:").strip()
        if line.startswith("a=candidate:"):
            found.append(_candidate(line.removeprefix("a=candidate:"), mid))
    return found


def _candidate(line: str, mid: str) -> RTCIceCandidate:
    try:
        candidate = candidate_from_sdp(line)
    except Exception:  # as above
        raise MediaRefused(400, "bad_candidate", line[:80]) from None
    candidate.sdpMid = mid
    return candidate
