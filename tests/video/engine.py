"""Another media engine: a plain WHEP endpoint of stock aiortc that shares no code with ours."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer

from tests.video.media import Background


@dataclass
class Engine:
    """Plays one file to everybody who has its token."""

    background: Background
    file: str
    token: str
    port: int = 0
    peers: dict[str, RTCPeerConnection] = field(default_factory=dict)
    players: list[MediaPlayer] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.background.run(self._start())

    def stop(self) -> None:
        self.background.run(self._stop())

    async def _start(self) -> None:
        server = web.Application()
        server.router.add_post("/live/whep", self._play)
        server.router.add_delete("/live/whep/{id}", self._leave)
        self._runner = web.AppRunner(server)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        await asyncio.gather(*(one.close() for one in self.peers.values()))
        await self._runner.cleanup()

    async def _play(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers.get("Authorization", ""))
        if self.asked[-1] != f"Bearer {self.token}":
            return web.Response(status=401)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        player = MediaPlayer(self.file)
        self.players.append(player)
        peer.addTrack(player.video)
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        id = str(len(self.peers))
        self.peers[id] = peer
        headers = {"Location": f"/live/whep/{id}"}
        kind = "application/sdp"
        text = peer.localDescription.sdp
        return web.Response(text=text, status=201, headers=headers, content_type=kind)

    async def _leave(self, request: web.Request) -> web.Response:
        peer = self.peers.pop(request.match_info["id"], None)
        if peer:
            await peer.close()
        return web.Response(status=200)
