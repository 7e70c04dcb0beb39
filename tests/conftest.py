"""Stores for the tests: an empty SQLite file or an empty database of a real PostgreSQL."""

import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.chrome.options import Options
from sqlalchemy import Engine, create_engine, make_url

from dispatch.database import Database
from dispatch.log import GENESIS, STREAM
from dispatch.models import metadata, stream
from dispatch.schema import migrate
from dispatch.vocabulary import REAL
from tests import postgres

CHROMIUM_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--window-size=1920,1080",
)
ENGINES = ["sqlite", pytest.param("emptied_postgres", marks=pytest.mark.postgres, id="postgres")]


def pytest_setup_options() -> Options:
    """How Dash's testing starts Debian's Chromium."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in CHROMIUM_FLAGS:
        options.add_argument(flag)
    return options


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server, whose database `empty` has all tables and no facts."""
    with postgres.server() as url:
        _administer(url, "CREATE DATABASE empty")
        migrate(_named(url, "empty"))
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test's own."""
    name = f"test_{next(_numbers)}"
    _administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE empty STRATEGY wal_log")
    yield _named(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def emptied_server(postgres_server: str) -> Iterator[Engine]:
    """One database for many short tests: to make one for each takes longer than most tests."""
    _administer(postgres_server, "CREATE DATABASE emptied TEMPLATE empty STRATEGY wal_log")
    engine = create_engine(_named(postgres_server, "emptied"))
    yield engine
    engine.dispose()


@pytest.fixture
def emptied_postgres_url(emptied_server: Engine) -> Iterator[str]:
    """The URL of a PostgreSQL database that has no facts when the test begins."""
    yield emptied_server.url.render_as_string(hide_password=False)
    tables = "; ".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables)
    with emptied_server.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {tables}")
        first = {"name": STREAM, "realm": REAL, "seq": 0, "hash": GENESIS}
        connection.execute(stream.insert().values(first))


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has all tables and no facts."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(empty_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite file of this test's own."""
    copy = tmp_path / "store.db"
    shutil.copy(empty_sqlite, copy)
    return f"sqlite:///{copy}"


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city, made once for all tests that run the whole product."""
    folder = tmp_path_factory.mktemp("city") / "city"
    subprocess.run([sys.executable, "-m", "demo.city", str(folder)], check=True)
    return folder


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest) -> str:
    """The same test on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    opened = Database(store_url)
    yield opened
    opened.close()


_numbers = itertools.count(1)


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
