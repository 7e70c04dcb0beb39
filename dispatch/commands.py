"""Every command that a person or a program may give, and the one way to carry it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dispatch import (
    activations,
    answers,
    calls,
    drafts,
    facts,
    incidents,
    jumps,
    loans,
    orders,
    quarantine,
    responders,
    screens,
    sendings,
    triage,
    units,
    viewings,
    wall,
)
from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.errors import Invalid, NotFound
from dispatch.inputs import Body, parse
from dispatch.log import Answer, Request, Work
from dispatch.vocabulary import REAL
from dispatch.writer import Writer

KEY_MAX = 200


@dataclass(frozen=True)
class Command:
    """A command: the right it asks for, what its body holds, what it does.

    run: (work, body, actor, city) -> answer; it checks the jurisdiction itself.
    """

    name: str
    right: str
    body: type[Body]
    run: Callable[[Work, Any, Actor, City], dict[str, Any]]


COMMANDS: dict[str, Command] = {
    one.name: one
    for one in (
        Command("alert.report", "alert.report", triage.Report, triage.report),
        Command("alert.acknowledge", "alert.handle", triage.One, triage.acknowledge),
        Command("alert.verify", "alert.handle", triage.Verify, triage.verify),
        Command("alert.dismiss", "alert.handle", triage.Dismiss, triage.dismiss),
        Command("alert.merge", "alert.handle", triage.Merge, triage.merge),
        Command("incident.open", "incident.open", incidents.Open, incidents.open_one),
        Command("incident.note", "incident.handle", incidents.Note, incidents.note),
        Command("incident.grade", "incident.handle", incidents.Grade, incidents.grade),
        Command("incident.facts", "incident.handle", facts.Facts, facts.report),
        Command("incident.control", "incident.handle", incidents.One, incidents.control),
        Command("incident.end", "incident.handle", incidents.End, incidents.end),
        Command(
            "activation.propose", "activation.propose", activations.Propose, activations.propose
        ),
        Command("activation.sign", "activation.sign", activations.One, activations.sign),
        Command("activation.reject", "activation.sign", activations.Reject, activations.reject),
        Command("activation.check", "activation.check", activations.Check, activations.check),
        Command("activation.end", "activation.end", activations.End, activations.end),
        Command("order.draft", "order.issue", drafts.Draft, drafts.draft),
        Command("order.edit", "order.issue", drafts.Edit, drafts.edit),
        Command("order.discard", "order.issue", drafts.One, drafts.discard),
        Command("order.issue", "order.issue", orders.Issue, orders.issue),
        Command("order.deliver", "order.answer", answers.One, answers.deliver),
        Command("order.read", "order.answer", answers.One, answers.read),
        Command("order.acknowledge", "order.answer", answers.Acknowledge, answers.acknowledge),
        Command("order.decline", "order.answer", answers.Decline, answers.decline),
        Command("order.advance", "order.answer", answers.Advance, answers.advance),
        Command("order.verify", "order.supervise", orders.Verify, orders.verify),
        Command("order.cancel", "order.supervise", orders.Cancel, orders.cancel),
        Command("order.remind", "order.supervise", orders.One, orders.remind),
        Command(
            "order.acknowledge_by_phone",
            "order.supervise",
            answers.ByPhone,
            answers.acknowledge_by_phone,
        ),
        Command("order.unreachable", "order.supervise", orders.Unreachable, orders.unreachable),
        Command("screen.push", "screen.follow_up", screens.One, screens.push),
        Command("screen.unreachable", "screen.follow_up", screens.Unreachable, screens.unreachable),
        Command("order.reassign", "order.issue", orders.Reassign, orders.reassign),
        Command("order.move", "order.issue", orders.Move, orders.move),
        Command("order.forgo", "order.issue", orders.Forgo, orders.forgo),
        Command("loan.ask", "loan.ask", loans.Ask, loans.ask),
        Command("loan.grant", "loan.answer", loans.Grant, loans.grant),
        Command("loan.decline", "loan.answer", loans.Decline, loans.decline),
        Command("loan.withdraw", "loan.ask", loans.One, loans.withdraw),
        Command("loan.give_back", "loan.ask", loans.GiveBack, loans.give_back),
        Command("loan.recall", "loan.answer", loans.GiveBack, loans.recall),
        Command("unit.set_status", "unit.status", units.SetStatus, units.set_status),
        Command("order.share_place", "order.answer", responders.Share, responders.share),
        Command("order.send_picture", "order.answer", sendings.Send, sendings.send),
        Command("order.watch_safety", "order.answer", responders.Watch, responders.watch),
        Command("order.confirm_safety", "order.answer", responders.Safe, responders.safe),
        Command("order.ask_help", "order.answer", responders.Help, responders.ask_help),
        Command("wall.push", "wall.push", wall.Push, wall.push),
        Command("wall.release", "wall.push", wall.Release, wall.release),
        Command("wall.arrange", "wall.push", wall.Arrange, wall.arrange),
        Command("viewing.start", "camera.view", viewings.Start, viewings.start),
        Command("viewing.end", "camera.view", viewings.End, viewings.end),
        Command("clock.confirm", "clock.confirm", jumps.Confirm, jumps.confirm),
        Command("quarantine.seen", "quarantine.handle", quarantine.Seen, quarantine.seen),
        Command("call.open", "call.open", calls.Open, calls.open_one),
        Command("call.invite", "call.handle", calls.Invite, calls.invite),
        Command("call.join", "call.join", calls.One, calls.join),
        Command("call.leave", "call.join", calls.One, calls.leave),
        Command("call.hand", "call.join", calls.Hand, calls.hand),
        Command("call.mute", "call.handle", calls.Mute, calls.mute),
        Command("call.remove", "call.handle", calls.About, calls.remove),
        Command("call.end", "call.handle", calls.One, calls.end),
    )
}


def perform(
    writer: Writer,
    city: City,
    actor: Actor,
    name: str,
    key: str,
    content: Mapping[str, Any],
    now: int,
    realm: str = REAL,
) -> Answer:
    """Carry out a command; back only when it is on disk.

    key: the caller's own, one for each intent; the same again gives the same answer.
    Raises Refused.
    """
    return writer.command(prepare(city, actor, name, key, content, now, realm))


def prepare(
    city: City,
    actor: Actor,
    name: str,
    key: str,
    content: Mapping[str, Any],
    now: int,
    realm: str = REAL,
) -> Request:
    """Check a command's name, key, right and body, and make the request of it."""
    command = COMMANDS.get(name)
    if command is None:
        raise NotFound("unknown_command", "command", f"no command {name[:80]}")
    if not 0 < len(key) <= KEY_MAX or not key.isprintable():
        raise Invalid("bad_key", "Idempotency-Key", f"1 to {KEY_MAX} printable characters")
    require(actor, command.right)
    body = parse(command.body, content)
    asked = {"command": name, "body": body.model_dump(mode="json", exclude_unset=True)}

    def run(work: Work) -> dict[str, Any]:
        return command.run(work, body, actor, city)

    return Request(actor.id, key, asked, run, now, realm)
