"""Camera scenes of the demo city, drawn by this program and marked 演示: encoded once, kept.

Each scene is a loop of some seconds, in a normal and in a small size. There are few of them; the
cameras of the city share them by what they look at.
"""

import hashlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

SECONDS, GOP_S = 12, 1
SIZES = {"": (640, 360, 20), "-sub": (320, 180, 10)}
"""Suffix -> width, height, pictures a second."""
FONTS = Path("/usr/share/fonts/opentype/noto")
SKY, ROAD, MARK = (150, 170, 190), (72, 74, 78), (210, 210, 200)
VERSION = "1"
CARS = (
    (2, 150, (180, 60, 50)),
    (1, 180, (60, 90, 160)),
    (3, 255, (225, 225, 225)),
    (2, 300, (40, 40, 46)),
)
"""Rounds of a loop, height on the picture, colour."""
Drawing = ImageDraw.ImageDraw


def make(folder: Path) -> dict[str, Path]:
    """The files of all scenes by name, and by name with `-sub`; those that are there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for name in SCENES:
        for suffix in SIZES:
            file = folder / f"{name}{suffix}-{_mark()}.mp4"
            if not file.exists():
                _encode(file, name, suffix)
            made[f"{name}{suffix}"] = file
    return made


def _mark() -> str:
    return hashlib.sha256(Path(__file__).read_bytes() + VERSION.encode()).hexdigest()[:10]


def _encode(file: Path, name: str, suffix: str) -> None:
    wide, high, rate = SIZES[suffix]
    draft = file.with_suffix(".part")
    with av.open(str(draft), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        stream.codec_context.max_b_frames = 0
        stream.options = {
            "preset": "veryfast", "crf": "26", "bf": "0", "g": str(rate * GOP_S),
            "sc_threshold": "0", "profile": "main",
        }  # fmt: skip
        for n, picture in enumerate(_pictures(name, wide, high, rate)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    draft.replace(file)


def _pictures(name: str, wide: int, high: int, rate: int) -> Iterator[np.ndarray]:
    """Every picture of a loop; the last goes over into the first."""
    dice = np.random.default_rng(sum(name.encode()))
    grain = dice.normal(0, 3.0, (4, high, wide, 1))
    mark = sign(wide)
    for n in range(SECONDS * rate):
        turn = n / (SECONDS * rate)
        image = Image.new("RGB", (640, 360), SKY)
        SCENES[name](ImageDraw.Draw(image), turn)
        small = image.resize((wide, high)) if wide != 640 else image
        small.paste(mark, (wide - mark.width - 6, 6))
        yield np.clip(np.asarray(small) + grain[n % 4], 0, 255).astype(np.uint8)


def sign(wide: int) -> Image.Image:
    """演示 where the machine can write it, and DEMO."""
    size = max(12, wide // 26)
    found = next(iter(sorted(FONTS.glob("NotoSansCJK-B*.ttc"))), None)
    font = ImageFont.truetype(str(found), size) if found else ImageFont.load_default(size)
    text = "演示 DEMO" if found else "DEMO"
    box = font.getbbox(text)
    sign = Image.new("RGB", (int(box[2]) + 12, int(box[3]) + 8), (190, 40, 40))
    ImageDraw.Draw(sign).text((6, 2), text, (255, 255, 255), font)
    return sign


def _street(pen: Drawing, turn: float) -> None:
    pen.rectangle((0, 120, 640, 360), ROAD)
    for n in range(7):
        pen.rectangle((n * 95 - 5, 40 + n % 3 * 14, n * 95 + 82, 122), (120 + n * 9, 112, 105))
    for n in range(12):
        pen.rectangle((n * 56 + 4, 232, n * 56 + 34, 238), MARK)
    for n, (speed, y, colour) in enumerate(CARS):
        at = ((turn * speed + n * 0.23) % 1) * 860 - 120
        _car(pen, at if n < 2 else 640 - at, y, colour)


def _crossing(pen: Drawing, turn: float) -> None:
    pen.rectangle((0, 0, 640, 360), (96, 118, 92))
    pen.rectangle((0, 130, 640, 230), ROAD)
    pen.rectangle((270, 0, 370, 360), ROAD)
    for n in range(6):
        pen.rectangle((276 + n * 16, 112, 284 + n * 16, 128), MARK)
        pen.rectangle((276 + n * 16, 232, 284 + n * 16, 248), MARK)
    green = turn < 0.5
    pen.ellipse((378, 106, 394, 122), (60, 200, 90) if green else (70, 40, 40))
    pen.ellipse((398, 106, 414, 122), (70, 40, 40) if green else (220, 50, 40))
    for n in range(3):
        along = ((turn * 2 + n / 3) % 1) * 760 - 80
        if green:
            _car(pen, along, 145 + 30 * (n % 2), (200, 180 - n * 40, 60 + n * 60))
        else:
            left = 285 + 40 * (n % 2)
            pen.rectangle((left, along - 60, left + 30, along), (70, 80, 170))


def _square(pen: Drawing, turn: float) -> None:
    pen.rectangle((0, 90, 640, 360), (164, 158, 148))
    pen.rectangle((180, 20, 460, 110), (128, 100, 90))
    for n in range(9):
        pen.rectangle((195 + n * 29, 40, 212 + n * 29, 90), (205, 215, 225))
    for n in range(26):
        angle = 2 * math.pi * (turn * (1 + n % 3) + n / 26)
        x = 320 + (60 + n * 9) * math.cos(angle + n)
        y = 220 + (20 + n * 4.4) * math.sin(angle + n)
        pen.ellipse((x - 4, y - 20, x + 4, y - 12), (70, 50, 45))
        pen.rectangle((x - 5, y - 12, x + 5, y + 6), (60 + n * 7, 80, 200 - n * 6))


def _tanks(pen: Drawing, turn: float) -> None:
    pen.rectangle((0, 190, 640, 360), (118, 116, 108))
    for n in range(4):
        left = 40 + n * 150
        pen.rectangle((left, 110, left + 110, 240), (196, 198, 200))
        pen.ellipse((left, 92, left + 110, 128), (216, 218, 220))
        pen.line((left + 8, 240, left + 60, 112), (120, 122, 126), 3)
    for n in range(14):
        up = (turn * 2 + n / 14) % 1
        size = 10 + up * 46
        x, y = 400 + up * 130 + 8 * math.sin(n + 9 * up), 108 - up * 104
        grey = int(225 - 40 * up)
        pen.ellipse((x - size, y - size / 2, x + size, y + size / 2), (grey, grey, grey))
    pen.rectangle((0, 262, 640, 272), (170, 80, 60))
    _car(pen, ((turn + 0.4) % 1) * 800 - 100, 300, (190, 40, 36))


def _water(pen: Drawing, turn: float) -> None:
    pen.rectangle((0, 110, 640, 360), (78, 108, 122))
    for n in range(60):
        x = (n * 97 + turn * 640 * (1 + n % 2)) % 700 - 40
        y = 125 + n * 3.9
        crest = y + 2 * math.sin(2 * math.pi * turn + n)
        pen.line((x, y, x + 18 + n / 3, crest), (136, 160, 170), 2)
    boat = (turn * 800) - 90
    pen.polygon(((boat, 200), (boat + 84, 200), (boat + 66, 222), (boat + 14, 222)), (160, 60, 46))
    pen.rectangle((boat + 24, 178, boat + 52, 200), (226, 226, 220))
    pen.polygon(((0, 110), (250, 110), (120, 360), (0, 360)), (112, 120, 96))
    for n in range(8):
        pen.rectangle((150 - n * 9, 150 + n * 24, 156 - n * 9, 170 + n * 24), (230, 225, 90))


def _underpass(pen: Drawing, turn: float) -> None:
    pen.rectangle((0, 0, 640, 360), (58, 60, 66))
    pen.polygon(((240, 120), (400, 120), (640, 360), (0, 360)), ROAD)
    pen.rectangle((250, 60, 390, 122), (170, 186, 198))
    for n in range(9):
        along = ((n / 9 + turn * 3) % 1) ** 2
        y = 122 + along * 238
        pen.line((320, y, 320, y + 4 + along * 16), MARK, 2 + int(along * 6))
    for n in range(2):
        near = (turn + n / 2) % 1
        size = 14 + near * 92
        x, y = 320 + (1 if n else -1) * (18 + near * 130), 122 + near * 200
        body = (x - size / 2, y - size * 0.6, x + size / 2, y)
        pen.rectangle(body, (150 - 60 * n, 70, 60 + 90 * n))
        glass = (x - size / 3, y - size * 0.55, x + size / 3, y - size * 0.3)
        pen.rectangle(glass, (190, 205, 215))
    level = 300 + 10 * math.sin(2 * math.pi * turn)
    pen.rectangle((0, level, 640, 360), (76, 92, 104))


def _car(pen: Drawing, x: float, y: float, colour: tuple[int, int, int]) -> None:
    pen.rectangle((x, y, x + 70, y + 22), colour)
    pen.rectangle((x + 14, y - 13, x + 54, y), (52, 60, 72))
    for wheel in (x + 10, x + 48):
        pen.ellipse((wheel, y + 15, wheel + 14, y + 29), (24, 24, 26))


SCENES = {
    "street": _street,
    "crossing": _crossing,
    "square": _square,
    "tanks": _tanks,
    "water": _water,
    "underpass": _underpass,
}
