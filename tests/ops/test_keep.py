from pathlib import Path

import pytest

from ops import keep
from ops.trouble import Trouble


def test_a_secret_is_made_once_and_stays(tmp_path: Path) -> None:
    first = keep.secret(tmp_path, "redis")
    assert len(first) >= 48
    assert keep.secret(tmp_path, "redis") == first
    assert keep.secret(tmp_path, "other") != first


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    keep.secret(tmp_path, "redis")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_secrets_that_others_can_read_are_refused(tmp_path: Path) -> None:
    keep.secret(tmp_path, "redis")
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(Trouble, match="chmod 600"):
        keep.secret(tmp_path, "redis")
