"""Servers that a screen may use to reach media: as set, with credentials that end by themselves."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

LIFE_S = 7_200


def ice_servers(urls: Sequence[str], secret: str, user: str, now: int) -> list[dict[str, Any]]:
    """What a browser's RTCPeerConnection takes; [] if none is set. now: ms UTC."""
    if not urls:
        return []
    if not secret:
        return [{"urls": list(urls)}]
    name, password = credential(secret, user, now)
    return [{"urls": list(urls), "username": name, "credential": password}]


def credential(secret: str, user: str, now: int) -> tuple[str, str]:
    """Name and password as coturn's `use-auth-secret` checks them: the name says when they end."""
    name = f"{now // 1000 + LIFE_S}:{user}"
    digest = hmac.digest(secret.encode(), name.encode(), hashlib.sha1)
    return name, base64.b64encode(digest).decode()
