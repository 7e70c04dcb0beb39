"""Where a picture may begin: the first packet of a keyframe, told from its payload alone."""

NAL_TYPE = 0x1F
IDR, SPS, STAP_A, FU_A = 5, 7, 24, 28


def starts(codec: str, payload: bytes) -> bool:
    """Whether this RTP payload is the first of a keyframe."""
    if codec == "VP8":
        return _vp8(payload)
    return codec == "H264" and _h264(payload)


def _vp8(payload: bytes) -> bool:
    """RFC 7741: start of partition 0, and the frame header's inverse key bit is 0."""
    if not payload or payload[0] & 0x17 != 0x10:
        return False
    at = _vp8_header(payload)
    return at < len(payload) and not payload[at] & 0x01


def _vp8_header(payload: bytes) -> int:
    """Bytes of the payload descriptor."""
    if not payload[0] & 0x80 or len(payload) < 2:
        return 1
    extended, at = payload[1], 2
    if extended & 0x80:
        at += 2 if len(payload) > at and payload[at] & 0x80 else 1
    return at + bool(extended & 0x40) + bool(extended & 0x30)


def _h264(payload: bytes) -> bool:
    """RFC 6184: parameter sets or an IDR slice, alone, together, or the first fragment."""
    if len(payload) < 2:
        return False
    kind = payload[0] & NAL_TYPE
    if kind == STAP_A:
        return len(payload) > 3 and payload[3] & NAL_TYPE in (SPS, IDR)
    if kind == FU_A:
        return bool(payload[1] & 0x80) and payload[1] & NAL_TYPE == IDR
    return kind in (SPS, IDR)
