"""ST 0601 packets: values as the standard's own examples have them, and damage by its name."""

import contextlib
import random

import pytest

from demo import klv as drone
from video import klv

STANDARD = {
    5: ("71c2", 159.974365),
    6: ("fd3d", -0.431531724),
    7: ("08b8", 3.4058656575),
    13: ("5595b66d", 60.176822966978335),
    14: ("5b5360c4", 128.42675904204452),
    15: ("c221", 14190.7195),
    16: ("cd9c", 144.571298),
    17: ("d917", 152.643626),
    18: ("724a0a20", 160.719211474396),
    19: ("87f84b86", -168.792324833941),
    21: ("03830926", 68590.983298744),
    22: ("1281", 722.819867),
    23: ("f101a229", -10.542388633146132),
    24: ("14bc082b", 29.157890122923014),
    25: ("34f3", 3216.03723),
}
"""Tag -> raw bytes and value of the examples that the standard prints for it."""
FLIGHT = {
    2: 1_700_000_000_123_456,
    5: 271.5,
    10: "演示",
    13: 37.51,
    14: 118.72,
    15: 312.0,
    16: 60.0,
    17: 36.0,
    18: 12.0,
    19: -55.0,
    20: 0.0,
    21: 410.0,
    22: 260.0,
    23: 37.5121,
    24: 118.7213,
    25: 4.0,
    **{tag: 37.5 + tag / 10_000 for tag in (82, 84, 86, 88)},
    **{tag: 118.7 + tag / 10_000 for tag in (83, 85, 87, 89)},
}


@pytest.mark.parametrize(("tag", "raw", "value"), [(t, *v) for t, v in STANDARD.items()])
def test_a_value_is_read_and_written_as_the_standard_has_it(
    tag: int, raw: str, value: float
) -> None:
    scale = klv.SCALES[tag]
    assert scale.read(bytes.fromhex(raw)) == pytest.approx(value, rel=1e-7)
    assert drone.number(tag, value).hex() == raw


def test_what_was_written_is_read_to_the_last_step() -> None:
    read = klv.read(drone.write(FLIGHT))
    for tag, value in FLIGHT.items():
        if isinstance(value, float):
            scale = klv.SCALES[tag]
            assert read[tag] == pytest.approx(value, abs=(scale.high - scale.low) / scale.steps)
        else:
            assert read[tag] == value
    assert read[klv.VERSION] == drone.EDITION


def test_the_time_stands_first_and_the_checksum_last() -> None:
    packet = drone.write(FLIGHT)
    body = packet[len(klv.KEY) + 2 :]
    assert packet.startswith(klv.KEY)
    assert body[:2] == bytes([2, 8])
    assert packet[-4:-2] == bytes([1, 2])


def test_a_signed_value_that_means_none_is_left_out() -> None:
    packet = _with(13, bytes.fromhex("80000000"))
    assert 13 not in klv.read(packet)


def test_unknown_and_long_tags_are_passed_over() -> None:
    plain = _items(drone.write({2: 1, 5: 90.0}))
    packet = _packet(plain + bytes([0x81, 0x0C, 0x82, 0x01, 0x2C]) + bytes(300))  # tag 140
    assert klv.read(packet)[5] == pytest.approx(90, abs=0.01)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"", klv.TRUNCATED),
        (b"\x00" * 40, klv.NO_KEY),
        (drone.write(FLIGHT)[:-1], klv.TRUNCATED),
        (drone.write(FLIGHT) + b"\x00", klv.BAD_LENGTH),
        (klv.KEY + b"\x85" + b"\x01" * 5, klv.BAD_LENGTH),
        (klv.KEY + b"\x82\x01", klv.TRUNCATED),
        (klv.KEY + b"\x00", klv.NO_CHECKSUM),
        (klv.KEY + bytes(70_000), klv.TOO_LONG),
    ],
)
def test_damage_has_a_name(packet: bytes, reason: str) -> None:
    with pytest.raises(klv.KlvError) as raised:
        klv.read(packet)
    assert raised.value.reason == reason


def test_one_changed_bit_fails_the_checksum() -> None:
    packet = bytearray(drone.write(FLIGHT))
    packet[40] ^= 1
    with pytest.raises(klv.KlvError) as raised:
        klv.read(bytes(packet))
    assert raised.value.reason == klv.BAD_CHECKSUM


def test_a_packet_without_its_time_is_refused() -> None:
    with pytest.raises(klv.KlvError) as raised:
        klv.read(_packet(bytes([5, 2, 0, 0])))
    assert raised.value.reason == klv.NO_TIME


def test_a_value_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(klv.KlvError) as raised:
        klv.read(_with(13, b"\x01\x02"))
    assert raised.value.reason == klv.BAD_LENGTH


def test_only_what_can_be_said_is_written() -> None:
    for values in ({2: 1, 13: 91.0}, {2: 1, 5: float("nan")}, {2: 1, 99: 1.0}, {5: 1.0}):
        with pytest.raises(ValueError):  # noqa: PT011
            drone.write(values)


def test_noise_never_raises_anything_else() -> None:
    rng = random.Random(7)
    good = drone.write(FLIGHT)
    for _ in range(2_000):
        noisy = bytearray(good)
        for _ in range(rng.randint(1, 8)):
            noisy[rng.randrange(len(noisy))] = rng.randrange(256)
        cut = bytes(noisy[: rng.randint(0, len(noisy))]) if rng.random() < 0.3 else bytes(noisy)
        with contextlib.suppress(klv.KlvError):
            klv.read(cut)


def _items(packet: bytes) -> bytes:
    """The items of a short packet without its checksum."""
    return packet[len(klv.KEY) + 1 : -4]


def _packet(items: bytes) -> bytes:
    whole = klv.KEY + drone.length(len(items) + 4) + items + bytes([1, 2])
    return whole + klv.checksum(whole).to_bytes(2, "big")


def _with(tag: int, raw: bytes) -> bytes:
    return _packet(_items(drone.write({2: 1})) + bytes([tag, len(raw)]) + raw)
