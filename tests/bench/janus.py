"""Debian's Janus with one streaming mount point, fed with the very same H.264 by RTP over UDP."""

import asyncio
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from demo.rtsp import CLOCK, Clip, payloads_of
from tests.stack import free_port

PROGRAM = shutil.which("janus")
PLUGINS = "/usr/lib/x86_64-linux-gnu/janus"


@contextmanager
def running(folder: Path, rtp_port: int) -> Iterator[tuple[psutil.Process, str]]:
    """The server's process and the address of its HTTP door."""
    http = free_port()
    _write(folder, http, rtp_port)
    command = [str(PROGRAM), "--configs-folder", str(folder), "--interface", "127.0.0.1"]
    command += ["--plugins-folder", f"{PLUGINS}/plugins"]
    with (folder / "janus.log").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        time.sleep(2.0)
        assert process.poll() is None, (folder / "janus.log").read_text()[-2000:]
        yield psutil.Process(process.pid), f"http://127.0.0.1:{http}/janus"
    finally:
        process.terminate()
        process.wait(10)


def _write(folder: Path, http: int, rtp: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    own = f'general: {{ transports_folder = "{PLUGINS}/transports"\n debug_level = 3\n'
    (folder / "janus.jcfg").write_text(
        own
        + f' events_folder = "{PLUGINS}/events"\n loggers_folder = "{PLUGINS}/loggers" }}\n'
        + 'nat: { ice_enforce_list = "127.0.0.1"\n full_trickle = false\n'
        + ' ice_ignore_list = "vmnet" }\n'
        + 'plugins: { disable = "'
        + ",".join(f"libjanus_{name}.so" for name in OTHERS)
        + '" }\ntransports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,'
        + 'libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so" }\n'
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f'general: {{ json = "compact"\n base_path = "/janus"\n http = true\n port = {http}\n'
        ' ip = "127.0.0.1" }\nadmin: { admin_http = false }\n'
    )
    (folder / "janus.plugin.streaming.jcfg").write_text(
        f'one: {{ type = "rtp"\n id = 1\n video = true\n audio = false\n videoport = {rtp}\n'
        ' videopt = 96\n videocodec = "h264"\n videobufferkf = true\n'
        ' videofmtp = "profile-level-id=42e01f;packetization-mode=1" }\n'
    )


OTHERS = (
    *("audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "textroom"),
    *("videocall", "videoroom", "voicemail"),
)


async def send(clip: Clip, port: int) -> None:
    """Play the clip round and round to a UDP port, until cancelled."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    number, ticks, due = 1, 1, time.monotonic()
    while True:
        for frame in clip.frames:
            payloads = [one for nal in frame.nals for one in payloads_of(nal)]
            for n, payload in enumerate(payloads):
                mark = 0x80 if n == len(payloads) - 1 else 0
                head = struct.pack("!BBHII", 0x80, 96 | mark, number, ticks, 7)
                line.sendto(head + payload, ("127.0.0.1", port))
                number = (number + 1) & 0xFFFF
            ticks = (ticks + frame.ticks) & 0xFFFFFFFF
            due += frame.ticks / CLOCK
            await asyncio.sleep(max(0.0, due - time.monotonic()))
