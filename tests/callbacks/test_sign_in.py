"""Coming in by link or password, and going out."""

from dataclasses import replace

import pytest

from callbacks import web
from callbacks.services import Services
from dispatch import accounts
from tests.callbacks.person import OURS, Person

HOMES = [
    ("wall", "/wall/"),
    ("lead", "/desk/"),
    ("shift", "/desk/"),
    ("officer", "/desk/"),
    ("fir1", "/phone/"),
    ("root", "/health"),
]
SECRET = "correct horse battery"


def give_password(services: Services, id: str) -> None:
    accounts.set_password(services.writer, services.database, id, SECRET, "root", services.now())


@pytest.mark.parametrize(("id", "home"), HOMES)
def test_a_link_leads_to_the_screen_of_its_role(person: Person, id: str, home: str) -> None:
    browser = person.nobody()
    answer = browser.post("/sign-in/link", json={"token": person.link(id)})
    assert answer.get_json() == {"to": home}
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get(home).status_code == 200
    assert browser.get("/").headers["Location"] == home


def test_a_link_that_is_none_opens_nothing(person: Person) -> None:
    browser = person.nobody()
    answer = browser.post("/sign-in/link", json={"token": "guess"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert browser.post("/sign-in/link", json={}).status_code == 422
    assert browser.post("/sign-in/link", json=[]).status_code == 422


def test_a_link_is_taken_from_our_own_page_alone(person: Person) -> None:
    stranger = person.nobody().client
    answer = stranger.post(
        "/sign-in/link", json={"token": person.link("officer")}, headers={"Origin": "http://evil"}
    )
    assert answer.status_code == 403


def test_the_right_password_opens_the_desk(person: Person, services: Services) -> None:
    give_password(services, "officer")
    browser = person.nobody()
    answer = browser.post("/sign-in", data={"user": "officer", "password": SECRET})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/"
    assert browser.get("/desk/").status_code == 200


def test_a_wrong_password_and_an_unknown_account_get_the_same_page(
    person: Person, services: Services
) -> None:
    give_password(services, "officer")
    pages = []
    for user in ("officer", "nobody"):
        answer = person.nobody().post("/sign-in", data={"user": user, "password": "wrong" * 3})
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
        pages.append(answer.get_data(as_text=True).replace(user, "-"))
    assert pages[0] == pages[1]


def test_a_form_that_does_not_fit_is_refused(person: Person) -> None:
    for form in ({}, {"user": "x"}, {"user": "a\0b", "password": "x"}, {"user": "x" * 65}):
        answer = person.nobody().post("/sign-in", data={"password": "x", **form})
        assert answer.status_code in (403, 422), form
    assert person.nobody().post("/sign-in", data={}).status_code == 422
    assert person.nobody().post("/sign-in", json={"user": "x"}).status_code == 422


def test_who_guesses_is_made_to_wait(person: Person, services: Services) -> None:
    give_password(services, "officer")
    browser = person.nobody()
    statuses = [
        browser.post("/sign-in", data={"user": "officer", "password": f"guess {n}"}).status_code
        for n in range(5)
    ]
    assert statuses[0] == 403
    assert statuses[-1] == 429


def test_a_name_with_markup_comes_back_as_text(person: Person) -> None:
    answer = person.nobody().post(
        "/sign-in", data={"user": '"><img src=x onerror=alert(1)>', "password": "x"}
    )
    page = answer.get_data(as_text=True)
    assert "<img" not in page
    assert "&lt;img" in page


def test_the_page_speaks_both_languages_and_remembers(person: Person) -> None:
    browser = person.nobody()
    assert "登录" in browser.get("/in").get_data(as_text=True)
    answer = browser.get("/in?lang=en")
    assert "Sign in" in answer.get_data(as_text=True)
    assert "lang=en" in answer.headers["Set-Cookie"]
    assert "Sign in" in browser.get("/in").get_data(as_text=True)
    for file in ("/assets/1-tokens.css", "/assets/sign-in.js", "/vendor/inter/index.css"):
        assert browser.get(file).status_code == 200, file
    for file in ("/assets/live.js", "/vendor/socket.io.min.js", "/texts/zh.json"):
        assert browser.get(file).status_code == 401, file


def test_a_person_who_is_refused_gets_a_page_and_a_script_the_problem(person: Person) -> None:
    browser = person("officer")
    page = {"Accept": "text/html,*/*"}
    for address, status, word in (("/wall/", 403, "屏幕"), ("/nothing", 404, "没有")):
        answer = browser.get(address, headers=page)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert word in answer.get_data(as_text=True)
        script = browser.get(address, headers={**page, "Sec-Fetch-Mode": "cors"})
        assert script.mimetype == "application/problem+json"
    english = browser.get("/wall/?lang=en", headers=page).get_data(as_text=True)
    assert "no such screen" in english


def test_signing_out_ends_the_session_everywhere(person: Person) -> None:
    browser = person("officer")
    other = person.nobody()
    other.client.set_cookie("sid", browser.token)
    assert other.get("/desk/").status_code == 200
    answer = browser.post("/sign-out")
    assert answer.status_code == 303
    assert browser.get("/texts/zh.json").status_code == 401
    assert other.get("/texts/zh.json").status_code == 401
    assert person.nobody().post("/sign-out").status_code == 401


def test_a_cookie_of_an_https_door_is_bound_to_it(person: Person, services: Services) -> None:
    secure = replace(services, settings=replace(services.settings, secure=True))
    client = web.create(secure).test_client()
    answer = client.post(
        "/sign-in/link",
        json={"token": person.link("officer")},
        headers=OURS,
        base_url="https://desk.example",
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sid=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "wss://desk.example" in answer.headers["Content-Security-Policy"]
