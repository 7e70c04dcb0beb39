"""One writer a process: commands that wait together are committed together."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from dispatch.database import Database
from dispatch.errors import Busy, Conflict, Refused
from dispatch.log import Answer, Event, Request, execute

log = logging.getLogger(__name__)

GROUP = 200  # commands a commit: keeps a group's hold of the write lock near 50 ms
WAITING = 5_000  # past this, callers are told to come back before anything is accepted
PATIENCE_S = 10.0  # how long a caller waits for its commit

Outcome = Answer | Exception


@dataclass
class _Waiting:
    request: Request
    done: "Future[Answer]"


class Writer:
    """Takes commands from any thread or greenlet and commits them in groups.

    rang: called after each commit with the new events; it must not block.
    """

    def __init__(self, database: Database, rang: Callable[[list[Event]], None]) -> None:
        self._database = database
        self._rang = rang
        self._queue: queue.Queue[_Waiting | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def command(self, request: Request) -> Answer:
        """Carry out one command; back only when it is on disk.

        Raises Refused: what the rules say, or Busy when the store cannot take it now.
        """
        waiting = self.submit(request)
        try:
            return waiting.result(PATIENCE_S)
        except TimeoutError as error:  # it may yet be written: the same key tells
            raise Busy("no_answer_yet", detail="try again with the same key") from error

    def submit(self, request: Request) -> "Future[Answer]":
        """Queue one command. Raises Busy when too many wait already."""
        if self._queue.qsize() >= WAITING:
            raise Busy("too_many_waiting", detail="the store is busy, try again")
        waiting = _Waiting(request, Future())
        self._queue.put(waiting)
        return waiting.done

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._queue.put(None)
        self._thread.join(PATIENCE_S)

    def _work(self) -> None:
        while True:
            group, last = self._next_group()
            if group:
                self._settle(group)
            if last:
                return

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        group: list[_Waiting] = []
        item = self._queue.get()
        while item is not None:
            group.append(item)
            if len(group) >= GROUP:
                return group, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _settle(self, group: list[_Waiting]) -> None:
        try:
            outcomes: list[Outcome] = self._database.offload(lambda: self._commit(group))
        except Exception as error:  # the commit itself failed: nothing of the group is written
            outcomes = [_unwritten(error)] * len(group)
        events = [e for one in outcomes if isinstance(one, Answer) for e in one.events]
        if events:
            self._ring(events)
        for waiting, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Answer):
                waiting.done.set_result(outcome)
            else:
                waiting.done.set_exception(outcome)

    def _ring(self, events: list[Event]) -> None:
        try:
            self._rang(events)
        except Exception:
            log.exception("the bell failed after commit %s", events[-1].seq)

    def _commit(self, group: list[_Waiting]) -> list[Outcome]:
        with self._database.writing() as connection:
            return [_one(connection, waiting.request) for waiting in group]


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
