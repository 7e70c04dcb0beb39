"""The watchdog: a synthetic alert goes the whole way every half minute; its silence is the alarm.

It comes in by the REST door with a key of its own, is written into the log, rings the bell, makes
the hub paint and push, and must arrive at a screen without a display that has joined like any
wall. It lives in a realm of its own and is no alert: it has one row that is written over and one
small event a call (2,880 a day, under 2 MB), so it never shows, never sounds, and counts for
nobody; its idempotency answers are forgotten after an hour.
"""

import logging
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import socketio
from sqlalchemy import Connection, insert, select, update

from dispatch import accounts, canonical, keys, lease, sessions
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import account
from dispatch.vocabulary import CITY, Role
from dispatch.writer import Writer
from streams.background import Task
from streams.watch import EVERY_S, MISSES, REALM, SOURCE, put, read

log = logging.getLogger(__name__)

PANEL = "watchdog"
ALERTS = "/api/v1/alerts"
PATIENCE_S = 8.0  # the whole way takes a fraction of a second
FIRST_S = 3.0  # the doors come up meanwhile
LEASE_MS = 45_000
LOOK_S = 5.0  # as often others look whether whoever watches is gone: before the silence is alarm
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # who listens everywhere is reached here
COOKIES = ("sid", "__Host-sid")  # whichever the doors use, by http or by https


@dataclass(frozen=True)
class Doors:
    """Where the watchdog comes in. url: of the web process, or of the proxy before several.

    authority: a file with the certificate to trust beside those that the machine knows.
    here: these are this machine's own doors: that very certificate, whatever name it bears.
    """

    url: str
    authority: Path | None = None
    here: bool = False

    def trust(self) -> ssl.SSLContext:
        """Whom to believe at an https address."""
        made = ssl.create_default_context(cafile=self.authority if self.here else None)
        if self.authority is not None:
            made.load_verify_locations(self.authority)
            made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        made.check_hostname = not self.here
        return made


