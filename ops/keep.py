"""An installation's folder: small private files, and that one alone works on it."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.trouble import Trouble


def secret(folder: Path, name: str) -> str:
    """The secret called `name` of this installation, made at random when first asked for."""
    file = folder / "secrets.json"
    known: dict[str, str] = read(file) if file.exists() else {}
    if name not in known:
        known[name] = secrets.token_urlsafe(48)
        write(file, known)
    return known[name]


def read(file: Path) -> Any:
    """What a private file holds. Raises Trouble when others may read it."""
    if file.stat().st_mode & 0o077:
        raise Trouble(f"{file} can be read by others: run `chmod 600 {file}`")
    return json.loads(file.read_text(encoding="utf-8"))


def write(file: Path, content: Any) -> None:
    """Put the whole content in place at once, readable by the owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=1)
    draft.replace(file)


def folder(place: Path, setting: str = "YIPING_VAR") -> None:
    """Make sure of a folder that this program can write to. Raises Trouble."""
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=place):
            pass
    except (FileExistsError, NotADirectoryError):
        raise Trouble(f"{setting}: {place} is, or lies in, a file and no folder") from None
    except OSError as error:
        raise Trouble(f"{setting}: {place} cannot be written to ({error.strerror})") from None


@contextmanager
def alone(var: Path, otherwise: str) -> Iterator[None]:
    """Hold this installation: two on one store would fight.

    otherwise: what is said, as Trouble, when somebody else holds it.
    """
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (var / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(otherwise) from None
        yield
