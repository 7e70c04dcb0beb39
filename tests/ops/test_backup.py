"""Backup and restore on both stores: what was written comes back, and nothing by accident."""

import errno
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from callbacks import web
from callbacks.port import Port
from callbacks.services import DoorSettings, Services
from dispatch import accounts, keys, log, sessions
from dispatch.audit import verify
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import api_key, session
from layouts.screens import all_panels
from layouts.texts import LANGUAGES, Texts
from ops.backup import backup, counts, manifest_of, read_manifest
from ops.restore import restore
from ops.trouble import Trouble
from streams import renewal
from streams.doorbell import Doorbell
from streams.hub import Hub
from streams.intake import Intake
from streams.look import Board
from streams.positions import Positions
from streams.receipts import DoorWriter, Receipts, collect_left
from tests.callbacks.conftest import assets, city  # noqa: F401  the small city
from tests.callbacks.live import running
from tests.callbacks.person import Person
from tests.streams.waiting import wait_for

ALERT = {"source": "gas", "title": "漏气", "category": "accident", "type": "gas_leak"}


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept/store.backup"


@contextmanager
def product(url: str, city: City, assets: Path, var: Path) -> Iterator[Services]:  # noqa: F811
    """The doors on this store, as a new process has them."""
    database = Database(url)
    accounts.sync(database, city, now_ms())
    board = Board(city, lambda key: {lang: Texts(lang)(key) for lang in LANGUAGES})
    port = Port()
    hub = Hub(database, board, all_panels(), Texts, port)
    receipts = Receipts(var / "receipts", f"web:{now_ms()}")
    writer = DoorWriter(database, hub.rang, receipts)
    positions = Positions(city)
    intake = Intake(database, writer, city, positions)
    parts = (board, hub, port, intake, positions, Doorbell(""))
    yield Services(database, writer, city, *parts, DoorSettings(assets))
    receipts.ship(database)
    writer.close()
    database.close()


def raise_alerts(services: Services, *names: str) -> None:
    gas = Person(web.create(services), services).system("gas", "alerts:write")
    for name in names:
        answer = gas.post("/api/v1/alerts", json={**ALERT, "ext_id": name, "severity": 2})
        assert answer.status_code == 201, answer.text


def seen_by_a_screen(services: Services) -> tuple[str, set[str]]:
    """The boot id that a desk is told, and the alerts that its queue then shows."""
    server = web.create(services)
    token = Person(server, services)("officer").token
    with running(server, services) as live:
        screen = live.screen(token)
        boot = screen.joins("desk")["boot"]
        shown = screen.waits_for("snapshot", lambda one: one["panel"] == "queue")
        screen.leaves()
    rows = next(iter(shown["rows"].values()))
    return boot, {row["id"] for row in rows if row["id"].startswith("AL-")}


def stored(services: Services) -> set[str]:
    query = "SELECT id FROM alert WHERE to_seq IS NULL"
    rows = services.database.read(lambda c: c.exec_driver_sql(query).scalars().all())
    return set(rows)


def test_a_drill(
    store_url: str,
    city: City,  # noqa: F811
    assets: Path,  # noqa: F811
    var: Path,
    file: Path,
) -> None:
    with product(store_url, city, assets, var) as before:
        raise_alerts(before, "a", "b")
        first_boot, _ = seen_by_a_screen(before)
        made = backup(before.database, file)
        kept = stored(before)
        raise_alerts(before, "c", "d")
        assert len(stored(before)) == 4
    with product(store_url, city, assets, var) as running_now:
        told = restore(running_now.database, file, "overwrite", var)
    assert told == made
    with product(store_url, city, assets, var) as after:
        report = after.database.read(verify)
        assert (report.ok, report.checked) == (True, made.head)
        assert after.database.read(log.lock_head) == (made.head, made.last_hash)
        boot, shown = seen_by_a_screen(after)
        assert boot != first_boot
        assert shown == stored(after) == kept
        raise_alerts(after, "e")  # and the work goes on
        assert len(stored(after)) == 3
        assert after.database.read(verify).ok
        collect_left(after.database, var / "receipts")


def test_the_manifest_says_what_the_file_holds(database: Database, file: Path) -> None:
    made = backup(database, file)
    assert read_manifest(file) == made
    assert made.counts == database.read(counts)
    assert json.loads(manifest_of(file).read_text())["head"] == 0
    assert file.stat().st_mode & 0o077 == 0
    assert not list(file.parent.glob("*.part*"))


def test_a_backup_is_not_written_over(database: Database, file: Path) -> None:
    backup(database, file)
    with pytest.raises(Trouble, match="there already"):
        backup(database, file)


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(data))


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


def _no_manifest(file: Path) -> None:
    manifest_of(file).unlink()


def _no_json(file: Path) -> None:
    manifest_of(file).write_text("{")


def _other_count(file: Path) -> None:
    told = json.loads(manifest_of(file).read_text())
    manifest_of(file).write_text(json.dumps({**told, "head": told["head"] + 1}))


