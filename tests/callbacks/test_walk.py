"""A walk over every address, every command and every callback of Dash: nothing stands open."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from callbacks.guard import OPEN
from callbacks.services import Services
from dispatch.access import Actor, can
from dispatch.commands import COMMANDS
from dispatch.vocabulary import Role
from tests.callbacks.person import OURS, Browser, Person

OFFICES = {
    Role.WALL: "wall",
    Role.LEADER: "lead",
    Role.SHIFT_LEAD: "shift",
    Role.OFFICER: "officer",
    Role.RESPONDER: "fir1",
    Role.ADMIN: "root",
}
SCREENS = ("wall", "desk", "phone")
PARTS = {"lang": "zh", "name": "alerts", "path": "x", "filename": "x.js"}
PARTS |= {"call": "TH-1", "upload_id": "ZP-1", "camera_id": "CAM-1"}
PARTS |= {"package_name": "dash", "fingerprinted_path": "deps/x.js"}


@pytest.fixture
def everyone(person: Person) -> dict[Role, Browser]:
    return {role: person(id) for role, id in OFFICES.items()}


def addresses(server: Flask) -> Iterator[tuple[str, str]]:
    urls = server.url_map.bind("localhost")
    for rule in server.url_map.iter_rules():
        parts = {name: PARTS[name] for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield method, urls.build(rule.endpoint, parts, method)


def test_nothing_but_signing_in_is_open(server: Flask, person: Person) -> None:
    stranger = person.nobody().client
    opened = set()
    for method, address in addresses(server):
        answer = stranger.open(address, method=method, headers=OURS)
        if answer.status_code != 401:
            opened.add(address)
    assert opened == OPEN


def test_a_screen_and_all_that_belongs_to_it_is_for_its_roles(
    server: Flask, everyone: dict[Role, Browser]
) -> None:
    walked = set()
    for method, address in addresses(server):
        screen = address.split("/")[1]
        if screen not in SCREENS:
            continue
        walked.add(screen)
        for role, browser in everyone.items():
            answer = browser.client.open(address, method=method, headers=OURS)
            may = can(Actor("x", role), f"screen.{screen}")
            assert (answer.status_code != 403) is may, (role, method, address)
            assert answer.status_code < 500, (role, method, address)
    assert walked == set(SCREENS)


def test_every_callback_of_dash_belongs_to_its_screen(
    server: Flask, person: Person, everyone: dict[Role, Browser]
) -> None:
    for screen, app in server.extensions["screens"].items():
        address = f"/{screen}/_dash-update-component"
        for output in ["nothing.children", *app.callback_map]:
            body = {"output": output, "inputs": [], "outputs": []}
            assert person.nobody().post(address, json=body).status_code == 401
            for role, browser in everyone.items():
                status = browser.post(address, json=body).status_code
                may = can(Actor("x", role), f"screen.{screen}")
                assert (status != 403) is may, (role, screen, output)
                assert status < 500


def test_every_address_of_the_api_asks_for_its_right(
    server: Flask, everyone: dict[Role, Browser]
) -> None:
    for route in server.extensions["api"].routes:
        for role, browser in everyone.items():
            answer = _ask(browser, route.method, route.path.replace("<name>", "sources"))
            if route.rights and not any(can(Actor("x", role), one) for one in route.rights):
                assert answer.status_code == 403, (role, route.path)
            assert answer.status_code < 500, (role, route.path)


def test_every_command_asks_for_its_right(everyone: dict[Role, Browser]) -> None:
    for command in COMMANDS.values():
        for role, browser in everyone.items():
            status = _ask(browser, "POST", f"/api/v1/commands/{command.name}").status_code
            may = can(Actor("x", role), command.right)
            assert (status == 403) is not may, (role, command.name, status)


def test_a_key_opens_no_page_and_no_picture(
    server: Flask, person: Person, services: Services
) -> None:
    system = person.system("all", "alerts:write", "readings:write", "positions:write")
    for method, address in addresses(server):
        if method == "GET" and "openapi" not in address:
            answer = system.get(address)
            assert answer.status_code in (403, 404), address


def _ask(browser: Browser, method: str, path: str) -> Any:
    if method == "GET":
        return browser.get(path)
    headers = {**OURS, "Idempotency-Key": "walk"}
    return browser.client.open(path, method=method, json={}, headers=headers)
