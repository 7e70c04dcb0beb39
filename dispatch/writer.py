"""One writer a process: commands that wait together are committed together."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import groupby
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from dispatch.clock import JUMP_MS
from dispatch.database import Database
from dispatch.errors import Busy, Conflict, Invalid, Refused
from dispatch.log import Answer, Event, Request, execute
from dispatch.turns import Outcome, Turns, Waiting

log = logging.getLogger(__name__)

PATIENCE_S = 10.0  # how long a caller waits for its commit

Group = list[Waiting]


class Clock(Protocol):
    """The clock that this process stamps its commands by."""

    def offset(self) -> int:
        """How far it stands from one that nobody can set, in ms."""

    def answer(self, connection: Connection, offset: int) -> Request | None:
        """What must be written before all else, because somebody has set it; or None."""

    def settled(self, offset: int) -> None:
        """What was to be written at this offset is on disk."""


class _SetMeanwhile(Exception):
    """The clock was set while a group was being written."""


class Writer:
    """Takes commands from any thread or greenlet and commits them in groups.

    rang: called after each commit with the new events; it must not block. clock: of a process that
    serves; a command at the console has none.
    """

    def __init__(
        self,
        database: Database,
        rang: Callable[[list[Event]], None],
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._rang = rang
        self._clock = clock
        self._turns = Turns()
        self._since: float | None = None
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def command(self, request: Request) -> Answer:
        """Carry out one command; back only when it is on disk.

        Raises Refused: what the rules say, or Busy when the store cannot take it now.
        """
        (outcome,) = self.commands([request])
        if isinstance(outcome, Answer):
            return outcome
        raise outcome

    def commands(self, requests: Sequence[Request]) -> list[Outcome]:
        """Carry out several commands: of each its answer, or why it was refused.

        Raises Busy when nothing of them was written, or nobody knows yet.
        """
        waiting = self.submit(*requests)
        try:
            return waiting.result(PATIENCE_S)
        except TimeoutError as error:  # it may yet be written: the same key tells
            raise Busy("no_answer_yet", detail="try again with the same key") from error

    def submit(self, *requests: Request) -> "Future[list[Outcome]]":
        """Queue commands. Raises Busy when too many wait already: none of them is accepted."""
        if self._since is None:
            self._since = time.monotonic()
        return self._turns.put(requests, self._offset())

    @property
    def depth(self) -> int:
        """How many commands wait to be written."""
        return self._turns.depth

    @property
    def stands_s(self) -> float:
        """For how long nothing has moved although commands wait or are being written."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._turns.end()
        self._thread.join(PATIENCE_S)

    def _work(self) -> None:
        while (groups := self._turns.next()) is not None:
            while groups or self._turns.people_wait:
                groups = self._settle(groups)

    def _settle(self, groups: list[Group]) -> list[Group]:
        """Write and answer; gives those that had to let people go first."""
        self._since = time.monotonic()
        try:
            done = self._database.offload(lambda: self._carry_out(groups))
        except Exception as error:  # no thread to write with: the writer itself must go on
            busy = Busy("store_unavailable", detail=f"the store cannot be written: {error}")
            done = [(one, _lost(one, busy)) for one in (*groups, self._turns.people()) if one]
        for group, outcomes in done:
            self._tell(group, outcomes)
        rest = groups[sum(group in groups for group, _ in done) :]
        self._since = time.monotonic() if rest or self._turns.depth else None
        return rest

    def _carry_out(self, groups: list[Group]) -> list[tuple[Group, list[Outcome]]]:
        """Group after group until people say something; then that, before this thread is left."""
        done = []
        for group in groups:
            if self._turns.people_wait:
                break
            done.append((group, self._outcomes(group)))
        people = self._turns.people()
        return [*done, (people, self._outcomes(people))] if people else done

    def _outcomes(self, group: Group) -> list[Outcome]:
        try:
            if any(one.in_vain for one in group):
                raise Busy("store_unavailable", detail="what came before it was not written")
            return self._commit(group)
        except Exception as error:  # the commit itself failed: nothing of the group is written
            return _lost(group, error)

    def _tell(self, group: Group, outcomes: list[Outcome]) -> None:
        size = sum(len(one.requests) for one in group)
        events = [e for one in outcomes if isinstance(one, Answer) for e in one.events]
        if events:
            self._ring(events)
        rest = iter(outcomes[len(outcomes) - size :])
        for waiting in group:
            waiting.done.set_result([next(rest) for _ in waiting.requests])

    def _offset(self) -> int:
        return 0 if self._clock is None else self._clock.offset()

    def _ring(self, events: list[Event]) -> None:
        try:
            self._rang(events)
        except Exception:
            log.exception("the bell failed after commit %s", events[-1].seq)

    def _commit(self, group: Group) -> list[Outcome]:
        """What came of each; before them, if the clock was set, what came of that."""
        while True:
            offset = self._offset()
            try:
                outcomes = self._written(group, offset)
            except _SetMeanwhile:
                continue
            if self._clock is not None:
                self._clock.settled(offset)
            return outcomes

    def _written(self, group: Group, offset: int) -> list[Outcome]:
        """One transaction; nobody else has written when it is seen that the clock still stands."""
        requests = [request for one in group for request in _stamped(one, offset)]
        with self._database.writing() as connection:
            first = self._clock.answer(connection, offset) if self._clock else None
            outcomes = [_one(connection, first)] if first is not None else []
            for _, run in groupby(requests, key=lambda one: one.many):
                outcomes += _some(connection, list(run))
            if abs(self._offset() - offset) > JUMP_MS:
                raise _SetMeanwhile
            return outcomes


