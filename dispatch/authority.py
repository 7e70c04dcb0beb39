"""Whose signature a change of mode needs: the rules of the office, as functions."""

from collections.abc import Iterable, Sequence

from dispatch.access import LEAD
from dispatch.vocabulary import CITY, Level, Mode, Role, Signature


def required(mode: Mode, level: int, scope: Sequence[str]) -> tuple[Signature, ...]:
    """What an activation needs in all.

    Level II or worse, the whole city or several districts: two persons, one of them a leader.
    Wartime at level III: a leader. Anything else: anybody in the lead.
    """
    wide = CITY in scope or len(set(scope)) > 1
    if wide or level <= Level.II:
        return (Signature.LEADER, Signature.SECOND)
    if mode is Mode.WARTIME and level == Level.III:
        return (Signature.LEADER,)
    return (Signature.LEAD,)


def missing(
    mode: Mode, level: int, scope: Sequence[str], signed: Iterable[Role]
) -> tuple[Signature, ...]:
    """What is still missing when persons of these roles have signed, one role a person."""
    asked = required(mode, level, scope)
    hands = [role for role in signed if role in LEAD]
    lacking = []
    if Signature.LEADER in asked and Role.LEADER not in hands:
        lacking.append(Signature.LEADER)
    if Signature.LEAD in asked and not hands:
        lacking.append(Signature.LEAD)
    if Signature.SECOND in asked and len(hands) < 2 and not (lacking and len(hands) == 1):
        lacking.append(Signature.SECOND)
    return tuple(lacking)


def may_end(role: Role | None, mode: Mode, level: int, scope: Sequence[str]) -> bool:
    """Whether a role may end or lower an activation: what needed a leader ends by a leader."""
    if Signature.LEADER in required(mode, level, scope):
        return role is Role.LEADER
    return role in LEAD
