"""The doors with a folder for photos, and a unit's phone that has an order."""

from dataclasses import replace
from pathlib import Path

import pytest

from callbacks.services import Services
from tests.callbacks.conftest import assets, city, person, server
from tests.callbacks.conftest import services as plain
from tests.callbacks.person import Person
from tests.callbacks.test_rest import order as issue

__all__ = ["assets", "city", "person", "plain", "server"]


@pytest.fixture
def services(plain: Services, tmp_path: Path) -> Services:
    settings = replace(plain.settings, uploads=tmp_path / "uploads")
    return replace(plain, settings=settings)


@pytest.fixture
def order(person: Person) -> str:
    """An order to the fire engine of the west, whose phone is fir1's."""
    return issue(person)
