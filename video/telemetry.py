"""What a drone tells of itself, whichever way: KLV beside its picture, or a flight log."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from video import footprint, klv
from video.footprint import Gaze, Place

KLV, ULOG = "klv", "ulog"
OFFSETS = tuple(range(26, 34, 2))  # latitude tags of the corners, against the middle
FULL = tuple(range(82, 90, 2))


@dataclass(frozen=True)
class Telemetry:
    """One report. at: ms, UTC; places in WGS-84 degrees; angles in degrees.

    heading: of the aircraft, from north; gaze: where its camera looks, from north.
    alt: metres above sea level. battery, link: per cent. What was not said is None.
    corners: of the picture on the ground, from its upper left clockwise.
    """

    at: int
    lat: float
    lon: float
    alt: float | None = None
    heading: float | None = None
    gaze: float | None = None
    tilt: float | None = None
    hfov: float | None = None
    vfov: float | None = None
    centre: Place | None = None
    corners: tuple[Place, ...] = ()
    battery: float | None = None
    link: float | None = None
    source: str = KLV

    def shown(self) -> dict[str, Any]:
        """As JSON: degrees to about a centimetre, everything else to a tenth."""
        values = {name: _short(name, value) for name, value in asdict(self).items()}
        return {name: value for name, value in values.items() if value not in (None, [])}


class Source(Protocol):
    """Where reports come from, in the order of their time."""

    def __iter__(self) -> Iterator[Telemetry]: ...


def of_klv(packet: bytes) -> Telemetry | None:
    """The report in one ST 0601 packet; None if it does not say where the drone is.

    Raises KlvError.
    """
    values = klv.read(packet)
    number = _Numbers(values)
    lat, lon = number(13), number(14)
    if lat is None or lon is None:
        return None
    heading = number(5)
    gaze = None if heading is None or number(18) is None else (heading + number.of(18)) % 360
    return Telemetry(
        at=int(values[klv.TIME]) // 1000,
        lat=lat,
        lon=lon,
        alt=number(15),
        heading=heading,
        gaze=gaze,
        tilt=number(19),
        hfov=number(16),
        vfov=number(17),
        centre=_pair(number, 23),
        corners=_corners(number) or _reckoned(number, gaze),
    )


class KlvSource:
    """Reports from packets; what is damaged is counted and left out."""

    def __init__(self, packets: Iterable[bytes]) -> None:
        self._packets = packets
        self.refused: dict[str, int] = {}

    def __iter__(self) -> Iterator[Telemetry]:
        for packet in self._packets:
            if (found := self.hear(packet)) is not None:
                yield found

    def hear(self, packet: bytes) -> Telemetry | None:
        """One packet's report, or None if it says nothing that can be trusted."""
        try:
            return of_klv(packet)
        except klv.KlvError as error:
            self.refused[error.reason] = self.refused.get(error.reason, 0) + 1
            return None


class _Numbers:
    """The numbers of a packet by tag."""

    def __init__(self, values: klv.Values) -> None:
        self._values = values

    def __call__(self, tag: int) -> float | None:
        value = self._values.get(tag)
        return float(value) if isinstance(value, int | float) else None

    def of(self, tag: int, otherwise: float = 0.0) -> float:
        value = self(tag)
        return otherwise if value is None else value


def _pair(number: _Numbers, tag: int) -> Place | None:
    lat, lon = number(tag), number(tag + 1)
    return None if lat is None or lon is None else (lat, lon)


def _corners(number: _Numbers) -> tuple[Place, ...]:
    """The corners as the drone gives them: in full, or against the picture's middle."""
    full = [_pair(number, tag) for tag in FULL]
    if all(full):
        return tuple(place for place in full if place)
    centre, offsets = _pair(number, 23), [_pair(number, tag) for tag in OFFSETS]
    if centre is None or not all(offsets):
        return ()
    return tuple((centre[0] + one[0], centre[1] + one[1]) for one in offsets if one)


def _reckoned(number: _Numbers, gaze: float | None) -> tuple[Place, ...]:
    """The corners from place, height and angles, where the drone does not give them."""
    needed = [number(tag) for tag in (13, 14, 15, 25, 16, 17, 19)]
    if gaze is None or any(one is None for one in needed):
        return ()
    lat, lon, alt, ground, hfov, vfov, tilt = (0.0 if one is None else one for one in needed)
    return footprint.corners(Gaze(lat, lon, alt - ground, gaze, tilt, hfov, vfov, number.of(20)))


def _short(name: str, value: Any) -> Any:
    if name in ("lat", "lon"):
        return round(value, 7)
    if name == "centre":
        return None if value is None else [round(part, 7) for part in value]
    if name == "corners":
        return [[round(part, 7) for part in place] for place in value]
    if isinstance(value, float):
        return round(value, 1) if math.isfinite(value) else None
    return value
