"""The far end of a screen's line: speaks the push wire and the command door as a test says.

The pages, scripts, words and headers are the product's own; only what the centre would answer is
in the test's hands, so that a hole, a silence or a lost answer comes when it is wanted.
"""

import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, make_response, request
from flask_socketio import ConnectionRefusedError, SocketIO
from werkzeug.serving import make_server

from callbacks import codec, files, headers, pages, phone_shell
from dispatch.city import City
from layouts import screens
from streams.pictures.units import units_table
from tests.stack import ROOT

BEAT_S = 0.2
SOUNDS = "sound:officer:city"
WHO = {
    "id": "zhao",
    "name": {"zh": "赵", "en": "Zhao"},
    "seat": {"zh": "一号席", "en": "Seat 1"},
    "role": "officer",
    "scope": ["city"],
    "unit": None,
}


@dataclass
class Command:
    """What came to the command door."""

    name: str
    key: str
    body: dict[str, Any]


@dataclass
class FarEnd:
    """What the centre is and says in a test.

    shows: room -> (props, rows) of its snapshot; answers: statuses that the command door gives,
    one each, then 200; redis, writable: what the beats say of bell and store; down: no socket is
    let in and no command answered; deaf: so many joins are refused; dumb: rooms of which no
    snapshot comes; behind: for how long the centre has not served its screens (ms);
    pause_s: how long a join waits for its answer; ahead: by how much the
    centre's clock differs from this machine's (ms).
    """

    line: "Line"
    boot: str = "first"
    beating: bool = True
    down: bool = False
    deaf: int = 0
    redis: bool = True
    writable: bool = True
    dumb: list[str] = field(default_factory=list)
    behind: int = 0
    pause_s: float = 0.0
    ahead: int = 0
    who: dict[str, Any] = field(default_factory=lambda: dict(WHO))
    shows: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)
    answers: deque[int] = field(default_factory=deque)
    pictures: dict[str, Any] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    joins: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)
    resyncs: list[str] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    reports: list[dict[str, Any]] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)

    # What a test does.

    def now(self) -> int:
        return round(time.time() * 1000) + self.ahead

    def show(self, room: str, props: Any = None, rows: Any = None) -> None:
        """Let a room show this, as a push that follows the last one."""
        before = self.seqs.get(room, 0)
        self.seqs[room] = before + 1
        self.shows[room] = (props or {}, rows or {})
        deltas = {id: {"set": list(ones), "drop": []} for id, ones in (rows or {}).items()}
        self.push(room, before, props or {}, deltas)

    def push(self, room: str, from_seq: int, props: Any = None, rows: Any = None) -> None:
        """Send one push, whatever the room's own number is."""
        said = {**self._head(room), "from_seq": from_seq, "to_seq": from_seq + 1}
        push = {**said, "props": props or {}, "rows": rows or {}}
        self.say("cycle", {"said": [["push", push]]})

    def event(self, seq: int, **more: Any) -> None:
        """Tell one thing that sounds or is counted."""
        plain = {"type": "AlertReceived", "at": self.now(), "realm": "real", "subject": f"AL-{seq}"}
        rest = {"incident": None, "scope": ["city"], "unit": None, "level": 2, "sound": "II"}
        self.say("event", {"seq": seq, **plain, **rest, **more})

    def positions(self, *units: tuple[str, float, float, int, int]) -> None:
        """Send where units are: (id, lat, lon, age in ms, rank of the status)."""
        index = {row["id"]: row["i"] for row in units_table(self.line.city.units)}
        packed = [struct.pack("<HffIB", index[id], *rest) for id, *rest in units]
        self.say("positions", struct.pack("<I", len(units)) + b"".join(packed))

    def say(self, event: str, data: Any, to: str | None = None) -> None:
        self.line.socketio.emit(event, data, to=to)

    # What a screen says.

    def connect(self, _auth: object = None) -> None:
        if self.down:
            raise ConnectionRefusedError("down")

    def join(self, said: dict[str, Any]) -> dict[str, Any]:
        self.joins.append(said)
        if len(self.joins) <= self.deaf:
            return {"ok": False, "code": "fault"}
        time.sleep(self.pause_s)
        sid = request.sid  # type: ignore[attr-defined]
        rooms = list(self.shows)
        self.line.socketio.start_background_task(
            lambda: [self._snapshot(one, sid) for one in rooms]
        )
        head = {"boot": self.boot, "head": 1, "now": self.now()}
        return {"ok": True, **head, "rooms": rooms, "sounds": SOUNDS, "who": self.who}

    def open(self, said: dict[str, Any]) -> dict[str, Any]:
        self.opened.append(said)
        return {"ok": True}

    def resync(self, said: dict[str, Any]) -> dict[str, Any]:
        self.resyncs.append(said["room"])
        self._snapshot(said["room"], request.sid)  # type: ignore[attr-defined]
        return {"ok": True}

    def miss(self, said: dict[str, Any]) -> dict[str, Any]:
        self.missed.append(said["since"])
        return {"ok": True}

    def report(self, said: dict[str, Any]) -> dict[str, Any]:
        self.reports.append(said)
        late, self.late = self.late, []
        return {"ok": True, "stale": late, "now": self.now()}

    def _snapshot(self, room: str, sid: str) -> None:
        if room in self.dumb:
            return
        props, rows = self.shows[room]
        said = {**self._head(room), "to_seq": self.seqs.get(room, 0)}
        self.say("snapshot", {**said, "props": props, "rows": rows}, sid)

    def _head(self, room: str) -> dict[str, Any]:
        return {"room": room, "panel": room.split("|")[0], "head": 1, "at": self.now()}

    def command(self, name: str) -> Response:
        key = request.headers["Idempotency-Key"]
        if self.down:
            return make_response({}, 503)
        self.commands.append(Command(name, key, request.get_json()))
        status = self.answers.popleft() if self.answers else 200
        body: dict[str, Any] = {"code": "wrong_state", "title": "no", "field": ""}
        if status == 200:
            body = {"seq": 9}
        if name == "viewing.start" and status == 200:
            body["until"] = self.now() + 60_000 * request.get_json()["minutes"]
        return make_response(body, status)

    def beat(self) -> None:
        if self.beating and not self.down:
            said = {"head": 1, "now": self.now(), "boot": self.boot, "epoch": 0}
            said |= {"redis": self.redis, "writable": self.writable}
            self.say("hb", {**said, "behind": self.behind, "told": self.told})