class Watchdog:
    """Calls, listens, and tells. Of several workers one does, under a lease."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        doors: Doors,
        now: Callable[[], int] = now_ms,
        every_s: float = EVERY_S,
    ) -> None:
        self._database, self._writer, self._doors = database, writer, doors
        self._now, self._every_s = now, every_s
        self._holder = f"watchdog:{secrets.token_hex(8)}"
        self._key = ""
        self._screen: Screen | None = None
        self._missed = 0

    def run(self, stop: threading.Event) -> None:
        """Call every half minute until `stop`."""
        wait = min(FIRST_S, self._every_s)
        while not stop.wait(wait):
            wait = self._every_s
            try:
                if self._leads():
                    self.once()
                else:
                    wait = min(wait, LOOK_S)
            except Exception:
                log.exception("the watchdog stumbled")
        self._drop()

    def once(self) -> str:
        """One call the whole way; where it was lost, "" if nowhere."""
        began = time.monotonic()
        broken = self._go()
        took_ms = round((time.monotonic() - began) * 1000)
        self._tell(broken)
        self._keep(broken, took_ms)
        if broken:
            self._drop()  # the next call comes with a new key and a new screen
        return broken

    def _go(self) -> str:
        if not self._key:
            self._key = keys.issue(
                self._database, SOURCE, ("alerts:write",), self._now(), source=SOURCE
            )
        screen = self._joined()
        if screen is None:
            return "screen"
        number = self._now()
        if broken := self._send(number):
            return broken
        return "" if screen.sees(number) else "push"

    def _joined(self) -> "Screen | None":
        """Our own screen, which stays joined from call to call."""
        if self._screen is not None and self._screen.here:
            return self._screen
        self._drop()
        try:
            self._screen = Screen(self._doors, enter(self._database, self._writer, self._now()))
        except (socketio.exceptions.SocketIOError, OSError) as error:
            log.info("the watchdog's screen could not join: %s", error)
            return None
        return self._screen

    def _send(self, number: int) -> str:
        body = {"source": SOURCE, "ext_id": str(number), "title": SOURCE}
        address = self._doors.url + ALERTS
        head = {"Authorization": f"Bearer {self._key}"}
        try:
            answer = httpx.post(
                address, json=body, headers=head, timeout=PATIENCE_S, verify=self._doors.trust()
            )
        except (httpx.HTTPError, OSError):
            return "door"
        if answer.status_code == httpx.codes.CREATED:
            return ""
        return "commit" if answer.is_server_error else "door"

    def _tell(self, broken: str) -> None:
        """The alarm sounds once, and so does the all-clear."""
        if broken:
            self._missed += 1
            if self._missed == MISSES:
                log.error("no alert comes through any more: the way is broken at the %s", broken)
            return
        if self._missed >= MISSES:
            log.warning("alerts come through again, after %s lost calls", self._missed)
        self._missed = 0

    def _keep(self, broken: str, took_ms: int) -> None:
        def write(connection: Connection) -> None:
            if broken:
                put(connection, {"missed": self._missed, "broken_at": broken,
                                 "called_at": self._now()})  # fmt: skip
            else:
                passed = {"passed_at": self._now(), "took_ms": took_ms}
                put(connection, {**passed, "missed": 0, "broken_at": ""})

        self._database.write(write)

    def _leads(self) -> bool:
        now = self._now()
        if lease.take(self._database, self._holder, now, SOURCE, LEASE_MS) is None:
            self._key = ""  # whoever leads has a new one
            self._drop()
            return False
        if self._missed == 0:
            self._missed = self._database.read(read).missed
        return True

    def _drop(self) -> None:
        if self._screen is not None:
            self._screen.leave()
            self._screen = None


class Screen:
    """A screen without a display: it joins as a wall, and keeps the watchdog's own panel."""

    def __init__(self, doors: Doors, token: str) -> None:
        self._seen = 0
        self._news = threading.Condition()
        said = {"origin": doors.url, "sslopt": {"context": doors.trust()}}
        self._client = socketio.Client(reconnection=False, websocket_extra_options=said)
        self._client.on("*", self._hear)
        cookie = "; ".join(f"{name}={token}" for name in COOKIES)
        headers = {"Cookie": cookie}
        self._client.connect(
            doors.url, headers=headers, transports=["websocket"], wait_timeout=PATIENCE_S
        )
        self._join()

    @property
    def here(self) -> bool:
        return bool(self._client.connected)

    def sees(self, number: int) -> bool:
        """Whether this call arrives here."""
        with self._news:
            return self._news.wait_for(lambda: self._seen >= number, PATIENCE_S)

    def leave(self) -> None:
        self._client.disconnect()

    def _join(self) -> None:
        me = {"screen": "wall", "screen_id": SOURCE, "name": SOURCE}
        answer = self._client.call("join", me, timeout=PATIENCE_S)
        if not answer.get("ok"):
            raise socketio.exceptions.ConnectionError(answer.get("code"))
        for room in answer["rooms"]:
            panel = room.split("|")[0]
            if panel != PANEL:
                self._client.emit("leave", {"panel": panel})

    def _hear(self, event: str, data: Any = None, *_more: Any) -> None:
        said = data["said"] if event == "cycle" else [(event, data)]
        for name, message in said:
            if name in ("push", "snapshot") and message["panel"] == PANEL:
                shown = message["props"].get(f"{PANEL}-number", {}).get("children")
                if shown is not None:
                    with self._news:
                        self._seen = max(self._seen, int(shown))
                        self._news.notify_all()


def enter(database: Database, writer: Writer, now: int) -> str:
    """A new session of the watchdog's own account, in the place of its last one."""
    database.write(_admit)
    return sessions.open_own(writer, database, SOURCE, now)


def _admit(connection: Connection) -> None:
    """The account, which has no password and no link: nobody can come in by it."""
    known = connection.execute(select(account.c.id).where(account.c.id == SOURCE)).first()
    if known is not None:
        connection.execute(update(account).where(account.c.id == SOURCE).values(active=True))
        return
    names = {"name_zh": SOURCE, "name_en": SOURCE, "seat_zh": SOURCE, "seat_en": SOURCE}
    own = {"id": SOURCE, "realm": REALM, "role": Role.WALL.value, "origin": accounts.PRODUCT}
    scope = {"scope_json": canonical.dumps([CITY]), "active": True}
    connection.execute(insert(account).values(**own, **names, **scope))


def of(said: str, listening: tuple[str, int, Path | None]) -> Doors | None:
    """The doors that the setting names; `on` stands for those of this machine, `off` for none.

    listening: host, port, and the folder with the certificate, if it is HTTPS.
    """
    host, port, tls = listening
    own = tls / "cert.pem" if tls else None
    if said == "off":
        return None
    if said != "on":
        return Doors(said.rstrip("/"), own if said.startswith("https") else None)
    name = ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return Doors(f"{'https' if tls else 'http'}://{name}:{port}", own, here=True)


def tasks(database: Database, writer: Writer, doors: Doors | None) -> list[Task]:
    """What a worker runs; None for no watchdog."""
    return [Watchdog(database, writer, doors).run] if doors is not None else []
