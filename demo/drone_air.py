"""The demo city's drones on the air: their flight over HTTP as MPEG-TS, with the time of now."""

import asyncio
import contextlib
import csv
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from demo import drone_scene
from demo.drone_scene import CLOCK, KLV_EVERY, RATE, SECONDS

HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\nCache-Control: no-store\r\n\r\n"
NONE = b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"
REQUEST_S = 5.0
BEHIND_MAX = 1 << 20  # bytes; who cannot take more is cut off


@dataclass
class Drones:
    """Drones by their id, each with the place that it circles."""

    homes: dict[str, tuple[float, float]]
    folder: Path

    @staticmethod
    def of(city: Path, folder: Path) -> "Drones":
        """The drones of the city's drones.csv that the demo itself plays; none without the file."""
        if not (city / "drones.csv").exists():
            return Drones({}, folder)
        with (city / "drones.csv").open(encoding="utf-8-sig", newline="") as file:
            played = [row for row in csv.DictReader(file) if row["url"] == row["id"]]
        return Drones({row["id"]: (float(row["lat"]), float(row["lon"])) for row in played}, folder)

    async def serve(self, host: str, port: int) -> None:
        """Draw the flights if they are not there yet, and play them until cancelled."""
        for id, home in self.homes.items():
            await asyncio.to_thread(self._draw, id, home)
        server = await asyncio.start_server(self._answer, host, port)
        async with server:
            await server.serve_forever()

    def _draw(self, id: str, home: tuple[float, float]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (file := self._file(id)).exists():
            drone_scene.write(half := file.with_suffix(".half"), home)
            half.replace(file)

    def _file(self, id: str) -> Path:
        lat, lon = self.homes[id]
        return self.folder / f"drone-{id}-{lat:.5f}-{lon:.5f}.ts"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, ValueError, IndexError):
            line = await asyncio.wait_for(reader.readline(), REQUEST_S)
            id = line.split()[1].decode().strip("/")
            writer.write(HEAD if id in self.homes else NONE)
            if id in self.homes:
                await self._play(id, writer)
        writer.close()

    async def _play(self, id: str, writer: asyncio.StreamWriter) -> None:
        """Round and round; all viewers see the same moment of the flight."""
        due = time.monotonic()
        for part in _stream(self._file(id), self.homes[id]):
            writer.write(part)
            if writer.transport.get_write_buffer_size() > BEHIND_MAX:
                return
            await writer.drain()
            due += 1 / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def _stream(file: Path, home: tuple[float, float]) -> Iterator[bytes]:
    """One piece a picture: rising times, and reports that say the time at which they are sent."""
    pictures = _pictures(file)
    sink = io.BytesIO()
    with av.open(str(file)) as like:
        out = av.open(sink, "w", format="mpegts", options={"flush_packets": "1"})
        video = out.add_stream_from_template(like.streams.video[0])
        words = out.add_data_stream("klv")
        number = _start()
        while True:
            second = number % (SECONDS * RATE) / RATE
            if number % KLV_EVERY == 0:
                said = drone_scene.report(home, second, time.time_ns() // 1_000)
                _put(out, words, said, number, True)
            data, key = pictures[number % len(pictures)]
            _put(out, video, data, number, key)
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
            number += 1


def _start() -> int:
    """The flight goes by the clock, from a picture that stands by itself."""
    return int(time.time()) % SECONDS * RATE


def _pictures(file: Path) -> list[tuple[bytes, bool]]:
    with av.open(str(file)) as flight:
        stream = flight.streams.video[0]
        return [(bytes(one), one.is_keyframe) for one in flight.demux(stream) if one.size]


def _put(
    out: av.container.OutputContainer, stream: av.stream.Stream, data: bytes, n: int, key: bool
) -> None:
    packet = av.Packet(data)
    packet.stream, packet.time_base = stream, Fraction(1, CLOCK)
    packet.pts = packet.dts = n * CLOCK // RATE
    packet.is_keyframe = key
    out.mux(packet)
