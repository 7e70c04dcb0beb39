"""The registry of cameras: those of the city folder, and those that were imported.

Names and passwords of cameras stand encrypted in the store and are given to the media process
alone; no picture, log, answer or export has them.
"""

import csv
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import Annotated, Any

from cryptography.fernet import Fernet, InvalidToken
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked
from sqlalchemy import Connection, select

from dispatch.city import City
from dispatch.city_records import Camera
from dispatch.datum import to_wgs84
from dispatch.errors import Invalid, NotFound
from dispatch.inputs import Line, MaybeLine
from dispatch.log import Answer, Request, Work
from dispatch.models import camera as table
from dispatch.models import camera_off
from dispatch.vocabulary import REAL, Datum, Role
from dispatch.writer import Writer

log = logging.getLogger(__name__)

MOST = 5_000  # rows of one import
PLAIN = ("id", "name_zh", "name_en", "district", "lat", "lon", "heading", "fov", "owner")
ADDRESSES = ("gb28181_id", "url", "sub_url", "pinned")
Secret = Annotated[str, Field(max_length=200)]


@checked(frozen=True, kw_only=True)
class Row(Camera):
    """One line of an import; district may be left out, it follows from the place then.

    id: as the address of its picture may have it.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    name_zh: Annotated[Line, Field(max_length=120)]
    name_en: Annotated[Line, Field(max_length=120)]
    owner: Annotated[MaybeLine, Field(max_length=120)] = ""
    district: str = ""
    heading: Annotated[float, Field(ge=0, le=360)] = 0.0
    fov: Annotated[float, Field(gt=0, le=360)] = 60.0
    user: Secret = ""
    password: Secret = ""


@dataclass(frozen=True)
class Registered:
    """A camera and its credentials, as only the media process is given them."""

    camera: Camera
    user: str = ""
    password: str = ""


@dataclass(frozen=True)
class Fault:
    """Why a line was not taken: which one, which camera, which field."""

    row: int
    id: str
    field: str
    reason: str


Check = Callable[[Registered], str]
"""Why a camera cannot be listed, "" if it can; asked of every line that is right by itself."""


def read(text: str, city: City) -> tuple[list[Registered], list[Fault]]:
    """The cameras of a CSV text, places in WGS-84, and why the other lines cannot be taken."""
    taken, faults = dict[str, Registered](), list[Fault]()
    numbers = {one.gb28181_id: one.id for one in city.cameras if one.gb28181_id}
    for n, cells in _lines(text):
        try:
            one = _registered(cells, city)
            if one.camera.id in taken:
                raise Invalid("twice", "id", "stands twice")
            _number(numbers, one.camera)
        except Invalid as wrong:
            faults.append(Fault(n, str(cells.get("id", ""))[:64], wrong.field, wrong.detail))
        else:
            taken[one.camera.id] = one
    return list(taken.values()), faults


def _number(numbers: dict[str, str], one: Camera) -> None:
    """Note whose number it is. Raises Invalid where another has it: a platform knows one by it."""
    if one.gb28181_id and numbers.setdefault(one.gb28181_id, one.id) != one.id:
        raise Invalid("twice", "gb28181_id", f"is that of {numbers[one.gb28181_id]}")


def checked_by(
    found: list[Registered], faults: list[Fault], check: Check
) -> tuple[list[Registered], list[Fault]]:
    """Those of them that also pass a check, as whether their pictures can be had."""
    good, bad = [], list(faults)
    for one in found:
        reason = check(one) if one.camera.url else ""
        if reason:
            bad.append(Fault(0, one.camera.id, "url", reason))
        else:
            good.append(one)
    return good, bad


def store(
    writer: Writer, vault: Fernet, found: list[Registered], actor: str, key: str, now: int,
    realm: str = REAL,
) -> Answer:  # fmt: skip
    """Take cameras into the registry, or renew them; the log names each, never its password."""

    def run(work: Work) -> dict[str, Any]:
        for one in found:
            work.put(table, one.camera.id, **_columns(one, vault))
            told = {"name": one.camera.name_zh, "place": [one.camera.lat, one.camera.lon]}
            work.emit("CameraRegistered", one.camera.id, [one.camera.district], told)
        return {"cameras": len(found)}

    content = {"cameras": [one.camera.id for one in found]}
    return writer.command(Request(actor, key, content, run, now, realm))


def remove(writer: Writer, id: str, actor: str, key: str, now: int, realm: str = REAL) -> Answer:
    """Take an imported camera out. Raises NotFound; one of the city folder can be disabled."""

    def run(work: Work) -> dict[str, Any]:
        row = work.get(table, id, "camera")
        work.end(table, id)
        if work.find(camera_off, id) is not None:
            work.end(camera_off, id)
        work.emit("CameraRemoved", id, [row["district"]], {})
        return {"camera": id}

    return writer.command(Request(actor, key, {"camera": id, "remove": True}, run, now, realm))


@dataclass(frozen=True)
class Switch:
    """A camera that is to be out of use (with why), or in use again."""

    id: str
    off: bool
    reason: str = ""


def switch(
    writer: Writer, city: City, asked: Switch, actor: str, key: str, now: int, realm: str = REAL
) -> Answer:
    """Disable a camera: no screen shows it and nothing opens it; or enable it. Raises NotFound."""

    def run(work: Work) -> dict[str, Any]:
        district = _district(work, city, asked.id)
        known = work.find(camera_off, asked.id)
        if asked.off:
            values = {"reason": asked.reason, "switched_by": actor, "since": work.now}
            work.put(camera_off, asked.id, **values)
            work.emit("CameraDisabled", asked.id, [district], {"reason": asked.reason})
        elif known is not None:
            work.end(camera_off, asked.id)
            work.emit("CameraEnabled", asked.id, [district], {})
        return {"camera": asked.id, "disabled": asked.off}

    return writer.command(Request(actor, key, asdict(asked), run, now, realm))


def _district(work: Work, city: City, id: str) -> str:
    imported = work.find(table, id)
    if imported is not None:
        return str(imported["district"])
    found = next((one.district for one in city.cameras if one.id == id), None)
    if found is None:
        raise NotFound("not_found", "camera", f"no camera {id[:64]}")
    return found


def registry(
    connection: Connection, city: City, vault: Fernet, realm: str = REAL
) -> list[Registered]:
    """Every camera in use: an imported one stands for the folder's of the same id."""
    off = disabled(connection, realm)
    known = _known(connection, city, vault, realm)
    return [one for one in known if one.camera.id not in off]


