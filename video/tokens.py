"""Short-lived tokens that let one person do one thing with one path; verified without a store."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

Action = Literal["whep", "whip", "snapshot", "mjpeg"]
LIFE_MS = 120_000
LENGTH_MAX = 1_000
PATH = re.compile(
    r"(cam/[\w.-]{1,64}(/sub)?|(drone|phone)/[\w.-]{1,64}|call/[\w.-]{1,64}/[\w.-]{1,64})", re.A
)


class TokenError(Exception):
    """The token is no good. code: bad_token, token_expired, wrong_path or wrong_action."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Claims:
    """Who may do what with which path, until when (ms UTC)."""

    sub: str
    path: str
    action: Action
    exp: int


_CLAIMS = TypeAdapter(Claims)


def key(secret: str, use: str) -> bytes:
    """A key of its own for each use of the one secret that web and media share."""
    return hmac.digest(secret.encode(), use.encode(), hashlib.sha256)


class Tokens:
    """Makes and reads tokens of one secret."""

    def __init__(self, secret: str) -> None:
        self._key = key(secret, "media tokens")

    def issue(self, sub: str, path: str, action: Action, now: int) -> tuple[str, int]:
        """A token and when it ends (ms UTC)."""
        claims = Claims(sub, path, action, now + LIFE_MS)
        text = json.dumps(asdict(claims), sort_keys=True, separators=(",", ":"))
        body = _encode(text.encode())
        return f"{body}.{_encode(self._sign(body))}", claims.exp

    def read(self, token: str, now: int) -> Claims:
        """What the token says. Raises TokenError when it is forged or over."""
        claims = self.recognise(token)
        if claims.exp < now:
            raise TokenError("token_expired")
        return claims

    def recognise(self, token: str) -> Claims:
        """What a token of ours said, also when it is over: who opened a session may end it."""
        body, _, signature = token.partition(".")
        if len(token) > LENGTH_MAX or not hmac.compare_digest(self._sign(body), _decode(signature)):
            raise TokenError("bad_token")
        try:
            return _CLAIMS.validate_json(_decode(body))
        except ValidationError:
            raise TokenError("bad_token") from None

    def _sign(self, body: str) -> bytes:
        return hmac.digest(self._key, body.encode(), hashlib.sha256)


def expect(claims: Claims, path: str, action: Action) -> Claims:
    """The same claims, if they are for this path and action. Raises TokenError."""
    if claims.path != path:
        raise TokenError("wrong_path")
    if claims.action != action:
        raise TokenError("wrong_action")
    return claims


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""
