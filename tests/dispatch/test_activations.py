"""Changes of mode: who may begin them, whose signature is missing, how they end."""

from dataclasses import replace

import pytest

from dispatch import mode
from dispatch.authority import may_end, missing, required
from dispatch.canonical import loads
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.models import timer
from dispatch.vocabulary import Mode, Role, Signature
from tests.dispatch.centre import Centre, crew

L, S, DESK = Role.LEADER, Role.SHIFT_LEAD, Role.OFFICER
ONE, WIDE, TWO = ("e",), ("city",), ("e", "w")


def propose(
    centre: Centre, who: str, level: int, *scope: str, kind: str = "WARTIME", incident: str = ""
) -> dict[str, object]:
    known = incident or centre.incident(type="other")[0]
    said = {"incident": known, "mode": kind, "level": level, "reason": "gas spreads"}
    return centre.does(who, "activation.propose", scope=list(scope or ONE), **said)


@pytest.mark.parametrize(
    ("kind", "level", "scope", "needs"),
    [
        (Mode.STANDBY, 4, ONE, "lead"),
        (Mode.STANDBY, 3, ONE, "lead"),
        (Mode.STANDBY, 2, ONE, "leader second"),
        (Mode.STANDBY, 4, WIDE, "leader second"),
        (Mode.WARTIME, 4, ONE, "lead"),
        (Mode.WARTIME, 3, ONE, "leader"),
        (Mode.WARTIME, 2, ONE, "leader second"),
        (Mode.WARTIME, 1, ONE, "leader second"),
        (Mode.WARTIME, 4, WIDE, "leader second"),
        (Mode.WARTIME, 4, TWO, "leader second"),
    ],
)
def test_the_office_says_whose_signature_is_needed(
    kind: Mode, level: int, scope: tuple[str, ...], needs: str
) -> None:
    assert required(kind, level, scope) == tuple(Signature(one) for one in needs.split())


@pytest.mark.parametrize(
    ("level", "hands", "lacking"),
    [
        (4, [], "lead"),
        (4, [DESK], "lead"),
        (4, [S], ""),
        (4, [L], ""),
        (3, [S], "leader"),
        (3, [S, S], "leader"),
        (3, [L], ""),
        (2, [], "leader second"),
        (2, [DESK], "leader second"),
        (2, [S], "leader"),
        (2, [S, S], "leader"),
        (2, [L], "second"),
        (2, [L, DESK], "second"),
        (2, [L, S], ""),
        (2, [L, L], ""),
    ],
)
def test_what_is_missing_follows_from_who_signed(
    level: int, hands: list[Role], lacking: str
) -> None:
    found = missing(Mode.WARTIME, level, ONE, hands)
    assert found == tuple(Signature(one) for one in lacking.split())


@pytest.mark.parametrize(
    ("who", "level", "scope", "state", "needs"),
    [
        ("lead", 4, ONE, "ACTIVE", []),
        ("lead-e", 4, ONE, "ACTIVE", []),
        ("lead", 3, ONE, "PROPOSED", ["leader"]),
        ("leader", 3, ONE, "ACTIVE", []),
        ("leader", 2, ONE, "PROPOSED", ["second"]),
        ("leader", 4, WIDE, "PROPOSED", ["second"]),
        ("officer", 4, ONE, "PROPOSED", ["lead"]),
    ],
)
def test_a_proposal_stands_at_once_if_the_authority_is_enough(
    centre: Centre, who: str, level: int, scope: tuple[str, ...], state: str, needs: list[str]
) -> None:
    made = propose(centre, who, level, *scope)
    assert (made["state"], made["needs"]) == (state, needs)
    started = "ActivationStarted" in centre.told(str(made["activation"]))
    assert started == (state == "ACTIVE")


@pytest.mark.parametrize("who", [crew("FIR-E-01"), "wall", "admin"])
def test_others_do_not_propose(centre: Centre, who: str) -> None:
    with pytest.raises(Forbidden):
        propose(centre, who, 4)