@pytest.mark.parametrize("damage", [_flip, _cut, _no_manifest, _no_json, _other_count])
def test_a_damaged_backup_is_refused_and_the_store_stays(
    damage: Any, sqlite_url: str, var: Path, file: Path
) -> None:
    store = Database(sqlite_url)
    backup(store, file)
    damage(file)
    before = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    with pytest.raises(Trouble, match=r"backup|damaged") as refused:
        restore(store, file, "overwrite", var)
    assert "\n" not in str(refused.value)
    assert Path(sqlite_url.removeprefix("sqlite:///")).read_bytes() == before
    assert list(var.glob("restore-*")) == []


def _write_one(database: Database) -> None:
    row = {"seq": 1, "at": 1, "realm": "real", "key": "k", "actor": "x", "scope_json": "[]"}
    work = log.Request("x", "k", {}, lambda w: w.emit("SignedOut", "x", []) and {}, row["at"])
    with database.writing() as connection:
        log.execute(connection, work)


def test_a_store_that_holds_something_needs_the_word(
    database: Database, var: Path, file: Path
) -> None:
    _write_one(database)
    backup(database, file)
    with pytest.raises(Trouble, match="overwrite"):
        restore(database, file, "", var)
    with pytest.raises(Trouble, match="overwrite"):
        restore(database, file, "yes", var)


def test_the_store_that_was_there_is_kept(sqlite_url: str, var: Path, file: Path) -> None:
    store = Database(sqlite_url)
    backup(store, file)
    _write_one(store)
    restore(store, file, "overwrite", var)
    (old,) = Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("store.db.replaced-*[0-9]")
    assert Database(f"sqlite:///{old}").read(log.head) == 1
    assert Database(sqlite_url).read(log.head) == 0


def test_nothing_is_restored_while_the_product_runs(
    database: Database, var: Path, file: Path
) -> None:
    import fcntl

    backup(database, file)
    var.mkdir()
    with (var / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Trouble, match="running"):
            restore(database, file, "overwrite", var)


