"""What an administrator does from the console."""

import getpass
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from dispatch import accounts
from dispatch.audit import verify
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.errors import Refused
from dispatch.models import reading
from dispatch.schema import migrate
from dispatch.writer import Writer
from ops import admit
from ops.trouble import Trouble
from streams import watch

SILENCE_MS = 6 * 3_600_000


def prepare(database: Database, city: City, devices: bool) -> None:
    """Bring the store up to date and let the city's people in; print links and keys as JSON.

    A simulated city gets new keys for its sources, and with `devices` for answering orders as
    its units would; the keys of a real one stay as they are.
    """
    migrate(database.url)
    database.write(lambda connection: watch.begin(connection, now_ms()))
    simulated = city.settings.simulated
    made: dict[str, Any] = {"simulated": simulated, "links": admit.people(database, city)}
    made["silent"] = database.read(_silent)
    made["keys"] = {"sources": admit.systems(database, city)} if simulated else {}
    if simulated and devices:
        made["keys"]["responders"] = admit.devices(database, city)
    print(json.dumps(made, ensure_ascii=False))


def _silent(connection: Connection) -> bool:
    """Whether no meter has been read in the last hours, as at a first start."""
    since = now_ms() - SILENCE_MS
    return (
        connection.execute(select(reading.c.at).where(reading.c.at > since).limit(1)).first()
        is None
    )


def key(database: Database, city: City, source: str) -> None:
    """Print a new API key for a source, in the place of its earlier one."""
    made = admit.system(database, city, source)
    if made is None:
        raise Trouble(f"{source} is no source of this city that has a key")
    print(made)


def password(database: Database, account: str) -> None:
    """Ask for a new password for an account; its sessions end."""
    writer = Writer(database, lambda _events: None)
    word = getpass.getpass(f"new password of {account}: ")
    try:
        accounts.set_password(writer, database, account, word, "console", now_ms())
    except Refused as refused:
        raise Trouble(refused.detail) from None
    finally:
        writer.close()


def audit(database: Database) -> bool:
    """Prove that the log holds what it held, from the first event to the last."""
    report = database.read(verify)
    if report.ok:
        print(f"the log is whole: {report.checked} events")
    else:
        print(f"the log is broken at event {report.first_broken} ({report.reason})")
    return report.ok


@dataclass(frozen=True)
class Desk:
    """What an administrator's commands work on; the city is read only by those that need it."""

    database: Database
    city: Callable[[], City]
    devices: bool = False

    def run(self, command: str, of: str) -> int:
        """Carry out one command. Gives the exit code; raises Trouble."""
        match command, of:
            case "prepare", "":
                prepare(self.database, self.city(), self.devices)
            case "migrate", "":
                migrate(self.database.url)
            case "key", source if source:
                key(self.database, self.city(), source)
            case "passwd", account if account:
                password(self.database, account)
            case "audit", "verify":
                return 0 if audit(self.database) else 1
            case _:
                raise Trouble(f"say it as one of: {', '.join(USES)}")
        return 0


USES = ("prepare", "migrate", "key SOURCE", "passwd ACCOUNT", "audit verify")
