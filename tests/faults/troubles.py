"""When nobody could fire a timer: what excuses an escalation that came late (I8)."""

from dataclasses import dataclass, field

from tests.faults.invariants import LATE_MS
from tests.faults.schedule import WORKERS, Fault

STORE = ("store_", "disk_", "backends_")  # nothing can be written meanwhile
LEASE_MS = 2_000  # a worker that came back waits for the lease of the one before
BACK_MS = 1_500  # a process that was started again is at work so much later
Span = tuple[float, float]


@dataclass
class Troubles:
    """The times (ms) at which the store or both workers at once could do nothing.

    One worker alone excuses nothing: that the other goes on in time is what leases are for. Nor
    does a busy machine.
    """

    _anybody: list[Span] = field(default_factory=list)
    _workers: dict[str, list[Span]] = field(default_factory=lambda: {name: [] for name in WORKERS})

    def note(self, fault: Fault, start: float, end: float) -> None:
        """This fault lasted from start to end (ms)."""
        if fault.kind.startswith(STORE):
            self._anybody.append((start, end + BACK_MS))
        if fault.kind.startswith("worker_"):
            self._workers[fault.target].append((start, end + BACK_MS))

    def excuse(self, due: float) -> float:
        """How many ms more than usual a step that is due then may take."""
        later = [
            end - due
            for start, end in self._nobody()
            if start - LEASE_MS <= due + LATE_MS and end > due
        ]
        return max(later, default=0.0)

    def _nobody(self) -> list[Span]:
        first, second = self._workers.values()
        both = [(max(a, c), min(b, d)) for a, b in first for c, d in second]
        return self._anybody + [(start, end) for start, end in both if start < end]
