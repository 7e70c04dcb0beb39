"""The sockets that are open here: whose they are, and what their screens show."""

import threading
from dataclasses import dataclass, field

from callbacks.bucket import Bucket
from callbacks.who import Who
from callbacks.wire import Join

RATE, BURST = 20, 60  # messages a second and at once; a screen says about one a second


@dataclass
class Connection:
    """One socket. shows: panel -> the hub's room that it shows."""

    sid: str
    token: str
    who: Who
    bucket: Bucket = field(default_factory=lambda: Bucket(RATE, BURST))
    joined: Join | None = None
    shows: dict[str, str] = field(default_factory=dict)


class Connections:
    """All sockets of this process, by their id."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Connection] = {}
        self._lock = threading.Lock()

    def add(self, one: Connection) -> None:
        with self._lock:
            self._by_sid[one.sid] = one

    def get(self, sid: str) -> Connection | None:
        return self._by_sid.get(sid)

    def pop(self, sid: str) -> Connection | None:
        with self._lock:
            return self._by_sid.pop(sid, None)

    def all(self) -> list[Connection]:
        with self._lock:
            return list(self._by_sid.values())

    def of_session(self, session: str) -> list[Connection]:
        return [one for one in self.all() if one.who.session == session]