def _stamped(waiting: Waiting, offset: int) -> Sequence[Request]:
    """Its commands; if the clock was set since they came, stamped by it as it is now."""
    by = offset - waiting.offset
    if abs(by) <= JUMP_MS:
        return waiting.requests
    return [replace(request, now=request.now + by) for request in waiting.requests]


def _some(connection: Connection, requests: list[Request]) -> list[Outcome]:
    """Commands of one kind: all at once where that is possible, else each for itself."""
    many = requests[0].many
    if many is None or len(requests) == 1:
        return [_one(connection, request) for request in requests]
    savepoint = connection.begin_nested()
    try:
        answers = many(connection, requests)
    except Exception as error:
        savepoint.rollback()
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError | DataError):
            raise
        return [_one(connection, request) for request in requests]  # one of them spoils it for all
    savepoint.commit()
    return list(answers)


def _one(connection: Connection, request: Request) -> Outcome:
    """One command in its savepoint: a refusal undoes only itself."""
    savepoint = connection.begin_nested()
    try:
        answer = execute(connection, request)
    except IntegrityError as error:  # another holds it: a unit by two orders, a number twice
        savepoint.rollback()
        log.warning("a constraint refused a command of %s: %s", request.actor, error.orig)
        return Conflict("held_by_another", detail="another holds it")
    except DataError as error:  # it is the input's fault, not the store's
        savepoint.rollback()
        log.warning("the store cannot hold what %s said: %s", request.actor, error.orig)
        return Invalid("not_storable", detail="a character or number in it cannot be stored")
    except DBAPIError:
        savepoint.rollback()
        raise
    except Exception as error:
        savepoint.rollback()
        if not isinstance(error, Refused):
            log.exception("command of %s failed", request.actor)
        return error
    savepoint.commit()
    return answer


def _lost(group: Group, error: Exception) -> list[Outcome]:
    for one in group:
        one.lost = True
    return [_unwritten(error)] * sum(len(one.requests) for one in group)


def _unwritten(error: Exception) -> Exception:
    log.error("commit failed: %s", error)
    if isinstance(error, DBAPIError):
        return Busy("store_unavailable", detail="the store did not take it, try again")
    return error
