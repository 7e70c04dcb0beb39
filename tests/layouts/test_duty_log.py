"""The duty log: each thing that happened is a line; watching cameras does not crowd them out."""

from typing import Any

from layouts.duty_log import folded, log_rows
from layouts.texts import Texts
from tests.layouts.looking import attributes, nodes, said

T = Texts("zh")


def happened(seq: int, type: str, subject: str, actor: str = "liu", **body: Any) -> dict[str, Any]:
    name = {"zh": actor, "en": actor}
    known = {"seq": seq, "at": seq * 1000, "type": type, "subject": subject, "actor": actor}
    return {**known, "actor_name": name, "body": body}


LOG = [
    happened(1, "IncidentOpened", "EV-1"),
    happened(2, "ViewingStarted", "SK-1", feed="camera/1"),
    happened(3, "ViewingStarted", "SK-2", feed="camera/2"),
    happened(4, "ViewingStarted", "SK-3", "wang", feed="camera/1"),
    happened(5, "IncidentNoted", "EV-1", text="wind turns"),
    happened(6, "ViewingEnded", "SK-2", feed="camera/2"),
    happened(7, "ViewingEnded", "SK-1", "system", feed="camera/1"),
]


def test_one_persons_watching_is_one_line_and_nothing_is_lost() -> None:
    groups = folded(LOG)
    assert [[one["seq"] for one in group] for group in groups] == [[7, 6, 3, 2], [5], [4], [1]]
    assert sum(map(len, groups)) == len(LOG)


def test_a_folded_line_says_who_how_many_and_has_each_entry_in_its_title() -> None:
    rows = sorted(log_rows(LOG, 30, T), key=lambda row: row["rank"])
    assert "wind turns" in said(rows[1]["node"])
    words = said(rows[0]["node"])
    assert T("log.watched", who="liu", n=2, all=4, since="08:00") in words
    (title,) = (attributes(n)["title"] for n in nodes(rows[0]["node"]) if "title" in attributes(n))
    lines = title.split("\n")
    assert len(lines) == 4
    assert [number in line for number, line in zip(("SK-1", "SK-2"), lines, strict=False)] == [
        True,
        True,
    ]


def test_a_folded_line_stays_the_same_line_while_more_is_watched() -> None:
    more = [*LOG, happened(8, "ViewingStarted", "SK-4", feed="camera/3")]
    keys = [next(row["id"] for row in log_rows(log, 30, T)) for log in (LOG, more)]
    assert keys[0] == keys[1]


def test_of_a_long_log_the_newest_lines_are_shown() -> None:
    noted = [happened(n, "IncidentNoted", "EV-1", text=str(n)) for n in range(10, 60)]
    shown = sorted(log_rows([*LOG, *noted], 5, T), key=lambda row: row["rank"])
    assert [row["id"] for row in shown] == ["59", "58", "57", "56", "55"]


def test_a_call_of_which_nothing_is_kept_is_marked_in_the_log() -> None:
    calls = [happened(1, "CallOpened", "TH-1", recorded=False),
             happened(2, "CallOpened", "TH-2", recorded=True)]  # fmt: skip
    kept, silent = (said(row["node"]) for row in log_rows(calls, 5, T))
    assert T("call.log_unrecorded") in silent
    assert "TH-1" in silent
    assert T("call.log_unrecorded") not in kept
