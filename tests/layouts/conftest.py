"""The small city of the pictures' tests, on a store of the test's own."""

import pytest

from tests.streams.conftest import board, centre, city, picture

__all__ = ["board", "centre", "city", "picture"]


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What panels make of pictures does not depend on the store: SQLite is enough."""
    return sqlite_url
