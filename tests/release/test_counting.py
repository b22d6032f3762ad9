"""The steps that a policy names are there, of the right kind, with the right columns; a mistake is told by its line."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import pytest

from flis.catalog.area_paths import instead
from flis.errors import CatalogError
from flis.release.counting import counting_steps
from flis.release.tables import public_tables

if TYPE_CHECKING:
    from pathlib import Path

    from flis.release.counting import CountingSteps


def with_policy(tmp_path: Path, old: str, new: str) -> CountingSteps:
    with as_file(files("flis.areas") / "ukraine") as own:
        shutil.copytree(own, tmp_path / "ukraine")
    file = tmp_path / "ukraine" / "policy.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with instead([tmp_path / "ukraine"], tmp_path):
        return counting_steps("ukraine")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("totals: total", "totals: totl", "the area has no step totl. Did you mean total?"),
        ("totals: total", "totals: flow_day", "the step flow_day does not count totals. It is a revised whose columns"),
        ("country: flow_day", "country: stock", "the step stock does not count flows."),
        ("stays: stay", "stays: presence", "the step presence does not count stays."),
        ("recount: recount", "recount: breakdown", "the step breakdown does not count recount."),
        ("  breakdown: breakdown\n", "", "has no breakdown"),
    ],
)
def test_a_step_that_does_not_count_it_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(CatalogError, match=r"^areas/ukraine/policy\.yaml:\d+: ") as raised:
        with_policy(tmp_path, old, new)
    assert told in str(raised.value)


def test_what_the_public_sees_follows_from_heads_and_policy() -> None:
    steps = counting_steps("ukraine")
    assert (steps.cells.name, steps.shown_totals.name) == ("stock", "shown_total")
    tables = public_tables("ukraine")
    assert set(tables) == {"total", "flow_day", "flow_week", "flow_month", "breakdown", "delivery", "kommune"}
    assert tables["breakdown"].names == ["dato", "kommune", "dimension", "gruppe", "antal", "opgjort"]
    assert tables["flow_month"].names[:3] == ["maaned", "fra", "tilflyttede"]
    assert public_tables("aeldre") == {}
