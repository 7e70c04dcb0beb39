"""Which events are told one by one, to whom, and how loudly: they sound or are counted."""

from dataclasses import dataclass
from typing import Any

from dispatch.access import DESK, LEAD, SCREENS, meets
from dispatch.log import Event
from dispatch.vocabulary import Role

ROMAN = {1: "I", 2: "II", 3: "III"}
OLD_MS = 30_000  # what is older when it arrives is listed, but does not sound


@dataclass(frozen=True)
class Sound:
    """level: a fixed loudness; None takes the event's own. roles: who hears it; others count."""

    roles: frozenset[Role]
    level: int | None = None


RESPONDERS = frozenset({Role.RESPONDER})
QUIET = Sound(frozenset())
"""Told so that it is counted, or that what rings elsewhere falls silent."""

SOUNDS: dict[str, Sound] = {
    "AlertReceived": Sound(DESK),
    "AlertUpdated": Sound(DESK),
    "AlertEscalated": Sound(DESK),
    "AlertAcknowledged": QUIET,
    "AlertVerified": QUIET,
    "AlertDismissed": QUIET,
    "AlertMerged": QUIET,
    "AlertLinked": QUIET,
    "AlertExpired": QUIET,
    "AlertCancelled": QUIET,
    "OrderIssued": Sound(RESPONDERS),
    "OrderReminded": Sound(RESPONDERS),
    "OrderAcknowledged": QUIET,
    "OrderCancelled": Sound(RESPONDERS, 2),
    "OrderDeclined": Sound(DESK, 2),
    "OrderUnreachable": Sound(DESK, 2),
    "OrderContended": Sound(DESK, 2),
    "OrderEscalated": Sound(DESK | RESPONDERS, 1),
    "LoanAsked": Sound(DESK, 3),
    "LoanDeclined": Sound(DESK, 3),
    "LoanOverdue": Sound(DESK, 2),
    "LoanRecalled": Sound(DESK, 3),
    "IncidentStepLate": Sound(DESK, 2),
    "ScreenPushed": QUIET,
    "ActivationProposed": Sound(LEAD, 2),
    "ActivationStarted": Sound(SCREENS - {Role.WALL}, 3),
    "ActivationEnded": Sound(SCREENS - {Role.WALL}, 3),
    "ActivationRejected": QUIET,
    "ActivationLapsed": QUIET,
    "MessageQuarantined": QUIET,
    "PersonDown": Sound(DESK, 1),
    "HelpAsked": Sound(DESK, 1),
}


def told(event: Event, role: Role, now: int) -> dict[str, Any] | None:
    """The message for screens of this role, or None if they need not be told."""
    sound = SOUNDS.get(event.type)
    if sound is None:
        return None
    level = sound.level or event.body.get("level")
    return {
        "seq": event.seq,
        "type": event.type,
        "at": event.at,
        "realm": event.realm,
        "subject": event.subject,
        "incident": event.incident,
        "scope": list(event.scope),
        "unit": event.body.get("unit"),
        "level": event.body.get("level"),
        "sound": ROMAN.get(level or 0) if role in sound.roles and _loud(event, now) else None,
    }


def news(events: list[Event], role: Role, scope: tuple[str, ...], now: int) -> list[dict[str, Any]]:
    """What a screen of this role and scope must still hear of these: not what is old."""
    fresh = [one for one in events if now - one.at <= OLD_MS and meets(scope, one.scope)]
    return [message for one in fresh if (message := told(one, role, now)) is not None]


def _loud(event: Event, now: int) -> bool:
    """New facts sound; an update does if it made the alert worse or opened it again."""
    if now - event.at > OLD_MS:
        return False
    if event.type == "AlertUpdated":
        return bool(event.body.get("worse") or event.body.get("reopened"))
    return True


def sound_room(role: str, scope: tuple[str, ...]) -> str:
    """The room in which screens of a role and scope are told what sounds."""
    return f"sound:{role}:{'+'.join(scope)}"
