"""F39: the media process dies while desk, phone and guest are in a call."""

import asyncio
import os
import sys

from tests.faults.invariants import Broken
from tests.stack import ROOT

PATH = "tests/paths/test_e_call.py"
RESTORED_S = 5.0  # from the media process's end until all are in the call again
TOLD = 2_000


async def restored() -> list[Broken]:
    """The path with a call on a product of its own, held to the promise of five seconds.

    In `make test`, beside all else that the machine does then, the path allows twice that.
    """
    limit = {"FAULTS_RESTORED_S": str(RESTORED_S)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-q", PATH, cwd=ROOT, env={**os.environ, **limit},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said = (await child.communicate())[0].decode()
    return [Broken("F39", said[-TOLD:])] if child.returncode else []
