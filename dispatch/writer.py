"""One writer a process: commands that wait together are committed together."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from dispatch.clock import JUMP_MS
from dispatch.database import Database
from dispatch.errors import Busy, Conflict, Invalid, Refused
from dispatch.log import Answer, Event, Request, execute

log = logging.getLogger(__name__)

GROUP = 200  # commands a commit: keeps a group's hold of the write lock near 50 ms
WAITING = 5_000  # past this, callers are told to come back before anything is accepted
PATIENCE_S = 10.0  # how long a caller waits for its commit
URGENT, ORDINARY, LAST = 0, 1, 2  # people's commands go before what systems report

Outcome = Answer | Exception


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


@dataclass(order=True)
class _Waiting:
    """Commands that are committed together, in the queue by rank and then by number.

    offset: of the clock by which they are stamped.
    """

    rank: int
    number: int
    requests: Sequence[Request] = field(compare=False)
    offset: int = field(compare=False, default=0)
    done: "Future[list[Outcome]]" = field(compare=False, default_factory=Future)


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
        self._queue: queue.PriorityQueue[_Waiting] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._queued = {URGENT: 0, ORDINARY: 0, LAST: 0}
        self._counting = threading.Lock()
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
        """Carry out several commands in one commit: of each its answer, or why it was refused.

        Raises Busy when nothing of them was written, or nobody knows yet.
        """
        waiting = self.submit(*requests)
        try:
            return waiting.result(PATIENCE_S)
        except TimeoutError as error:  # it may yet be written: the same key tells
            raise Busy("no_answer_yet", detail="try again with the same key") from error

    def submit(self, *requests: Request) -> "Future[list[Outcome]]":
        """Queue commands. Raises Busy when too many wait already: none of them is accepted."""
        rank = ORDINARY if requests[0].many else URGENT
        with self._counting:
            if self._queued[rank] and self._queued[rank] + len(requests) > WAITING:
                raise Busy("too_many_waiting", detail="the store is busy, try again")
            self._queued[rank] += len(requests)
        waiting = _Waiting(rank, next(self._numbers), requests, self._offset())
        self._queue.put(waiting)
        return waiting.done

    @property
    def depth(self) -> int:
        """How many commands wait to be written."""
        return sum(self._queued.values())

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._queue.put(_Waiting(LAST, next(self._numbers), ()))
        self._thread.join(PATIENCE_S)

    def _work(self) -> None:
        while (group := self._next_group())[0].rank != LAST:
            self._settle(group)

    def _next_group(self) -> list[_Waiting]:
        """What waits of one rank, up to a group's size; the last sign stands alone."""
        first = self._queue.get()
        group, size = [first], len(first.requests)
        while size < GROUP:
            try:
                one = self._queue.get_nowait()
            except queue.Empty:
                break
            if one.rank != first.rank:
                self._queue.put(one)
                break
            group.append(one)
            size += len(one.requests)
        with self._counting:
            self._queued[first.rank] -= size
        return group

    def _settle(self, group: list[_Waiting]) -> None:
        size = sum(len(one.requests) for one in group)
        try:
            outcomes: list[Outcome] = self._database.offload(lambda: self._commit(group))
        except Exception as error:  # the commit itself failed: nothing of the group is written
            outcomes = [_unwritten(error)] * size
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

    def _commit(self, group: list[_Waiting]) -> list[Outcome]:
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

    def _written(self, group: list[_Waiting], offset: int) -> list[Outcome]:
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


def _stamped(waiting: _Waiting, offset: int) -> Sequence[Request]:
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


def _unwritten(error: Exception) -> Exception:
    log.error("commit failed: %s", error)
    if isinstance(error, DBAPIError):
        return Busy("store_unavailable", detail="the store did not take it, try again")
    return error
