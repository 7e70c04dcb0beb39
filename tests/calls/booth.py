"""The media process as it is, with one page beside it that joins its call: for real browsers.

Run as `python -m tests.calls.booth PORT FOLDER [ADDRESS TURN SECRET direct]`; its page is
`/?me=ID`.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from dispatch.clock import now_ms
from video import turn
from video.process import MediaSettings, assemble
from video.tokens import Tokens

SECRET = "0123456789abcdef0123456789abcdef"
ROOM = "TH-1"
ASSETS = Path(__file__).parents[2] / "assets"
PAGE = """<!DOCTYPE html><meta charset="utf-8"><body><div id="place"></div>
<script src="/assets/39-call-direct.js"></script>
<script src="/assets/40-call-line.js"></script>
<script>dash_clientside.hall.t = (key) => key;</script>
<script src="/assets/41-call-stage.js"></script>
<script>
const hall = dash_clientside.hall;
const me = new URLSearchParams(location.search).get("me");
const stage = hall.callStage(document.getElementById("place"));
const states = [];
const token = async (action) => {
  const answer = await fetch(`/token?me=${me}&action=${action}`);
  if (!answer.ok) throw Object.assign(new Error(), { code: "not_in_call", status: answer.status });
  return answer.json();
};
const line = new hall.CallLine({ token, told: (one) => states.push(one.state),
  room: (now) => stage.room((window.said = now)), levels: stage.levels, track: stage.track });
stage.me(me);
async function join() { await line.start(await hall.callMedia(true)); }
async function loud(slot) {
  const audio = new AudioContext();
  await audio.resume();
  const meter = audio.createAnalyser();
  audio.createMediaStreamSource(stage.sounds()[slot]).connect(meter);
  const wave = new Float32Array(meter.fftSize);
  let most = 0;
  for (let n = 0; n < 40 && most < 0.05; n += 1) {
    await new Promise((then) => setTimeout(then, 50));
    meter.getFloatTimeDomainData(wave);
    most = Math.max(most, Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length));
  }
  await audio.close();
  return most;
}
</script></body>"""


@dataclass(frozen=True)
class Way:
    """How media may go: the address that is offered, a relay and its secret."""

    address: str = "127.0.0.1"
    relay: str = ""
    secret: str = ""
    direct: str = ""


def booth(port: int, folder: Path, way: Way) -> web.Application:
    tokens = Tokens(SECRET)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def token(request: web.Request) -> web.Response:
        me, action = request.query["me"], request.query["action"]
        path = f"call/{ROOM}/{me}"
        made, until = tokens.issue(me, path, action, now_ms())  # type: ignore[arg-type]
        url = f"/media/{action}/{path}"
        relays = (way.relay,) if way.relay else ()
        servers = turn.ice_servers(relays, way.secret, me, now_ms())
        told = {"token": made, "url": url, "expires_at": until, "ice_servers": servers}
        return web.json_response(told)

    own = MediaSettings("127.0.0.1", port, SECRET, (way.address,), recordings=folder,
                        direct=way.direct == "direct")  # fmt: skip
    server = assemble(own)
    server.router.add_get("/", page)
    server.router.add_get("/token", token)
    server.router.add_static("/assets", ASSETS)
    return server


async def _main(port: int, folder: Path, way: Way) -> None:
    running = web.AppRunner(booth(port, folder, way))
    await running.setup()
    await web.TCPSite(running, "127.0.0.1", port, reuse_address=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2]), Way(*sys.argv[3:7])))
