"""Leave to send to a call or receive from it: a token for two minutes, and what helps to use it."""

from typing import Any

from callbacks.services import Services
from dispatch.errors import Busy
from video import turn
from video.tokens import Action


def leave(services: Services, sub: str, path: str, action: Action) -> dict[str, Any]:
    """{token, url, expires_at, ice_servers}. Raises Busy without a media process."""
    media = services.media
    if media is None:
        raise Busy("media_down", detail="no media process is set up")
    now = services.now()
    token, ends = media.tokens.issue(sub, path, action, now)
    servers = turn.ice_servers(media.ice_servers, media.turn_secret, sub.replace(":", "-"), now)
    told = {"token": token, "url": f"/media/{action}/{path}", "expires_at": ends}
    return {**told, "ice_servers": servers}
