"""The part of a backup that is no store: evidence, the city, secrets and settings, as files.

Each file is kept once under its SHA-256 in the folder `files` beside the backups, so that the next
backup copies only what is new; the manifest names every file with its hash. What the log calls
evidence (photos, recordings, stills) is never changed and only added to. City, secrets and
certificates are put back as they were, and what stood there is kept beside.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.trouble import Trouble

OBJECTS = "files"
SETTINGS = "settings.json"
CHUNK = 1 << 20
UNFINISHED = (".part", ".tmp", ".new")
Named = dict[str, list[str | int]]
"""Name of a file within the backup -> [SHA-256, size]."""


@dataclass(frozen=True)
class Place:
    """A file or folder that belongs to an installation. evidence: it is only added to."""

    name: str
    path: Path
    evidence: bool = False


def places(var: Path, city: Path | None, logins: Path | None) -> tuple[Place, ...]:
    """Everything beside the store that a restore needs. city: the folder that is set, if any."""
    found = [
        Place("uploads", var / "uploads", evidence=True),
        Place("recordings", var / "recordings", evidence=True),
        Place("city", city or var / "city"),
        Place("secrets.json", var / "secrets.json"),
        Place("tls", var / "tls"),
    ]
    return (*found, Place("logins", logins)) if logins else tuple(found)


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of this installation, as they are set now."""
    own = ("YIPING_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in sorted(environment.items()) if name.startswith(own)}


def keep(beside: Path, kept: Sequence[Place], said: Mapping[str, str]) -> Named:
    """Copy what is not there yet into the folder of files; names all that belongs to it."""
    objects = beside / OBJECTS
    objects.mkdir(parents=True, exist_ok=True, mode=0o700)
    named: Named = {}
    for place in kept:
        for name, file in _files(place):
            try:
                named[name] = _put_in(objects, file)
            except FileNotFoundError:  # it was forgotten meanwhile, as its time was over
                continue
    draft = objects / f".{SETTINGS}.{os.getpid()}"
    _write(draft, json.dumps(dict(said), ensure_ascii=False, indent=1).encode())
    named[SETTINGS] = _put_in(objects, draft)
    draft.unlink()
    return named


def check(beside: Path, named: Named) -> None:
    """Read every file that a backup names. Raises Trouble with the first that is not whole."""
    for name, (digest, size) in named.items():
        file = beside / OBJECTS / str(digest)
        if not file.is_file():
            raise Trouble(f"{name} of the backup is missing ({file}); use another backup")
        if file.stat().st_size != size or _sha256(file) != digest:
            raise Trouble(f"{name} of the backup is damaged ({file}); use another backup")


def without_file(named: Named, evidence: Mapping[str, str]) -> list[str]:
    """Which of the log's evidence (number -> SHA-256) has no file among these."""
    held = {str(digest) for digest, _ in named.values()}
    return [id for id, digest in sorted(evidence.items()) if digest not in held]


def put_back(beside: Path, named: Named, kept: Sequence[Place], var: Path) -> None:
    """Put every file in its place. What was checked before is believed."""
    objects = beside / OBJECTS
    for place in kept:
        mine = {n: str(one[0]) for n, one in named.items() if n.split("/", 1)[0] == place.name}
        if not mine:
            continue
        if not place.evidence and place.path.exists():
            _set_aside(place, mine)
        for name, digest in mine.items():
            target = place.path / name.split("/", 1)[1] if "/" in name else place.path
            if target.exists() and _sha256(target) != digest:  # what stands there was damaged
                target.rename(target.with_name(f"{target.name}.replaced-{_stamp()}"))
            if not target.exists():
                _copy(objects / digest, target)
    if said := named.get(SETTINGS):
        _copy(objects / str(said[0]), var / f"restored-{SETTINGS}")


def _files(place: Place) -> Iterator[tuple[str, Path]]:
    """Every finished file of a place, by its name in the backup."""
    if place.path.is_file():
        yield place.name, place.path
        return
    for file in sorted(place.path.rglob("*")):
        inside = file.relative_to(place.path)
        hidden = any(part.startswith(".") for part in inside.parts)
        if file.is_file() and not hidden and file.suffix not in UNFINISHED:
            yield f"{place.name}/{inside.as_posix()}", file


def _put_in(objects: Path, file: Path) -> list[str | int]:
    digest, size = _sha256(file), file.stat().st_size
    if not (known := objects / digest).exists():
        _copy(file, known)
        if _sha256(known) != digest:  # it grew while it was read: a recording that still runs
            grown = _sha256(known)
            known.rename(objects / grown)
            return [grown, (objects / grown).stat().st_size]
    return [digest, size]


def _set_aside(place: Place, mine: Mapping[str, str]) -> None:
    """What stands in the place now is kept beside it, unless it is the same."""
    now = {name: _sha256(file) for name, file in _files(place)}
    if now != dict(mine):
        place.path.rename(place.path.with_name(f"{place.path.name}.replaced-{_stamp()}"))


def _stamp() -> str:
    return time.strftime("%Y%m%d-%H%M%S")


def _copy(source: Path, target: Path) -> None:
    """All of it on disk, or nothing; readable by its owner only."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with source.open("rb") as given, draft.open("wb") as taken:
            os.fchmod(taken.fileno(), 0o600)
            shutil.copyfileobj(given, taken, CHUNK)
            taken.flush()
            os.fsync(taken.fileno())
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
