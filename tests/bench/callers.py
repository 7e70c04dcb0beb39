"""Many callers of the single door at once: each alert is sent until it is taken."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

BUSY = (408, 425, 429)  # statuses, beside the server's own, after which one asks again
AGAIN_S = 0.3


class Callers:
    """Send one alert after the other, each again until it is taken. make: gives the next one."""

    def __init__(self, url: str, key: str, make: Callable[[], dict[str, Any]]) -> None:
        self._url, self._headers, self._make = url, {"Authorization": f"Bearer {key}"}, make
        self.sent: set[str] = set()
        self.took_ms: list[float] = []
        self.again = 0

    async def call(self, seconds: float, at_once: int) -> None:
        until = time.monotonic() + seconds
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers, timeout=30) as door:
            await asyncio.gather(*(self._one(door, until) for _ in range(at_once)))

    async def _one(self, door: httpx.AsyncClient, until: float) -> None:
        while time.monotonic() < until:
            body, began = self._make(), time.monotonic()
            self.sent.add(body["ext_id"])
            while (wait := await self._post(door, body)) is not None:
                self.again += 1
                await asyncio.sleep(wait)
            self.took_ms.append((time.monotonic() - began) * 1000)

    async def _post(self, door: httpx.AsyncClient, body: dict[str, Any]) -> float | None:
        """Seconds until it is to be sent again; None once it is taken."""
        try:
            said = await door.post("/api/v1/alerts", json=body)
        except httpx.TransportError:
            return AGAIN_S
        if said.status_code >= 500 or said.status_code in BUSY:
            return float(said.headers.get("Retry-After", AGAIN_S))
        said.raise_for_status()
        return None
