"""`make bench-video`: what cameras cost, how soon they show, and how soon they come back.

The media process runs as in the product. Viewers for load decode nothing and run in processes of
their own, eight in each, so that none of these is the limit; whether each viewer got the whole
stream is said (`full`). The time to the first picture is Chromium's. The call of twelve is that of
`tests/bench/calls.py`. BENCH_RUN_S, BENCH_CROWDS, BENCH_CALL and BENCH_JOINS_S make it shorter.
`python -m tests.bench.video joins` measures the memory alone. The last line is one JSON object.
"""

import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

from demo.rtsp import read_clip
from tests.bench import calls, janus
from tests.bench.joins import joins
from tests.bench.viewers import viewers
from tests.paths.conftest import FLAGS
from tests.stack import ROOT, free_port
from tests.video.media import SECRET, Background, Cameras, Media, screen, wait_for

RUN_S = float(os.environ.get("BENCH_RUN_S", "20"))
CROWDS = tuple(int(one) for one in os.environ.get("BENCH_CROWDS", "8,24").split(","))
TOGETHER = 8  # viewers of one process
SOURCE_MBPS, FULL = 4.0, 0.9
PEOPLE = int(os.environ.get("BENCH_CALL", "12"))
FIRST_RUNS = 20
FIRST = """
async ([path, token]) => {
  const began = performance.now(), pc = new RTCPeerConnection();
  const video = document.createElement("video");
  video.muted = true; video.playsInline = true; document.body.append(video);
  const shown = new Promise((then) => video.requestVideoFrameCallback(then));
  pc.addTransceiver("video", {direction: "recvonly"});
  pc.ontrack = (e) => { video.srcObject = new MediaStream([e.track]); video.play(); };
  await pc.setLocalDescription(await pc.createOffer());
  const answer = await fetch("/media/whep/" + path, {method: "POST", body: pc.localDescription.sdp,
    headers: {"Content-Type": "application/sdp", "Authorization": "Bearer " + token}});
  await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
  await shown;
  const took = performance.now() - began;
  await fetch(answer.headers.get("Location"), {method: "DELETE",
    headers: {"Authorization": "Bearer " + token}});
  pc.close(); video.remove();
  return took;
}
"""


def say(what: str, found: Any) -> None:
    print(f"{what}: {json.dumps(found)}", flush=True)


