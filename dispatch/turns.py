"""Whose turn it is to be written: people before systems, each in the order of their coming."""

import itertools
import queue
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from dispatch.errors import Busy
from dispatch.log import Answer, Request

GROUP = 100  # commands a commit: so long, a twentieth of a second or two, do people wait for it
ROUNDS = 2  # groups of systems' commands a turn, if nobody says anything meanwhile
WAITING = 5_000  # past this, callers are told to come back before anything is accepted
URGENT, ORDINARY, LAST = 0, 1, 2  # people's commands go before what systems report

Outcome = Answer | Exception


@dataclass(order=True)
class Waiting:
    """Commands that are committed together, in the queue by rank and then by number.

    offset: of the clock by which they are stamped. after: what its sender said just before, in the
    same batch; if that is lost, so is this, for a later word must not stand without the earlier.
    """

    rank: int
    number: int
    requests: Sequence[Request] = field(compare=False)
    offset: int = field(compare=False, default=0)
    done: "Future[list[Outcome]]" = field(compare=False, default_factory=Future)
    after: "Waiting | None" = field(compare=False, default=None)
    lost: bool = field(compare=False, default=False)

    @property
    def in_vain(self) -> bool:
        return self.after is not None and self.after.lost


class Turns:
    """Who waits. Anybody puts; the writer alone takes.

    People's commands stand in a deque, whose ends are safe between threads and greenlets: whoever
    commits takes them between two groups of the systems'. In the queue each has a sign that only
    wakes the writer; it may find that they are written already.
    """

    def __init__(self) -> None:
        self._queue: queue.PriorityQueue[Waiting] = queue.PriorityQueue()
        self._people: deque[Waiting] = deque()
        self._numbers = itertools.count()
        self._counting = threading.Lock()
        self._came = {URGENT: 0, ORDINARY: 0}
        self._taken = {URGENT: 0, ORDINARY: 0}  # each changed by one thread only

    @property
    def depth(self) -> int:
        """How many commands wait to be written."""
        return sum(self._came.values()) - sum(self._taken.values())

    @property
    def people_wait(self) -> bool:
        return bool(self._people)

    def put(self, requests: Sequence[Request], offset: int) -> "Future[list[Outcome]]":
        """Queue commands; more than a group of the systems' in several pieces.

        Raises Busy when too many wait already: none of them is accepted.
        """
        rank = ORDINARY if requests[0].many else URGENT
        with self._counting:
            waiting = self._came[rank] - self._taken[rank]
            if waiting and waiting + len(requests) > WAITING:
                raise Busy("too_many_waiting", detail="the store is busy, try again")
            self._came[rank] += len(requests)
        size = len(requests) if rank == URGENT else GROUP
        starts = range(0, len(requests), size)
        pieces = [self._waiting(rank, requests[n : n + size], offset) for n in starts]
        for before, one in itertools.pairwise(pieces):
            one.after = before
        for one in pieces:
            if rank == URGENT:
                self._people.append(one)
            self._queue.put(one)
        return _together(pieces)

    def end(self) -> None:
        """After what waits now, nothing more comes."""
        self._queue.put(self._waiting(LAST, ()))

    def next(self) -> list[list[Waiting]] | None:
        """Groups of the systems' commands; none when people wait, or waited; None at the end."""
        groups: list[list[Waiting]] = []
        one, size, room = self._queue.get(), 0, 0
        while one.rank == ORDINARY:
            many = len(one.requests)
            if many > room:
                groups.append([])
                room = GROUP
            groups[-1].append(one)
            self._taken[ORDINARY] += many
            size, room = size + many, room - many
            if size >= GROUP * ROUNDS or self._queue.empty():
                return groups
            one = self._queue.get()
        if one.rank == LAST and groups:
            self._queue.put(one)
        return None if one.rank == LAST and not groups else groups

    def people(self) -> list[Waiting]:
        """All that people have said by now, up to a group."""
        found: list[Waiting] = []
        size = 0
        while self._people and size < GROUP:
            found.append(self._people.popleft())
            size += len(found[-1].requests)
        self._taken[URGENT] += size
        return found

    def _waiting(self, rank: int, requests: Sequence[Request], offset: int = 0) -> Waiting:
        return Waiting(rank, next(self._numbers), requests, offset)


def _together(pieces: list[Waiting]) -> "Future[list[Outcome]]":
    """What came of all of them, as if they were one."""
    if len(pieces) == 1:
        return pieces[0].done
    whole: Future[list[Outcome]] = Future()

    def one_is_done(_: object) -> None:
        if all(one.done.done() for one in pieces):
            whole.set_result([outcome for one in pieces for outcome in one.done.result()])

    for one in pieces:
        one.done.add_done_callback(one_is_done)
    return whole
