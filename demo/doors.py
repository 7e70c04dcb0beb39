"""The product's public doors, as an outside system knocks at them: it tries again, never twice."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import redis.asyncio as redis

CONNECT_S = 10.0
LONGEST_WAIT_S = 15.0
BUSY = (429, 502, 503, 504)


@dataclass
class Tally:
    """What has been sent, for the progress line."""

    alerts: int = 0
    readings: int = 0
    positions: int = 0
    answers: int = 0
    refused: int = 0
    waiting: int = 0
    last_refusal: str = ""

    def line(self) -> str:
        text = (
            f"alerts {self.alerts}, readings {self.readings}, positions {self.positions}, "
            f"answers {self.answers}, waiting {self.waiting}, refused {self.refused}"
        )
        return f"{text} ({self.last_refusal})" if self.last_refusal else text


@dataclass
class Keys:
    """API keys by source and by unit, and where Redis is, as the product wrote them."""

    sources: dict[str, str]
    responders: dict[str, str] = field(default_factory=dict)
    redis: str = ""

    @staticmethod
    def read(text: str) -> "Keys":
        raw = json.loads(text)
        return Keys(dict(raw["sources"]), dict(raw.get("responders", {})), raw.get("redis", ""))


class Doors:
    """Everything the player may say to the product."""

    def __init__(self, base_url: str, keys: Keys, redis_url: str = "", ca: str = "") -> None:
        self.keys = keys
        self.tally = Tally()
        self._http = httpx.AsyncClient(base_url=base_url, timeout=CONNECT_S, verify=ca or True)
        self._redis = redis.from_url(redis_url) if redis_url else None

    async def alert(self, source: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Send one alert as JSON; None when it was refused."""
        if source not in self.keys.sources:
            return None
        answer = await self._post("/api/v1/alerts", self.keys.sources[source], json=body)
        self.tally.alerts += answer is not None
        return answer

    async def publish(self, source: str, body: dict[str, Any]) -> None:
        """Send one alert through Redis, or through the REST door where there is none."""
        if self._redis is None:
            await self.alert(source, body)
            return
        await self._patiently(lambda: self._say(source, body))
        self.tally.alerts += 1

    async def warning(self, source: str, xml: str) -> None:
        """Send a CAP 1.2 message."""
        if source not in self.keys.sources:
            return
        kind = {"Content-Type": "application/cap+xml"}
        sent = await self._post(
            "/api/v1/alerts", self.keys.sources[source], content=xml.encode(), headers=kind
        )
        self.tally.alerts += sent is not None

    async def readings(self, source: str, rows: list[dict[str, Any]]) -> None:
        if source in self.keys.sources:
            body = {"source": source, "readings": rows}
            sent = await self._post("/api/v1/readings", self.keys.sources[source], json=body)
            self.tally.readings += self._kept(sent, len(rows))

    async def positions(self, source: str, rows: list[dict[str, Any]]) -> None:
        """Send positions once; the next second brings newer ones, so nothing is repeated."""
        if source not in self.keys.sources:
            return
        body = {"source": source, "positions": rows}
        try:
            answer = await self._http.post(
                "/api/v1/positions", json=body, headers=_bearer(self.keys.sources[source])
            )
        except httpx.TransportError:
            return
        if answer.is_success:
            self.tally.positions += self._kept(answer.json(), len(rows))
        elif answer.status_code not in BUSY:
            self._refused(answer)

    async def orders(self, unit: str) -> list[dict[str, Any]] | None:
        """Give a unit's open orders; None while the door is shut."""
        try:
            answer = await self._http.get(
                "/api/v1/orders", params={"unit": unit}, headers=_bearer(self.keys.responders[unit])
            )
        except httpx.TransportError:
            return None
        if not answer.is_success:
            return None
        found = answer.json()
        return list(found["orders"] if isinstance(found, dict) else found)

    async def command(self, unit: str, name: str, key: str, body: dict[str, Any]) -> bool:
        """Answer an order as the unit; say whether it was accepted."""
        headers = {"Idempotency-Key": key}
        answer = await self._post(
            f"/api/v1/commands/{name}", self.keys.responders[unit], json=body, headers=headers
        )
        self.tally.answers += answer is not None
        return answer is not None

    async def close(self) -> None:
        await self._http.aclose()
        if self._redis is not None:
            await self._redis.close()

    async def _say(self, source: str, body: dict[str, Any]) -> bool:
        assert self._redis is not None
        try:
            heard = await self._redis.publish(f"alerts.{source}", json.dumps(body))
        except redis.RedisError:
            return False
        return bool(heard)  # Redis forgets what nobody listens to

    async def _post(self, path: str, key: str, **what: Any) -> dict[str, Any] | None:
        headers = {**_bearer(key), **what.pop("headers", {})}
        answers: list[httpx.Response] = []

        async def knock() -> bool:
            try:
                answer = await self._http.post(path, headers=headers, **what)
            except httpx.TransportError:
                return False
            answers.append(answer)
            return answer.status_code not in BUSY

        await self._patiently(knock, lambda: _retry_after(answers))
        if answers[-1].is_success:
            return dict(answers[-1].json() or {})
        self._refused(answers[-1])
        return None

    async def _patiently(self, once: Any, asked: Any = lambda: 0.0) -> None:
        """Repeat until it works, each time waiting longer."""
        wait = 0.25
        self.tally.waiting += 1
        try:
            while not await once():
                await asyncio.sleep(max(wait, asked()))
                wait = min(wait * 2, LONGEST_WAIT_S)
        finally:
            self.tally.waiting -= 1

    def _kept(self, answer: dict[str, Any] | None, sent: int) -> int:
        """Give how many rows of a batch were kept, and remember why others were not."""
        if answer is None:
            return 0
        refused = list(answer.get("refused", []))
        if refused:
            self.tally.refused += len(refused)
            self.tally.last_refusal = str(refused[0])[:160]
        return sent - len(refused)

    def _refused(self, answer: httpx.Response) -> None:
        self.tally.refused += 1
        self.tally.last_refusal = f"{answer.status_code} {answer.text[:160]}"


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _retry_after(answers: list[httpx.Response]) -> float:
    """Give how long the product asks to wait, in seconds."""
    text = answers[-1].headers.get("Retry-After", "0") if answers else "0"
    return min(float(text), LONGEST_WAIT_S) if text.isdigit() else 0.0
