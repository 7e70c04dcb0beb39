"""A range of UDP ports."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ports:
    """Both ends are included."""

    first: int
    last: int

    @staticmethod
    def parse(text: str) -> "Ports":
        """`40000-40199`. Raises ValueError."""
        first, _, last = text.partition("-")
        ports = Ports(int(first), int(last or first))
        if not 1024 <= ports.first <= ports.last <= 65_535:
            raise ValueError("should be a range of ports such as 40000-40199")
        return ports