class Line:
    """The server of all tests; whose words it carries changes with each."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.end = FarEnd(self)
        self.server, self.apps = Flask(__name__, static_folder=None), list[Any]()
        self._install()
        self.socketio = SocketIO(
            self.server, async_mode="threading", transports=["websocket"], json=codec.SocketJson
        )
        for name in ("connect", "join", "open", "resync", "report"):
            self.socketio.on(name)(self._pass(name))
        self.socketio.on("missed")(self._pass("miss"))
        self._http = make_server("127.0.0.1", 0, self.server, threaded=True)
        self._http.daemon_threads = True
        self._stop = threading.Event()

    @property
    def port(self) -> int:
        return self._http.server_port

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        threading.Thread(target=self._beats, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        self.cut()
        self._http.shutdown()

    def cut(self) -> None:
        """Close every socket, as a process does that ends."""
        engine = self.socketio.server.eio
        for socket in list(engine.sockets.values()):
            socket.close(wait=False)

    def _install(self) -> None:
        """The product's pages, words, scripts and city files, and a command door."""
        codec.install(self.server)
        files.install(self.server, self.city, ROOT / "assets")
        for name in screens.SCREENS:
            build = _build(self.city, name)
            self.apps.append(pages.create(self.server, name, ROOT / "assets", build))
        phone_shell.install(self.server)
        headers.install(self.server, self._hashes, secure=False)
        units = {"units": units_table(self.city.units)}
        self.server.get("/api/v1/units/table")(lambda: units)
        self.server.get("/api/v1/pictures/<name>")(self._picture)
        self.server.post("/api/v1/commands/<name>")(self._command)

    def _picture(self, name: str) -> dict[str, Any]:
        return {"picture": self.end.pictures[name]}

    def _command(self, name: str) -> Response:
        return self.end.command(name)

    def _hashes(self) -> list[str]:
        return sorted({one for app in self.apps for one in app.csp_hashes()})

    def _pass(self, name: str) -> Callable[..., Any]:
        return lambda *said: getattr(self.end, name)(*said)

    def _beats(self) -> None:
        while not self._stop.wait(BEAT_S):
            self.end.beat()


def _build(city: City, name: str) -> Callable[..., Any]:
    return lambda t, _who: screens.page(name, t, city, WHO)
