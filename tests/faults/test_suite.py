"""The fault suite itself: it sees what it should and says what it does not run."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults import invariants, matrix
from tests.faults.__main__ import main
from tests.faults.bench import Bench
from tests.faults.frames import Mangler
from tests.faults.inject import INJECTORS
from tests.faults.invariants import Truth, Watched
from tests.faults.mutants import MUTANTS, copy_of
from tests.faults.proxy import Proxy, by_port
from tests.faults.rows import LONG, SPECIAL
from tests.faults.schedule import KINDS, Fault, Schedule, draw, rows_drawn, shrink
from tests.stack import ROOT

HELD = Truth({"AL-1": "NEW"}, 1, {"AL-1": "NEW"}, {"ZL-1": "ISSUED"}, ["ZL-1"], "WARTIME", 7)


def test_every_row_of_the_matrix_is_run_or_says_why_not() -> None:
    assert [row.id for row in matrix.MATRIX] == [f"F{n}" for n in range(1, 51)]
    assert all(bool(row.where) != bool(row.why_not) for row in matrix.MATRIX)
    assert len(matrix.table().splitlines()) == 50


def test_what_the_matrix_says_is_run_is_there() -> None:
    drawn = {row for kind in KINDS.values() for row in kind.rows} | {"F49"}
    for row in matrix.MATRIX:
        if row.where == matrix.SCHEDULES:
            assert row.id in drawn, row.id
        elif row.where == matrix.ROWS:
            assert row.id in LONG.keys() | SPECIAL.keys(), row.id
        elif row.where:
            assert (ROOT / row.where).exists(), row.id


def test_the_last_line_holds_the_figures_that_are_promised_and_nothing_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a schedule, so that nothing is started."""
    monkeypatch.setattr("sys.argv", ["faults", "0", "--seconds", "0", "--no-rows"])
    monkeypatch.setenv("FAULTS_CITY", "/nowhere")
    monkeypatch.setattr(Bench, "open", _nothing)
    monkeypatch.setattr(Bench, "close", _nothing)
    assert main() == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(last) == [
        "schedules", "lost", "doubled", "converge_p99_s", "converge_max_s", "stale_max_s",
        "order_p99_redis_dead_ms", "not_run",
    ]  # fmt: skip


async def _nothing(_bench: Bench) -> None:
    pass


def test_a_seed_gives_the_same_schedule_and_a_schedule_can_be_written_down() -> None:
    first = draw(7, "sqlite")
    assert first == draw(7, "sqlite") == Schedule.read(first.text)
    assert len({draw(seed, "postgres").text for seed in range(50)}) == 50


def test_sixty_seeds_meet_every_kind_of_fault() -> None:
    drawn = [draw(seed, "sqlite") for seed in range(31, 61)]
    drawn += [draw(seed, "postgres") for seed in range(1_000_001, 1_000_031)]
    assert {one.kind for schedule in drawn for one in schedule.faults} == KINDS.keys()
    assert rows_drawn(drawn) >= {"F1", "F7", "F8", "F12", "F18", "F19", "F23", "F27"}
    assert KINDS.keys() <= INJECTORS.keys()


def test_a_failing_schedule_is_made_as_small_as_what_makes_it_fail() -> None:
    faults = tuple(Fault(f"kind-{n}", "", 0.1, 0.1) for n in range(4))

    async def fails(schedule: Schedule) -> bool:
        return faults[2] in schedule.faults

    smallest = asyncio.run(shrink(Schedule(1, "sqlite", faults), fails, 20))
    assert smallest.faults == (faults[2],)


def test_a_lost_and_a_doubled_effect_are_seen() -> None:
    expected = Counter({("OrderIssued", "ZL-1"): 1, ("OrderIssued", "ZL-2"): 1})
    once = {"type": "OrderIssued", "subject": "ZL-1"}
    lost, doubled, broken = invariants.no_loss_one_effect(expected, [once, once])
    assert (lost, doubled) == (1, 1)
    assert {one.invariant for one in broken} == {"I1", "I2"}


