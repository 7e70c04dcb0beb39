"""Backups: the store in one SQLite file, what belongs to it as files, and a manifest of both.

They are taken while everybody works.

A SQLite store is copied by SQLite's own online backup. PostgreSQL is read in one transaction
(one moment, whoever writes) into a file of the same kind; so every backup can be opened and its
log verified on any machine, and can be put back into either kind of store.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select

from dispatch import log
from dispatch.audit import verify
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import metadata, recording, upload
from dispatch.schema import migrate
from ops import files as beside_store
from ops.files import Named, Place
from ops.trouble import Trouble

AT_ONCE = 1_000  # rows of one statement
PAGES, PAUSE_S = 2_000, 0.005  # SQLite copies so many pages, then lets writers go on
SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: the log's last number and hash, how many rows, the file's own hash.

    files: what belongs to the store, by name, with hash and size; empty in a backup of old.
    """

    made_at: int
    head: int
    last_hash: str
    counts: dict[str, int]
    size: int
    sha256: str
    files: Named = field(default_factory=dict)


def backup(
    database: Database,
    file: Path,
    kept: Sequence[Place] = (),
    said: Mapping[str, str] | None = None,
) -> Manifest:
    """Copy the store into `file`, prove the copy, and write its manifest. Raises Trouble.

    kept: what belongs to it beside the store; it is copied after the store, so that no file is
    missing that the store names. said: the settings of now.
    """
    if file.exists() or manifest_of(file).exists():
        raise Trouble(f"{file} is there already; name another file")
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        _copy(database, draft)
        made = examine(draft)
        _to_disk(draft)
        if kept:
            made = replace(made, files=beside_store.keep(file.parent, kept, said or {}))
        draft.rename(file)
    except (sqlite3.Error, OSError) as error:
        raise Trouble(f"the backup was not made: {error}") from None
    finally:
        draft.unlink(missing_ok=True)
    manifest_of(file).write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
    _to_disk(manifest_of(file))
    return made


def manifest_of(file: Path) -> Path:
    """Where a backup's manifest stands."""
    return file.with_name(file.name + ".manifest.json")


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup. Raises Trouble."""
    if not file.is_file():
        raise Trouble(f"there is no backup {file}")
    try:
        return Manifest(**json.loads(manifest_of(file).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Trouble(f"{file} has no manifest {manifest_of(file).name}: it is no backup") from None
    except (ValueError, TypeError):
        raise Trouble(f"{manifest_of(file)} is damaged; use another backup") from None


def examine(file: Path) -> Manifest:
    """Open a copy, verify its pages and its whole log, and say what it holds. Raises Trouble."""
    store = Database(f"{SQLITE}{file.resolve()}")
    try:
        head, last_hash, counts = store.read(_contents)
    finally:
        store.close()
    size, digest = file.stat().st_size, _sha256(file)
    return Manifest(now_ms(), head, last_hash, counts, size, digest)


def _contents(connection: Connection) -> tuple[int, str, dict[str, int]]:
    said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if said != "ok":
        raise Trouble(f"the file is damaged: {said}")
    report = verify(connection)
    if not report.ok:
        raise Trouble(f"its log is broken at event {report.first_broken} ({report.reason})")
    head, last_hash = log.lock_head(connection, lock=False)
    return head, last_hash, counts(connection)


def evidence(connection: Connection) -> dict[str, str]:
    """The SHA-256 of every photo, video, recording and still that the log holds."""
    found = {}
    for table, still in ((upload, ()), (recording, (recording.c.keep_until > now_ms(),))):
        query = select(table.c.id, table.c.sha256).where(table.c.to_seq.is_(None), *still)
        found.update({row[0]: row[1] for row in connection.execute(query)})
    return found


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }


def _copy(database: Database, draft: Path) -> None:
    if database.is_sqlite:
        _copy_sqlite(Path(database.url.removeprefix(SQLITE)), draft)
        return
    target = f"{SQLITE}{draft.resolve()}"
    migrate(target)
    store = Database(target)
    try:
        database.read(lambda source: _copy_rows(source, store))
    finally:
        store.close()


def _copy_sqlite(source: Path, draft: Path) -> None:
    if not source.exists():
        raise Trouble(f"there is no store {source}")
    here, there = sqlite3.connect(source, timeout=5), sqlite3.connect(draft)
    try:
        here.backup(there, pages=PAGES, sleep=PAUSE_S)
    finally:
        here.close()
        there.close()


def _copy_rows(source: Connection, store: Database) -> None:
    with store.writing() as target:
        for table in metadata.sorted_tables:
            if table.name != "event":  # which is empty, and lets nothing be deleted
                target.execute(delete(table))
        pour(source, target)


def pour(source: Connection, target: Connection) -> None:
    """Bring every row of every table from one store into another, whose tables are empty."""
    streamed = {"stream_results": True, "yield_per": AT_ONCE}
    for table in metadata.sorted_tables:
        rows = source.execute(select(table), execution_options=streamed).mappings()
        for some in rows.partitions(AT_ONCE):
            target.execute(insert(table), [dict(row) for row in some])


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _to_disk(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
