"""What desk, wall and phone show of calls."""

from typing import Any

import pytest

from dispatch.city import City
from dispatch.vocabulary import Role
from layouts.call_parts import of_incident
from layouts.panels import desk_calls, phone_call, wall_call
from layouts.screens import page
from layouts.texts import Texts
from streams.view import View

ME = {"zh": "周海峰", "en": "Zhou"}
HIM = {"zh": "许文博", "en": "Xu"}
AT = 1_795_233_600_000


def party(id: str = "zhou", **facts: Any) -> dict[str, Any]:
    known = {
        "party": id, "account": id, "unit": "FIR-1", "unit_name": ME, "name": ME, "state": "JOINED",
        "muted": False, "hand_at": None, "invited_at": AT, "left_at": None, "unsigned": None,
        "invited_by_name": HIM,
    }  # fmt: skip
    return {**known, **facts}


def call(*parties: dict[str, Any], **facts: Any) -> dict[str, Any]:
    known = {
        "id": "TH-1121-0001", "incident": "EV-1", "incident_title": "氨泄漏", "opened_at": AT,
        "recorded": True, "parties": list(parties),
    }  # fmt: skip
    return {**known, **facts}


@pytest.fixture
def t() -> Texts:
    return Texts("zh")


def desk(t: Texts, *calls: dict[str, Any], kept: tuple[dict[str, Any], ...] = ()) -> str:
    pictures = {"calls": {"calls": list(calls)}, "recordings": {"recordings": list(kept)}}
    return str(desk_calls.props(pictures, t, View(Role.OFFICER, ("city",), "zh", "")))


def phone(t: Texts, *calls: dict[str, Any], number: str = "110") -> dict[Any, Any]:
    order = {"command": {"name": HIM, "phone": number}}
    own = {"phone_calls": {"calls": list(calls), "me": "zhou"}, "phone": {"orders": [order]}}
    return phone_call.props(own, t, View(Role.RESPONDER, ("w",), "zh", "FIR-1"))


def test_the_desk_names_who_is_there_and_has_hands_for_each(t: Texts) -> None:
    shown = desk(t, call(party(hand_at=AT, muted=True)))
    for words in (
        "周海峰",
        "请求发言",
        "被静音",
        "录音录像中",
        "call.mute",
        "call.remove",
        "call.end",
    ):
        assert words in shown, words
    assert '"muted": false' in shown  # the button takes the mute away


def test_a_lost_line_and_an_unsigned_order_are_said(t: Texts) -> None:
    late = {"id": "ZL-1", "ack_due": AT}
    shown = desk(t, call(party(state="AWAY", left_at=AT, unsigned=late)))
    assert "掉线" in shown
    assert "ZL-1 未签收" in shown


def test_a_recording_says_what_is_missing_in_it(t: Texts) -> None:
    one = {
        "id": "r", "started_at": AT, "ended_at": AT + 9_000, "name": ME, "feed": None,
        "tracks": {"audio": {"gaps": [[1, 2]]}, "video": {"gaps": [[1, 2]]}}, "salvaged": True,
        "deleted_at": None, "file": "TH-1/zhou@1.webm", "sha256": "ab",
    }  # fmt: skip
    shown = desk(t, kept=(one,))
    for words in ("缺 2 段", "中断后补存", "/api/v1/recordings/TH-1/zhou@1.webm"):
        assert words in shown, words
    assert "/api/v1" not in desk(t, kept=({**one, "deleted_at": AT},))


def test_a_call_may_be_opened_unrecorded_beside_each_button_that_opens_it(t: Texts) -> None:
    shown = desk(t)
    assert shown.index("'data-act': 'call.open'") < shown.index("'name': 'record'")
    assert t("call.unrecorded_note") in shown
    quiet, running = (str(of_incident("EV-1", found, t)) for found in ([], [call(recorded=False)]))
    assert "'name': 'record'" in quiet
    assert "'name': 'record'" not in running
    assert t("call.not_recorded") in running


@pytest.mark.parametrize("direct", [False, True])
def test_only_where_two_may_speak_directly_the_page_offers_it(
    city: City, t: Texts, direct: bool
) -> None:
    whole = page("desk", t, city, None, direct=direct).to_plotly_json()["props"]
    assert whole.get("data-direct") == ("1" if direct else None)


def test_a_kept_picture_stands_among_the_recordings(t: Texts) -> None:
    one = {
        "id": "r", "started_at": AT, "ended_at": AT, "name": None, "feed": "cam/C1", "tracks": {},
        "salvaged": False, "deleted_at": None, "file": "EV-1/cam.C1@1.jpg", "sha256": "ab",
    }  # fmt: skip
    shown = desk(t, kept=(one,))
    assert "截图" in shown
    assert "cam/C1" in shown
    assert "–" not in shown


def test_the_wall_shows_a_call_and_has_no_hands(t: Texts) -> None:
    pictures = {"calls": {"calls": [call(party())]}}
    shown = str(wall_call.props(pictures, t, View(Role.WALL, ("city",), "zh", "")))
    assert "氨泄漏" in shown
    assert "data-act" not in shown
    assert "data-call" not in shown


def test_a_phone_rings_with_the_consent_above_the_button(t: Texts) -> None:
    shown = str(phone(t, call(party(state="INVITED"))))
    assert "许文博 邀请通话" in shown
    assert shown.index("作为处置证据保存") < shown.index("接听")
    assert "call.leave" in shown
    assert "不录音" in str(phone(t, call(party(), recorded=False)))


def test_a_phone_knows_whom_to_telephone_instead(t: Texts) -> None:
    assert phone(t)[("phone-call-fallback", "href")] == "tel:110"
    assert phone(t, number="")[("phone-call-fallback", "href")] == ""
