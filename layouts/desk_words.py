"""An event of the log as a sentence: who did what, to which thing, and in which words."""

from typing import Any

from layouts.texts import Texts

TOLD = ("text", "note", "reason", "title", "unit_name", "to", "grade")
"""Fields of an event's body that say something to a reader, the most telling first."""


def log_line(event: dict[str, Any], t: Texts) -> str:
    """The event as one line; the actor's name first."""
    who = t.name(event.get("actor_name")) or t("log.system")
    what = t(f"event.{event['type']}")
    subject = event.get("subject") or ""
    told = _told(event.get("body") or {}, t)
    line = t("log.line", who=who, what=" ".join(part for part in (what, subject) if part)) + told
    return line + _unrecorded(event, t)


def _unrecorded(event: dict[str, Any], t: Texts) -> str:
    """A call of which nothing will be kept is marked so where it was opened."""
    silent = event["type"] == "CallOpened" and (event.get("body") or {}).get("recorded") is False
    return t("log.told", words=t("call.log_unrecorded")) if silent else ""


def number(order: dict[str, Any]) -> str:
    """The order's number of its day, as people say it: 14 of ZL-0318-0014."""
    return str(order["id"]).rsplit("-", 1)[-1].lstrip("0") or "0"


def _told(body: dict[str, Any], t: Texts) -> str:
    for field in TOLD:
        value = body.get(field)
        if isinstance(value, dict):
            value = t.name(value)
        if isinstance(value, int | str) and value != "":
            return t("log.told", words=value)
    return ""
