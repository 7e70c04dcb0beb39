"""A screen that reads slowly gets every frame whole; who are told the same get the same bytes."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, TextMessage

from callbacks.lines import Frames, frame
from tests.stack import ROOT

CROWDED = """
from gevent import monkey
monkey.patch_all()
import gevent, json, socket
from callbacks.lines import Whole
server, screen = socket.socketpair()
for one, side in ((server, socket.SO_SNDBUF), (screen, socket.SO_RCVBUF)):
    one.setsockopt(socket.SOL_SOCKET, side, 4096)
line, size = Whole(server, gevent.spawn), 300_000
letters = b"abcd"
first = line.at_once(letters[:1] * size)  # begun here, ended behind
writers = [gevent.spawn(line.send, bytes([letter]) * size) for letter in letters[1:]]
again = line.at_once(b"never")  # it is not its turn
got = bytearray()
while len(got) < size * len(letters):
    got += screen.recv(1000)
    gevent.sleep(0)
runs = [1 for a, b in zip(got, got[1:]) if a != b]
sent = [first, again, *(w.get() for w in writers)]
print(json.dumps({"bytes": len(got), "changes": len(runs), "sent": sent}))
"""
"""Four greenlets of one process write to a line that takes a thousand bytes at a time."""


@pytest.mark.parametrize(
    "text", ["", "4" * 125, "4" * 126, "4" * 65_535, "4" * 65_536, '42["push",{"题":"氨气"}]']
)
def test_a_frame_is_one_text_message(text: str) -> None:
    screen = Connection(ConnectionType.CLIENT)
    screen.receive_data(frame(text))
    events: list[Any] = list(screen.events())
    assert "".join(one.data for one in events if isinstance(one, TextMessage)) == text
    assert events[-1].message_finished


def test_bytes_are_sent_as_bytes() -> None:
    screen = Connection(ConnectionType.CLIENT)
    screen.receive_data(frame(b"\x00\xff" * 100))
    (event,) = screen.events()
    assert isinstance(event, BytesMessage)
    assert event.data == b"\x00\xff" * 100


def test_the_same_text_is_put_into_a_frame_once() -> None:
    frames, text = Frames(), "4" * 200
    assert frames.of(text) is frames.of(text)
    assert frames.of("other") == frame("other")
    assert frames.of(text) == frame(text)


def test_frames_of_one_line_do_not_mix_and_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CROWDED],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    sent = [True, False, *[300_000] * 3]
    assert json.loads(done.stdout) == {"bytes": 1_200_000, "changes": 3, "sent": sent}
