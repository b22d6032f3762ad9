"""A state of the version before trees: it is read and served as it lies, and carried over by the next run."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from flis.access import operator_scope
from flis.catalog.cubes import own_catalogue
from flis.config import State
from flis.errors import DamagedError
from flis.query.database import Databases, execute
from flis.query.result import CellSet
from flis.release import apply, carry_over, current, plan, pointer, releases, rollback, verify
from tests.areas.ukraine.figures import counted, expected
from tests.killing import run
from tests.release.earlier import to_earlier_form
from tests.release.sample import build_sample
from tests.release.test_apply import finished

if TYPE_CHECKING:
    from pathlib import Path

    from flis.release import Release

__all__ = ["finished"]

MDX = "SELECT [Kommune].[Kommune].Members ON 0, [Køn].[Køn].Members ON 1 FROM [Ukraine Statistik]"


@pytest.fixture
def earlier(finished: tuple[State, list[Path]], tmp_path: Path) -> State:
    """Three releases in the earlier form."""
    shutil.copytree(finished[0].root, tmp_path / "state")
    state = State(tmp_path / "state", tmp_path / "state" / "keys")
    to_earlier_form(state)
    return state


def named(state: State) -> set[Path]:
    """All files that the releases name."""
    areas = [one for found in releases(state) for one in found.released]
    return {p for a in areas for s in a.stores for t in a.tree.stores[s] for p in a.partitions(s, t).values()}


def lying(state: State) -> set[Path]:
    return {p for p in (state.releases / "stores").rglob("*") if p.is_file()}


def hashes(state: State) -> dict[int, dict[str, dict[str, dict[str, str]]]]:
    return {
        r.number: {
            s: {t: {p: e.sha256 for p, e in parts.items()} for t, parts in tables.items()}
            for s, tables in r.area("ukraine").tree.stores.items()
        }
        for r in releases(state)
    }


def asked(found: Release) -> list[str]:
    base = Databases().of_release(operator_scope(found.number), found, own_catalogue())
    cells = execute(base.scope, base, MDX)
    assert isinstance(cells, CellSet)
    return list(cells.cells.texts)


def test_the_earlier_form_is_read_as_it_lies(earlier: State, finished: tuple[State, list[Path]]) -> None:
    state, files = finished
    assert not (earlier.releases / "trees").exists()
    assert hashes(earlier) == hashes(state)
    for place, found in enumerate(releases(earlier), start=2):
        assert counted(found, "national") == expected(files[:place])
        assert found.damage() == []
        assert verify(earlier, found.number).problems == []
    assert rollback(earlier).number == 2
    assert rollback(earlier, 3).number == 3


def test_the_cube_answers_from_the_earlier_form(tmp_path: Path) -> None:
    state = build_sample(tmp_path)
    right = {r.number: asked(r) for r in releases(state)}
    assert right[1] != right[2]
    to_earlier_form(state)
    assert {r.number: asked(r) for r in releases(state)} == right


def test_a_damaged_file_of_the_earlier_form_is_found(earlier: State) -> None:
    serving = current(earlier)
    assert serving
    victim = earlier.releases / "stores" / "kommune-0461" / "stock"
    for file in victim.iterdir():
        file.write_bytes(b"?")
    assert serving.damage() == ["kommune-0461"]
    with pytest.raises(DamagedError, match="kommune-0461"):
        serving.area("ukraine").store("kommune-0461")
    (serving.folder / "manifest.json").write_text("{}")
    with pytest.raises(DamagedError, match="manifest of release 3"):
        current(earlier)


def test_it_is_carried_over_once(earlier: State) -> None:
    before, serves = hashes(earlier), pointer(earlier)
    assert carry_over(earlier) == ["release 1", "release 2", "release 3"]
    assert hashes(earlier) == before
    assert pointer(earlier) == serves
    assert not list(earlier.releases.glob("*/manifest.json"))
    assert len(list(earlier.releases.glob("*/release.json"))) == 3
    assert named(earlier) < lying(earlier), "a server that began with the earlier names may read them still"
    assert carry_over(earlier) == []
    assert named(earlier) == lying(earlier)
    assert all(r.damage() == [] for r in releases(earlier))


def test_the_next_run_carries_over_and_names_why_it_lays_out_anew(earlier: State) -> None:
    (made,) = plan(earlier)
    assert made.changes
    assert [(r.kind, r.name) for r in made.reasons] == [("software", "flis")]
    before = hashes(earlier)
    published = apply(earlier)
    assert published
    assert published.number == 4
    assert hashes(earlier) == before | {4: before[3]}
    assert not plan(earlier)[0].changes
    assert apply(earlier) is None
    assert named(earlier) == lying(earlier)


@pytest.mark.parametrize("crash", ["release.carried", "release.carried_over"])
def test_killed_while_it_is_carried_over_and_run_again(earlier: State, crash: str) -> None:
    before = hashes(earlier)
    assert run(earlier.root, crash_at=crash) is None
    assert list(earlier.releases.glob("*/manifest.json"))
    assert hashes(earlier) == before
    assert all(r.damage() == [] for r in releases(earlier))
    assert run(earlier.root) is not None
    assert hashes(earlier) == before | {4: before[3]}
    assert not list(earlier.releases.glob("*/manifest.json"))
    carry_over(earlier)
    assert named(earlier) == lying(earlier)
