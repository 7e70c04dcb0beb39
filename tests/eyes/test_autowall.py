"""The wall's own choice: who looks at the incident first, then who is near; dead ones replaced."""

from dataclasses import replace

from streams.autowall import Choice, Eye, Push, Why, choose, rank, sees
from tests.eyes.conftest import CAMERAS

LEAK = (37.05, 118.05)
EYES = [Eye(f"cam/{one.id}", one.lat, one.lon, one.heading, one.fov) for one in CAMERAS]
DRONE = Eye("drone/U", 37.06, 118.06, 0, 60, "live", drone=True, looks_at=LEAK)


def test_what_looks_at_it_comes_first_then_what_is_near() -> None:
    ranked = rank(EYES, LEAK)
    assert [pick.feed for pick in ranked] == ["cam/C1", "cam/C3", "cam/C5", "cam/C2", "cam/C4"]
    assert [pick.why for pick in ranked] == [Why.SEES] * 3 + [Why.NEAR] * 2
    assert ranked[0].distance_m == 222
    assert ranked[0].bearing == 0
    assert ranked[1].bearing == 90


def test_a_field_of_view_has_two_edges_and_an_end() -> None:
    north = Eye("cam/N", 37.052, 118.05, 180, 60)
    assert sees(replace(north, heading=151), LEAK)
    assert not sees(replace(north, heading=149), LEAK)
    assert sees(replace(north, heading=0, fov=360), LEAK)
    assert not sees(replace(north, lat=37.062), LEAK)


def test_a_drone_goes_first_only_while_it_looks_there() -> None:
    assert rank([*EYES, DRONE], LEAK)[0].feed == "drone/U"
    away = replace(DRONE, looks_at=(37.07, 118.07))
    assert all(pick.feed != "drone/U" for pick in rank([*EYES, away], LEAK))


def test_a_dead_picture_is_replaced_and_no_other_moves() -> None:
    before = _feeds(choose(EYES, LEAK, 4))
    dead = _with("cam/C3", state="dead")
    after = choose(dead, LEAK, 4)
    assert before == ["cam/C1", "cam/C3", "cam/C5", "cam/C2"]
    assert _feeds(after) == ["cam/C1", "cam/C4", "cam/C5", "cam/C2"]
    assert after.picks[1].instead_of == "cam/C3"
    assert _feeds(choose(EYES, LEAK, 4)) == before


def test_frozen_black_and_unplayable_ones_are_no_better_than_dead() -> None:
    for change in ({"state": "frozen"}, {"state": "black"}, {"playable": False}):
        assert _feeds(choose(_with("cam/C1", **change), LEAK, 4))[0] == "cam/C4"


def test_what_nobody_has_opened_yet_counts_as_healthy() -> None:
    assert _feeds(choose(_with("cam/C1", state="idle"), LEAK, 1)) == ["cam/C1"]


def test_without_another_the_dead_one_stays_in_sight() -> None:
    alone = [replace(EYES[0], state="dead")]
    (pick,) = choose(alone, LEAK, 4).picks
    assert (pick.feed, pick.instead_of) == ("cam/C1", None)


def test_what_a_person_put_there_stays_dead_or_not() -> None:
    dead = _with("cam/C6", state="dead")
    choice = choose(dead, LEAK, 4, [Push("SP-1", 2, "cam/C6")])
    assert _feeds(choice) == ["cam/C1", "cam/C6", "cam/C3", "cam/C5"]
    assert (choice.picks[1].why, choice.picks[1].push) == (Why.PUSHED, "SP-1")


def test_a_pushed_picture_is_shown_once() -> None:
    feeds = _feeds(choose(EYES, LEAK, 4, [Push("SP-1", 4, "cam/C1")]))
    assert sorted(feeds) == sorted(set(feeds))
    assert feeds[3] == "cam/C1"


def test_the_next_ones_are_named_beforehand() -> None:
    assert [pick.feed for pick in choose(EYES, LEAK, 2).spares] == ["cam/C5", "cam/C2", "cam/C4"]


def test_far_cameras_say_nothing_of_an_incident() -> None:
    assert _feeds(choose(EYES, LEAK, 16)) == ["cam/C1", "cam/C3", "cam/C5", "cam/C2", "cam/C4"]
    assert choose(EYES, (36.0, 117.0), 4).picks == ()


def test_in_quiet_times_all_cameras_take_turns() -> None:
    shown = {feed for turn in range(2) for feed in _feeds(choose(EYES, None, 3, turn=turn))}
    assert shown == {eye.feed for eye in EYES}


def _with(feed: str, **change: object) -> list[Eye]:
    return [replace(eye, **change) if eye.feed == feed else eye for eye in EYES]  # type: ignore[arg-type]


def _feeds(choice: Choice) -> list[str]:
    return [pick.feed for pick in choice.picks]
