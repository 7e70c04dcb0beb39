"""What keeps the picture honest: sources, refused messages, screens, and who is on duty."""

from typing import Any

from sqlalchemy import and_, case, func, select

from dispatch import canonical
from dispatch.access import covers, meets
from dispatch.city_records import Person, Source
from dispatch.duty import roster
from dispatch.models import event, quarantine, screen_seen, source_seen
from streams import numbers, watch
from streams.freshness import freshness
from streams.indicators.kept import SEEN, newest
from streams.look import Look, Row, named
from streams.pictures.activations import activations
from streams.pictures.picture import Picture
from streams.stale import ACTIVATION, QUARANTINE, SCREEN
from streams.view import View

GONE_MS = 10 * 60_000  # a screen that has not reported for so long is no longer expected
SILENT_MS = 6_000  # three reports missed
HELD = 50
UNSAID = {"code": ""}
BEST_EFFORT = ("redis",)  # what is published while nobody listens is gone


def sources(look: Look, view: View) -> dict[str, Any]:
    """{sources}: every source of the jurisdiction, when it last spoke, what was refused."""
    last = _last_seen(look)
    mine = [one for one in look.city.sources if meets(view.scope, one.districts)]
    return {"sources": [_source(look, one, last.get(one.id)) for one in mine]}


def _source(look: Look, one: Source, seen: Row | None) -> Row:
    last_at = seen["last_at"] if seen else None
    return {
        "id": one.id,
        "name": look.names.source(one.id),
        "org": one.org,
        "kind": one.kind,
        "period_s": one.period_s,
        "last_at": last_at,
        "state": freshness(last_at, one.period_s, look.moment.now),
        "accepted": seen["accepted"] if seen else 0,
        "refused": seen["refused"] if seen else 0,
        "gaps": seen["gaps"] if seen else 0,
        "holes": _holes(seen, look.moment.now),
        "best_effort": one.kind in BEST_EFFORT,
    }


def _last_seen(look: Look) -> dict[str, Row]:
    """The counters as they were: the live ones, or the last kept ones if those came later."""

    def read() -> dict[str, Row]:
        table = source_seen
        known = (table.c.realm == look.moment.realm, table.c.last_at <= look.moment.now)
        live = {row["source"]: row for row in look.all(select(table).where(*known))}
        others = [one.id for one in look.city.sources if one.id not in live]
        kept = {id: newest(look, SEEN, id) for id in others}
        return {**{id: _counters(row) for id, row in kept.items() if row}, **live}

    return look.once("sources.seen", read)


def _counters(row: Row) -> Row:
    return {
        "last_at": row["as_of"],
        "accepted": row["rows"],
        "refused": int(row["value"] or 0),
        "gaps": 0,
        "numbers_json": None,
    }


def _holes(seen: Row | None, now: int) -> list[dict[str, int]]:
    """Which of the sender's own numbers have not come."""
    kept = seen["numbers_json"] if seen else None
    return numbers.shown(canonical.loads(kept) if kept else None, now)


def held(look: Look, view: View) -> dict[str, Any]:
    """{items}: refused messages that nobody has looked at, each with its code, newest first.

    Those alone that the jurisdiction may clear: what nobody understood may tell of anybody.
    """
    unseen = quarantine.c.seen_by.is_(None)
    known = select(quarantine.c.scope_json).distinct().where(look.valid(quarantine), unseen)
    scopes = [row["scope_json"] for row in look.all(known)]
    mine = [one for one in scopes if covers(view.scope, canonical.loads(one))]
    where = (unseen, quarantine.c.scope_json.in_(mine))
    kept = look.rows(quarantine, *where, latest_by=quarantine.c.received_at, limit=HELD)
    codes = _codes(look, [one["id"] for one in kept])
    return {"items": [look.board.joined("held", one, codes.get(one["id"], UNSAID)) for one in kept]}


def _codes(look: Look, ids: list[str]) -> dict[str, Row]:
    """Why each was refused, as its event says it: {id: {"code"}}."""
    if not ids:
        return {}
    of = (event.c.realm == look.moment.realm, event.c.subject.in_(ids))
    query = select(event).where(*of, event.c.type == "MessageQuarantined")
    said = {row["subject"]: canonical.loads(row["body_json"]) for row in look.all(query)}
    return {id: {"code": body.get("code", "")} for id, body in said.items()}