def test_a_backup_of_one_kind_of_store_goes_into_the_other(
    store_url: str, empty_sqlite: Path, var: Path, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    shutil.copy(empty_sqlite, other)
    source = Database(f"sqlite:///{other}")
    _write_one(source)
    made = backup(source, file)
    target = Database(store_url)
    restore(target, file, "", var)
    assert target.read(log.lock_head) == (made.head, made.last_hash)
    assert target.read(verify).ok
    target.close()


def test_a_session_that_was_ended_since_stays_ended(
    database: Database,
    city: City,  # noqa: F811
    var: Path,
    file: Path,
) -> None:
    accounts.sync(database, city, now_ms())
    writer = DoorWriter(database, lambda _events: None, Receipts(var, "w"))
    (link,) = sessions.renew_links(database, ["officer"], now_ms()).values()
    token, _ = sessions.open_by_link(writer, database, link, "t", now_ms())
    backup(database, file)
    database.write(lambda c: c.execute(update(session).values(revoked_at=now_ms())))
    writer.close()
    restore(database, file, "overwrite", var)
    again = Database(database.url)
    assert sessions.who(again, token, now_ms()) is None
    ended = again.read(lambda c: c.execute(select(session.c.revoked_at)).scalar())
    assert ended is not None
    again.close()


def test_a_process_ends_itself_when_its_store_was_restored(
    store_url: str, var: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, read = threading.Event(), renewal.times

    def times(connection: Connection) -> int:
        found = read(connection)
        looked.set()
        return found

    monkeypatch.setattr(renewal, "LOOK_S", 0.05)
    monkeypatch.setattr(renewal, "times", times)
    database, ended, stop = Database(store_url), threading.Event(), threading.Event()
    backup(database, file)
    task = renewal.watch(database, ended.set)
    threading.Thread(target=task, args=(stop,), daemon=True).start()
    assert looked.wait(5)
    assert not ended.wait(0.3)
    restore(Database(store_url), file, "overwrite", var)

    def renewed() -> bool:
        database.close()  # a look that was under way has given its line to the old file back
        return ended.is_set()

    wait_for(renewed, 5)
    stop.set()


@contextmanager
def signed_in(database: Database, city: City, var: Path) -> Iterator[str]:  # noqa: F811
    """Somebody has signed in: the token."""
    accounts.sync(database, city, now_ms())
    writer = DoorWriter(database, lambda _events: None, Receipts(var, "w"))
    (link,) = sessions.renew_links(database, ["officer"], now_ms()).values()
    yield sessions.open_by_link(writer, database, link, "t", now_ms())[0]
    writer.close()


def test_a_store_on_another_file_system_is_put_back(
    empty_sqlite: Path, var: Path, file: Path
) -> None:
    """What is made ready elsewhere could not be renamed into its place."""
    var.mkdir()
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == var.stat().st_dev:
        pytest.skip("there is one file system")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        place = Path(folder) / "store.db"
        shutil.copy(empty_sqlite, place)
        store = Database(f"sqlite:///{place}")
        backup(store, file)
        _write_one(store)
        restore(store, file, "overwrite", var)
        assert Database(store.url).read(log.head) == 0
        (old,) = Path(folder).glob("store.db.replaced-*[0-9]")
        assert Database(f"sqlite:///{old}").read(log.head) == 1
        assert [*Path(folder).glob("restore-*"), *var.glob("restore-*")] == []


def test_a_link_to_the_store_stays_a_link(sqlite_url: str, tmp_path: Path, file: Path) -> None:
    real = Path(sqlite_url.removeprefix("sqlite:///"))
    link = tmp_path / "far" / "link.db"
    link.parent.mkdir()
    link.symlink_to(real)
    store = Database(f"sqlite:///{link}")
    backup(store, file)
    _write_one(store)
    restore(store, file, "overwrite", tmp_path / "var")
    assert link.is_symlink()
    assert Database(sqlite_url).read(log.head) == 0


def test_a_store_that_cannot_be_put_in_its_place_is_as_it_was(
    sqlite_url: str, var: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Database(sqlite_url)
    backup(store, file)
    _write_one(store)
    rename = Path.rename

    def across(self: Path, target: Path) -> Path:
        if self.name.startswith("restore-"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", across)
    with pytest.raises(Trouble, match="as it was"):
        restore(store, file, "overwrite", var)
    assert Database(sqlite_url).read(log.head) == 1
    assert list(Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("*replaced*")) == []


def _no_store(url: str) -> None:
    """Its first page is not one of SQLite's any more; PostgreSQL has lost the log's numbers."""
    if url.startswith("sqlite"):
        with Path(url.removeprefix("sqlite:///")).open("r+b") as store:
            store.write(bytes(4096))
        return
    _drop(url, "stream")


def _no_sessions(url: str) -> None:
    _drop(url, "session")


def _drop(url: str, table: str) -> None:
    broken = Database(url)
    more = "" if broken.is_sqlite else " CASCADE"
    broken.write(lambda c: c.exec_driver_sql(f"DROP TABLE {table}{more}"))
    broken.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("damage", [_no_store, _no_sessions])
def test_over_a_store_that_cannot_be_read_nobody_comes_back_unseen(
    request: pytest.FixtureRequest,
    kind: str,
    damage: Any,
    city: City,  # noqa: F811
    var: Path,
    file: Path,
) -> None:
    """Who was signed out since the backup cannot be known: everybody is, and it is said."""
    url = request.getfixturevalue(f"{kind}_url")
    store = Database(url)
    with signed_in(store, city, var) as token:
        keys.issue(store, "gas", ("alerts:write",), now_ms(), source="gas")
        made = backup(store, file)
        store.write(lambda c: c.execute(update(session).values(revoked_at=now_ms())))
        store.write(lambda c: c.execute(update(api_key).values(revoked_at=now_ms())))
    store.close()
    damage(url)
    said: list[str] = []
    store = Database(url)
    with pytest.raises(Trouble, match="overwrite"):
        restore(store, file, "", var, say=said.append)
    assert said == []
    restore(store, file, "overwrite", var, say=said.append)
    (told,) = said
    assert "every session is ended" in told
    assert "API keys" in told
    again = Database(url)
    assert again.read(log.head) == made.head
    assert sessions.who(again, token, now_ms()) is None
    assert again.read(verify).ok
    again.close()
    store.close()


def test_what_can_be_read_of_a_damaged_store_is_kept(
    sqlite_url: str, var: Path, file: Path
) -> None:
    """A key stays taken back although the sessions are lost; and a whole store says nothing."""
    store, said = Database(sqlite_url), list[str]()
    keys.issue(store, "gas", ("alerts:write",), now_ms(), source="gas")
    _write_one(store)
    backup(store, file)
    store.write(lambda c: c.execute(update(api_key).values(revoked_at=5)))
    restore(store, file, "overwrite", var, say=said.append)
    assert said == []
    _drop(sqlite_url, "session")
    restore(Database(sqlite_url), file, "overwrite", var, say=said.append)
    assert len(said) == 1
    ended = Database(sqlite_url).read(
        lambda c: c.execute(select(api_key.c.revoked_at)).scalars().all()
    )
    assert list(ended) == [5]


def test_a_file_of_nothing_is_no_store(
    empty_sqlite: Path, tmp_path: Path, var: Path, file: Path
) -> None:
    source = Database(f"sqlite:///{empty_sqlite}")
    backup(source, file)
    place = tmp_path / "new" / "store.db"
    place.parent.mkdir()
    place.touch()
    restore(Database(f"sqlite:///{place}"), file, "", var, say=pytest.fail)
    assert Database(f"sqlite:///{place}").read(log.head) == 0


def test_a_server_that_does_not_answer_is_no_empty_store(
    sqlite_url: str, var: Path, file: Path
) -> None:
    backup(Database(sqlite_url), file)
    nobody = Database("postgresql+psycopg://x@127.0.0.1:1/x?connect_timeout=2")
    with pytest.raises(Trouble, match="does not answer"):
        restore(nobody, file, "overwrite", var)