def test_a_double_under_another_name_is_seen() -> None:
    expected = Counter({("OrderDrafted", "ZL-1"): 1})
    events = [{"type": "OrderDrafted", "subject": id} for id in ("ZL-1", "ZL-2")]
    assert invariants.no_loss_one_effect(expected, events)[:2] == (0, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "PEACETIME"},
        {"epoch": 6},
        {"alerts": {"AL-1": "ACKNOWLEDGED"}},
        {"alerts": {}},
        {"orders": {"ZL-1": "ACKED"}},
        {"count": 0},
        {"mine": []},
        {"stale": True},
        {"connected": False},
    ],
)
def test_a_screen_that_shows_something_else_is_seen(wrong: dict[str, object]) -> None:
    right = {
        "id": "s",
        "connected": True,
        "stale": False,
        "mode": "WARTIME",
        "epoch": 7,
        "alerts": HELD.alerts,
        "orders": HELD.orders,
        "count": 1,
        "mine": ["ZL-1"],
    }
    assert invariants.convergence(HELD, [right], None) == []
    assert invariants.convergence(HELD, [{**right, **wrong}], None)


@pytest.mark.parametrize(
    "wrong", [{"stale": True}, {"mode": "PEACETIME"}, {"total": "0"}, {"rows": {"AL-1": "TAKEN"}}]
)
def test_a_browser_that_shows_something_else_is_seen(wrong: dict[str, object]) -> None:
    rows = {"AL-1": "NEW"}
    right = {"live": True, "stale": False, "mode": "WARTIME", "total": "1", "rows": rows}
    assert invariants.convergence(HELD, [], right) == []
    assert invariants.convergence(HELD, [], {**right, **wrong})


def test_an_escalation_that_is_late_early_doubled_or_missing_is_seen() -> None:
    watched = [Watched("ZL-1", (1_000,))]

    def fired(*times: int) -> list[dict[str, object]]:
        body = {"step": 1}
        return [
            {"type": "OrderEscalated", "subject": "ZL-1", "at": at, "body": body} for at in times
        ]

    assert invariants.timers(watched, fired(1_500), 9_000) == []
    assert invariants.timers(watched, fired(), 2_900) == []
    for events in (fired(), fired(3_001), fired(999), fired(1_100, 1_200)):
        assert invariants.timers(watched, events, 9_000)
    assert invariants.timers(watched, fired(4_000), 9_000, lambda _due: 2_000) == []


def test_the_mangler_loses_doubles_and_swaps_pushes_alone() -> None:
    def frame(text: str) -> bytes:
        return bytes([0x81, len(text)]) + text.encode()

    beat, mangler = frame('42["hb",{}]'), Mangler(0.3, 0.2, 0.2, seed=1)
    pushes = [frame(f'42["cycle",{n}]') for n in range(100, 200)]
    stream = b"".join(one + beat for one in pushes)
    out = b"".join(mangler.take("line", stream[at : at + 7]) for at in range(0, len(stream), 7))
    assert out.count(beat) == 100
    assert 40 < sum(out.count(one) > 0 for one in pushes) < 90
    assert any(out.count(one) == 2 for one in pushes)


def test_the_proxy_passes_on_holds_back_and_loses_answers() -> None:
    async def told() -> list[bytes]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(100):
                writer.write(data)

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        proxy = Proxy([by_port(1), by_port(server.sockets[0].getsockname()[1])])
        port = await proxy.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        heard = []
        writer.write(b"GET /")
        heard.append(await reader.read(100))
        proxy.hold()
        writer.write(b"GET /2")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(100), 0.1)
        proxy.heal()
        heard.append(await reader.read(100))
        proxy.faults.lost_answers = 1
        writer.write(b"POST /")
        with suppress(ConnectionResetError):
            heard.append(await reader.read(100))
        assert heard[2:] in ([], [b""])
        await proxy.close()
        server.close()
        return heard

    assert asyncio.run(told())[:2] == [b"GET /", b"GET /2"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_can_be_made_of_the_product_as_it_is(mutant: object) -> None:
    with copy_of(mutant) as tree:  # type: ignore[arg-type]
        for file in {change.file for change in mutant.changes}:  # type: ignore[attr-defined]
            assert (tree / file).read_bytes() != (ROOT / file).read_bytes()
            if file.endswith(".py"):
                compile((tree / file).read_text(), file, "exec")


def test_the_invariants_import_nothing_of_the_product() -> None:
    text = (Path(__file__).parent / "invariants.py").read_text()
    for room in ("dispatch", "streams", "callbacks", "layouts", "video"):
        assert f"from {room}" not in text
        assert f"import {room}" not in text
