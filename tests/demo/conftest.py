"""The demo city, made once for all tests."""

from pathlib import Path

import pytest

from demo import city, folder


@pytest.fixture(scope="session")
def yunbin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("yunbin")
    city.make(made, lambda _: None)
    return made


@pytest.fixture(scope="session")
def outside(yunbin: Path) -> folder.Folder:
    """What outside systems know of the city."""
    return folder.read(yunbin)
