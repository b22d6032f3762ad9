"""Cubes of several areas over one release: whose tables they read, what one does to the others, what stays open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from flis.access import Grant, Principal, Scope, operator_scope
from flis.catalog.area_file import Phrase, Product
from flis.catalog.cubes import load_cube, own_catalogue
from flis.errors import CatalogError, DamagedError, NotFoundError
from flis.operations import AreaEvent, Change, record
from flis.query.database import Databases, execute
from flis.query.result import CellSet
from flis.release import current
from flis.release.files import Files
from flis.release.publishing import publish
from flis.release.tree import Root, Tree, encoded
from flis.serve.xmla import ReleaseBackend, Service, Sessions
from tests.release.sample import build_sample
from tests.serve.xmla.asking import discover, root_of, rows_of
from tests.serve.xmla.asking import execute as executed
from tests.serve.xmla.test_release import ask as answered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.catalog.cube import Catalogue
    from flis.config import State
    from flis.query.cubes.store import CubeStore
    from flis.query.database import Database
    from flis.release import Release

CUBE = """
cube: {name}
dimensions:
  - name: Køn
    table: dim.koen
    key: koen
    attributes: [{{name: Køn, key: koen}}]
measure_groups:
  - name: Alt
    table: {table}
    links: {{Køn: koen}}
    measures: [{{name: Timer, aggregate: sum, column: {column}}}]
