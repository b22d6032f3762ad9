from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flis.cli import root
from flis.errors import UsageError
from flis.simulate import FAULTS, simulate

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ["--from", "2022-01-03", "--to", "2022-01-05", "--scale", "0.0003", "--refugee-scale", "0.01"]


def test_the_command_writes_and_lists_files(tmp_path: Path) -> None:
    result = CliRunner().invoke(root, ["simulate", "borger", "--out", str(tmp_path), *SMALL, "--json"])
    assert result.exit_code == 0, result.output
    listed = json.loads(result.stdout)
    assert [row["file"] for row in listed] == [f"D2201{day:02}.L431101" for day in range(2, 6)]
    assert all((tmp_path / row["file"]).stat().st_size == row["bytes"] for row in listed)


def test_help_lists_the_faults() -> None:
    text = CliRunner().invoke(root, ["simulate", "--help"]).output
    assert all(name in text for name in FAULTS)


@pytest.mark.parametrize(
    ("area", "options"),
    [("vejr", {}), ("borger", {"form": "tape"}), ("borger", {"scale": 1.5}), ("borger", {"refugee_scale": -1})],
)
def test_wrong_arguments(tmp_path: Path, area: str, options: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        simulate(area, tmp_path, date(2022, 1, 3), date(2022, 1, 4), **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        simulate("borger", tmp_path, date(2022, 1, 4), date(2022, 1, 3))
