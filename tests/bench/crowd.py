"""Many real Socket.IO clients in a process of their own (crowd.mjs)."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("crowd.mjs")
NODE = "node"


@dataclass
class Crowd:
    process: "subprocess.Popen[str]"

    def ask(self, command: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the crowd has gone")
        return json.loads(line)


@contextmanager
def crowd(
    url: str,
    count: int,
    watch: list[str],
    headers: Mapping[str, str] | None = None,
    join: Mapping[str, Any] | None = None,
    deflate: bool = True,
) -> Iterator[Crowd]:
    """`count` sockets that are connected and, with `join`, stand in a screen's rooms.

    deflate: whether they offer to have their messages compressed, as a browser does.
    """
    plan = {"url": url, "count": count, "watch": watch, "headers": headers or {}, "join": join}
    plan["deflate"] = deflate
    process = subprocess.Popen(
        [NODE, str(SCRIPT), json.dumps(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    many = Crowd(process)
    try:
        if many.hear().get("ready") != count:
            raise RuntimeError("not all sockets connected")
        yield many
    finally:
        process.kill()
        process.wait()