"""
ROWSETS = ("MDSCHEMA_CUBES", "MDSCHEMA_DIMENSIONS", "MDSCHEMA_HIERARCHIES", "MDSCHEMA_LEVELS", "MDSCHEMA_MEMBERS")
EVERYBODY = Principal("national", "", (Grant(),))


@pytest.fixture
def state(tmp_path: Path) -> State:
    return build_sample(tmp_path / "state", releases=1)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """The own catalogue, a cube of the area `aeldre` over a table that `ukraine` has too, and three unlucky ones."""

    def cube(area: str, name: str, table: str, column: str = "timer") -> Any:
        file = tmp_path / f"{name}.yaml"
        file.write_text(CUBE.format(name=name, table=table, column=column), "utf-8")
        return replace(load_cube(file), area=area)

    own = own_catalogue()
    others = (
        cube("aeldre", "Ældre", "stock"),
        cube("aeldre", "Uden tabel", "visits"),
        cube("aeldre", "Uden kolonne", "stock", "minutter"),
        cube("skole", "Skole", "stock"),
    )
    return replace(own, cubes=(*others[:2], *own.cubes, *others[2:]))


def release_too(state: State, number: int, timer: int) -> Release:
    """Publish the next release, which adds the area `aeldre` with one row, and leaves the others as they are."""
    before = current(state)
    assert before
    files = Files(state.releases / "stores", "aeldre")
    facts = pa.table({"koen": ["K"], "timer": pa.array([timer], pa.int64())})
    stores = {name: {"stock": {"": files.put(name, "stock", facts)}} for name in ("national", "kommune-0101")}
    shared = {"dim.koen": before.area("ukraine").tree.stores["shared"]["dim.koen"]}
    last = date(2022, 7, 31)
    tree = Tree(
        area="aeldre",
        coverage={"dap-cube": {"": (date(2022, 7, 1), last)}},
        known=last,
        delivery="x",
        deliveries=1,
        load=1,
        policy="",
        fingerprints={},
        stores={**stores, "shared": shared},
    )
    root = Root(
        number=number,
        previous=before.number,
        applied=datetime(2022, 8, 18, tzinfo=UTC) + timedelta(number),
        version="0",
        areas=before.root.areas | {"aeldre": encoded(tree)[0]},
        shown=before.root.shown,
    )
    return publish(state, root, [tree])


def total(base: Database, cube: str, measure: str) -> Any:
    found = execute(base.scope, base, f"SELECT [Measures].[{measure}] ON 0 FROM [{cube}]")
    assert isinstance(found, CellSet)
    return found.cells.value(0)


def test_two_areas_with_a_table_of_the_same_name_never_meet(state: State, catalogue: Catalogue) -> None:
    alone = Databases().of_release(operator_scope(1), current(state), own_catalogue())  # type: ignore[arg-type]
    persons = total(alone, "Ukraine Statistik", "Antal personer")
    found = release_too(state, 2, 7)
    base = Databases().of_release(operator_scope(2), found, catalogue)
    assert total(base, "Ældre", "Timer") == 7
    assert total(base, "Ukraine Statistik", "Antal personer") == persons
    wrong = replace(catalogue, cubes=tuple(replace(c, area="ukraine") for c in catalogue.cubes if c.name == "Ældre"))
    with pytest.raises(CatalogError, match="no column timer"):
        total(Databases().of_release(operator_scope(2), found, wrong), "Ældre", "Timer")


def test_a_cube_without_data_is_not_listed_and_says_why(state: State, catalogue: Catalogue) -> None:
    base = Databases().of_release(operator_scope(2), release_too(state, 2, 7), catalogue)
    assert [c.name for c in base.cubes] == ["Ældre", "Ukraine Statistik"]
    for cube, error, match in (
        ("Uden tabel", CatalogError, "no table visits of aeldre"),
        ("Uden kolonne", CatalogError, "no column minutter"),
        ("Skole", NotFoundError, "area skole has been released"),
    ):
        with pytest.raises(error, match=match):
            total(base, cube, "Timer")
    base.warm()


def test_metadata_of_the_others_is_as_without_them(
    state: State, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(tmp_path / "sessions.db")

    def rows() -> dict[str, list[dict[str, str]]]:
        service = Service(ReleaseBackend(state), sessions)
        return {name: rows_of(answered(service, EVERYBODY, discover(name))) for name in ROWSETS}

    before = rows()
    assert all(before.values())
    monkeypatch.setattr("flis.serve.xmla.release.own_catalogue", lambda: catalogue)
    assert rows() == before
    sessions.close()


LATE = {
    "Uden standard": ("{name: Køn, key: koen}", "{name: Køn, key: koen, default_member: X}", "no default member X"),
    "Uden dato": ("table: dim.koen", "table: dim.koen\n    time: true\n    date: koen", "holds no dates"),
}
"""What is wrong with a cube only when its members are asked for."""


@pytest.mark.parametrize("name", LATE)
def test_a_cube_whose_members_cannot_be_had_hides_no_other(
    name: str, state: State, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong, told = LATE[name]
    release_too(state, 2, 7)
    file = tmp_path / "late.yaml"
    text = CUBE.format(name=name, table="stock", column="timer")
    assert right in text
    file.write_text(text.replace(right, wrong), "utf-8")
    late = replace(catalogue, cubes=(*catalogue.cubes, replace(load_cube(file), area="aeldre")))
    sessions = Sessions(tmp_path / "sessions.db")

    def rows(known: Catalogue) -> dict[str, list[dict[str, str]]]:
        monkeypatch.setattr("flis.serve.xmla.release.own_catalogue", lambda: known)
        service = Service(ReleaseBackend(state), sessions)
        return {rowset: rows_of(answered(service, EVERYBODY, discover(rowset))) for rowset in ROWSETS}

    assert rows(late) == rows(catalogue)
    monkeypatch.setattr("flis.serve.xmla.release.own_catalogue", lambda: late)
    with pytest.raises(CatalogError, match=told):
        answered(
            Service(ReleaseBackend(state), sessions),
            EVERYBODY,
            executed(f"SELECT [Køn].[Køn].Members ON 0 FROM [{name}]"),
        )
    sessions.close()


def test_a_release_of_one_area_leaves_the_data_of_the_others_open(state: State, catalogue: Catalogue) -> None:
    databases = Databases()
    first = databases.of_release(operator_scope(2), release_too(state, 2, 7), catalogue)
    first.warm()
    second = databases.of_release(operator_scope(3), release_too(state, 3, 8), catalogue)
    same = {c.name for c in second.cubes if c in first.cubes}
    assert same == {"Ukraine Statistik"}
    assert (total(first, "Ældre", "Timer"), total(second, "Ældre", "Timer")) == (7, 8)
    databases.close()


def municipal(code: str) -> Scope:
    return Scope("analyst", 1, (f"kommune-{code}",), "municipal", (code,))


def is_open(store: CubeStore) -> bool:
    return store._connection is not None


def test_the_bound_is_one_of_bytes_and_what_is_dropped_is_closed(state: State) -> None:
    found = current(state)
    assert found
    databases = Databases(bound=1)
    base: Database | None = databases.of_release(municipal("0101"), found, own_catalogue())
    assert base
    base.warm()
    store = base.sections[0].store
    assert store.size > 1
    other = databases.of_release(municipal("0461"), found, own_catalogue())
    assert not databases.holds(base)
    assert databases.holds(other)
    assert is_open(store), "somebody asks it still"
    assert total(base, "Ukraine Statistik", "Antal personer")
    base = None
    assert not is_open(store)
    wide = Databases()
    first = wide.of_release(municipal("0101"), found, own_catalogue())
    wide.of_release(municipal("0461"), found, own_catalogue())
    assert wide.of_release(municipal("0101"), found, own_catalogue()) is first
    databases.close()
    wide.close()


@pytest.fixture
def damaged(state: State) -> Iterator[Release]:
    """A release of two areas; a file of one of them is damaged."""
    found = release_too(state, 2, 7)
    (file,) = found.area("aeldre").files("national", "stock")
    right = file.read_bytes()
    file.write_bytes(right[:-1] + b"?")
    yield found
    file.write_bytes(right)


def test_a_damaged_area_closes_its_own_cubes_alone(damaged: Release, catalogue: Catalogue) -> None:
    databases = Databases()
    base = databases.of_release(operator_scope(2), damaged, catalogue)
    assert [c.name for c in base.cubes] == ["Ukraine Statistik"]
    assert total(base, "Ukraine Statistik", "Antal personer")
    with pytest.raises(DamagedError, match="national"):
        total(base, "Ældre", "Timer")


def test_the_cube_of_an_area_that_was_retired_answers_with_its_text(state: State, tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.db")
    service = Service(ReleaseBackend(state), sessions)
    since, text = date(2022, 1, 1), Phrase("Afløst af en anden.", "Replaced by another.")

    def cubes() -> list[str]:
        return [row["CUBE_NAME"] for row in rows_of(answered(service, EVERYBODY, discover("MDSCHEMA_CUBES")))]

    statement = executed("SELECT [Measures].[Antal personer] ON 0 FROM [Ukraine Statistik]")
    before = cubes()
    assert "Ukraine Statistik" in before
    record(state, AreaEvent(area="ukraine", change=Change.RETIRE, since=since, text=text, product=Product.DAP_CUBE))
    assert "Ukraine Statistik" not in cubes()
    with pytest.raises(NotFoundError, match=r"^Ukraine Statistics: retired since 2022-01-01. Replaced by another."):
        answered(service, EVERYBODY, statement)
    record(state, AreaEvent(area="ukraine", change=Change.REOPEN, since=since, text=text, product=Product.DAP_CUBE))
    assert cubes() == before
    assert root_of(answered(service, EVERYBODY, statement)) is not None
    sessions.close()
