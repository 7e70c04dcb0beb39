"""The registry of cameras by console."""

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.city_records import Camera
from dispatch.database import Database
from ops.cameras import Registry
from ops.media import MediaSettings
from ops.trouble import Trouble
from tests.dispatch.conftest import small_city


def test_a_camera_is_taken_out_of_use_and_back_by_console(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city, own = small_city(), "CAM-OWN"
    area = city.districts[0]
    camera = Camera(id=own, name_zh="东门", name_en="East gate", district=area.code,
                    lat=area.lat, lon=area.lon, heading=0.0, fov=60.0)  # fmt: skip
    with_one = replace(city, cameras=(camera,))
    console = Registry(database, lambda: with_one, MediaSettings(), tmp_path)

    def words() -> list[str]:
        capsys.readouterr()
        console.run("list", "")
        line = next(one for one in capsys.readouterr().out.splitlines() if one.startswith(own))
        return line.split()

    assert "disabled" not in words()
    assert console.run("disable", own) == 0
    assert "disabled" in words()
    assert console.run("enable", own) == 0
    assert "disabled" not in words()
    for of, word, why in (
        ("remove", own, "no camera"),
        ("disable", "nobody", "no camera"),
        ("polish", own, "say it as"),
    ):
        with pytest.raises(Trouble, match=why):
            console.run(of, word)
