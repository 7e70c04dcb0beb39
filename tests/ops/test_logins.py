"""Brokers' passwords stand in a file of its owner's alone."""

from pathlib import Path

import pytest

from ops.logins import read
from ops.trouble import Trouble


def test_a_login_is_known_by_its_host(tmp_path: Path) -> None:
    file = tmp_path / "logins"
    file.write_text("machine broker.example login yiping password s3cret\n")
    file.chmod(0o600)
    assert read(file) == {"broker.example": ("yiping", "s3cret")}
    assert read(None) == {}


@pytest.mark.parametrize(("text", "mode"), [("machine a login b password c\n", 0o640),
                                            ("this is no netrc\n", 0o600)])  # fmt: skip
def test_a_file_that_others_can_read_or_that_is_none_is_refused(
    tmp_path: Path, text: str, mode: int
) -> None:
    file = tmp_path / "logins"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(Trouble, match="YIPING_LOGINS") as refused:
        read(file)
    assert "password" not in str(refused.value)
