"""A drone's flight rendered by the project itself: H.264 with ST 0601 beside it, marked 演示.

The picture is what a camera over the port would see of an invented plan: streets, tanks, and a
line of small squares that holds the picture's own time, so that a test can read it off the screen.
"""

import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.stream import DataStream
from av.video.stream import VideoStream

from demo import klv, scenes
from demo.movement import moved

RATE, SECONDS = 15, 24
WIDE, HIGH = 640, 360
HFOV = 60.0
VFOV = math.degrees(2 * math.atan(math.tan(math.radians(HFOV / 2)) * HIGH / WIDE))
KLV_EVERY = 3  # pictures: five reports a second
HEIGHT, GROUND = 124.0, 4.0
AROUND_M = 260.0  # radius of the circle that is flown
BITS, SQUARE = 12, 16
CLOCK = 90_000


def report(home: tuple[float, float], second: float, at_us: int) -> bytes:
    """The ST 0601 packet of that moment: it flies along the circle, and looks at the home."""
    turn = 2 * math.pi * second / SECONDS
    lat, lon = moved(home, AROUND_M * math.cos(turn), AROUND_M * math.sin(turn))
    heading = (math.degrees(turn) + 90) % 360  # the home lies to its right
    return klv.write({
        2: at_us, 3: "演示", 5: heading, 6: 0.0, 7: 0.0, 10: "UAV", 13: lat, 14: lon,
        15: HEIGHT + GROUND, 16: HFOV, 17: VFOV, 18: 90.0,
        19: -math.degrees(math.atan2(HEIGHT, AROUND_M)), 20: 0.0,
        21: math.hypot(HEIGHT, AROUND_M), 23: home[0], 24: home[1], 25: GROUND,
    })  # fmt: skip


def picture(second: float, number: int) -> np.ndarray:
    """What the camera sees: the plan turned about its middle, a cross, the number in squares."""
    turn = 2 * math.pi * second / SECONDS + math.pi
    rows, columns = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
    depth = 1.6 - 1.1 * rows / HIGH  # what lies farther up is farther away
    x, y = (columns - WIDE / 2) * depth, (HIGH / 2 - rows) * depth * 1.6
    east = x * math.cos(turn) + y * math.sin(turn)
    north = y * math.cos(turn) - x * math.sin(turn)
    frame = _plan(east, north)
    frame[HIGH // 2 - 1 : HIGH // 2 + 1, WIDE // 2 - 24 : WIDE // 2 + 24] = 240
    frame[HIGH // 2 - 24 : HIGH // 2 + 24, WIDE // 2 - 1 : WIDE // 2 + 1] = 240
    for bit in range(BITS):
        left = WIDE - (bit + 1) * SQUARE
        frame[0:SQUARE, left : left + SQUARE] = 235 if number >> bit & 1 else 20
    sign = _sign()
    frame[6 : 6 + sign.shape[0], 6 : 6 + sign.shape[1]] = sign
    return frame


@cache
def _sign() -> np.ndarray:
    return np.asarray(scenes.sign(WIDE))


def _plan(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Grey ground, lighter streets, round tanks and their bunds, a quay and water."""
    ground = 92 + 10 * np.sin(east / 37) * np.cos(north / 53)
    grey = ground
    street = (np.abs(east % 160 - 80) > 72) | (np.abs(north % 120 - 60) > 54)
    grey = np.where(street, 138, grey)
    away = np.hypot(east % 160 - 80, north % 120 - 60)
    grey = np.where(away < 34, 176, grey)
    grey = np.where(np.abs(away - 34) < 3, 60, grey)
    sea = east > 300
    red, green, blue = (np.where(sea, one, grey) for one in (38, 58, 78))
    return np.clip(np.dstack([red, green, blue]), 0, 255).astype(np.uint8)


def write(path: Path, home: tuple[float, float], seconds: int = SECONDS) -> Path:
    """The flight as an MPEG transport stream; its reports carry the time from its beginning."""
    with av.open(str(path), "w", format="mpegts") as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDE, HIGH, "yuv420p"
        video.codec_context.max_b_frames = 0
        video.options = {"preset": "veryfast", "bf": "0", "g": str(RATE), "sc_threshold": "0",
                         "crf": "27", "profile": "baseline"}  # fmt: skip
        words = out.add_data_stream("klv")
        for number in range(seconds * RATE):
            _one(out, video, words, home, number)
        out.mux(video.encode(None))
    return path


def _one(
    out: OutputContainer,
    video: VideoStream,
    words: DataStream,
    home: tuple[float, float],
    number: int,
) -> None:
    second = number / RATE
    frame = av.VideoFrame.from_ndarray(picture(second, number), format="rgb24")
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    for packet in video.encode(frame):
        out.mux(packet)
    if number % KLV_EVERY == 0:
        said = av.Packet(report(home, second, int(second * 1_000_000)))
        said.stream, said.time_base = words, Fraction(1, CLOCK)
        said.pts = said.dts = int(second * CLOCK)
        out.mux(said)