def disabled(connection: Connection, realm: str = REAL) -> dict[str, dict[str, Any]]:
    """What was taken out of use, by id: {reason, by, since}."""
    query = select(camera_off).where(camera_off.c.realm == realm, camera_off.c.to_seq.is_(None))
    rows = connection.execute(query).mappings()
    return {
        str(row["id"]): {"reason": row["reason"], "by": row["switched_by"], "since": row["since"]}
        for row in rows
    }


def listed(
    connection: Connection, city: City, vault: Fernet, realm: str = REAL
) -> list[dict[str, Any]]:
    """Every camera as an administrator is shown it; `disabled` says why one is out of use."""
    off = disabled(connection, realm)
    known = _known(connection, city, vault, realm)
    return [
        {**shown(one.camera), "disabled": off.get(one.camera.id)}
        for one in sorted(known, key=lambda one: one.camera.id)
    ]


def _known(connection: Connection, city: City, vault: Fernet, realm: str) -> list[Registered]:
    query = select(table).where(table.c.realm == realm, table.c.to_seq.is_(None))
    rows = connection.execute(query).mappings()
    known = {one.id: Registered(one) for one in city.cameras}
    for row in rows:
        if (one := _readable(dict(row), vault)) is not None:
            known[one.camera.id] = one
    return list(known.values())


