"""F43: a world in which nothing outside answers. Every packet that leaves is noted, and lost.

    unshare --net .venv-test/bin/python -m tests.faults.outside CITY FOLDER

Runs the product in a network of its own whose only way out is a hole, with a broker and a media
engine that stand behind it. The last line is what was found, as one JSON object.
"""

import asyncio
import csv
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.measure import percentile
from tests.faults.bench import DESK, Bench
from tests.faults.product import Product, eventually
from tests.faults.schedule import Fault, Schedule

ME = "192.0.2.1"
BROKER, CAMERAS, ENGINE = "198.51.100.7", "198.51.100.8", "198.51.100.9"
DEVICE, ATTACH, TUN, BARE = "/dev/net/tun", 0x400454CA, 0x0001, 0x1000
CAMERA = "cam/CAM-GK-027"
LASTS_S = 4.0
PICTURES = 8  # of cameras, asked of the engine at once


class Hole:
    """The default route of this network: takes every packet and answers none."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._line = os.open(DEVICE, os.O_RDWR)
        fcntl.ioctl(self._line, ATTACH, struct.pack("16sH", b"hole", TUN | BARE))
        for words in (
            "ip link set lo up",
            f"ip addr add {ME}/24 dev hole",
            "ip link set hole up",
            "ip route add default dev hole",
        ):
            subprocess.run(words.split(), check=True)
        threading.Thread(target=self._swallow, daemon=True).start()

    def _swallow(self) -> None:
        while packet := os.read(self._line, 2_048):
            if packet[0] >> 4 == 4:  # of IPv6 only the network card itself says something here
                self.asked[socket.inet_ntoa(packet[16:20])] += 1


def behind_the_hole(city: Path, folder: Path) -> Path:
    """The city, with a source that speaks by a broker that nobody reaches."""
    made = folder / "city"
    shutil.copytree(city, made)
    file = made / "sources.csv"
    with file.open(encoding="utf-8", newline="") as known:
        rows = list(csv.DictReader(known))
    lifts = {"id": "lifts", "name_zh": "lifts", "name_en": "lifts", "org": "lifts", "kind": "mqtt"}
    lifts |= {"datum": "WGS84", "period_s": "60", "districts": "city"}
    with file.open("w", encoding="utf-8", newline="") as known:
        table = csv.DictWriter(known, [*rows[0], "address"], restval="")
        table.writeheader()
        table.writerows([*rows, {**lifts, "address": f"mqtt://{BROKER}/lifts/#"}])
    return made


async def story(city: Path, hole: Hole) -> dict[str, Any]:
    """A schedule without any other fault, while screens ask for pictures that cannot come."""
    engine = {"YIPING_MEDIA": f"http://{ENGINE}:8090", "YIPING_MEDIA_SECRET": "x" * 40}
    engine |= {"YIPING_CAMERA_BASE": f"rtsp://{CAMERAS}:8554/"}
    bench = Bench(Product(city, more=engine), tab=False)  # Chromium asks for its own updates
    await bench.open()
    try:
        await eventually(lambda: hole.asked[BROKER] and hole.asked[ENGINE], 40, "a way out")
        await bench.people.does(DESK, "viewing.start", feed=CAMERA, reason="the hole")
        watching = asyncio.gather(*(_picture(bench) for _ in range(PICTURES)))
        calm = Schedule(43, "sqlite", (Fault("nothing", "", 0.0, LASTS_S),))
        outcome = await bench.run(calm)
        pictures = await watching
    finally:
        await bench.close()
    issued = [x for x in bench.people.ledger.intents if x.path.endswith("order.issue")]
    return {
        "broken": [str(one) for one in outcome.broken],
        "intents": outcome.intents,
        "order_p50_ms": round(percentile([1000 * one.latency for one in issued], 0.5), 1),
        "slowest_order_ms": round(max(1000 * one.latency for one in issued), 1),
        "pictures": Counter(str(status) for status, _ in pictures),
        "slowest_picture_s": round(max(took for _, took in pictures), 2),
        "asked": dict(hole.asked),
    }


async def _picture(bench: Bench) -> tuple[int, float]:
    """What the screen is told that wants a camera's picture, and after how long."""
    began = time.monotonic()
    said = await bench.people.tries(DESK, f"/media/snapshot/{CAMERA}")
    return said, time.monotonic() - began


def main() -> None:
    city, folder = Path(sys.argv[1]), Path(sys.argv[2])
    hole = Hole()
    print(json.dumps(asyncio.run(story(behind_the_hole(city, folder), hole))))


if __name__ == "__main__":
    main()
