"""`flis upgrade`: a state folder of the version before, with its releases and its warehouse."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import duckdb
import pytest
from click.testing import CliRunner

from flis.cli import root
from flis.config import State
from flis.release import apply, plan, pointer, releases, verify
from flis.warehouse import load
from tests.release.earlier import to_earlier_form
from tests.release.test_apply import finished
from tests.release.test_commands import call, call_json
from tests.release.test_earlier import hashes, lying, named

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["finished"]


@pytest.fixture
def former(finished: tuple[State, list[Path]], tmp_path: Path) -> State:
    """Three releases with manifests, and a warehouse that names other rules."""
    shutil.copytree(finished[0].root, tmp_path / "state")
    state = State(tmp_path / "state", tmp_path / "state" / "keys")
    to_earlier_form(state)
    return state


def change_warehouse(state: State, *statements: str) -> None:
    with duckdb.connect(str(state.warehouse / "borger" / "warehouse.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def test_releases_get_roots_and_trees_and_serve_as_before(former: State) -> None:
    before, serves = hashes(former), pointer(former)
    done = call_json(former, "upgrade")
    assert done == {"carried": ["release 1", "release 2", "release 3"], "damaged": [], "loaded": 0, "aside": ""}
    assert hashes(former) == before
    assert pointer(former) == serves
    assert not list(former.releases.glob("*/manifest.json"))
    assert all(r.damage() == [] for r in releases(former))
    assert verify(former).problems == []
    assert "has the form of this version" in call(former, "upgrade")
    assert named(former) == lying(former), "the former names of the files go when nothing is left to carry over"
    assert [(r.kind, r.name) for r in plan(former)[0].reasons] == [("software", "flis")]
    published = apply(former)
    assert published
    assert hashes(former)[published.number] == before[3]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE delivery RENAME COLUMN persons TO people",
        "ALTER TABLE delivery ADD COLUMN former VARCHAR",
    ],
)
def test_a_warehouse_of_another_form_is_put_aside_and_built_again(former: State, change: str) -> None:
    change_warehouse(former, change)
    done = call_json(former, "upgrade")
    assert (done["loaded"], done["aside"]) == (4, "borger/warehouse.duckdb.before")
    assert (former.warehouse / "borger" / "warehouse.duckdb.before").is_file()
    assert load(former) == []
    assert verify(former).problems == []
    assert call_json(former, "upgrade") == {"carried": [], "damaged": [], "loaded": 0, "aside": ""}


def test_a_warehouse_that_cannot_be_built_again_stays(former: State) -> None:
    change_warehouse(former, "ALTER TABLE delivery ADD COLUMN former VARCHAR")
    for records in former.deliveries.glob("**/records"):
        shutil.rmtree(records)
    before = (former.warehouse / "borger" / "warehouse.duckdb").read_bytes()
    assert "records of the delivery" in str(call_error(former))
    assert (former.warehouse / "borger" / "warehouse.duckdb").read_bytes() == before


def test_a_damaged_release_is_named_and_left(former: State) -> None:
    (former.releases / "2" / "manifest.json").write_text("{}")
    done = call_json(former, "upgrade")
    assert (done["carried"], done["damaged"]) == (["release 1", "release 3"], ["release 2"])
    assert "left as it is: release 2" in call(former, "upgrade")


def call_error(state: State) -> BaseException | None:
    return CliRunner().invoke(root, ["upgrade", "--state", str(state.root)]).exception
