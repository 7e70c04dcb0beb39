"""API keys of outside systems and of units' own devices: `yp_<id>_<secret>`, stored as a hash."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from dispatch.access import KEY_RIGHTS, Actor
from dispatch.accounts import find
from dispatch.database import Database
from dispatch.errors import Invalid
from dispatch.inputs import KEY_ID
from dispatch.log import Row
from dispatch.models import api_key
from dispatch.vocabulary import REAL

ID = re.compile(KEY_ID)
SHAPE = re.compile(rf"yp_({ID.pattern})_([0-9a-f]{{48}})")
BATCH = 500  # ids in one statement


@dataclass(frozen=True)
class Grant:
    """What a key is for. source: the source that it speaks for; account: whose orders it answers.

    id: letters, digits, and . - _ ; it stands in the key.
    """

    id: str
    rights: tuple[str, ...]
    source: str | None = None
    account: str | None = None


def issue(
    database: Database,
    id: str,
    rights: Iterable[str],
    now: int,
    source: str | None = None,
    account: str | None = None,
) -> str:
    """A new key in the place of any earlier one of this id; it is shown only here."""
    return issue_all(database, [Grant(id, tuple(rights), source, account)], now)[id]


def issue_all(database: Database, grants: Iterable[Grant], now: int) -> dict[str, str]:
    """New keys by id, in the place of earlier ones of these ids. Raises Invalid."""
    asked = {grant.id: grant for grant in grants}
    made = {id: secrets.token_hex(24) for id in asked}
    rows = [_row(grant, made[id], now) for id, grant in asked.items()]
    known = api_key.c.id

    def replace(connection: Connection) -> None:
        for start in range(0, len(rows), BATCH):
            ids = [row["id"] for row in rows[start : start + BATCH]]
            connection.execute(delete(api_key).where(known.in_(ids)))
        connection.execute(insert(api_key), rows)

    if rows:
        database.write(replace)
    return {id: f"yp_{id}_{secret}" for id, secret in made.items()}


def _row(grant: Grant, secret: str, now: int) -> Row:
    unknown = sorted(set(grant.rights) - KEY_RIGHTS)
    if unknown or not ID.fullmatch(grant.id):
        field = "rights" if unknown else "id"
        raise Invalid("bad_key", field, ", ".join(unknown) or grant.id)
    return {
        "id": grant.id,
        "realm": REAL,
        "hash": _hash(secret),
        "source": grant.source,
        "account": grant.account,
        "scopes": " ".join(sorted(set(grant.rights))),
        "created_at": now,
    }


def who(connection: Connection, key: str) -> Actor | None:
    """Who speaks with this key; for an account's key, with that account's unit."""
    shape = SHAPE.fullmatch(key)
    if shape is None:
        return None
    query = select(api_key).where(api_key.c.id == shape[1], api_key.c.revoked_at.is_(None))
    row = connection.execute(query).mappings().first()
    if row is None or not hmac.compare_digest(row["hash"], _hash(shape[2])):
        return None
    rights = tuple(row["scopes"].split())
    if row["account"] is None:
        return Actor(f"key:{row['id']}", None, source=row["source"], rights=rights)
    owner = find(connection, row["account"])
    if owner is None or not owner.active:
        return None
    return Actor(owner.id, None, owner.scope, owner.unit, row["source"], rights)


def revoke(database: Database, id: str, now: int) -> None:
    """The key opens nothing any more."""
    gone = update(api_key).where(api_key.c.id == id).values(revoked_at=now)
    database.write(lambda connection: connection.execute(gone))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
