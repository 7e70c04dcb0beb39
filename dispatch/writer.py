"""One writer a process: commands that wait together are committed together."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from dispatch.database import Database
from dispatch.errors import Busy, Conflict, Refused
from dispatch.log import Answer, Event, Request, execute

log = logging.getLogger(__name__)

GROUP = 200  # commands a commit: keeps a group's hold of the write lock near 50 ms
WAITING = 5_000  # past this, callers are told to come back before anything is accepted
PATIENCE_S = 10.0  # how long a caller waits for its commit
URGENT, ORDINARY, LAST = 0, 1, 2  # people's commands go before what systems report

Outcome = Answer | Exception


@dataclass(order=True)
class _Waiting:
    """Commands that are committed together, in the queue by rank and then by number."""

    rank: int
    number: int
    requests: Sequence[Request] = field(compare=False)
    done: "Future[list[Outcome]]" = field(compare=False, default_factory=Future)


class Writer:
    """Takes commands from any thread or greenlet and commits them in groups.

    rang: called after each commit with the new events; it must not block.
    """

    def __init__(self, database: Database, rang: Callable[[list[Event]], None]) -> None:
        self._database = database
        self._rang = rang
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
        waiting = _Waiting(rank, next(self._numbers), requests)
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
        requests = [request for one in group for request in one.requests]
        try:
            outcomes: list[Outcome] = self._database.offload(lambda: self._commit(requests))
        except Exception as error:  # the commit itself failed: nothing of the group is written
            outcomes = [_unwritten(error)] * len(requests)
        events = [e for one in outcomes if isinstance(one, Answer) for e in one.events]
        if events:
            self._ring(events)
        rest = iter(outcomes)
        for waiting in group:
            waiting.done.set_result([next(rest) for _ in waiting.requests])

    def _ring(self, events: list[Event]) -> None:
        try:
            self._rang(events)
        except Exception:
            log.exception("the bell failed after commit %s", events[-1].seq)

    def _commit(self, requests: list[Request]) -> list[Outcome]:
        with self._database.writing() as connection:
            outcomes: list[Outcome] = []
            for _, run in groupby(requests, key=lambda one: one.many):
                outcomes += _some(connection, list(run))
            return outcomes


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
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
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
