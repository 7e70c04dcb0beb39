"""Short clips for the tests, encoded as cameras do and as they should not."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = (320, 240)


def encode(
    path: Path,
    seconds: float = 2.0,
    rate: int = 25,
    codec: str = "libx264",
    bframes: int = 0,
    picture: str = "moving",
    gop: int = 25,
) -> Path:
    """A clip of a moving bar on noise (`moving`), of one picture (`still`) or of none (`black`)."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.max_b_frames = bframes
        stream.codec_context.gop_size = gop
        stream.options = _options(codec, bframes, gop)
        for n in range(int(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(_draw(n, picture), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _options(codec: str, bframes: int, gop: int) -> dict[str, str]:
    if codec == "libx264":
        return {"preset": "veryfast", "bf": str(bframes), "g": str(gop), "sc_threshold": "0"}
    if codec == "libx265":
        return {"preset": "ultrafast", "x265-params": "log-level=none:pools=1:bframes=0"}
    return {}


def _draw(n: int, picture: str) -> np.ndarray:
    wide, high = SIZE
    if picture == "black":
        return np.zeros((high, wide, 3), np.uint8)
    dice = np.random.default_rng(7)
    frame = dice.integers(40, 90, (high, wide, 3), np.uint8)
    at = 0 if picture == "still" else (n * 4) % (wide - 40)
    frame[60:180, at : at + 40] = (230, 220, 60)
    return frame
