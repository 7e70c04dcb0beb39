"""The demo city's cameras on the air: an RTSP server that plays the scenes round and round."""

import asyncio
import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

from demo import scenes
from demo.rtsp import Broadcast, RtspServer, read_clip

KINDS = {
    "tanks": r"储罐|罐区|化工|油库|园区",
    "water": r"河|湖|港|水|闸|码头|堤|海",
    "underpass": r"立交|隧道|下穿|桥",
    "square": r"广场|站|医院|学校|大学|中心|公园|商",
    "crossing": r"路口|交叉",
}


@dataclass
class Cameras:
    """Cameras by their id, each with the scene that fits its name."""

    names: dict[str, str]
    folder: Path
    _broadcasts: dict[str, Broadcast] = field(default_factory=dict)
    _files: dict[str, Path] = field(default_factory=dict)

    @staticmethod
    def of(city: Path, folder: Path) -> "Cameras":
        with (city / "cameras.csv").open(encoding="utf-8-sig", newline="") as file:
            return Cameras({row["id"]: row["name_zh"] for row in csv.DictReader(file)}, folder)

    async def serve(self, host: str, port: int) -> None:
        """Make the scenes if they are not there yet, and play them until cancelled."""
        self._files = await asyncio.to_thread(scenes.make, self.folder)
        server = RtspServer(self._find)
        await server.start(host, port)
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()

    def _find(self, path: str) -> Broadcast | None:
        """`cam/<id>` or `cam/<id>/sub`; None for no such camera."""
        parts = path.split("/")
        if len(parts) < 2 or parts[0] != "cam" or parts[1] not in self.names:
            return None
        return self.scene(scene_of(self.names[parts[1]]) + ("-sub" if "sub" in parts[2:] else ""))

    def scene(self, name: str) -> Broadcast:
        if name not in self._broadcasts:
            self._broadcasts[name] = Broadcast(read_clip(self._files[name]))
        return self._broadcasts[name]


def scene_of(name: str) -> str:
    """What a camera of this name looks at."""
    return next((one for one, words in KINDS.items() if re.search(words, name)), "street")
