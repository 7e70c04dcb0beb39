"""Path (f): what a call left behind is played at the desk, in the replay's one clock."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.paths.handling import by_keyboard, leak
from tests.paths.people import SOON_MS, Person, sign_in
from tests.paths.test_e_call import call_of_incident, live, recordings, talking
from tests.stack import Stack

__all__ = ["talking"]
CLOSE_S = 0.6  # the product allows 0.25 in a frame; the clock may be as old as the frame before
KEPT_MS = 8_000  # long enough that a machine that stands still for a moment does not play past it
NOW = """async () => {
  await new Promise(requestAnimationFrame);
  const { films, time } = dash_clientside.hall.replay, [film] = films.values();
  const { video, now } = film, clocks = { time: time(), at: video.currentTime };
  const ask = document.createElement('canvas');
  ask.width = ask.height = 8;
  const brush = ask.getContext('2d');
  brush.drawImage(video, 0, 0, 8, 8);
  const seen = Math.max(...brush.getImageData(0, 0, 8, 8).data.filter((_, n) => n % 4 < 3));
  return { ...clocks, src: video.getAttribute('src'), seen,
    loud: !video.muted && !video.paused, hole: now.hole, state: film.box.dataset.state,
    said: film.box.querySelector('.off').textContent };
}"""
READY = """() => { const [film] = dash_clientside.hall.replay.films.values();
  return film && film.video.readyState >= 2 && !film.video.seeking; }"""


def test_what_was_recorded_is_played_in_one_clock(stack: Stack, talking: Browser) -> None:
    desk = sign_in(talking, stack, "desk", "xuwenbo")
    leak(stack)
    by_keyboard(desk)
    incident = desk.page.evaluate("dash_clientside.hall.selection.incident")
    on, first, second = called_twice(desk, incident)
    assert second["started_at"] - first["ended_at"] > 1_500  # nothing was recorded between the two

    desk.press("Escape", "5")
    expect(desk.page.locator("#panel-replay")).to_be_visible()
    expect(desk.page.locator(".re-film")).to_have_count(1)
    expect(desk.page.locator(".re-line .hole")).to_have_count(1)
    inside = first["started_at"] + 2_000
    assert_shown(desk, inside, first)
    assert_shown(desk, second["started_at"] + 1_000, second)

    missing = (first["ended_at"] + second["started_at"]) // 2
    go(desk, missing)
    shown = desk.page.evaluate(NOW)
    assert shown["state"] == "missing", shown
    assert shown["said"].startswith("缺 "), shown
    assert not shown["src"], shown

    go(desk, inside)
    plays(desk, first)
    log_leads(desk)
    known_then(desk, incident, first["started_at"])
    forbidden(stack, talking, first["file"])
    desk.page.goto(f"{desk.page.url.split('?')[0]}?lang=en&view=replay")
    desk.expect_live()
    desk.page.locator("#replay-of select").select_option(incident)
    expect(desk.page.locator(".re-film .bd")).to_have_text("Replay · not live")
    desk.press("1")
    expect(desk.page.locator("#panel-replay")).to_be_hidden()
    desk.context.close()
    assert on


def called_twice(desk: Person, incident: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The officer is in the incident's call, out of it for a while, and in it again."""
    on = call_of_incident(desk, incident)
    heard_alone(desk, KEPT_MS)
    desk.page.locator("#detail-head [data-call='leave']").click()
    (first,) = recordings(desk, 1)
    desk.page.wait_for_function(
        "since => dash_clientside.hall.now() - since > 2500", arg=first["ended_at"]
    )
    call_of_incident(desk, incident)
    heard_alone(desk, 2_500)
    desk.api_post("/api/v1/commands/call.end", {"call": on})
    expect(desk.page.locator("html[data-call='over']")).to_be_attached(timeout=SOON_MS)
    second, _ = recordings(desk, 2)
    return on, first, second


def heard_alone(desk: Person, ms: int) -> None:
    """Long enough in the call that there is something to play."""
    live(desk.page)
    since = desk.page.evaluate("dash_clientside.hall.now()")
    desk.page.wait_for_function(
        "([since, ms]) => dash_clientside.hall.now() - since > ms", arg=[since, ms]
    )


def go(desk: Person, time: int) -> None:
    desk.page.evaluate("time => dash_clientside.hall.replay.go(time)", time)


def assert_shown(desk: Person, time: int, kept: dict[str, Any]) -> None:
    """The recording stands at this moment of the wall's clock, and there is a picture."""
    go(desk, time)
    desk.page.wait_for_function(READY)
    shown = desk.page.evaluate(NOW)
    assert shown["src"] == f"/api/v1/recordings/{kept['file']}", shown
    assert abs(shown["at"] - (time - kept["started_at"]) / 1000) < 0.05, shown
    assert shown["seen"] > 20, shown
    assert shown["state"] == "kept", shown


def plays(desk: Person, kept: dict[str, Any]) -> None:
    """By the space bar picture and clock go on together, and stand together."""
    before = desk.page.evaluate(NOW)
    desk.press("Space")
    desk.page.wait_for_function(
        "from => dash_clientside.hall.replay.time() > from + 1000", arg=before["time"]
    )
    shown = desk.page.evaluate(NOW)
    assert shown["loud"], shown
    assert abs(shown["at"] - (shown["time"] - kept["started_at"]) / 1000) < CLOSE_S, shown
    desk.press("Space")
    desk.page.wait_for_function(READY)
    stands = desk.page.evaluate(NOW)
    assert not stands["loud"], stands
    desk.press("ArrowLeft")
    assert desk.page.evaluate(NOW)["time"] < stands["time"]


def log_leads(desk: Person) -> None:
    """An entry of the duty log takes the clock to its time; what came after it stands back."""
    entry = desk.page.locator("#replay-log [data-at]").nth(2)
    entry.click()
    at = int(entry.get_attribute("data-at") or 0)
    assert desk.page.evaluate("dash_clientside.hall.replay.time()") == at
    assert desk.page.locator("#replay-log [data-later]").count() > 0


def known_then(desk: Person, incident: str, time: int) -> None:
    """What stands beside it is the log's own picture of that moment."""
    go(desk, time)
    then = desk.api(f"/api/v1/pictures/incident?subject={incident}&t={time}")["picture"]
    given = [one for one in then["orders"] if one["state"] != "DRAFT"]
    expect(desk.page.locator("#replay-known")).not_to_be_empty()
    expect(desk.page.locator("#replay-known > div")).to_have_count(1 + len(given))


def forbidden(stack: Stack, talking: Browser, file: str) -> None:
    """Who is no desk hears nothing of it."""
    phone = sign_in(talking, stack, "phone", "zhouhaifeng")
    status = phone.page.evaluate(
        "(path) => fetch(path).then((one) => one.status)", f"/api/v1/recordings/{file}"
    )
    assert status == 403
    phone.context.close()
