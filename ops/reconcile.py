"""The account on the console: one table that adds up, and every difference by name."""

from dispatch.clock import now_ms
from dispatch.database import Database
from streams.pictures.reconcile import Account, Line, account, total

HEADS = ("accepted", "stored", "shown", "signed", "difference")


def reconcile(database: Database, zone: str) -> bool:
    """Print the account; whether nothing is lost and every line adds up."""
    found = database.read(lambda connection: account(connection, zone, now_ms()))
    for line in told(found):
        print(line)
    return found.sound


def told(found: Account) -> list[str]:
    """The account's lines."""
    return [
        f"events {found.first} to {found.head} of the log, hash {found.last_hash[:16]}…",
        "",
        f"{'':<12}" + "".join(f"{head:>12}" for head in HEADS),
        *(_line(one) for one in found.lines),
        _sums(found),
        "",
        *_differences(found),
        f"lost {total(found.lines)['lost']}, doubled {found.doubled},"
        f" out of order {found.disordered}",
        "the account adds up"
        if found.sound
        else "THE ACCOUNT DOES NOT ADD UP, or something is lost",
    ]


def _line(one: Line) -> str:
    counts = (one.accepted, one.stored, one.shown, one.signed, one.difference)
    return f"{one.kind:<12}" + "".join(f"{_figure(count):>12}" for count in counts)


def _sums(found: Account) -> str:
    sums = total(found.lines)
    counts = (sums["accepted"], sums["stored"], None, None, sum(x.difference for x in found.lines))
    return f"{'all':<12}" + "".join(f"{_figure(count):>12}" for count in counts)


def _figure(count: int | None) -> str:
    return "—" if count is None else f"{count:,}"


def _differences(found: Account) -> list[str]:
    sums = total(found.lines)
    lines = [f"lost: event {row['seq']} {row['type']} {row['subject']}" for row in found.lost]
    if found.holes:
        lines.append(f"missing: {found.holes} numbers of the log have no event")
    if sums["under_way"]:
        lines.append(f"under way: {sums['under_way']} are stored and being answered")
    lines += [
        f"untold: event {row['seq']} {row['type']} {row['subject']}: its sender had no answer"
        " and asks again"
        for row in found.untold
    ]
    lines += [
        f"screen {row['name']}: {row['state']}, lacks {row['lacks']}"
        for row in found.screens
        if row["state"] != "current"
    ]
    lines += [f"unsigned: order {row['id']} of {row['unit']}" for row in found.orders]
    lines += [f"unsigned: alert {row['id']}" for row in found.alerts]
    return lines
