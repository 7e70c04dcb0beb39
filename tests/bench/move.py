"""Moves units about once a second through the public door, for a bounded time."""

import json
import math
import sys
import time

import httpx


def main(text: str) -> None:
    plan = json.loads(text)
    headers = {"Authorization": f"Bearer {plan['key']}"}
    start = time.monotonic()
    with httpx.Client(base_url=plan["url"], headers=headers) as door:
        beat = 0
        while (past := time.monotonic() - start) < plan["seconds"]:
            door.post("/api/v1/positions", json=report(plan["units"], past)).raise_for_status()
            beat += 1
            time.sleep(max(0.0, start + beat - time.monotonic()))


def report(units: list[str], past: float) -> dict[str, object]:
    now = round(time.time() * 1000)
    places = [
        {
            "unit": unit,
            "at": now,
            "lat": 37.35 + (n % 33) * 0.006 + 0.002 * math.sin(past / 9 + n),
            "lon": 118.75 + (n // 33) * 0.01 + 0.002 * math.cos(past / 9 + n),
            "speed": 8.0,
            "heading": 90,
        }
        for n, unit in enumerate(units)
    ]
    return {"source": "positions", "positions": places}


if __name__ == "__main__":
    main(sys.argv[1])
