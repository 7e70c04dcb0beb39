"""The description of the REST door, held against the door: whatever fits or does not fit a schema.

schemathesis makes the requests from the project's own OpenAPI, half of them wrong on purpose.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from callbacks import web
from callbacks.services import Services
from tests.callbacks.conftest import assets, city, services
from tests.callbacks.person import OURS, Person

__all__ = ["assets", "city", "services"]

EXAMPLES = 2  # right and as many wrong ones for each address: under half a minute
RIGHTS = ("alerts:write", "readings:write", "positions:write", "orders:answer")
DESCRIPTION = "/api/v1/openapi.json"
BUSY = (429, 503)
SOURCE = "gas"


@pytest.fixture
def server(services: Services) -> Flask:
    return web.create(services)


@pytest.fixture
def described(server: Flask, services: Services) -> Any:
    """The description as the door serves it."""
    officer = Person(server, services)("officer")
    return json.loads(officer.get(DESCRIPTION).get_data())


def operations(described: Any, server: Flask) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(described)
    schema.app = server
    for result in schema.get_all_operations():
        yield result.ok()


def test_no_request_that_the_description_leads_to_is_a_fault(
    described: Any, server: Flask, services: Services
) -> None:
    person = Person(server, services)
    officer = {"headers": OURS, "cookies": {"sid": person("officer").token}}
    system = {"headers": person.system("any", *RIGHTS, source=SOURCE).key}
    statuses: Counter[int] = Counter()
    for operation in operations(described, server):
        wants_key = operation.definition.raw.get("security") == [{"key": []}]
        who = system if wants_key else officer
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            statuses.update(_try(operation, mode, who))
    assert statuses.total() > 4 * len(described["paths"])
    assert statuses[200] + statuses[201] >= 20
    assert statuses[401] == 0


def _try(operation: Any, mode: GenerationMode, who: dict[str, Any]) -> list[int]:
    """Ask some of what may be asked at an address; the statuses that came back."""
    asked: list[int] = []
    documented = {int(status) for status in operation.definition.raw["responses"]}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        _speak_for_oneself(case.body)
        case.cookies = {}  # who asks is given below; that nobody else gets in is proved elsewhere
        for name in {*case.headers} & {"Authorization", "Cookie"}:
            del case.headers[name]
        answer = case.call(**who)
        asked.append(answer.status_code)
        about = f"{case.method} {case.path} {str(case.body)[:300]}: {answer.status_code}"
        assert answer.status_code < 500 or answer.status_code in BUSY, about
        assert answer.status_code in documented | set(BUSY) | {400, 404, 405, 415}, about
        if answer.status_code >= 400:
            problem = json.loads(answer.content)
            assert problem["code"], about
            assert problem["status"] == answer.status_code, about

    ask()
    return asked


def _speak_for_oneself(said: Any) -> None:
    """Else most of what is made up would end at another's source."""
    rows = said.get("alerts") if isinstance(said, dict) else None
    for one in (said, *(rows if isinstance(rows, list) else ())):
        if isinstance(one, dict) and isinstance(one.get("source"), str):
            one["source"] = SOURCE