def screens(look: Look, view: View) -> dict[str, Any]:
    """{confirmed, total, screens}: which screens of the jurisdiction show the mode that holds.

    recorded: false of the past, for of each screen only its last report is kept; the counts are
    None then, not nought.
    """
    wanted = activations(look, view)
    if not _are_last(look):
        unknown: Row = {"recorded": False, "confirmed": None, "total": None, "screens": []}
        return {**unknown, "epoch": wanted["epoch"], "mode": wanted["mode"]}
    seen = screen_seen
    query = select(seen).where(
        seen.c.realm == look.moment.realm,
        seen.c.seen_at.between(look.moment.now - GONE_MS, look.moment.now),
    )
    rows = [named(row, look.names) for row in look.all(query.order_by(seen.c.name, seen.c.screen))]
    mine = [row for row in rows if _mine(row, view)]
    told = _followed(look, wanted["epoch"])
    people = {one.id: one for one in look.city.people}
    shown = [
        {
            **_screen(row, wanted["epoch"], look.moment.now),
            **_reached(people.get(row["account"])),
            "followed": told.get(row["screen"]),
        }
        for row in mine
    ]
    return {
        "recorded": True,
        "confirmed": sum(row["state"] == "confirmed" for row in shown),
        "total": len(shown),
        "epoch": wanted["epoch"],
        "mode": wanted["mode"],
        "screens": shown,
    }


def _are_last(look: Look) -> bool:
    """Whether what the screens last reported tells of this moment, and not of later ones alone.

    Reports of a time to come beside those of now mean no more than that a clock was set back.
    """
    now, seen = look.moment.now, screen_seen.c
    soon = func.max(case((seen.seen_at <= now + SILENT_MS, seen.seen_at)))
    query = select(soon, func.max(seen.seen_at)).where(seen.realm == look.moment.realm)
    near, last = look.connection.execute(query).one()
    return look.live and (near == last or (near or 0) >= now - SILENT_MS)


def _reached(person: Person | None) -> Row:
    """How whoever sits at a screen is called: as a unit, in a call from here, or by telephone."""
    if person is None:
        return {"unit": None, "phone": ""}
    return {"unit": person.unit or None, "phone": "" if person.unit else person.phone}


def _followed(look: Look, since: int) -> dict[str, Row]:
    """What was last done about each screen since this number of the log: pushed, or given up."""
    about = (event.c.type.in_(sorted(SCREEN)), event.c.seq > since)
    told = look.once("screens.followed", lambda: look.events(and_(*about), HELD))
    return {one["subject"]: one for one in reversed(told)}


def _mine(row: Row, view: View) -> bool:
    return meets(view.scope, row["scope"])


def _screen(row: Row, epoch: int, now: int) -> Row:
    state = "confirmed" if row["epoch"] >= epoch else "behind"
    if row["seen_at"] < now - SILENT_MS:
        state = "silent"
    kept = ("screen", "name", "role", "epoch", "mode", "seen_at", "scope", "scope_names")
    return {**{name: row[name] for name in kept}, "id": row["screen"], "state": state}


def duty(look: Look, view: View) -> dict[str, Any]:
    """{leader, shift_lead, officers, districts}: who is on duty, and for which districts."""
    on_duty = roster(look.city, view.scope)
    return {
        "leader": _person(on_duty.leader),
        "shift_lead": _person(on_duty.shift_lead),
        "officers": [_person(one) for one in on_duty.officers],
        "districts": [
            {"code": one.code, "name": {"zh": one.name_zh, "en": one.name_en}}
            for one in look.city.districts
            if meets(view.scope, (one.code,))
        ],
    }


def _person(one: Person | None) -> Row | None:
    if one is None:
        return None
    return {
        "id": one.id,
        "name": {"zh": one.name_zh, "en": one.name_en},
        "seat": {"zh": one.seat_zh, "en": one.seat_en},
        "role": one.role.value,
    }


def watchdog(look: Look, _view: View) -> dict[str, Any]:
    """{number, silent, since, missed, broken_at}: whether alerts still go the whole way."""
    seen = watch.read(look.connection)
    since = seen.passed_at or seen.called_at
    told = {"number": seen.number, "missed": seen.missed, "broken_at": seen.broken_at}
    return {**told, "since": since, "silent": look.live and seen.silent(look.moment.now)}


PICTURES = (
    Picture("watchdog", watchdog, frozenset({"WatchdogCalled"}), every_s=5.0),
    Picture("sources", sources, every_s=5.0),
    Picture("quarantine", held, QUARANTINE),
    Picture("screens", screens, ACTIVATION | SCREEN, every_s=2.0),
    Picture("duty", duty),
)
