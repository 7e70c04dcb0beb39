"""Positions: the last value of each unit, as a small binary frame per jurisdiction."""

import struct
from typing import Any

from sqlalchemy import insert

from dispatch.city import City
from dispatch.models import position
from dispatch.vocabulary import Role, UnitStatus
from streams.pictures.units import units_table
from streams.positions import Place, Positions
from tests.dispatch.centre import NOON, Centre

CITY = ("city",)


def unpacked(frame: bytes) -> list[tuple[int, float, float, int, int]]:
    (count,) = struct.unpack_from("<I", frame)
    size = struct.calcsize("<HffIB")
    assert len(frame) == 4 + count * size
    return [struct.unpack_from("<HffIB", frame, 4 + n * size) for n in range(count)]  # type: ignore[misc]


def test_a_frame_says_where_each_unit_was_and_how_long_ago(city: City) -> None:
    positions = Positions(city)
    positions.report([Place("POL-E-01", 37.04, 118.04, NOON - 2_500)])
    ((index, lat, lon, age, status),) = unpacked(positions.frame(CITY, NOON))
    table = {row["i"]: row["id"] for row in units_table(city.units)}
    assert table[index] == "POL-E-01"
    assert (round(lat, 4), round(lon, 4), age) == (37.04, 118.04, 2_500)
    assert list(UnitStatus)[status] is UnitStatus.AVAILABLE


def test_an_older_report_never_replaces_a_newer_one(city: City) -> None:
    positions = Positions(city)
    assert positions.report([Place("FIR-E-01", 37.05, 118.05, NOON)]) == 1
    assert positions.report([Place("FIR-E-01", 37.01, 118.01, NOON - 1_000)]) == 0
    assert round(unpacked(positions.frame(CITY, NOON))[0][1], 2) == 37.05


def test_each_jurisdiction_gets_its_own_units(city: City) -> None:
    positions = Positions(city)
    positions.report([Place(u, 37.05, 118.05, NOON) for u in ("FIR-E-01", "FIR-W-01")])
    assert len(unpacked(positions.frame(("w",), NOON))) == 1
    assert len(unpacked(positions.frame(CITY, NOON))) == 2


def test_a_borrowed_unit_is_in_the_frames_of_the_district_that_it_serves(centre: Centre) -> None:
    positions = Positions(centre.city)
    positions.report([Place("FIR-W-01", 37.05, 118.15, NOON)])

    def seen(*scope: str) -> int:
        positions.watch(centre.database)
        return len(unpacked(positions.frame(scope, NOON)))

    incident, _ = centre.incident(type="other")
    asked = centre.does("officer-e", "loan.ask", incident=incident, unit="FIR-W-01")["loan"]
    assert (seen("e"), seen("w")) == (0, 1)
    centre.does("officer-w", "loan.grant", loan=asked)
    assert (seen("e"), seen("w")) == (1, 1)
    order = centre.order("FIR-W-01", who="officer-e", incident=incident)
    centre.does("officer-e", "order.cancel", order=order, reason="no more")
    centre.does("officer-e", "loan.give_back", loan=asked)
    assert (seen("e"), seen("w")) == (0, 1)
    centre.order("FIR-W-01", who="leader", incident=incident)
    assert (seen("e"), seen("w")) == (1, 1)


def test_a_loan_alone_is_news_for_the_frames(centre: Centre) -> None:
    positions, sent = Positions(centre.city), list[Any]()
    positions.report([Place("FIR-W-01", 37.05, 118.15, NOON)])

    def send() -> int:
        sent.clear()
        positions.watch(centre.database)
        positions.send(lambda *message: sent.append(message), {(Role.OFFICER, ("e",))}, NOON)
        return sum(len(unpacked(frame)) for _, frame, _ in sent)

    incident, _ = centre.incident(type="other")
    asked = centre.does("officer-e", "loan.ask", incident=incident, unit="FIR-W-01")["loan"]
    assert send() == 0
    centre.does("officer-w", "loan.grant", loan=asked)
    assert send() == 1


def test_other_processes_hear_of_it_and_ignore_nonsense(city: City) -> None:
    here, there = Positions(city), Positions(city)
    here.publish = lambda channel, text: there.hear(channel, text.encode())
    here.report([Place("FIR-E-01", 37.05, 118.05, NOON)])
    for lie in (b"", b"{}", b"[[1]]", b'[["FIR-E-01","x",0,0]]', b'[["nobody",1,1,1]]', b"[NaN]"):
        there.hear("", lie)
    assert there.frame(CITY, NOON) == here.frame(CITY, NOON)


def test_frames_go_out_only_when_something_moved(city: City) -> None:
    positions = Positions(city)
    sent: list[Any] = []
    audiences = {(Role.OFFICER, CITY), (Role.RESPONDER, ("e",)), (Role.WALL, CITY)}

    def send() -> list[str]:
        sent.clear()
        positions.send(lambda *message: sent.append(message), audiences, NOON)
        return [room for _, _, room in sent]

    positions.report([Place("FIR-E-01", 37.05, 118.05, NOON)])
    assert send() == ["pos:city"]
    assert send() == []


def test_after_a_restart_the_stored_places_and_states_are_there(centre: Centre) -> None:
    row = {"realm": "real", "unit": "FIR-E-01", "at": NOON - 9_000, "received_at": NOON,
           "lat": 37.05, "lon": 118.05, "source": "positions"}  # fmt: skip
    centre.database.write(lambda c: c.execute(insert(position).values(**row)))
    centre.order("FIR-E-01")
    positions = Positions(centre.city)
    positions.load(centre.database, NOON)
    positions.watch(centre.database)
    ((_, _, _, age, status),) = unpacked(positions.frame(CITY, NOON))
    assert (age, list(UnitStatus)[status]) == (9_000, UnitStatus.ASSIGNED)
