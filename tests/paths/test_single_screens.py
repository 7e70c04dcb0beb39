"""Each screen alone, in the browser that Dash's own testing drives: up, without complaint."""

import pytest
from dash.testing.browser import Browser

from tests.stack import Stack

pytestmark = pytest.mark.path
SCREENS = [("wall", "wall-city"), ("desk", "xuwenbo"), ("phone", "zhouhaifeng")]


def test_every_screen_comes_up_without_an_error(dash_br: Browser, stack: Stack) -> None:
    for screen, account in SCREENS:
        dash_br.driver.get(stack.link(account))
        dash_br.wait_for_element(f"html[data-live][data-screen={screen}] #screen.{screen}", 30)
        assert dash_br.find_element("html").get_attribute("data-mode") == "PEACETIME"
        assert (dash_br.get_logs() or []) == []
