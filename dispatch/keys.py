"""API keys of outside systems and of units' own devices: `yp_<id>_<secret>`, stored as a hash."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, update

from dispatch.access import KEY_RIGHTS, Actor
from dispatch.accounts import find
from dispatch.database import Database
from dispatch.errors import Invalid
from dispatch.models import api_key
from dispatch.vocabulary import REAL

SHAPE = re.compile(r"yp_([A-Za-z0-9_.\-]{1,40})_([0-9a-f]{48})")


def issue(
    database: Database,
    id: str,
    rights: Iterable[str],
    now: int,
    source: str | None = None,
    account: str | None = None,
) -> str:
    """A new key in the place of any earlier one of this id; it is shown only here.

    source: the source that the key may speak for; account: whose orders it answers.
    """
    unknown = sorted(set(rights) - KEY_RIGHTS)
    if unknown or not re.fullmatch(r"[A-Za-z0-9_.\-]{1,40}", id):
        raise Invalid("bad_key", "rights" if unknown else "id", ", ".join(unknown) or id)
    secret = secrets.token_hex(24)
    row = {
        "id": id,
        "realm": REAL,
        "hash": _hash(secret),
        "source": source,
        "account": account,
        "scopes": " ".join(sorted(set(rights))),
        "created_at": now,
    }

    def replace(connection: Connection) -> None:
        connection.execute(delete(api_key).where(api_key.c.id == id))
        connection.execute(insert(api_key).values(**row))

    database.write(replace)
    return f"yp_{id}_{secret}"


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
