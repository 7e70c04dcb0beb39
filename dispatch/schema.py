"""Brings a store's tables to the state that this version of the product needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from dispatch.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Run every migration that the store at `url` has not had yet, all or none of them."""
    database = Database(url)
    try:
        with database.writing() as connection:
            command.upgrade(config(connection), "head")
    finally:
        database.close()


def config(connection: Connection) -> Config:
    """Alembic's settings for work on an open connection; the caller commits."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made
