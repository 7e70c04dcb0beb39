"""The doors' own manners, on a small server: who is asked, what is refused, what is said."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import Dash, Input, Output, html
from flask import Flask, jsonify, request
from flask.testing import FlaskClient

from callbacks import codec, dash_door, files, guard, headers, pages, problems
from callbacks.who import Who
from dispatch.access import Actor
from dispatch.city import City
from dispatch.vocabulary import Role
from layouts.texts import Texts

OURS = {"Sec-Fetch-Site": "same-origin"}
PEOPLE = {
    role.value: Who(Actor(f"{role.value}1", role, ("city",)), f"hash-{role.value}") for role in Role
}
SYSTEM = Who(Actor("key:110", None, source="110", rights=("alerts:write",)))


@pytest.fixture
def server(city: City, assets: Path) -> Flask:  # the manners alone, without a store
    made = Flask("callbacks", static_folder=None)
    made.config["MAX_CONTENT_LENGTH"] = 1 << 20
    codec.install(made)
    guard.install(made, PEOPLE.get, {"secret": SYSTEM}.get, secure=False)
    files.install(made, city, assets)
    apps = [_app(made, screen, assets) for screen in guard.SCREENS]
    problems.install(made)
    headers.install(made, lambda: [h for app in apps for h in app.csp_hashes()], secure=False)

    @made.post("/api/v1/echo")
    def echo() -> Any:
        return jsonify(request.get_json())

    @made.get("/api/v1/broken")
    def broken() -> Any:
        return {"value": float("nan")}

    return made


def _app(server: Flask, screen: str, assets: Path) -> Dash:
    app = pages.create(
        server, screen, assets, lambda t, who: html.Div(f"{t.lang} {who and who.actor.id}", id="x")
    )

    @app.callback(Output("out", "children"), Input("in", "value"))
    def upper(value: object) -> str:
        return str(value).upper()

    dash_door.harden(server, app)
    return app


@pytest.fixture
def client(server: Flask) -> Iterator[FlaskClient]:
    with server.test_client(use_cookies=False) as made:
        yield made


def cookie(role: str) -> dict[str, str]:
    return {"Cookie": f"sid={role}"}


def addresses(server: Flask) -> list[tuple[str, str]]:
    parts = {"lang": "zh", "package_name": "dash", "fingerprinted_path": "deps/x.js"}
    return [
        (method, server.url_map.bind("localhost").build(rule.endpoint, _parts(rule, parts), method))
        for rule in server.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
    ]


def _parts(rule: Any, known: dict[str, str]) -> dict[str, str]:
    return {name: known.get(name, "thing") for name in rule.arguments}


def test_nobody_gets_anything_without_signing_in(server: Flask, client: FlaskClient) -> None:
    for method, address in addresses(server):
        answer = client.open(address, method=method, headers=OURS)
        assert answer.status_code == 401, (method, address)
        page = client.open(address, method=method, headers={**OURS, "Accept": "text/html"})
        assert page.status_code in (303, 401), (method, address)
        if page.status_code == 303:
            assert page.headers["Location"] == "/in"


def test_a_screen_belongs_to_its_roles(server: Flask, client: FlaskClient) -> None:
    allowed = {
        "wall": {"wall", "leader"},
        "desk": {"leader", "shift_lead", "officer"},
        "phone": {"responder"},
    }
    for method, address in addresses(server):
        screen = address.split("/")[1]
        for role in Role:
            answer = client.open(address, method=method, headers={**OURS, **cookie(role)})
            refused = screen in allowed and role not in allowed[screen]
            assert (answer.status_code == 403) is refused, (role, method, address)


def test_a_callback_of_a_screen_runs_for_its_roles_alone(client: FlaskClient) -> None:
    body = _call("out.children", {"id": "out", "property": "children"}, _input("ab"))
    for role, status in (("officer", 200), ("wall", 403), ("responder", 403)):
        answer = client.post(
            "/desk/_dash-update-component", json=body, headers={**OURS, **cookie(role)}
        )
        assert answer.status_code == status, role
    answer = client.post(
        "/desk/_dash-update-component", json=body, headers={**OURS, **cookie("officer")}
    )
    assert answer.get_json()["response"]["out"]["children"] == "AB"


def _call(output: str, outputs: object, *inputs: object) -> dict[str, object]:
    return {"output": output, "outputs": outputs, "inputs": list(inputs), "changedPropIds": []}


def _input(value: object) -> dict[str, object]:
    return {"id": "in", "property": "value", "value": value}


OUT = {"id": "out", "property": "children"}
BAD_CALLS = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"x"',
    b"{}",
    b'{"output":"out.children"}',
    b'{"output":["out.children"],"inputs":[]}',
    b'{"output":"nothing.children","outputs":{"id":"nothing","property":"children"},"inputs":[]}',
    b'{"output":"out.children","outputs":7,"inputs":[{"id":"in","property":"value"}]}',
    b'{"output":"out.children","outputs":[],"inputs":[{"id":"in","property":"value"}]}',
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},"inputs":["in.value"]}',
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},"inputs":[[]]}',
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},'
    b'"inputs":[{"id":{"a":1},"property":"value"}]}',
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},'
    b'"inputs":[{"id":"in","property":"value"},{"id":"in","property":"value"}]}',
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},'
    b'"inputs":[{"id":"in","property":"value"}],"changedPropIds":[{}]}',
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},'
    b'"inputs":[{"id":"in","property":"value"}],"state":[{"id":"s","property":"p"}]}',
]
BAD_JSON = {
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":[1,-Infinity]}',
    "overflow": b'{"a":1e999}',
    "huge": b'{"a":%s}' % (b"9" * 30),
    "beyond 64 bits": b'{"a":9223372036854775808}',
    "deep": b"[" * 2_000 + b"]" * 2_000,
    "twice": b'{"a":1,"a":2}',
    "lone surrogate": b'{"a":"\\ud800"}',
    "not utf-8": b'{"a":"\xff"}',
    "nul": b'{"a":"x\\u0000"}',
    "cut": b'{"a":',
    "empty": b"",
}


@pytest.mark.parametrize("body", BAD_CALLS)
def test_a_callback_that_does_not_fit_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post(
        "/desk/_dash-update-component",
        data=body,
        content_type="application/json",
        headers={**OURS, **cookie("officer")},
    )
    assert 400 <= answer.status_code < 500
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("address", ["/api/v1/echo", "/desk/_dash-update-component"])
@pytest.mark.parametrize("name", BAD_JSON)
def test_json_that_is_not_strict_is_refused(client: FlaskClient, address: str, name: str) -> None:
    answer = client.post(
        address,
        data=BAD_JSON[name],
        content_type="application/json",
        headers={**OURS, **cookie("officer")},
    )
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 400


def test_too_much_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/echo",
        data=b'"' + b"x" * (1 << 20) + b'"',
        content_type="application/json",
        headers={**OURS, **cookie("officer")},
    )
    assert answer.status_code == 413
    assert answer.get_json()["code"] == "request_entity_too_large"


def test_a_number_that_is_no_number_never_leaves(client: FlaskClient) -> None:
    answer = client.get("/api/v1/broken", headers=cookie("officer"))
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "fault"
    assert b"nan" not in answer.data.lower()


ORIGINS = [
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
    ({"Sec-Fetch-Site": ""}, 403),
    ({"Origin": "http://localhost"}, 200),
    ({"Origin": "https://localhost"}, 403),
    ({"Origin": "http://localhost:81"}, 403),
    ({"Origin": "http://localhost.evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Referer": "http://localhost/desk/"}, 403),
    ({}, 403),
]


@pytest.mark.parametrize(("said", "status"), ORIGINS)
def test_only_our_own_pages_may_change_anything(
    client: FlaskClient, said: dict[str, str], status: int
) -> None:
    answer = client.post("/api/v1/echo", json={}, headers={**said, **cookie("officer")})
    assert answer.status_code == status


def test_an_api_key_needs_no_origin_and_opens_the_api_alone(client: FlaskClient) -> None:
    key = {"Authorization": "Bearer secret"}
    assert client.post("/api/v1/echo", json={}, headers=key).status_code == 200
    assert client.get("/desk/", headers=key).status_code == 403
    assert client.get("/desk/", headers={**key, **cookie("officer")}).status_code == 403
    for wrong in ("Bearer other", "Bearer", "Basic c2VjcmV0", ""):
        answer = client.post("/api/v1/echo", json={}, headers={"Authorization": wrong})
        assert answer.status_code == 401, wrong


def test_every_answer_carries_its_policy(client: FlaskClient) -> None:
    for address in ("/in", "/desk/", "/nothing", "/texts/zh.json"):
        answer = client.get(address, headers=cookie("officer"))
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "connect-src 'self' ws://localhost" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    scripts = policy.split("script-src ")[1].split(";")[0].split()
    assert scripts[0] == "'self'"
    assert all(one.startswith("'sha256-") for one in scripts[1:])
    assert len(scripts) > 1
    assert "'unsafe-inline'" not in scripts


def test_a_page_says_its_language_and_its_screen(client: FlaskClient) -> None:
    english = client.get("/desk/?lang=en", headers=cookie("officer")).get_data(as_text=True)
    assert '<html lang="en" data-screen="desk"' in english
    assert ">Loading<" in english
    chinese = client.get("/desk/?lang=xx", headers=cookie("officer")).get_data(as_text=True)
    assert '<html lang="zh-CN"' in chinese
    assert ">Loading<" not in chinese
    for vendor in pages.VENDOR_SCRIPTS:
        assert f'src="{vendor}"' in chinese
    assert "sign-in.js" not in chinese
    assert "cdn" not in chinese


def test_a_layout_is_made_for_who_asks_in_the_language_of_the_page(client: FlaskClient) -> None:
    def layout(**extra: str) -> str:
        answer = client.get("/desk/_dash-layout", headers={**cookie("officer"), **extra})
        return str(answer.get_json()["props"]["children"])

    assert layout() == "zh officer1"
    assert layout(Referer="http://localhost/desk/?lang=en") == "en officer1"
    assert layout(Cookie="sid=officer; lang=en") == "en officer1"
    assert layout(Cookie="sid=officer; lang=en", Referer="http://x/desk/?lang=zh") == "zh officer1"


@pytest.mark.parametrize("address", ["/desk/nothing", "/nothing", "/texts/xx.json", "/vendor/x.js"])
def test_what_is_not_there_is_a_problem(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers=cookie("officer"))
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "address",
    ["/desk/_dash-component-suites/os/path.js", "/desk/_dash-component-suites/dash/../x.py"],
)
def test_a_file_that_dash_does_not_serve_is_a_problem(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers=cookie("officer"))
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_a_wrong_method_is_a_problem(client: FlaskClient) -> None:
    answer = client.put("/texts/zh.json", headers={**OURS, **cookie("officer")})
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("host", ["a b", "x;y", "x'y", "<x>", "x/y"])
def test_a_host_that_is_none_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/texts/zh.json", headers={**cookie("officer"), "Host": host})
    assert answer.status_code == 400


def test_the_basemap_is_read_piece_by_piece(client: FlaskClient, city: City) -> None:
    whole = city.basemap.read_bytes()
    answer = client.get("/basemap/city.pmtiles", headers={**cookie("wall"), "Range": "bytes=8-17"})
    assert answer.status_code == 206
    assert answer.data == whole[8:18]
    assert answer.headers["Content-Range"] == f"bytes 8-17/{len(whole)}"
    beyond = client.get("/basemap/city.pmtiles", headers={**cookie("wall"), "Range": "bytes=9999-"})
    assert beyond.status_code == 416


def test_large_files_are_packed_and_fingerprinted_ones_kept(client: FlaskClient) -> None:
    answer = client.get(
        "/desk/assets/live.js?m=1", headers={**cookie("officer"), "Accept-Encoding": "gzip"}
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).startswith(b"/* live */")
    assert "immutable" in answer.headers["Cache-Control"]
    plain = client.get("/desk/assets/live.js?m=1", headers=cookie("officer"))
    assert plain.data.startswith(b"/* live */")


def test_words_are_asked_about_again_and_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/texts/en.json", headers=cookie("wall"))
    assert first.get_json()["product.name"] == Texts("en")("product.name")
    again = client.get(
        "/texts/en.json", headers={**cookie("wall"), "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


def test_the_outlines_of_the_districts_hold_no_markup(client: FlaskClient) -> None:
    outline = client.get("/city/districts.geojson", headers=cookie("wall")).get_json()
    assert [one["properties"]["code"] for one in outline["features"]] == ["w", "e"]
    keys = {key for one in outline["features"] for key in one["properties"]}
    assert not keys & {"tooltip", "popup", "style"}
