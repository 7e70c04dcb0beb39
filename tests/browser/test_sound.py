"""What sounds: once for each event, level I until somebody answers for it, nothing that is old."""

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener

HEARD = "hall.heard.map((one) => one.level).join('')"


def test_an_event_that_is_told_twice_sounds_and_counts_once(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.hall("(window.counted = [], hall.on('counted', (one) => window.counted.push(one.seq)), 0)")
    for seq in (5, 5, 6, 5):
        end.event(seq, sound="III")
    end.event(7, sound=None)
    desk.until("window.counted.length === 3")
    assert desk.page.evaluate("window.counted") == [5, 6, 7]
    assert desk.hall(HEARD) == "IIIIII"


def test_old_news_is_counted_but_does_not_sound(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.hall("(window.counted = 0, hall.on('counted', () => (window.counted += 1)), 0)")
    end.event(5, sound="I", at=end.now() - 31_000)
    end.event(6, sound="III", at=end.now() - 5_000)
    desk.until("window.counted === 2")
    assert desk.hall("hall.heard.map((one) => one.seq)") == [6]


def test_level_one_sounds_again_until_it_is_acknowledged(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    end.event(5, sound="I", subject="AL-5")
    desk.until("hall.heard.length >= 3")
    end.event(6, type="AlertAcknowledged", sound=None, subject="AL-5")
    desk.until("hall.ringing().length === 0")
    heard = desk.hall("hall.heard.length")
    desk.page.wait_for_timeout(2_600)
    assert desk.hall("hall.heard.length") == heard


def test_what_this_desk_itself_acknowledges_falls_silent_at_once(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    end.event(5, sound="I", subject="AL-5")
    end.event(6, sound="II", subject="AL-6")
    desk.until("hall.ringing().length === 2")
    desk.hall("hall.send('alert.acknowledge', { alert: 'AL-5' }).then(() => 0)")
    assert desk.hall("hall.ringing()") == ["AL-6"]


def test_an_alarm_outlives_a_reload_but_not_what_was_dealt_with_meanwhile(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    end.event(5, sound="I", subject="AL-5")
    end.event(6, sound="I", subject="AL-6")
    desk.until("hall.ringing().length === 2")
    waits = [{"id": "AL-5", "state": "ACKNOWLEDGED"}, {"id": "AL-6", "state": "NEW"}]
    end.pictures = {"alerts": {"alerts": waits}}
    desk.page.reload()
    desk.page.wait_for_selector("html[data-live]")
    desk.until("hall.ringing().length > 0")
    assert desk.hall("hall.ringing()") == ["AL-6"]
    desk.until("hall.heard.some((one) => one.subject === 'AL-6')")


def test_muting_silences_all_but_level_one(end: FarEnd, show: Opener) -> None:
    desk = show("desk")
    desk.page.keyboard.press("q")
    desk.page.locator("[data-mute][aria-pressed=true]").wait_for()
    end.event(5, sound="II")
    end.event(6, sound="I")
    desk.until("hall.heard.length >= 2")
    heard = desk.hall("hall.heard.slice(0, 2).map(({ level, muted }) => [level, muted])")
    assert heard == [["II", True], ["I", False]]


def test_a_phone_hears_of_its_own_orders_alone(end: FarEnd, show: Opener) -> None:
    end.who = {**end.who, "role": "responder", "unit": "FIR-1"}
    phone = show("phone")
    end.event(5, type="OrderIssued", unit="MED-1")
    end.event(6, type="OrderIssued", unit="FIR-1")
    phone.until("hall.heard.length === 1")
    assert phone.hall("hall.heard[0].seq") == 6


def test_until_somebody_touches_the_page_it_says_that_it_cannot_sound(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    button = desk.page.locator("[data-mute]")
    before = button.inner_text()
    desk.page.keyboard.press("Shift")
    desk.until("root.dataset.sound === '1'")
    assert button.inner_text() != before
