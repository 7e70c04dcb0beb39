"""One time line for a feed, which only rises, whatever its source does to its own."""

CLOCK = 90_000  # ticks a second
JUMP = 10 * CLOCK  # further ahead than any camera pauses between two pictures: its clock was set


class Timeline:
    """Turns a source's ticks into ours. After a gap the same time has passed as on the wall."""

    def __init__(self) -> None:
        self._offset: int | None = None
        self._last_in = 0
        self._last_out = -1
        self._last_wall = 0.0

    def break_off(self) -> None:
        """The source has ended; the next ticks are of another beginning."""
        self._offset = None

    def beside(self, ticks: int) -> int | None:
        """Our time of what stands beside the pictures; None before the first of them."""
        return None if self._offset is None else ticks + self._offset

    def stamp(self, ticks: int | None, wall: float) -> int:
        """Our time of a packet. wall: seconds of any steady clock."""
        passed = max(1, int((wall - self._last_wall) * CLOCK)) if self._last_out >= 0 else 1
        if ticks is None:
            ticks = self._last_in + passed
        if self._offset is None or not 0 < ticks - self._last_in <= JUMP:
            self._offset = self._last_out + passed - ticks
        self._last_in, self._last_wall = ticks, wall
        self._last_out = max(self._last_out + 1, ticks + self._offset)
        return self._last_out
