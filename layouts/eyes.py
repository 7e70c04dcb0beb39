"""Pictures of cameras and drones as tiles: rows for assets/52-tile.js."""

from collections.abc import Mapping
from typing import Any

from layouts.texts import Texts
from layouts.times import clock

Thing = Mapping[str, Any]


def tile(pick: Thing, picture: Thing, t: Texts) -> dict[str, Any]:
    """One place and its picture. A slot of 0 is a spare."""
    slot = pick["slot"]
    key = f"slot-{slot}" if slot else f"spare-{pick['feed']}"
    return {
        "id": key,
        "rank": f"{slot:02d}" if slot else f"9{picture['spares'].index(pick):02d}",
        "slot": slot,
        "cells": picture["cells"],
        "feed": pick["feed"],
        "sub": pick["sub"] or "",
        "name": " · ".join(filter(None, (t.name(pick["name"]), away(pick, t), kept(pick, t)))),
        "badge": badge(pick, picture, t),
        "why": pick["why"],
        "state": pick["state"],
        "reason": pick["reason"] or "",
        "since": pick["last_frame_at"] or pick["since"],
        "playable": pick["playable"],
        "small": pick["small"],
        "incident": picture["incident"],
        "alert": picture["alert"],
    }


def away(pick: Thing, t: Texts) -> str:
    """Where it stands, seen from the incident: 西 90 m."""
    if pick["distance_m"] is None or pick["drone"]:
        return ""
    side = t(f"cam.side_{round(pick['bearing'] / 45) % 8}")
    return t("cam.away", side=side, n=pick["distance_m"])


def kept(row: Thing, t: Texts) -> str:
    """That its pictures are not recorded, where that is so: another engine has them."""
    return t("cam.unrecorded") if row["recordable"] is False else ""


def badge(pick: Thing, picture: Thing, t: Texts) -> str:
    """What stands in the corner: a drone's height, for whom it stands in, who put it there."""
    if pick["push"]:
        by = next(one for one in picture["pushed"] if one["id"] == pick["push"])
        return t("cam.pushed", who=t.name(by["by_name"]), until=clock(by["until"], False))
    if pick["instead_of"]:
        return t("cam.instead", name=t.name(pick["instead_of"]))
    if pick["drone"]:
        return t("cam.drone_at", alt=round(pick["alt"])) if pick["alt"] else t("cam.drone")
    return ""
