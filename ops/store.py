"""Settings of what an installation keeps: its folder, its city, its stores; and how they open."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, DirectoryPath, Field, FilePath, field_validator

from ops import keep
from ops.trouble import Trouble

if TYPE_CHECKING:
    from dispatch.city import City
    from dispatch.database import Database, Offload
    from streams.retention import Days

ROOT = Path(__file__).resolve().parents[1]
SQLITE = "sqlite:///"
DATABASES = r"^(sqlite:///|postgresql(\+psycopg)?://)"


class StoreSettings(BaseModel):
    """The part of the settings that is about what is kept, and where."""

    city: DirectoryPath | None = Field(None, alias="YIPING_CITY")
    var: Path = Field(ROOT / "var", alias="YIPING_VAR")
    keep_positions: int = Field(7, alias="YIPING_KEEP_POSITIONS", ge=2, le=366)
    keep_readings: int = Field(31, alias="YIPING_KEEP_READINGS", ge=2, le=3_660)
    keep_values: int = Field(366, alias="YIPING_KEEP_VALUES", ge=2, le=3_660)
    database_url: str | None = Field(None, alias="DATABASE_URL", pattern=DATABASES)
    redis_url: str | None = Field(None, alias="REDIS_URL", pattern=r"^(rediss?|unix)://")
    logins: FilePath | None = Field(None, alias="YIPING_LOGINS")

    @field_validator("database_url")
    @classmethod
    def _readable(cls, url: str | None) -> str | None:
        """What follows the scheme must be an address as well; it is not shown."""
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            make_url(url or "sqlite:///")
        except (ArgumentError, ValueError):
            raise ValueError("what follows the scheme is no address of a store") from None
        return url

    @property
    def store(self) -> str:
        """The store's address as SQLAlchemy spells it."""
        default = f"sqlite:///{self.var.resolve() / 'yiping.db'}"
        return (self.database_url or default).replace("postgresql://", "postgresql+psycopg://", 1)


def database(own: StoreSettings, offload: "Offload[Any] | None" = None) -> "Database":
    from dispatch.database import Database, directly

    return Database(own.store, offload or directly)


def reach(own: StoreSettings) -> None:
    """Make sure that the store that is set can be opened, if there is one yet. Raises Trouble."""
    if own.database_url is None:
        return keep.folder(own.var)
    from sqlalchemy.exc import DBAPIError

    if own.store.startswith(SQLITE):
        path = Path(own.store.removeprefix(SQLITE))
        keep.folder(path.parent, "DATABASE_URL")
        if not path.exists():
            return None
    opened = database(own)
    try:
        opened.read(lambda _connection: None)
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0]
        raise Trouble(f"DATABASE_URL: the store cannot be opened: {said}") from None
    finally:
        opened.close()
    return None


def city(own: StoreSettings) -> "City":
    """The city that is served. Raises Trouble with all that is wrong in its folder."""
    from dispatch.city import CityError, load

    try:
        return load(own.city or own.var / "city")
    except CityError as error:
        raise Trouble(f"YIPING_CITY: {error}") from None


def days(own: StoreSettings) -> "Days":
    """For how long measured things are kept."""
    from streams.retention import Days

    return Days(own.keep_positions, own.keep_readings, own.keep_values)
