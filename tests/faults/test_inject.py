"""What a fault has broken is whole again when it is over, whatever else was wrong beside it."""

import asyncio
from pathlib import Path

import pytest

from ops.children import Child
from ops.redis_server import prepare
from tests.faults.inject import inject
from tests.faults.product import Product, eventually
from tests.faults.schedule import Fault

LONGER_S = 1.4  # than anybody waits for Redis' answer
SOON_S = 3.0


@pytest.mark.parametrize("paused_at", [0.0, 0.3])
def test_redis_is_let_in_again_though_it_did_not_answer_when_it_was_locked(
    paused_at: float, tmp_path: Path
) -> None:
    """It stands still before it is told the other password, or before it is told its own again."""

    async def both(product: Product) -> None:
        await product.answers("redis")
        locked = Fault("redis_locked_out", "redis", 0.1, 0.4)
        await asyncio.gather(
            _after(product, Fault("redis_pause", "", paused_at, LONGER_S)), _after(product, locked)
        )
        await eventually(product._redis_answers, SOON_S, "Redis, by its own password")

    server = prepare(tmp_path / "redis", "fault")
    product = Product(tmp_path, folder=tmp_path)
    product.redis_socket = server.socket
    product.members["redis"] = Child("redis", server.command, {})
    product.start("redis")
    try:
        asyncio.run(both(product))
    finally:
        product.kill("redis")


async def _after(product: Product, fault: Fault) -> None:
    await asyncio.sleep(fault.at)
    await inject(product, fault)
