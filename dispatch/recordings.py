"""Recordings as evidence: what was finished, its hash in the log, how long it stays."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from dispatch import canonical
from dispatch.access import Actor, require
from dispatch.log import Row, Work
from dispatch.models import call, incident, recording
from dispatch.vocabulary import OPEN_INCIDENTS

DAY_MS = 86_400_000
KEPT_DAYS = {"call": 180, "feed": 90, "still": 180}
"""How long each kind stays after its end; while its incident is open it always stays."""


NUMBER = 64  # characters


class Track(BaseModel):
    model_config = ConfigDict(extra="ignore")
    codec: str = Field(max_length=20)
    frames: int = Field(ge=0)
    lost: int = Field(0, ge=0)
    gaps: list[tuple[int, int]] = Field([], max_length=10_000)
    clock: list[tuple[int, int]] = Field([], max_length=10_000)


class Manifest(BaseModel):
    """What the media process says of a finished file. Times are ms UTC."""

    model_config = ConfigDict(extra="ignore")
    file: str = Field(max_length=200, pattern=r"^[\w.-]{1,100}/[\w.@-]{1,100}$")
    call: str = Field("", max_length=64)
    participant: str = Field("", max_length=64)
    feed: str = Field("", max_length=80)
    incident: str = Field("", max_length=64)
    started_at: int = Field(ge=0)
    ended_at: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    tracks: dict[str, Track] = Field(max_length=4)
    salvaged: bool = False


def store(work: Work, manifests: Iterable[Manifest]) -> dict[str, Any]:
    """Put finished recordings into the log; those that stand there already stay as they are."""
    stored = []
    for one in manifests:
        if not _known(work, one.file):
            _store(work, one)
        stored.append(one.file)
    return {"stored": stored}


@dataclass(frozen=True)
class Still:
    """One picture of a camera or drone, kept for an incident. place: lat, lon; None if unknown."""

    file: str
    feed: str
    incident: str
    taken_at: int
    size: int
    sha256: str
    place: tuple[float, float] | None


def still(work: Work, one: Still, actor: Actor) -> dict[str, Any]:
    """Put a picture that somebody took into the log, with its hash, time and place."""
    about = work.get(incident, one.incident, "incident")
    scope = canonical.loads(about["scope_json"])
    require(actor, "recording.read", scope)
    id = number(one.file)
    work.put(
        recording,
        id,
        kind="still",
        feed=one.feed,
        incident=one.incident,
        scope_json=about["scope_json"],
        file=one.file,
        started_at=one.taken_at,
        ended_at=one.taken_at,
        size=one.size,
        sha256=one.sha256,
        tracks_json="{}",
        salvaged=False,
        keep_until=one.taken_at + KEPT_DAYS["still"] * DAY_MS,
    )
    told = {"file": one.file, "sha256": one.sha256, "at": one.taken_at, "feed": one.feed,
            "place": list(one.place) if one.place else None}  # fmt: skip
    work.emit("RecordingPictured", id, scope, told, one.incident)
    return {"recording": id, "file": one.file, "sha256": one.sha256, "taken_at": one.taken_at}


def number(file: str) -> str:
    """What a recording is called in the log: its file's name, or the hash of a long one."""
    return file if len(file) <= NUMBER else hashlib.sha256(file.encode()).hexdigest()


def overdue(connection: Connection, now: int, realm: str) -> list[Row]:
    """Recordings whose time is over and whose incident is closed."""
    mine = (recording.c.realm == realm, recording.c.to_seq.is_(None))
    old = (recording.c.deleted_at.is_(None), recording.c.keep_until < now)
    rows = [
        dict(one) for one in connection.execute(select(recording).where(*mine, *old)).mappings()
    ]
    now_open = (incident.c.to_seq.is_(None), incident.c.state.in_(OPEN_INCIDENTS))
    held = set(connection.execute(select(incident.c.id).where(*now_open)).scalars())
    return [row for row in rows if row["incident"] not in held]


def forget(work: Work, ids: Iterable[str]) -> dict[str, Any]:
    """Say that these files are deleted; the row with their hash stays."""
    gone = []
    for id in ids:
        row = work.find(recording, id)
        if row is not None and row["deleted_at"] is None:
            new = work.put(recording, id, deleted_at=work.now)
            about = {"file": row["file"], "sha256": row["sha256"]}
            work.emit("RecordingDeleted", id, canonical.loads(new["scope_json"]), about,
                      row["incident"])  # fmt: skip
            gone.append(id)
    return {"deleted": gone}


def _known(work: Work, file: str) -> bool:
    """Whether the log has it; older releases cut a long name instead of hashing it."""
    if work.find(recording, number(file)) is not None:
        return True
    row = work.find(recording, file[:NUMBER])
    return row is not None and row["file"] == file


def _store(work: Work, one: Manifest) -> None:
    about = _about(work, one)
    kind = "call" if one.call else "feed"
    row = work.put(
        recording,
        number(one.file),
        kind=kind,
        call=one.call or None,
        party=one.participant or None,
        feed=one.feed or None,
        incident=about["incident"],
        scope_json=about["scope_json"],
        file=one.file,
        started_at=one.started_at,
        ended_at=one.ended_at,
        size=one.bytes,
        sha256=one.sha256,
        tracks_json=canonical.dumps({k: t.model_dump(mode="json") for k, t in one.tracks.items()}),
        salvaged=one.salvaged,
        keep_until=one.ended_at + KEPT_DAYS[kind] * DAY_MS,
    )
    told = {name: row[name] for name in ("file", "sha256", "started_at", "ended_at", "size")}
    told |= {"party": row["party"], "feed": row["feed"], "salvaged": one.salvaged}
    scope = canonical.loads(row["scope_json"])
    work.emit("RecordingStored", row["id"], scope, told, row["incident"])


def _about(work: Work, one: Manifest) -> Row:
    """The incident and scope that a recording belongs to."""
    found = work.find(call, one.call) if one.call else work.find(incident, one.incident)
    if found is None:
        return {"incident": None, "scope_json": canonical.dumps(["city"])}
    own = found["incident"] if one.call else found["id"]
    return {"incident": own, "scope_json": found["scope_json"]}
