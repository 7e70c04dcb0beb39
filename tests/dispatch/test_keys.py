"""API keys: one for each outside system or device, shown once, kept as a hash."""

import pytest
from sqlalchemy import select

from dispatch import accounts, keys
from dispatch.access import Actor
from dispatch.errors import Invalid
from dispatch.models import api_key
from dispatch.vocabulary import Role
from tests.dispatch.centre import Centre


@pytest.fixture
def town(centre: Centre) -> Centre:
    accounts.sync(centre.database, centre.city, centre.now)
    return centre


def who(town: Centre, key: str) -> Actor | None:
    return town.database.read(lambda c: keys.who(c, key))


def test_a_key_speaks_for_its_source(town: Centre) -> None:
    key = keys.issue(town.database, "gas", ["alerts:write"], town.now, source="gas")
    assert key.startswith("yp_gas_")
    assert who(town, key) == Actor("key:gas", None, source="gas", rights=("alerts:write",))


def test_a_key_of_an_account_answers_for_its_unit(town: Centre) -> None:
    key = keys.issue(town.database, "p1", ["orders:answer"], town.now, account="crew-FIR-E-01")
    found = who(town, key)
    assert found is not None
    assert (found.id, found.unit, found.role) == ("crew-FIR-E-01", "FIR-E-01", None)
    accounts.set_active(town.writer, "crew-FIR-E-01", False, "admin", town.now)
    assert who(town, key) is None
    assert Role.RESPONDER in Role


def test_the_store_knows_no_key(town: Centre) -> None:
    key = keys.issue(town.database, "gas", ["alerts:write"], town.now, source="gas")
    rows = town.database.read(lambda c: c.execute(select(api_key)).all())
    assert key.split("_")[2] not in str(rows)


def test_a_new_key_takes_the_place_of_the_old(town: Centre) -> None:
    old = keys.issue(town.database, "gas", ["alerts:write"], town.now, source="gas")
    new = keys.issue(town.database, "gas", ["readings:write"], town.now, source="gas")
    assert who(town, old) is None
    found = who(town, new)
    assert found is not None
    assert found.rights == ("readings:write",)


def test_a_revoked_key_opens_nothing(town: Centre) -> None:
    key = keys.issue(town.database, "gas", ["alerts:write"], town.now, source="gas")
    keys.revoke(town.database, "gas", town.now)
    assert who(town, key) is None


def test_what_is_no_key_opens_nothing(town: Centre) -> None:
    key = keys.issue(town.database, "gas", ["alerts:write"], town.now, source="gas")
    for wrong in (
        "",
        key[:-1],
        key + "0",
        key.upper(),
        key.replace("gas", "gaz"),
        "yp__x",
        "\ud800",
    ):
        assert who(town, wrong) is None


def test_a_key_is_made_for_known_rights_only(town: Centre) -> None:
    with pytest.raises(Invalid):
        keys.issue(town.database, "gas", ["order.issue"], town.now)
    with pytest.raises(Invalid):
        keys.issue(town.database, "a_b c", ["alerts:write"], town.now)


def test_a_thousand_keys_are_made_at_once(town: Centre) -> None:
    grants = [keys.Grant(f"unit.{n}", ("orders:answer",), source=f"s{n}") for n in range(1000)]
    keys.issue_all(town.database, grants, town.now)
    made = keys.issue_all(town.database, grants, town.now)
    assert keys.issue_all(town.database, [], town.now) == {}
    found = who(town, made["unit.999"])
    assert found is not None
    assert found.source == "s999"