def _readable(row: Mapping[str, Any], vault: Fernet) -> Registered | None:
    """A camera as it was taken once; None where it would not be taken now: the others are shown."""
    try:
        return _read(row, vault)
    except ValidationError as error:
        _say_once(str(row["id"]), str(error.errors()[0]["msg"]))
        return None


@cache
def _say_once(id: str, why: str) -> None:
    """Each reading of the registry meets it again."""
    log.warning("camera %s is left out: %s", id, why)


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines with their numbers; empty cells count as absent. Raises Invalid."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        if absent := [one for one in ("id", "name_zh", "lat", "lon") if one not in header]:
            raise Invalid("column", absent[0], f"column {', '.join(absent)} is missing")
        if twice := [one for one in header if one and header.count(one) > 1]:
            raise Invalid("column", twice[0], f"column {twice[0]} stands twice")
        for n, line in enumerate(reader):
            if n >= MOST:
                raise Invalid("too_many", detail=f"at most {MOST} cameras at a time")
            pairs = zip_longest(header, (cell.strip() for cell in line), fillvalue="")
            if cells := {name: cell for name, cell in pairs if cell}:
                yield reader.line_num, cells
    except csv.Error as error:
        raise Invalid("not_csv", detail=str(error)) from error


_ROW = TypeAdapter(Row)


def _registered(cells: Mapping[str, str], city: City) -> Registered:
    if "" in cells:  # which is not told: it may be a part of a password
        raise Invalid("cells", detail="a cell stands beyond the columns: is a comma in another?")
    try:
        row = _ROW.validate_python({"name_en": cells.get("name_zh", ""), **cells})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid(first["type"], field, first["msg"].removeprefix("Value error, ")) from error
    lat, lon = to_wgs84(row.lat, row.lon, row.datum)
    here = city.district_at(lat, lon)
    if row.district and row.district not in city.codes:
        raise Invalid("unknown", "district", f"the city has no district {row.district}")
    if here is None:
        raise Invalid("outside", "lat", "the place is outside the city: is the datum right?")
    if row.district and row.district != here:
        raise Invalid("elsewhere", "district", f"the place is in {here}: is the datum right?")
    facts = {name: getattr(row, name) for name in (*PLAIN, *ADDRESSES, "roles")}
    placed = {"lat": lat, "lon": lon, "district": here, "datum": Datum.WGS84}
    return Registered(Camera(**{**facts, **placed}), row.user, row.password)


def _columns(one: Registered, vault: Fernet) -> dict[str, Any]:
    facts = {name: getattr(one.camera, name) for name in (*PLAIN[1:], *ADDRESSES)}
    secret = json.dumps([one.user, one.password]) if one.user or one.password else ""
    return {
        **facts,
        "roles_json": json.dumps([role.value for role in one.camera.roles]),
        "secret": vault.encrypt(secret.encode()).decode() if secret else "",
    }


def _read(row: Mapping[str, Any], vault: Fernet) -> Registered:
    facts = {name: row[name] for name in (*PLAIN, *ADDRESSES)}
    roles = tuple(Role(one) for one in json.loads(row["roles_json"]))
    user, password = _open(row["secret"], vault)
    return Registered(Camera(**facts, roles=roles), user, password)


def _open(secret: str, vault: Fernet) -> tuple[str, str]:
    """Name and password; none if the key file is another one than they were locked with."""
    if not secret:
        return "", ""
    try:
        user, password = json.loads(vault.decrypt(secret.encode()))
    except InvalidToken:
        return "", ""
    return user, password


def shown(one: Camera) -> dict[str, Any]:
    """What an administrator is shown: whether there are addresses, not what they hold."""
    facts = asdict(replace(one, url="", sub_url=""))
    return {**facts, "has_url": bool(one.url), "has_sub_url": bool(one.sub_url)}