def encode(file: Path) -> Path:
    """1080p25 at 4 Mb/s, no B-frames, a keyframe each second."""
    dice = np.random.default_rng(1)
    noise = (
        dice.integers(0, 255, (1080 // 4, 1920 // 4 + 400, 1), np.uint8).repeat(4, 0).repeat(4, 1)
    )
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.codec_context.max_b_frames = 0
        rates = "nal-hrd=cbr:vbv-maxrate=4000:vbv-bufsize=2000:bitrate=4000"
        stream.options = {"preset": "ultrafast", "g": "25", "bf": "0", "x264-params": rates}
        for n in range(125):
            grain = dice.integers(0, 24, (540, 960, 1), np.uint8).repeat(2, 0).repeat(2, 1)
            picture = (noise[:, n * 12 : n * 12 + 1920] // 2 + grain).repeat(3, 2)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file


@contextmanager
def media_process(cameras: Cameras, folder: Path) -> Iterator[tuple[psutil.Process, Media]]:
    port = free_port()
    own = {
        "YIPING_MEDIA": f"http://127.0.0.1:{port}",
        "YIPING_MEDIA_SECRET": SECRET,
        "YIPING_MEDIA_ADDRESSES": "127.0.0.1",
        "YIPING_CAMERA_NETWORKS": f"127.0.0.1:{cameras.port}",
        "YIPING_VAR": str(folder),
        "YIPING_LOG": "warning",
    }
    command = [sys.executable, "-m", "app", "media"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own})
    media = Media(port)
    try:
        wait_for(lambda: _up(media), bool, 20.0)
        yield psutil.Process(process.pid), media
    finally:
        process.terminate()
        process.wait(10)


def _up(media: Media) -> bool:
    try:
        return media.control("GET", "status").status_code == 200
    except Exception:
        return False


def ask(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


@contextmanager
def crowd(kind: str, url: str, token: str, count: int) -> Iterator[list["subprocess.Popen[str]"]]:
    """So many viewers, a few of them in each process."""
    parts = [min(TOGETHER, count - n) for n in range(0, count, TOGETHER)]
    with ExitStack() as stack:
        yield [stack.enter_context(viewers(kind, url, token, one)) for one in parts]


def cost(server: psutil.Process, kind: str, url: str, token: str, count: int) -> dict[str, float]:
    """What a viewer costs the server, in per cent of a core; and what a viewer got."""
    with crowd(kind, url, token, count) as parts:
        time.sleep(2)
        for one in parts:
            ask(one)
        before, began = sum(server.cpu_times()[:2]), time.monotonic()
        time.sleep(RUN_S)
        used, passed = sum(server.cpu_times()[:2]) - before, time.monotonic() - began
        got = sum(ask(one)["bytes"] for one in parts)
    mbps = got * 8 / passed / count / 1e6
    return {
        "cpu_per_viewer": round(100 * used / passed / count, 2),
        "mbps_per_viewer": round(mbps, 2),
        "full": mbps >= FULL * SOURCE_MBPS,
    }


def first_pictures(media: Media) -> dict[str, float]:
    """From the click to the first picture on the screen, the camera being open."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        with screen(chromium, media) as one:
            times = []
            for n in range(FIRST_RUNS):
                times.append(one.page.evaluate(FIRST, ["cam/a_", media.token("cam/a_")]))
                time.sleep((n * 0.618) % 1)
        chromium.close()
    return {"p50": percentile(times, 50), "p95": percentile(times, 95)}


def outage(media: Media, cameras: Cameras) -> dict[str, float]:
    """The camera goes for 4 s; how long after its return pictures come again."""
    with viewers("whep", f"{media.url}/media/whep/cam/a_", media.token("cam/a_"), 1) as one:
        cameras.stop()
        time.sleep(4.0)
        ask(one)
        cameras.start()
        back = time.monotonic()
        while ask(one)["packets"] < 5:
            assert time.monotonic() < back + 15
            time.sleep(0.05)
        return {"recovery_s": round(time.monotonic() - back, 2)}


def frozen(media: Media, cameras: Cameras) -> dict[str, float]:
    """How soon a feed is called frozen: no packets, and always the same picture."""
    found = {}
    for name in ("silent", "still"):
        media.wait("a_", "live")
        time.sleep(1.5)
        for one in cameras.broadcasts.values():
            setattr(one, name, True)
        began = time.monotonic()
        media.wait("a_", "frozen", 15.0)
        found[f"frozen_{name}_s"] = round(time.monotonic() - began, 2)
        for one in cameras.broadcasts.values():
            setattr(one, name, False)
    return found


def percentile(times: Sequence[float], share: int) -> float:
    ordered = sorted(times)
    return round(ordered[math.ceil(len(ordered) * share / 100) - 1], 1)


def main() -> int:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        clip = read_clip(encode(folder / "source.mp4"))
        cameras = Cameras(Background(), {"a": clip})
        cameras.start()
        with media_process(cameras, folder) as (server, media):
            media.want(a_=("rtsp", cameras.url("a")))
            media.wait("a_", "live", 15.0)
            if sys.argv[1:] == ["joins"]:
                told = joins(server, media)
                print(json.dumps(told))
                return 0 if told["not_let_in"] == 0 else 1
            found |= against_janus(server, media, cameras, folder)
            found["first_picture_ms"] = first_pictures(media)
            say("first picture", found["first_picture_ms"])
            found |= outage(media, cameras) | frozen(media, cameras)
            found |= joins(server, media)
        cameras.stop()
    if PEOPLE:
        found["call"] = asyncio.run(calls.measure(PEOPLE, RUN_S))
        say(f"a call of {PEOPLE}", found["call"])
    print(json.dumps(found))
    return 1 if found["not_let_in"] else 0


def against_janus(
    server: psutil.Process, media: Media, cameras: Cameras, folder: Path
) -> dict[str, Any]:
    """The cost of 8 and 24 viewers here and at Janus, turn by turn."""
    found: dict[str, Any] = {}
    url = f"{media.url}/media/whep/cam/a_"
    for count in CROWDS:
        ours = cost(server, "whep", url, media.token("cam/a_"), count)
        say(f"ours, {count} viewers", ours)
        found[f"ours_{count}"] = ours
        if theirs := _janus(cameras, folder / f"janus-{count}", count):
            say(f"janus, {count} viewers", theirs)
            found[f"janus_{count}"] = theirs
            found[f"ratio_{count}"] = round(
                ours["cpu_per_viewer"] / max(0.01, theirs["cpu_per_viewer"]), 2
            )
    return found


def _janus(cameras: Cameras, folder: Path, count: int) -> dict[str, float] | None:
    if janus.PROGRAM is None:
        print("janus is not installed: no comparison", flush=True)
        return None
    port, loop = free_port(), cameras.background.loop
    sending = asyncio.run_coroutine_threadsafe(janus.send(cameras.clips["a"], port), loop)
    try:
        with janus.running(folder, port) as (server, url):
            return cost(server, "janus", url, "-", count)
    finally:
        sending.cancel()


if __name__ == "__main__":
    sys.exit(main())
