"""Viewers that decode nothing, in a process of their own: they take packets and count them.

Started with the kind of server, its address and how many; says `ready` when all are connected,
and answers each line on standard input with what has come since, as JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.stack import ROOT
from video.private import RtpPacket, tap

CONNECT_S = 20.0
ENOUGH = 20  # packets of who is let in
KEPT: set[asyncio.Task[None]] = set()


@dataclass
class Viewer:
    """One connection. gaps: seconds between packets longer than half a second."""

    packets: int = 0
    bytes: int = 0
    last: float = 0.0
    gaps: list[float] = field(default_factory=list)
    peer: RTCPeerConnection | None = None

    def heard(self, _packet: RtpPacket, payload: bytes) -> None:
        now = time.monotonic()
        if self.last and now - self.last > 0.5:
            self.gaps.append(round(now - self.last, 2))
        self.packets, self.bytes, self.last = self.packets + 1, self.bytes + len(payload), now

    def connection(self) -> RTCPeerConnection:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))

        @self.peer.on("track")
        def _on_track(_track: object) -> None:
            assert self.peer
            for line in self.peer.getTransceivers():
                tap(line.receiver, self.heard)

        return self.peer


@contextmanager
def viewers(kind: str, url: str, token: str, count: int) -> Iterator["subprocess.Popen[str]"]:
    """So many viewers in a process of their own, all of them let in."""
    command = [sys.executable, "-m", "tests.bench.viewers", kind, url, token, str(count)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    try:
        word, _, ready = process.stdout.readline().strip().partition(" ")
        assert (word, ready) == ("ready", str(count)), (kind, word, ready)
        yield process
    finally:
        process.stdin.close()
        process.wait(15)


async def whep(viewer: Viewer, client: aiohttp.ClientSession, url: str, token: str) -> None:
    peer = viewer.connection()
    line = peer.addTransceiver("video", direction="recvonly")
    tap(line.receiver, viewer.heard)
    await peer.setLocalDescription(await peer.createOffer())
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    async with client.post(url, data=peer.localDescription.sdp, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == 201, text
    await peer.setRemoteDescription(RTCSessionDescription(text, "answer"))


async def janus(viewer: Viewer, client: aiohttp.ClientSession, url: str, _token: str) -> None:
    """The streaming plugin's own way: it offers, the viewer answers."""
    session = (await _say(client, url, {"janus": "create"}))["data"]["id"]
    own = f"{url}/{session}"
    plugin = {"janus": "attach", "plugin": "janus.plugin.streaming"}
    handle = f"{own}/{(await _say(client, own, plugin))['data']['id']}"
    await _say(client, handle, {"janus": "message", "body": {"request": "watch", "id": 1}})
    offer = None
    while offer is None:
        async with client.get(own) as answer:
            offer = (await answer.json()).get("jsep")
    peer = viewer.connection()
    await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
    for line in peer.getTransceivers():
        tap(line.receiver, viewer.heard)
    await peer.setLocalDescription(await peer.createAnswer())
    jsep = {"type": "answer", "sdp": peer.localDescription.sdp}
    start = {"janus": "message", "body": {"request": "start"}, "jsep": jsep}
    await _say(client, handle, start)
    KEPT.add(asyncio.ensure_future(_keep(client, own)))


async def _keep(client: aiohttp.ClientSession, url: str) -> None:
    while True:
        async with client.get(url) as answer:
            await answer.read()


async def _say(client: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> dict[str, Any]:
    async with client.post(url, json={**body, "transaction": "t"}) as answer:
        found: dict[str, Any] = await answer.json(content_type=None)
        return found


async def main(kind: str, url: str, token: str, count: int) -> None:
    crowd = [Viewer() for _ in range(count)]
    connect = {"whep": whep, "janus": janus}[kind]
    async with aiohttp.ClientSession() as client:
        for one in crowd:
            await connect(one, client, url, token)
        until = time.monotonic() + CONNECT_S
        while any(one.packets < ENOUGH for one in crowd) and time.monotonic() < until:
            await asyncio.sleep(0.1)
        for one in crowd:
            if one.packets < ENOUGH and one.peer:
                states = (one.peer.connectionState, one.peer.iceConnectionState)
                print("not let in:", one.packets, *states, file=sys.stderr, flush=True)
        print("ready", sum(one.packets >= ENOUGH for one in crowd), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            del line
            told = {
                "packets": sum(one.packets for one in crowd),
                "bytes": sum(one.bytes for one in crowd),
                "gaps": [gap for one in crowd for gap in one.gaps],
            }
            print(json.dumps(told), flush=True)
            for one in crowd:
                one.packets, one.bytes, one.gaps = 0, 0, []
        await asyncio.gather(*(one.peer.close() for one in crowd if one.peer))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
