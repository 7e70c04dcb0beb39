"""A phone's live picture: sent when its person has said so, until he says stop."""

import re
from typing import Any

from playwright.sync_api import Route

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener
from tests.eyes.screens.conftest import Eyes
from tests.eyes.screens.test_phone import ORDER, ROOM, phone, rows
from tests.video.media import wait_for

PATH = "phone/FIR-1"
LENS = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  Object.assign(canvas, { width: 320, height: 240 });
  let n = 0;
  setInterval(() => { pen.fillStyle = n % 2 ? "#fff" : "#234"; pen.fillRect(0, 0, 320, 240);
    pen.fillStyle = "#e33"; pen.fillRect(n++ * 5 % 280, 60, 40, 120); }, 66);
  return (window.lens = canvas.captureStream(15));
};
"""
SENT = {"dispatch_order": ORDER, "sent_by": "crew", "since": 1}
LIVE = "(document.querySelector('#phone-running [data-live]') || { textContent: '' }).textContent"


def test_a_phone_sends_its_picture_until_it_is_told_to_stop(
    end: FarEnd, show: Opener, eyes: Eyes
) -> None:
    def issue(route: Route) -> None:
        said = route.request.post_data_json
        token = eyes.media.token(said["path"], said["action"])
        url = f"/media/{said['action']}/{said['path']}"
        route.fulfill(json={"token": token, "url": url, "expires_at": 0, "ice_servers": []})

    def feed() -> dict[str, Any]:
        found = eyes.media.control("GET", "status").json()["feeds"]
        return next(one for one in found if one["path"] == PATH)

    sources = [{"path": PATH, "url": "", "kind": "whip", "pinned": False}]
    assert eyes.media.control("PUT", "sources", {"revision": "p", "sources": sources}).is_success
    shown = phone(end, show)
    shown.page.context.route(re.compile("/api/v1/media/tokens$"), issue)
    shown.page.evaluate(LENS)
    end.show(ROOM, rows=rows(sending=SENT))
    shown.until(f"{LIVE}.includes('已接通')")
    wait_for(feed, lambda one: one["state"] == "live", 15.0)
    assert feed()["codec"] == "h264"
    end.push(ROOM, end.seqs[ROOM], rows={"phone-running": {"set": [], "drop": ["picture"]}})
    wait_for(feed, lambda one: one["state"] == "dead", 5.0)
    assert shown.page.evaluate("lens.getTracks().every((one) => one.readyState === 'ended')")
