"""The chosen alert in short: what it is, what moved it on, what it waits for."""

import pytest

from dispatch.vocabulary import Role
from layouts.texts import Texts
from layouts.times import clock
from streams.look import Board
from streams.view import View
from tests.dispatch.centre import Centre
from tests.layouts.looking import attributes, nodes, props_of, said


def brief(centre: Centre, board: Board, subject: str, lang: str) -> dict[str, list[object]]:
    view = View(Role.OFFICER, ("city",), lang, subject)
    rows = props_of("brief", centre, board, view)["brief-list", "rows"]
    return {row["id"]: row["node"] for row in rows}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chosen_alert_says_who_reported_it_and_what_is_left(
    centre: Centre, board: Board, lang: str
) -> None:
    t, alert = Texts(lang), centre.hears(title="oil on the ramp")["alert"]
    centre.now += 60_000
    centre.does("officer", "alert.acknowledge", alert=alert)
    shown = brief(centre, board, alert, lang)
    assert t("brief.chosen", title="oil on the ramp") in said(shown["head"])
    assert alert in said(shown["head"])
    assert f"{clock(centre.now, seconds=False)} {t('event.AlertAcknowledged')}" in said(
        shown["went"]
    )
    assert any(attributes(one).get("data-t") == "left" for one in nodes(shown["now"]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_once_it_is_an_incident_its_orders_are_counted(
    centre: Centre, board: Board, lang: str
) -> None:
    t, alert = Texts(lang), centre.hears(type="other")["alert"]
    made = centre.does("officer", "incident.open", alert=alert, grade=3, verified=True)
    centre.order("FIR-E-01", incident=made["incident"])
    shown = brief(centre, board, alert, lang)
    assert made["incident"] in said(shown["head"])
    assert t("event.OrderIssued") in said(shown["went"])
    assert t("switcher.orders", total=1, unsigned=1) in said(shown["now"])


def test_where_nothing_is_chosen_it_says_so(centre: Centre, board: Board) -> None:
    assert said(brief(centre, board, "", "zh")["none"]) == Texts("zh")("brief.none")
