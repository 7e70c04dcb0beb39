"""Rights: every command asks for one, and every role has exactly what the table says."""

import pytest

from dispatch.access import BY_KEY, KEY_RIGHTS, RIGHTS, Actor, can, covers, meets, require
from dispatch.city import City
from dispatch.commands import COMMANDS, perform, prepare
from dispatch.errors import Forbidden, Invalid, NotFound
from dispatch.vocabulary import Role
from tests.dispatch.centre import Centre, crew

L, S, O, R, W, A = ["leader", "lead", "officer", "crew-FIR-E-01", "wall", "admin"]  # noqa: E741
DESK, LEAD = {L, S, O}, {L, S}
ALLOWED = {
    **{name: DESK for name in COMMANDS if name.startswith(("alert.", "incident.", "order."))},
    **{f"order.{name}": {R} for name in ("deliver", "read", "acknowledge", "decline", "advance")},
    "activation.propose": DESK,
    "activation.sign": LEAD,
    "activation.reject": LEAD,
    "activation.end": LEAD,
    "activation.check": DESK,
    "clock.confirm": LEAD,
    "unit.set_status": {*DESK, R},
    "quarantine.seen": DESK,
    **{
        f"order.{name}": {R}
        for name in ("share_place", "send_picture", "watch_safety", "confirm_safety", "ask_help")
    },
    **{f"call.{name}": DESK for name in ("open", "invite", "mute", "remove", "end")},
    **{f"call.{name}": {*DESK, R} for name in ("join", "leave", "hand")},
    **{f"wall.{name}": DESK for name in ("push", "release", "arrange")},
    **{f"viewing.{name}": {*DESK, W} for name in ("start", "end")},
    **{f"loan.{name}": DESK for name in ("ask", "grant", "decline", "withdraw")},
    **{f"loan.{name}": DESK for name in ("give_back", "recall")},
    **{f"screen.{name}": DESK for name in ("push", "unreachable")},
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("who", [L, S, O, R, W, A])
def test_each_role_may_do_what_the_table_says(city: City, who: str, name: str) -> None:
    """Who has the right is told what is wrong with the body; who has not, is refused."""
    role = next(one.role for one in city.people if one.id == who)
    with pytest.raises(Invalid if who in ALLOWED[name] else Forbidden):
        prepare(city, Actor(who, role, ("city",)), name, "k", {"surprise": 1}, 0)


def test_a_stranger_may_nothing(city: City) -> None:
    for name in COMMANDS:
        with pytest.raises(Forbidden):
            prepare(city, Actor("nobody", None), name, "k", {}, 0)


@pytest.mark.parametrize("right", sorted(KEY_RIGHTS))
def test_a_key_may_what_it_was_made_for(right: str) -> None:
    key = Actor("key:x", None, rights=(right,))
    allowed = {one for one in (*RIGHTS, *KEY_RIGHTS) if can(key, one)}
    assert allowed == {right} | {one for one, by in BY_KEY.items() if by == right}


def test_a_role_gives_no_right_of_a_key() -> None:
    for role in Role:
        assert not any(can(Actor("x", role), right) for right in KEY_RIGHTS)


def test_an_unknown_command_is_refused(centre: Centre) -> None:
    with pytest.raises(NotFound):
        centre.does("leader", "city.burn")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_key_that_makes_no_sense_is_refused(centre: Centre, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        perform(centre.writer, centre.city, centre.actor("officer"), "incident.note", key, {}, 1)
    assert refused.value.field == "Idempotency-Key"


@pytest.mark.parametrize(
    ("held", "scope", "inside", "touching"),
    [
        (("city",), ("e",), True, True),
        (("city",), ("city",), True, True),
        (("e",), ("e",), True, True),
        (("e",), ("city",), False, True),
        (("e",), ("e", "w"), False, True),
        (("e", "w"), ("w",), True, True),
        (("e",), ("w",), False, False),
        ((), ("e",), False, False),
    ],
)
def test_a_jurisdiction_contains_and_meets(
    held: tuple[str, ...], scope: tuple[str, ...], inside: bool, touching: bool
) -> None:
    assert (covers(held, scope), meets(held, scope)) == (inside, touching)


def test_a_right_outside_ones_jurisdiction_is_none() -> None:
    officer = Actor("o", Role.OFFICER, ("e",))
    require(officer, "alert.handle", ("e",))
    with pytest.raises(Forbidden) as refused:
        require(officer, "alert.handle", ("w",))
    assert refused.value.code == "out_of_scope"


def test_the_same_command_under_one_key_is_one_effect(centre: Centre) -> None:
    incident, _ = centre.incident()
    said = {"incident": incident, "text": "wind turns"}
    first = centre.answer("officer", "incident.note", key="k", **said)
    again = centre.answer("officer", "incident.note", key="k", **said)
    assert (again.seq, again.body, again.fresh) == (first.seq, first.body, False)
    assert centre.told(incident).count("IncidentNoted") == 1


def test_the_crew_of_the_tests_is_a_responder(centre: Centre) -> None:
    assert centre.actor(crew("FIR-E-01")).unit == "FIR-E-01"