def test_nobody_proposes_for_a_place_beyond_his_own(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    for scope in (TWO, WIDE, ("w",)):
        with pytest.raises(Forbidden):
            propose(centre, "lead-e", 4, *scope, incident=incident)


def test_an_unknown_district_is_refused(centre: Centre) -> None:
    with pytest.raises(Invalid) as refused:
        propose(centre, "leader", 4, "x")
    assert refused.value.field == "scope"


def test_two_persons_make_level_two_stand(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    id = str(propose(centre, "lead", 2, incident=incident)["activation"])
    centre.now += 18_000
    done = centre.does("leader", "activation.sign", activation=id)
    assert done == {"activation": id, "state": "ACTIVE", "needs": []}
    row = centre.row(id)
    assert [one["by"] for one in loads(row["signed_json"])] == ["lead", "leader"]
    assert row["started_at"] == centre.now
    assert centre.told(id) == ["ActivationProposed", "ActivationSigned", "ActivationStarted"]
    assert centre.row(incident)["state"] == "RESPONDING"
    assert centre.rows(timer, timer.c.subject == id) == []


def test_nobody_signs_twice(centre: Centre) -> None:
    id = propose(centre, "leader", 2)["activation"]
    with pytest.raises(Conflict) as refused:
        centre.does("leader", "activation.sign", activation=id)
    assert refused.value.code == "same_person"
    assert centre.row(str(id))["state"] == "PROPOSED"


def test_two_signatures_do_not_come_from_one_screen(centre: Centre) -> None:
    id = propose(centre, "lead", 2)["activation"]
    borrowed = replace(centre.actor("leader"), session="s-lead")
    with pytest.raises(Conflict) as refused:
        centre.does(borrowed, "activation.sign", activation=id)
    assert refused.value.code == "same_session"


def test_two_shift_leads_are_not_a_leader(centre: Centre) -> None:
    id = propose(centre, "lead", 2)["activation"]
    done = centre.does("lead-e", "activation.sign", activation=id)
    assert (done["state"], done["needs"]) == ("PROPOSED", ["leader"])
    assert centre.does("leader", "activation.sign", activation=id)["state"] == "ACTIVE"


def test_an_officer_does_not_sign(centre: Centre) -> None:
    id = propose(centre, "lead", 2)["activation"]
    with pytest.raises(Forbidden):
        centre.does("officer", "activation.sign", activation=id)


def test_a_proposal_that_nobody_signs_lapses(centre: Centre) -> None:
    id = str(propose(centre, "lead", 2)["activation"])
    assert f"activation_lapse.{id}.1" not in centre.passes(179)
    assert centre.passes(1) == [f"activation_lapse.{id}.1"]
    assert centre.row(id)["state"] == "LAPSED"
    with pytest.raises(Conflict):
        centre.does("leader", "activation.sign", activation=id)


def test_a_signature_that_comes_too_late_does_not_count(centre: Centre) -> None:
    id = propose(centre, "lead", 2)["activation"]
    centre.now += 180_001
    with pytest.raises(Conflict) as refused:
        centre.does("leader", "activation.sign", activation=id)
    assert refused.value.code == "lapsed"


def test_a_proposal_is_rejected_with_a_reason(centre: Centre) -> None:
    id = str(propose(centre, "lead", 2)["activation"])
    centre.does("leader", "activation.reject", activation=id, reason="too early")
    assert (centre.row(id)["state"], centre.row(id)["end_reason"]) == ("DISMISSED", "too early")
    with pytest.raises(Conflict):
        centre.does("leader", "activation.sign", activation=id)
    assert centre.passes(600) == []


def test_the_same_is_not_proposed_twice(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    id = propose(centre, "lead", 2, incident=incident)["activation"]
    with pytest.raises(Conflict) as refused:
        propose(centre, "leader", 2, incident=incident)
    assert (refused.value.code, refused.value.about) == ("already_proposed", {"activation": id})


def test_war_in_one_district_leaves_the_other_in_peace(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    here = centre.war(incident, "e", level=3)
    rows = [centre.row(here)]
    assert mode.effective(rows, ("e",)) == (Mode.WARTIME, 3, [here])
    assert mode.effective(rows, ("w",)) == (Mode.PEACETIME, None, [])
    assert mode.effective(rows, ("city",)) == (Mode.WARTIME, 3, [here])


def test_the_gravest_of_several_counts(centre: Centre) -> None:
    def row(id: str, kind: str, level: int, *scope: str) -> dict[str, object]:
        return {"id": id, "mode": kind, "level": level, "scope": list(scope)}

    several = [
        row("a", "STANDBY", 1, "city"),
        row("b", "WARTIME", 3, "e"),
        row("c", "WARTIME", 2, "w"),
    ]
    assert mode.effective(several, ("city",)) == (Mode.WARTIME, 2, ["c", "b", "a"])
    assert mode.effective(several, ("e",)) == (Mode.WARTIME, 3, ["b", "a"])
    assert mode.effective(several, ("x",)) == (Mode.STANDBY, 1, ["a"])


def test_war_takes_the_place_of_standby(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    standby = str(propose(centre, "lead", 4, kind="STANDBY", incident=incident)["activation"])
    war = centre.war(incident, "e", level=3)
    assert centre.row(standby)["state"] == "ENDED"
    assert centre.events()[-2].body["replaced_by"] == war
    assert centre.row(war)["state"] == "ACTIVE"


def test_only_a_leader_lowers_what_a_leader_began(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    war = centre.war(incident, "e", level=3)
    with pytest.raises(Forbidden):
        propose(centre, "lead", 4, incident=incident)
    assert centre.row(war)["state"] == "ACTIVE"
    lower = propose(centre, "leader", 4, incident=incident)
    assert (centre.row(war)["state"], lower["state"]) == ("ENDED", "ACTIVE")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("STANDBY", 2), ("WARTIME", 4)),  # a higher mode, but a milder level
        (("STANDBY", 1), ("WARTIME", 4)),
        (("WARTIME", 3), ("STANDBY", 3)),  # as grave, but a lower mode
        (("WARTIME", 2), ("WARTIME", 4)),
    ],
)
def test_one_shift_lead_ends_nothing_that_a_leader_signed(
    centre: Centre, before: tuple[str, int], after: tuple[str, int]
) -> None:
    incident, _ = centre.incident(type="other")
    kind, level = before
    standing = str(propose(centre, "leader", level, kind=kind, incident=incident)["activation"])
    if level <= 2:
        centre.does("lead", "activation.sign", activation=standing)
    kind, level = after
    told = len(centre.events())
    with pytest.raises(Forbidden) as refused:
        propose(centre, "lead", level, kind=kind, incident=incident)
    assert refused.value.code == "leader_only"
    assert (centre.row(standing)["state"], len(centre.events())) == ("ACTIVE", told)
    made = propose(centre, "leader", level, kind=kind, incident=incident)
    assert (centre.row(standing)["state"], made["state"]) == ("ENDED", "ACTIVE")


@pytest.mark.parametrize("last", ["lead", "leader"])
def test_two_persons_lower_what_two_persons_began(centre: Centre, last: str) -> None:
    """Whoever of the two signs last."""
    incident, _ = centre.incident(type="other")
    standing = str(propose(centre, "leader", 1, incident=incident)["activation"])
    centre.does("lead", "activation.sign", activation=standing)
    first = "leader" if last == "lead" else "lead"
    id = str(propose(centre, first, 2, incident=incident)["activation"])
    assert centre.row(standing)["state"] == "ACTIVE"
    assert centre.does(last, "activation.sign", activation=id)["state"] == "ACTIVE"
    assert centre.row(standing)["state"] == "ENDED"


@pytest.mark.parametrize(
    ("role", "level", "scope", "may"),
    [(L, 1, WIDE, True), (S, 2, ONE, False), (S, 3, ONE, False), (S, 4, ONE, True),
     (S, 4, TWO, False), (DESK, 4, ONE, False), (None, 4, ONE, False)],
)  # fmt: skip
def test_what_needed_a_leader_ends_by_a_leader(
    role: Role | None, level: int, scope: tuple[str, ...], may: bool
) -> None:
    assert may_end(role, Mode.WARTIME, level, scope) is may


def test_an_activation_ends_when_every_item_is_settled(centre: Centre) -> None:
    incident, _ = centre.incident()
    war = centre.war(incident, "e", level=3)
    items = loads(centre.row(war)["checklist_json"])
    assert items[0]["zh"] == "不再泄漏"
    assert items[1]["word"] == "orders_closed"
    with pytest.raises(Conflict) as refused:
        centre.does("leader", "activation.end", activation=war, reason="over")
    assert refused.value.code == "checklist_open"
    for one in items[:-1]:
        centre.does("officer", "activation.check", activation=war, item=one["item"], done=True)
    last = {str(items[-1]["item"]): "office of the day"}
    centre.does("leader", "activation.end", activation=war, reason="over", handover=last)
    row = centre.row(war)
    assert (row["state"], row["ended_by"], row["end_reason"]) == ("ENDED", "leader", "over")
    assert loads(row["checklist_json"])[-1]["owner"] == "office of the day"
    assert (
        centre.does("leader", "activation.end", activation=war, reason="over")["state"] == "ENDED"
    )


def test_the_item_of_closed_orders_is_not_ticked_while_one_is_open(centre: Centre) -> None:
    incident, drafts = centre.incident()
    war = centre.war(incident, "e", level=3)
    centre.does("officer", "order.issue", orders=drafts[:1])
    (item,) = [i["item"] for i in loads(centre.row(war)["checklist_json"])
               if i["word"] == "orders_closed"]  # fmt: skip
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "activation.check", activation=war, item=item, done=True)
    assert refused.value.code == "orders_open"
    centre.does("officer", "order.cancel", order=drafts[0], reason="over")
    centre.does("officer", "activation.check", activation=war, item=item, done=True)


def _open_again(centre: Centre) -> tuple[str, int, str]:
    """A war ticked off before one more order was given. Gives the war, the item, the order."""
    incident, drafts = centre.incident()
    war = centre.war(incident, "e", level=3)
    items = loads(centre.row(war)["checklist_json"])
    for one in items:
        centre.does("officer", "activation.check", activation=war, item=one["item"], done=True)
    centre.does("officer", "order.issue", orders=drafts[:1])
    (item,) = [one["item"] for one in items if one["word"] == "orders_closed"]
    return war, item, drafts[0]


def test_a_stand_down_looks_again_whether_all_orders_are_closed(centre: Centre) -> None:
    war, item, order = _open_again(centre)
    with pytest.raises(Conflict) as refused:
        centre.does("leader", "activation.end", activation=war, reason="over")
    assert (refused.value.code, refused.value.field) == ("orders_open_again", "item")
    assert refused.value.about == {"item": str(item), "order": order}
    assert f"item {item}" in refused.value.detail
    assert centre.row(war)["state"] == "ACTIVE"
    with pytest.raises(Conflict):
        centre.does("leader", "activation.end", activation=war, reason="x", handover={"0": "y"})
    centre.does("officer", "order.cancel", order=order, reason="over")
    assert centre.does("leader", "activation.end", activation=war, reason="x")["state"] == "ENDED"


def test_an_order_that_is_open_again_may_be_handed_over(centre: Centre) -> None:
    war, item, _order = _open_again(centre)
    to = {str(item): "fire brigade"}
    centre.does("leader", "activation.end", activation=war, reason="over", handover=to)
    kept = loads(centre.row(war)["checklist_json"])[item]
    assert (kept["done"], kept["by"], kept["owner"]) == (False, None, "fire brigade")


def test_an_unknown_item_is_refused(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    war = centre.war(incident, "e")
    for name, said in (
        ("activation.check", {"item": 99, "done": True}),
        ("activation.end", {"reason": "x", "handover": {"99": "y"}}),
        ("activation.end", {"reason": "x", "handover": {"²": "y"}}),
    ):
        with pytest.raises(Invalid):
            centre.does("leader", name, activation=war, **said)


def test_each_switch_is_an_epoch(centre: Centre) -> None:
    assert centre.database.read(mode.epoch) == 0
    incident, _ = centre.incident(type="other")
    centre.war(incident, "e")
    (started,) = [e.seq for e in centre.events() if e.type == "ActivationStarted"]
    centre.hears()
    assert centre.database.read(mode.epoch) == started
    assert centre.database.read(lambda c: mode.epoch(c, started - 1)) == 0
    assert centre.database.read(lambda c: mode.epoch(c, realm="drill-1")) == 0
