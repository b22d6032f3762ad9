"""What changed in the files of an area is named by the plan, and laid out anew, without a new delivery."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis.catalog.area_paths import instead
from flis.errors import ReleaseError
from flis.release import apply, current, plan
from tests.release.test_apply import finished, state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

__all__ = ["finished", "state"]

PERIODS = ["2022-01", "2022-02", "2022-03"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the area's folder that a test may change."""
    with as_file(files("flis.areas") / "ukraine") as own:
        shutil.copytree(own, tmp_path / "areas" / "ukraine")
    return tmp_path / "areas" / "ukraine"


@pytest.fixture
def changed(folder: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """The area with some texts in its files in place of others."""
    for file, before, after in request.param:
        text = (folder / file).read_text("utf-8")
        assert before in text
        (folder / file).write_text(text.replace(before, after), "utf-8")
    with instead([folder], folder.parent):
        yield


FLOW = [("steps/flow.sql", "sum(indrejste)", "2 * sum(indrejste)")]
AGES = [
    ("definition.yaml", "07-16: 7", "07-16: 8"),
    ("policy.yaml", "00-06: [0-6], 07-16: [7-16]", "00-06: [0-7], 07-16: [8-16]"),
]


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("changed", [FLOW], indirect=True)
def test_a_changed_step_is_named_and_its_figures_are_checked(state: State) -> None:
    (made,) = plan(state)
    assert made.changes
    assert ("step", "flow", PERIODS) in [(r.kind, r.name, r.periods) for r in made.reasons]
    assert [check.name for check in made.failed] == ["flows"]
    with pytest.raises(ReleaseError, match="Checks fail in ukraine: flows"):
        apply(state)


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("changed", [AGES], indirect=True)
def test_a_moved_age_group_is_named_and_laid_out_anew(state: State) -> None:
    before = current(state)
    (made,) = plan(state)
    assert before
    named = [(r.kind, r.name, r.periods) for r in made.reasons]
    assert named == [("definition", "definition", PERIODS), ("policy", "policy", PERIODS)]
    published = apply(state)
    assert published
    (file,) = published.area("ukraine").files("shared", "dim.alder")
    groups = {row["alder"]: row["aldersgruppe"] for row in pq.read_table(file).to_pylist()}
    assert (groups[7], groups[8]) == ("00-06", "07-16")
    same = [r.area("ukraine").tree.stores["national"]["stock"] for r in (before, published)]
    assert same[0] == same[1], "the facts are by single years"
    assert not plan(state)[0].changes
