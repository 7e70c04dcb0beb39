"""What every screen says of itself in its corner."""

from dataclasses import replace

import pytest

from dispatch.city import City
from layouts import frame
from layouts.screens import SCREENS
from layouts.texts import LANGUAGES, Texts


def corner(screen: str, city: City, lang: str, played: bool) -> str:
    return str(frame.brand(screen, Texts(lang), city, None, played))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_a_simulated_city_says_so_and_a_real_one_does_not(
    city: City, screen: str, lang: str
) -> None:
    word = Texts(lang)("product.simulated")
    made_up = replace(city, settings=replace(city.settings, simulated=True))
    real = replace(city, settings=replace(city.settings, simulated=False))
    assert word in corner(screen, made_up, lang, False)
    assert word not in corner(screen, real, lang, False)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_answers_given_by_a_program_are_said_to_be(city: City, screen: str, lang: str) -> None:
    made_up = replace(city, settings=replace(city.settings, simulated=True))
    words = Texts(lang)("product.simulated_answers")
    assert words in corner(screen, made_up, lang, True)
    assert words not in corner(screen, made_up, lang, False)
