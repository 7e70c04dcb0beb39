"""The demo city, made once for all tests."""

import shutil
from pathlib import Path

import pytest

from demo import folder


@pytest.fixture(scope="session")
def yunbin(tmp_path_factory: pytest.TempPathFactory, demo_city: Path) -> Path:
    """The demo city as it is made, in a folder that these tests may change."""
    return Path(shutil.copytree(demo_city, tmp_path_factory.mktemp("yunbin") / "city"))


@pytest.fixture(scope="session")
def outside(yunbin: Path) -> folder.Folder:
    """What outside systems know of the city."""
    return folder.read(yunbin)
