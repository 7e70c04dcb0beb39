"""What stands around the panels: the top bar with the city's name, the stale and drill marks."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.city import City
from layouts.kit import given
from layouts.texts import Texts

LANG = {"zh": "zh-CN", "en": "en"}
WRONGS = {"unwritable": "alert", "unsent": "status", "bell": "status"}
"""The root's marks of what is wrong, by severity, and how each is read out."""


def head(
    screen: str,
    t: Texts,
    city: City,
    who: Mapping[str, Any] | None,
    panels: Sequence[Component],
    played: bool = False,
) -> html.Header:
    """The top bar: whose screen it is, then the panels that stand in it.

    played: whether a program answers orders in the units' place; the screen must say so.
    """
    return html.Header(
        [brand(screen, t, city, who, played), *panels, *leave(screen, t), stopped(t)],
        className="head",
        id="head",
    )


def brand(
    screen: str, t: Texts, city: City, who: Mapping[str, Any] | None, played: bool = False
) -> html.Div:
    """City, centre, seat, and the mark of a simulated city."""
    names = city.settings
    title = t.name({"zh": names.centre_zh, "en": names.centre_en})
    parts: list[Component] = [
        html.Div([title, html.Small(_below(screen, t, city, who))], className="title")
    ]
    if names.simulated:
        note = t("product.simulated_note")
        mark = t("product.simulated_answers" if played else "product.simulated")
        parts.append(html.Span(mark, className="sim", title=note))
    return html.Div(parts, className="brand")


def leave(screen: str, t: Texts) -> list[Component]:
    """The way out, which ends the session; a wall and a unit's phone stay signed in."""
    if screen != "desk":
        return []
    button = html.Button(t("head.sign_out"), type="submit", className="btn")
    return [html.Form(button, action="/sign-out", method="POST", className="leave")]


def stopped(t: Texts) -> html.Div:
    """Shown by html[data-stale]: since when the picture stands still."""
    at = html.Time(id="stopped-at", className="n")
    return html.Div([t("stale.stopped"), " ", at], className="stopped", role="status")


def banners() -> html.Div:
    """What is wrong with the screen itself, the worst first; empty as long as nothing is."""
    lines = [html.P(role=role, **given(data_banner=name)) for name, role in WRONGS.items()]
    return html.Div(lines, id="banners", className="banners")


def pole() -> html.Div:
    """The drill's frame; shown in a drill alone."""
    return html.Div(className="pole", **given(aria_hidden="true"))


def _below(screen: str, t: Texts, city: City, who: Mapping[str, Any] | None) -> str:
    if screen == "wall" or not who:
        return t(
            "head.city",
            product=t("product.name"),
            districts=len(city.districts),
            population=f"{city.settings.population:,}",
        )
    seat, name = t.name(who.get("seat")), t.name(who.get("name"))
    return " · ".join(part for part in (name, seat) if part)
