"""What a backup holds beside the store comes back whole, on another machine too."""

import hashlib
import shutil
from pathlib import Path

import pytest

from dispatch import log
from dispatch.database import Database
from ops import files
from ops.backup import backup, read_manifest
from ops.keeping import Keeping
from ops.restore import restore
from ops.trouble import Trouble
from tests.ops.test_backup import _write_one

PHOTO, CALL, CITY = b"a photo" * 999, b"a call" * 9_999, b'{"name": "a city"}'
HELD = {"uploads/ab/1.jpg", "recordings/c1/c1.webm", "city/city.json", "secrets.json", "logins"}


def installation(var: Path) -> tuple[files.Place, ...]:
    """The folders of one, with a file in each, and one that is not finished."""
    for name, content in (
        ("uploads/ab/1.jpg", PHOTO),
        ("uploads/ab/2.jpg.part", b"half of a phot"),
        ("recordings/c1/c1.webm", CALL),
        ("city/city.json", CITY),
        ("secrets.json", b'{"media": "secret"}'),
        ("logins.json", b"[]"),
    ):
        (var / name).parent.mkdir(parents=True, exist_ok=True)
        (var / name).write_bytes(content)
    return files.places(var, None, var / "logins.json")


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "disk/store.backup"


def test_a_machine_that_was_lost_is_made_anew(
    database: Database, store_url: str, var: Path, file: Path, tmp_path: Path
) -> None:
    _write_one(database)
    kept = installation(var)
    made = backup(database, file, kept, {"YIPING_PORT": "8443"})
    assert made.files.keys() == HELD | {"settings.json"}
    assert read_manifest(file) == made
    shutil.rmtree(var)
    other = tmp_path / "other"
    restore(database, file, "overwrite", other, files.places(other, None, other / "logins.json"))
    assert (other / "uploads/ab/1.jpg").read_bytes() == PHOTO
    assert (other / "recordings/c1/c1.webm").read_bytes() == CALL
    assert (other / "city/city.json").read_bytes() == CITY
    assert (other / "secrets.json").stat().st_mode & 0o077 == 0
    assert "8443" in (other / "restored-settings.json").read_text()
    assert not list(other.rglob("*.replaced-*"))
    again = Database(store_url)
    assert again.read(log.head) == made.head
    again.close()


def test_the_next_backup_copies_only_what_is_new(database: Database, var: Path, file: Path) -> None:
    kept = installation(var)
    backup(database, file, kept)
    first = {one.name: one.stat().st_mtime_ns for one in (file.parent / files.OBJECTS).iterdir()}
    (var / "uploads/ab/3.jpg").write_bytes(b"another")
    made = backup(database, file.with_name("second.backup"), kept)
    now = {one.name: one.stat().st_mtime_ns for one in (file.parent / files.OBJECTS).iterdir()}
    assert now.keys() - first.keys() == {hashlib.sha256(b"another").hexdigest()}
    assert {name: now[name] for name in first} == first
    assert "uploads/ab/3.jpg" in made.files


def test_evidence_that_came_since_stays_and_a_changed_city_is_kept_beside(
    sqlite_url: str, var: Path, file: Path
) -> None:
    store = Database(sqlite_url)
    kept = installation(var)
    backup(store, file, kept)
    (var / "uploads/ab/later.jpg").write_bytes(b"later")
    (var / "uploads/ab/1.jpg").write_bytes(b"spoilt")
    (var / "city/city.json").write_bytes(b"another city")
    restore(store, file, "overwrite", var, kept)
    assert (var / "uploads/ab/later.jpg").read_bytes() == b"later"
    assert (var / "uploads/ab/1.jpg").read_bytes() == PHOTO
    assert (var / "city/city.json").read_bytes() == CITY
    (aside,) = var.glob("city.replaced-*")
    assert (aside / "city.json").read_bytes() == b"another city"


@pytest.mark.parametrize("damage", ["gone", "changed", "longer"])
def test_a_backup_whose_files_are_not_whole_changes_nothing(
    damage: str, sqlite_url: str, var: Path, file: Path
) -> None:
    store = Database(sqlite_url)
    kept = installation(var)
    made = backup(store, file, kept)
    _write_one(store)
    photo = file.parent / files.OBJECTS / str(made.files["uploads/ab/1.jpg"][0])
    match damage:
        case "gone":
            photo.unlink()
        case "changed":
            photo.write_bytes(PHOTO[:-1] + b"!")
        case _:
            photo.write_bytes(PHOTO + b"!")
    (var / "city/city.json").write_bytes(b"another city")
    with pytest.raises(Trouble, match=r"1\.jpg of the backup is (missing|damaged)"):
        restore(store, file, "overwrite", var, kept)
    assert store.read(log.head) == 1
    assert (var / "city/city.json").read_bytes() == b"another city"


def test_evidence_without_a_file_is_named(
    sqlite_url: str, var: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Database(sqlite_url)
    kept = installation(var)
    named = backup(store, file, kept).files
    there, gone = hashlib.sha256(PHOTO).hexdigest(), hashlib.sha256(b"lost").hexdigest()
    assert files.without_file(named, {"ZP-1": there, "ZP-2": gone}) == ["ZP-2"]
    keeping = Keeping(store, lambda: None, var, kept, {})  # type: ignore[arg-type, return-value]
    assert keeping.run("backup", str(file.with_name("third")), "") == 0
    assert "6 files belong to it" in capsys.readouterr().out
    assert keeping.run("restore", str(file.with_name("third")), "overwrite") == 0
    assert "restored-settings.json" in capsys.readouterr().out
