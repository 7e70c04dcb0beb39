"""Sign-in: by link or password, for as long as it should last, slow for who guesses."""

import pytest
from sqlalchemy import select

from dispatch import accounts, sessions
from dispatch.errors import Forbidden, TooMany
from dispatch.models import session, sign_in_link
from tests.dispatch.centre import Centre

SECRET = "correct horse battery"
HOUR = 3_600_000


@pytest.fixture
def town(centre: Centre) -> Centre:
    accounts.sync(centre.database, centre.city, centre.now)
    return centre


def enters(town: Centre, id: str = "officer") -> tuple[str, sessions.SignedIn]:
    link = sessions.renew_links(town.database, [id], town.now)[id]
    return sessions.open_by_link(town.writer, town.database, link, "browser", town.now)


def tries(town: Centre, password: str, id: str = "officer", place: str = "10.0.0.1") -> str:
    return sessions.open_by_password(
        town.writer, town.database, id, password, place, "browser", town.now
    )[0]


def is_in(town: Centre, token: str) -> bool:
    return sessions.who(town.database, token, town.now) is not None


def test_a_link_lets_one_account_in(town: Centre) -> None:
    token, entered = enters(town, "crew-FIR-E-01")
    found = sessions.who(town.database, token, town.now)
    assert found == entered
    assert found is not None
    assert (found.actor.unit, found.actor.session) == ("FIR-E-01", entered.session)
    assert town.told("crew-FIR-E-01") == ["SignedIn"]


def test_the_store_knows_no_token(town: Centre) -> None:
    token, _ = enters(town)
    link = sessions.renew_links(town.database, ["officer"], town.now)["officer"]
    rows = town.database.read(
        lambda c: [*c.execute(select(session)).all(), *c.execute(select(sign_in_link)).all()]
    )
    assert len(rows) == 2
    assert not any(secret in str([*rows, *town.events()]) for secret in (token, link))


def test_a_link_is_valid_until_the_next_start_and_the_session_longer(town: Centre) -> None:
    links = sessions.renew_links(town.database, ["officer", "leader"], town.now)
    for _ in range(2):
        token, _entered = sessions.open_by_link(
            town.writer, town.database, links["officer"], "x", town.now
        )
    new = sessions.renew_links(town.database, ["officer"], town.now)
    for old in (*links.values(), "", "x"):
        with pytest.raises(Forbidden):
            sessions.open_by_link(town.writer, town.database, old, "x", town.now)
    assert new["officer"] != links["officer"]
    assert is_in(town, token)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "a" * 5000])
def test_a_token_that_is_none_lets_nobody_in(town: Centre, token: str) -> None:
    assert not is_in(town, token)


def test_who_signs_out_is_out(town: Centre) -> None:
    token, entered = enters(town)
    assert sessions.close(town.writer, token, town.now) == entered.session
    assert sessions.close(town.writer, token, town.now) is None
    assert not is_in(town, token)
    ended = town.database.read(lambda c: sessions.closed_since(c, town.now))
    assert ended == [entered.session]


def test_all_sessions_of_an_account_end_at_once(town: Centre) -> None:
    mine = [enters(town), enters(town)]
    other, _ = enters(town, "leader")
    ended = sessions.close_all(town.writer, "officer", "admin", town.now)
    assert sorted(ended) == sorted(entered.session for _, entered in mine)
    assert [is_in(town, token) for token, _ in mine] == [False, False]
    assert is_in(town, other)


@pytest.mark.parametrize(
    ("id", "hours", "still_in"),
    [("officer", 0.4, True), ("officer", 0.5, False), ("wall", 400, True), ("wall", 8761, False),
     ("crew-FIR-E-01", 24, True), ("crew-FIR-E-01", 169, False)],
)  # fmt: skip
def test_a_session_lasts_as_long_as_its_role_needs(
    town: Centre, id: str, hours: float, still_in: bool
) -> None:
    token, _ = enters(town, id)
    town.now += round(hours * HOUR)
    assert is_in(town, token) is still_in


def test_a_desk_that_is_used_stays_open_for_a_shift(town: Centre) -> None:
    token, _ = enters(town)
    for _ in range(47):
        town.now += HOUR // 4
        assert is_in(town, token)
    town.now += HOUR // 4
    assert not is_in(town, token)


def test_a_change_of_password_ends_the_sessions(town: Centre) -> None:
    token, _ = enters(town)
    accounts.set_password(town.writer, town.database, "officer", SECRET, "admin", town.now)
    assert not is_in(town, token)
    assert is_in(town, tries(town, SECRET))


def test_a_wrong_password_is_refused_and_told(town: Centre) -> None:
    for id in ("officer", "nobody"):
        with pytest.raises(Forbidden):
            tries(town, "wrong", id)
    assert town.told() == ["SignInRefused", "SignInRefused"]
    assert [e.subject for e in town.events()] == ["officer", "unknown"]


def test_guessing_grows_slow_for_the_guesser_alone(town: Centre) -> None:
    accounts.set_password(town.writer, town.database, "officer", SECRET, "admin", town.now)
    waits = []
    for _ in range(6):
        with pytest.raises(Forbidden):
            tries(town, "wrong")
        try:
            sessions.throttle.check(town.database, "officer", "10.0.0.1", town.now)
        except TooMany as refused:
            waits.append(refused.wait_s)
            town.now += round(refused.wait_s * 1000)
    assert waits == [1.0, 2.0, 4.0, 8.0]
    with pytest.raises(Forbidden):
        tries(town, "wrong")
    with pytest.raises(TooMany) as refused:
        tries(town, SECRET)
    assert refused.value.status == 429
    assert is_in(town, tries(town, SECRET, place="10.0.0.2"))


def test_the_right_password_clears_the_account(town: Centre) -> None:
    accounts.set_password(town.writer, town.database, "officer", SECRET, "admin", town.now)
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(Forbidden):
                tries(town, "wrong")
        tries(town, SECRET)
    with pytest.raises(Forbidden):
        tries(town, "wrong")
    tries(town, SECRET)


def test_many_accounts_from_one_address_grow_slow_too(town: Centre) -> None:
    for n in range(20):
        sessions.throttle.failed(town.database, f"a{n}", "10.0.0.1", town.now)
    with pytest.raises(TooMany):
        tries(town, "x", "fresh")
