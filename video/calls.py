"""The calls of the media process: rooms, who comes into them, and what the desk wants of them."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from video.archive import Archive
from video.feeds import Feeds
from video.peers import Peers, Session
from video.private import Wire, codecs_of, miss_soon
from video.record import FeedRecorder
from video.record_call import CallRecorder
from video.refused import MediaRefused
from video.sfu import Kind, Slot, Source
from video.sfu_ears import AUDIO_SLOTS, VIDEO_SLOTS, Ears
from video.sfu_room import Person, Room
from video.tokens import Claims
from video.wanted import Wanted, WantedRoom

SENT: Mapping[str, int] = {"audio": 1, "video": 1}
SLOTS: Mapping[str, int] = {"audio": AUDIO_SLOTS, "video": VIDEO_SLOTS}


class Silence(MediaStreamTrack):
    """What stands behind a slot: it sends nothing of its own."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def recv(self) -> Any:
        await asyncio.Event().wait()


class Calls:
    """The engine behind `call/<room>/<participant>`.

    A participant sends by WHIP and receives by WHEP; neither is ever offered a second time.
    direct: two who are alone in a call that is not recorded may speak without us.
    """

    def __init__(
        self,
        peers: Peers,
        folder: Path | None = None,
        feeds: Feeds | None = None,
        direct: bool = False,
    ) -> None:
        self._peers, self._direct = peers, direct
        self._rooms: dict[str, Room] = {}
        self._wanted: dict[str, WantedRoom] | None = None
        self._sessions: dict[str, RTCPeerConnection] = {}
        self.archive = Archive(folder) if folder else None
        self._recorder = CallRecorder(self.archive) if self.archive else None
        self._films = FeedRecorder(self.archive, feeds) if self.archive and feeds else None

    async def publish(self, claims: Claims, offer: Any) -> Session:
        """Take what a participant sends."""
        room, id = self._enter(claims)
        _kinds(offer.sdp, SENT)
        what = f"send {claims.path}"
        own: list[Source] = []

        def over() -> None:
            self._let_go(what, peer)
            self._room_left(room, lambda one: one.unpublish(id, own))

        peer = self._peers.make(over)
        await self._describe(peer, offer.sdp)
        for transceiver in peer.getTransceivers():
            kind: Kind = "audio" if transceiver.kind == "audio" else "video"
            own.append(Source(kind, id, transceiver.receiver))
        await self._answer(peer)
        await self._only(what, peer)
        self._room(room).publish(id, own)
        return self._session(peer)

    async def play(self, claims: Claims, offer: Any) -> Session:
        """Give a participant its slots: as many as its offer has places, four of each at most."""
        room, id = self._enter(claims)
        kinds = _kinds(offer.sdp, SLOTS)
        what, ears = f"receive {claims.path}", Ears(id)

        def over() -> None:
            self._let_go(what, peer)
            self._room_left(room, lambda one: one.unlisten(id, ears))

        peer = self._peers.make(over)
        peer.on("datachannel", ears.attach)
        senders = [peer.addTransceiver(Silence(kind), direction="sendonly") for kind in kinds]
        await self._describe(peer, offer.sdp)
        await self._answer(peer)
        miss_soon(senders[0])
        for kind, transceiver in zip(kinds, senders, strict=True):
            types = codecs_of(transceiver)
            wire = Wire(transceiver.sender)
            ears.add(Slot("audio" if kind == "audio" else "video", wire, types), wire)
        await self._only(what, peer)
        self._room(room).listen(id, ears)

        @peer.on("connectionstatechange")
        def _changed() -> None:
            if peer.connectionState == "connected":
                ears.ready = True
                self._room(room).arrange()

        return self._session(peer)

    async def wanted(self, said: object) -> dict[str, Any]:
        """Bring the calls to what the desk wants, and say how they are.

        said: see Wanted. Gives {"at", "rooms": [...], "recordings": [manifest, ...],
        "not_recordable": [path of a wanted feed that another engine has, ...]}.
        """
        wanted = Wanted.model_validate(said)
        self._wanted = {one.room: one for one in wanted.rooms}
        if self.archive:
            self.archive.stored(wanted.stored)
        if self._films:
            self._films.want(wanted.feeds)
        for name, room in list(self._rooms.items()):
            await self._bring(name, room)
        return {
            "at": round(time.time() * 1000),
            "rooms": [room.status() for room in self._rooms.values() if not room.empty],
            "recordings": self.archive.finished() if self.archive else [],
            "not_recordable": self._films.unkept if self._films else [],
        }

    async def close(self) -> None:
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()
        if self._recorder:
            self._recorder.close()
        if self._films:
            self._films.close()
            await asyncio.sleep(0)
        if self.archive:
            self.archive.close()

    async def _bring(self, name: str, room: Room) -> None:
        assert self._wanted is not None
        found = self._wanted.get(name)
        people = {one.id: Person(one.id, one.name, one.muted, one.hand)
                  for one in (found.people if found else ())}  # fmt: skip
        for id in room.apply(people, bool(found and found.record)):
            await self._show_out(name, id)
        if room.empty and found is None:
            self._rooms.pop(name).close()

    async def _show_out(self, room: str, id: str) -> None:
        for way in ("send", "receive"):
            peer = self._sessions.get(f"{way} call/{room}/{id}")
            if peer is not None:
                await self._peers.end(peer)

    def _enter(self, claims: Claims) -> tuple[str, str]:
        """Room and participant of a token. Raises MediaRefused for who was shown out."""
        _, room, id = claims.path.split("/")
        if self._wanted is not None:
            found = self._wanted.get(room)
            fresh = claims.exp - time.time() * 1000 > 110_000  # the desk may not have told us yet
            if not fresh and (found is None or all(one.id != id for one in found.people)):
                raise MediaRefused(403, "not_in_call", "not in this call any more")
        return room, id

    def _room(self, name: str) -> Room:
        if name not in self._rooms:
            room = self._rooms[name] = Room(name, self._recorder, self._direct)
            found = (self._wanted or {}).get(name)
            if found is not None:
                people = {one.id: Person(one.id, one.name, one.muted, one.hand)
                          for one in found.people}  # fmt: skip
                room.apply(people, found.record)
        return self._rooms[name]

    def _room_left(self, name: str, tell: Any) -> None:
        if (room := self._rooms.get(name)) is not None:
            tell(room)

    async def _describe(self, peer: RTCPeerConnection, sdp: str) -> None:
        try:
            await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        except Exception as error:  # aiortc raises whatever its parser meets
            await self._peers.end(peer)
            raise MediaRefused(400, "bad_sdp", str(error)[:200]) from error

    async def _answer(self, peer: RTCPeerConnection) -> None:
        try:
            await peer.setLocalDescription(await peer.createAnswer())
        except Exception as error:
            await self._peers.end(peer)
            raise MediaRefused(400, "bad_sdp", str(error)[:200]) from error

    async def _only(self, what: str, peer: RTCPeerConnection) -> None:
        """A participant who comes again takes the place of his earlier connection."""
        if not self._peers.has(peer):
            raise MediaRefused(400, "gone", "the connection was over before it was answered")
        older, self._sessions[what] = self._sessions.get(what), peer
        if older is not None:
            await self._peers.end(older)

    def _let_go(self, what: str, peer: RTCPeerConnection) -> None:
        if self._sessions.get(what) is peer:
            del self._sessions[what]

    def _session(self, peer: RTCPeerConnection) -> Session:
        async def close() -> None:
            await self._peers.end(peer)

        async def add(candidates: list[Any]) -> None:
            for one in candidates:
                await peer.addIceCandidate(one)

        return Session(peer.localDescription.sdp, close, add, lambda: self._peers.has(peer))


def _kinds(sdp: str, most: Mapping[str, int]) -> list[str]:
    """The kinds of the places in an offer, in their order. Raises MediaRefused."""
    try:
        media = SessionDescription.parse(sdp).media
    except Exception as error:  # aiortc's parser raises whatever it meets
        raise MediaRefused(400, "bad_sdp", str(error)[:200]) from error
    if media and media[0].kind not in most:  # aiortc would close the transport that all share
        raise MediaRefused(400, "bad_sdp", "sounds and pictures come before the data channel")
    kinds = [one.kind for one in media if one.kind in most]
    if not kinds or any(kinds.count(kind) > count for kind, count in most.items()):
        places = ", ".join(f"{count} {kind}" for kind, count in most.items())
        raise MediaRefused(400, "bad_sdp", f"places for at most {places}")
    return kinds
