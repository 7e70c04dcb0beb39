"""Accounts: the city's people, their passwords, and who is let in no more."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from dispatch import accounts, sessions
from dispatch.database import Database
from dispatch.errors import Invalid, NotFound
from dispatch.models import account
from dispatch.vocabulary import Role
from tests.dispatch.centre import Centre

SECRET = "correct horse battery"


@pytest.fixture
def town(centre: Centre) -> Centre:
    accounts.sync(centre.database, centre.city, centre.now)
    return centre


def known(store: Database, id: str) -> accounts.Account:
    found = store.read(lambda c: accounts.find(c, id))
    assert found is not None
    return found


def test_the_citys_people_are_accounts(town: Centre) -> None:
    crew = known(town.database, "crew-FIR-E-01")
    assert (crew.role, crew.scope, crew.unit) == (Role.RESPONDER, ("e",), "FIR-E-01")
    listed = town.database.read(accounts.everyone)
    assert {one.id for one in listed} == {one.id for one in town.city.people}


def test_who_left_the_folder_is_kept_out_and_his_past_stays(town: Centre) -> None:
    link = sessions.renew_links(town.database, ["officer"], town.now)["officer"]
    token, _ = sessions.open_by_link(town.writer, town.database, link, "x", town.now)
    rest = tuple(one for one in town.city.people if one.id != "officer")
    accounts.sync(town.database, replace(town.city, people=rest), town.now)
    assert known(town.database, "officer").active is False
    assert sessions.who(town.database, token, town.now) is None


def test_who_comes_back_to_the_folder_is_let_in(town: Centre) -> None:
    rest = tuple(one for one in town.city.people if one.id != "officer")
    accounts.sync(town.database, replace(town.city, people=rest), town.now)
    accounts.sync(town.database, town.city, town.now)
    assert known(town.database, "officer").active


def test_whom_the_administrator_keeps_out_stays_out(town: Centre) -> None:
    accounts.set_active(town.writer, "officer", False, "admin", town.now)
    accounts.sync(town.database, town.city, town.now)
    assert known(town.database, "officer").active is False


def test_who_is_changed_in_the_folder_is_changed_here(town: Centre) -> None:
    people = tuple(
        replace(one, role=Role.LEADER) if one.id == "lead" else one for one in town.city.people
    )
    accounts.sync(town.database, replace(town.city, people=people), town.now)
    assert known(town.database, "lead").role is Role.LEADER


def test_an_account_of_the_administrator_is_left_alone(town: Centre) -> None:
    row = {"id": "guest", "realm": "real", "name_zh": "g", "name_en": "g", "role": "officer",
           "seat_zh": "", "seat_en": "", "scope_json": '["e"]', "active": True,
           "origin": "admin"}  # fmt: skip
    town.database.write(lambda c: c.execute(insert(account).values(**row)))
    accounts.sync(town.database, town.city, town.now)
    assert known(town.database, "guest").active


def test_a_password_survives_a_sync_and_is_no_text_in_the_store(town: Centre) -> None:
    accounts.set_password(town.writer, town.database, "officer", SECRET, "admin", town.now)
    accounts.sync(town.database, town.city, town.now)
    found = known(town.database, "officer")
    assert str(found.password_hash).startswith("$argon2id$")
    assert accounts.matches(town.database, found, SECRET)
    assert not accounts.matches(town.database, found, SECRET + "x")
    assert SECRET not in str(town.events())
    assert town.told("officer") == ["AccountChanged"]


def test_without_a_password_nothing_matches(town: Centre) -> None:
    for one in (known(town.database, "officer"), None):
        assert not accounts.matches(town.database, one, "")


def test_a_short_password_is_refused(town: Centre) -> None:
    with pytest.raises(Invalid):
        accounts.set_password(town.writer, town.database, "officer", "short", "admin", town.now)
    with pytest.raises(NotFound):
        accounts.set_password(town.writer, town.database, "nobody", SECRET, "admin", town.now)


def test_who_is_kept_out_does_not_come_in(town: Centre) -> None:
    accounts.set_password(town.writer, town.database, "officer", SECRET, "admin", town.now)
    accounts.set_active(town.writer, "officer", False, "admin", town.now)
    assert not accounts.matches(town.database, known(town.database, "officer"), SECRET)
    accounts.set_active(town.writer, "officer", True, "admin", town.now + 1)
    assert accounts.matches(town.database, known(town.database, "officer"), SECRET)
