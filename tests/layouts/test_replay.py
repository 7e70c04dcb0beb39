"""What the desk's replay is told: every file in its place, and what is missing in it."""

from typing import Any

import pytest

from dispatch.vocabulary import Role
from layouts.panels import desk_replay
from layouts.texts import Texts
from streams.view import View

AT = 1_795_233_600_000
ZHOU = {"zh": "周海峰", "en": "Zhou"}


def kept(start: int, end: int, **facts: Any) -> dict[str, Any]:
    known = {
        "kind": "call", "call": "TH-1", "party": "zhou", "feed": None, "name": ZHOU,
        "started_at": AT + start, "ended_at": AT + end, "deleted_at": None,
        "file": f"TH-1/zhou@{AT + start}.webm", "tracks": {"audio": {"gaps": []}},
    }  # fmt: skip
    return {**known, **facts}


def shown(*files: dict[str, Any], subject: str = "EV-1") -> dict[Any, Any]:
    incident = {"id": "EV-1", "title": "氨泄漏", "opened_at": AT}
    pictures = {
        "recordings": {"recordings": list(files)},
        "incident": {"incident": incident if subject else None, "log": []},
    }
    view = View(Role.OFFICER, ("city",), "zh", subject)
    return desk_replay.props(pictures, Texts("zh"), view)


def test_each_voice_and_each_camera_has_one_line_of_files_in_order_of_time() -> None:
    camera = kept(1_000, 9_000, kind="feed", call=None, party=None, name=None, feed="cam/C1")
    span, zhou, first = shown(kept(5_000, 8_000), camera, kept(0, 3_000))[("replay-tracks", "rows")]
    assert (span["from"], span["to"]) == (AT, AT + 9_000)
    assert (zhou["name"], first["name"]) == ("周海峰", "cam/C1")
    assert [one["from"] - AT for one in zhou["clips"]] == [0, 5_000]


def test_what_is_missing_inside_a_file_and_what_was_deleted_is_told() -> None:
    gap = [[AT + 1_000, AT + 4_000]]
    cut = kept(0, 9_000, tracks={"audio": {"gaps": []}, "video": {"gaps": gap}})
    _, line = shown(cut, kept(9_000, 12_000, deleted_at=AT))[("replay-tracks", "rows")]
    assert line["clips"][0]["gaps"] == {"audio": [], "video": gap}
    assert line["clips"][0]["src"] == f"/api/v1/recordings/TH-1/zhou@{AT}.webm"
    assert line["clips"][1]["src"] is None


@pytest.mark.parametrize(("subject", "words"), [("", "先选一个事件"), ("EV-1", "尚无录音录像")])
def test_nothing_to_play_is_said(subject: str, words: str) -> None:
    told = shown(subject=subject)
    assert words in told[("replay-head", "children")]
    assert len(told[("replay-tracks", "rows")]) == bool(subject)


def test_a_still_is_no_film() -> None:
    still = kept(0, 0, kind="still", feed="cam/C1", name=None)
    assert len(shown(still)[("replay-tracks", "rows")]) == 1
