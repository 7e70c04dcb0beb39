"""Keeps the media process's calls as the log wants them, and takes back what it sees.

Once a second, and at once after an event of a call, the whole wish is sent: who may be in which
call, who is muted, what is recorded. The answer says who is connected and which files are done.
So either side may be started anew at any time, and both agree again a second later.
"""

import logging
import os
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError
from sqlalchemy import Connection, select

from dispatch import calls, lease, recordings
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.log import Request, Work, head
from dispatch.models import event, private_note
from dispatch.recordings import Manifest
from dispatch.vocabulary import REAL
from dispatch.writer import Writer
from streams import evidence
from streams.background import Task
from streams.names import Names

log = logging.getLogger(__name__)

EVERY_S = 1.0
LOOK_S = 0.15  # how soon a kick or a mute reaches the call
TIMEOUT_S = 3.0
GRACE_MS = 8_000  # who joins has so long to be connected, who is lost so long to come back
FORGET_S = 3_600.0
LEASE, LEASE_MS = "calls", 4_000


def tasks(
    database: Database,
    writer: Writer,
    city: City,
    media: tuple[str, str] | None,
    folder: Path | None = None,
) -> list[Task]:
    """What a worker runs for calls; nothing where no media process is set up.

    media: its address and the word that its control wants to hear.
    """
    if media is None:
        return []
    holder = f"calls:{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[:64]

    def leads() -> bool:
        return lease.take(database, holder, now_ms(), LEASE, LEASE_MS) is not None

    names = Names(city, lambda key: {"zh": key, "en": key})

    def kept(connection: Connection, now: int) -> list[evidence.Pair]:
        return evidence.kept(connection, city, now)

    own = CallKeeper(database, writer, names, *media, folder=folder, leads=leads, kept=kept)
    return [own.run]


def nothing(_connection: Connection, _now: int) -> list[evidence.Pair]:
    return []


class CallKeeper:
    """What one worker does for calls, under a lease.

    address, key: of the media process's control; folder: where recordings stand, if on this
    machine; leads: whether this process is the one; kept: which feeds are written for which
    incident now.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        names: Names,
        address: str,
        key: str,
        folder: Path | None = None,
        leads: Callable[[], bool] = lambda: True,
        now: Callable[[], int] = now_ms,
        realm: str = REAL,
        kept: Callable[[Connection, int], list[evidence.Pair]] = nothing,
    ) -> None:
        self._database, self._writer, self._names = database, writer, names
        self._kept = kept
        self._folder, self._leads, self._now, self._realm = folder, leads, now, realm
        headers = {"Authorization": f"Bearer {key}"}
        self._door = httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_S)
        self._stored: list[str] = []
        self._absent: dict[str, int] = {}
        self._seen = -1
        self._forgot_at = 0.0
        self.up = False

    def run(self, stop: threading.Event) -> None:
        """Keep calls until `stop`."""
        due = 0.0
        while not stop.wait(LOOK_S):
            try:
                if time.monotonic() < due and not self._rang():
                    continue
                due = time.monotonic() + EVERY_S
                if self._leads():
                    self.keep()
                    self._forget()
            except Exception:
                log.exception("calls could not be kept")
                stop.wait(EVERY_S)
        self._door.close()

    def keep(self) -> None:
        """Send the wish once, and take in what is seen."""
        wish = self._database.read(self._wish)
        try:
            answer = self._door.put("/control/calls", json={**wish, "stored": self._stored})
            answer.raise_for_status()
        except httpx.HTTPError as error:
            if self.up:
                log.warning("the media process does not answer for calls: %s", error)
            self.up = False
            seen: dict[str, Any] = {"rooms": [], "recordings": []}
        else:
            self.up, seen = True, answer.json()
        if wish["rooms"]:
            self._observe(seen["rooms"])
        self._store(seen["recordings"])

    def _wish(self, connection: Connection) -> dict[str, Any]:
        rooms = []
        for one in calls.all_running(connection, self._realm):
            guests = [row["id"] for row in one.parties if not row["account"]]
            names = _guest_names(connection, guests, self._realm)
            people = [
                {
                    "id": row["party"],
                    "name": self._name(row, names),
                    "muted": bool(row["muted"]),
                    "hand": row["hand_at"] is not None,
                }
                for row in one.parties
            ]
            rooms.append({"room": one.id, "record": one.recorded, "people": people})
        return {"rooms": rooms, "feeds": self._kept(connection, self._now())}

    def _name(self, row: dict[str, Any], guests: dict[str, str]) -> str:
        if row["account"]:
            return self._names.actor(row["account"])["zh"]
        return guests.get(row["id"], row["party"])

    def _observe(self, rooms: list[dict[str, Any]]) -> None:
        """Who is away is said only after a while: a line that comes back at once is no news."""
        now = self._now()
        here = {
            room["room"]: {one["participant"] for one in room["callers"] if one["present"]}
            for room in rooms
        }
        known = self._database.read(lambda c: calls.all_running(c, self._realm))
        told: dict[str, set[str]] = {}
        absent: dict[str, int] = {}
        for running in known:
            present = here.get(running.id, set())
            told[running.id] = set(present)
            for row in running.parties:
                if row["party"] not in present:
                    absent[row["id"]] = self._absent.get(row["id"], now)
                    if now - absent[row["id"]] < GRACE_MS and row["state"] == "JOINED":
                        told[running.id].add(row["party"])
        self._absent = absent
        self._run("observe", lambda work: calls.observe(work, told, GRACE_MS))

    def _store(self, manifests: list[Any]) -> None:
        found = []
        for one in manifests:
            try:
                found.append(Manifest.model_validate(one))
            except ValidationError as error:
                log.warning("a recording's manifest makes no sense: %s", error)
        if not found:
            self._stored = []
            return
        done = self._run("store", lambda work: recordings.store(work, found))
        self._stored = list(done["stored"])

    def _rang(self) -> bool:
        """Whether something happened to a call since the last look."""
        seq = self._database.read(head)
        last, self._seen = self._seen, seq
        if last < 0 or seq == last:
            return False
        query = select(event.c.seq).where(event.c.seq > last, event.c.type.like("Call%")).limit(1)
        return self._database.read(lambda c: c.execute(query).scalar()) is not None

    def _forget(self) -> None:
        """Delete recordings whose time is over."""
        if self._folder is None or time.monotonic() - self._forgot_at < FORGET_S:
            return
        self._forgot_at = time.monotonic()
        old = self._database.read(lambda c: recordings.overdue(c, self._now(), self._realm))
        for row in old:
            for name in (row["file"], f"{row['file']}.json", f"{row['file']}.stored"):
                (self._folder / name).unlink(missing_ok=True)
        if old:
            ids = [row["id"] for row in old]
            self._run("forget", lambda work: recordings.forget(work, ids))

    def _run(self, what: str, run: Callable[[Work], dict[str, Any]]) -> dict[str, Any]:
        key = f"calls:{what}:{secrets.token_hex(8)}"
        asked = Request(calls.SYSTEM, key, {"do": what}, run, self._now(), self._realm)
        return self._writer.command(asked).body


def _guest_names(connection: Connection, ids: list[str], realm: str) -> dict[str, str]:
    if not ids:
        return {}
    query = select(private_note).where(
        private_note.c.realm == realm, private_note.c.subject.in_(ids)
    )
    rows = [dict(one) for one in connection.execute(query).mappings()]
    rows.sort(key=lambda one: one["kind"])  # `said_name` after `name`: a guest's own word counts
    return {row["subject"]: row["value"] for row in rows}
