"""Places that are none."""

CLOSE = 1e-4  # degrees: some ten metres


def is_nowhere(lat: float, lon: float) -> bool:
    """Whether this is what devices send that do not know where they are: 0, 0 in the Atlantic."""
    return abs(lat) < CLOSE and abs(lon) < CLOSE
