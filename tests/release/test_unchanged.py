"""An area with nothing new is known without its warehouse, and no change is missed: a plan is what a fresh one is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis import warehouse
from flis.catalog.area_paths import area_folders
from flis.config import State
from flis.delivery import DeliveryState, deliveries, receive
from flis.disk import locked
from flis.errors import StateError
from flis.operations import stop
from flis.operations.released import by_damage
from flis.release import apply, current, damage, plan, planning, rollback
from flis.release.opening import opened
from flis.validation import settle
from flis.warehouse.step_fingerprints import fingerprints
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table
from tests.release.made_area import contract_of, write_visits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flis.release import AreaPlan
    from flis.release.source import Source
    from tests.made_areas import AreasIn

SHARES = """\
-- What a park's visitors are of the visitors of gardens.
-- in haver.reported: kommune VARCHAR, maaned DATE, timer DOUBLE
-- in parks: kommune VARCHAR, maaned DATE
-- out shares: kommune VARCHAR, maaned DATE, timer DOUBLE
-- kind fact
-- place kommune, maaned by year
-- store municipal, national
SELECT kommune, maaned, sum(timer) AS timer FROM haver.reported JOIN parks USING (kommune, maaned) GROUP BY ALL
"""
PARKS = """\
-- What municipalities reported of parks.
-- in park: kommune VARCHAR, maaned DATE
-- out parks: kommune VARCHAR, maaned DATE
-- kind kept
SELECT kommune, maaned FROM park
"""
HALF = b"half of what is written: whoever was killed on the way"
WHO = "kom,interface,valid_from,valid_to\n" + "".join(f"{code},haver-csv/1,,\n" for code in ("0101", "0147"))


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has just changed is taken as what changed long ago, so that no test waits."""
    monkeypatch.setattr("flis.disk.stamps.SETTLED", 0)


@pytest.fixture
def shelf(tmp_path: Path, areas_in: AreasIn) -> Path:
    folder = tmp_path / "areas"
    expecting = contract_of("haver").replace(
        "- property: part", "- property: expects\n    value:\n      each: kommune\n  - property: part"
    )
    write_visits(folder, "haver", **{"contract.yaml": expecting, "senders.csv": WHO})
    parks = contract(
        "parker",
        "csv",
        table("park", field("navn")),
        recognise={"name": "PARKER_{kommune}_{maaned}_{sekvens}.csv"},
        part=["kommune", "maaned"],
    )
    write_area(folder, "parker", **{"contract.yaml": parks, "steps/parks.sql": PARKS, "steps/shares.sql": SHARES})
    areas_in(folder)
    return folder


@pytest.fixture
def state(shelf: Path, tmp_path: Path) -> State:
    """Two areas, released, each with a month of two municipalities; the second reads the first."""
    assert shelf
    state = State(tmp_path / "state", tmp_path / "state" / "keys")
    stop(state, date(2020, 1, 1))
    for code in ("0101", "0147"):
        gardens(state, code, "202501")
    sends(state, "PARKER_0101_202501_1.csv", "NAVN", "Fælledparken")
    warehouse.load(state)
    assert apply(state)
    return state


def sends(state: State, name: str, *lines: str) -> None:
    state.inbox.mkdir(parents=True, exist_ok=True)
    (state.inbox / name).write_text("\n".join(lines) + "\n", "utf-8")
    receive(state, state.inbox / name)
    settle(state)


def gardens(state: State, code: str, month: str, number: int = 1, header: str = "SLAGS;TIMER") -> None:
    sends(state, f"HAVER_{code}_{month}_{number}.csv", header, f"A;{number}")


class Looks:
    """Plans, and of which areas the warehouse was opened for the last one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.opened: list[str] = []
        patch.setattr(planning, "opened", self._opened)

    def __call__(self, state: State) -> list[AreaPlan]:
        self.opened.clear()
        return plan(state)

    def settled(self, state: State) -> None:
        """What is there now is known: nothing of it is opened again."""
        self(state)
        assert not any(one.changes or one.fault for one in self(state))
        assert self.opened == []

    @contextmanager
    def _opened(self, state: State, area: str, **more: Any) -> Iterator[Source | None]:
        with opened(state, area, **more) as found:
            self.opened += [area] if found else []
            yield found


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def afresh(state: State) -> list[AreaPlan]:
    """The plan of who remembers nothing."""
    shutil.rmtree(state.cache, ignore_errors=True)
    return plan(state)


def kinds(made: list[AreaPlan]) -> dict[str, list[tuple[str, str]]]:
    return {one.area: [(reason.kind, reason.name) for reason in one.reasons] for one in made}


def test_nothing_new_is_known_without_a_warehouse_and_told_alike(state: State, looks: Looks) -> None:
    first = looks(state)
    assert looks.opened == ["haver", "parker"]
    assert not any(one.changes for one in first)
    assert looks(state) == first
    assert looks.opened == []
    assert apply(state) is None
    assert looks.opened == []
    assert afresh(state) == first


def test_the_newest_load_of_one_area_leaves_the_others_closed(state: State, looks: Looks) -> None:
    looks.settled(state)
    sends(state, "PARKER_0147_202501_1.csv", "NAVN", "Parken")
    warehouse.load(state)
    made = looks(state)
    assert looks.opened == ["parker"]
    assert [(one.area, one.changes) for one in made] == [("haver", False), ("parker", True)]
    assert apply(state)
    looks.settled(state)


def load_of_both(state: State, _: Path) -> None:
    gardens(state, "0101", "202502")
    warehouse.load(state)


def correction(state: State, _: Path) -> None:
    gardens(state, "0101", "202501", 2)
    warehouse.load(state)


def step_changed(_: State, shelf: Path) -> None:
    file = shelf / "haver" / "steps" / "visits.sql"
    file.write_text(file.read_text("utf-8").replace("sum(timer)", "2 * sum(timer)"), "utf-8")


def codes_changed(_: State, shelf: Path) -> None:
    file = shelf / "haver" / "codes" / "slags.csv"
    file.write_text(file.read_text("utf-8").replace("Pleje", "Luge"), "utf-8")


def contract_changed(_: State, shelf: Path) -> None:
    file = shelf / "haver" / "contract.yaml"
    file.write_text(file.read_text("utf-8").replace("Prøve.", "Prøver."), "utf-8")


def step_put_back_in_time(state: State, shelf: Path) -> None:
    """Of the same length and with its old time: who writes into a file cannot put back when it was changed."""
    file = shelf / "haver" / "steps" / "visits.sql"
    at = file.stat()
    file.write_text(file.read_text("utf-8").replace("sum(timer)", "max(timer)"), "utf-8")
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert state.root.is_dir()


def dimension_added(_: State, shelf: Path) -> None:
    file = shelf / "dimensions" / "tables" / "farve.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("rows:\n  R: {da: Rød, en: Red}\n", "utf-8")


def file_damaged(state: State, _: Path) -> None:
    found = current(state)
    assert found
    file = next(file for file in found.area("haver").store("national").tables["visits"])
    at = file.stat()
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))


def file_lost(state: State, _: Path) -> None:
    found = current(state)
    assert found
    next(iter(found.area("haver").store("kommune-0147").tables["visits"])).unlink()


GARDENS_NEW = {"haver": [("delivery", "?")], "parker": [("delivery", "haver")]}
CHANGES: list[tuple[Callable[[State, Path], None], dict[str, list[tuple[str, str]]]]] = [
    (load_of_both, GARDENS_NEW),
    (correction, GARDENS_NEW),
    (step_changed, {"haver": [("step", "negative"), ("step", "visits")], "parker": []}),
    (step_put_back_in_time, {"haver": [("step", "negative"), ("step", "visits")], "parker": []}),
    (codes_changed, {"haver": [("codes", "slags"), ("step", "grupper")], "parker": []}),
    (dimension_added, {"haver": [("codes", "dim.farve")], "parker": [("codes", "dim.farve")]}),
    (file_damaged, {"haver": [("damage", "national")], "parker": []}),
    (file_lost, {"haver": [("damage", "kommune-0147")], "parker": []}),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_a_change_is_not_missed(  # noqa: PLR0917 - what changes, how the plan calls it, and the usual
    state: State,
    shelf: Path,
    areas_in: AreasIn,
    looks: Looks,
    change: Callable[[State, Path], None],
    expected: dict[str, list[tuple[str, str]]],
) -> None:
    looks.settled(state)
    change(state, shelf)
    areas_in(shelf)
    made = looks(state)
    loaded = (d.manifest for d in deliveries(state, DeliveryState.LOADED) if d.manifest.area == "haver")
    newest = max(loaded, key=lambda manifest: manifest.received).id
    assert kinds(made) == {a: [(k, newest if n == "?" else n) for k, n in told] for a, told in expected.items()}
    assert afresh(state) == made
    apply(state)
    looks.settled(state)


def test_a_contract_that_changed_is_told_until_its_deliveries_are_loaded_by_it(
    state: State, shelf: Path, areas_in: AreasIn, looks: Looks
) -> None:
    looks.settled(state)
    contract_changed(state, shelf)
    areas_in(shelf)
    with pytest.raises(StateError, match="built by other steps"):
        looks(state)
    warehouse.load(state)
    made = looks(state)
    assert ("contract", "contract") in kinds(made)["haver"]
    assert afresh(state) == made


@pytest.mark.usefixtures("shelf")
def test_one_area_has_no_code_lists_of_another() -> None:
    """Whichever area was looked at before it in the same process."""
    assert "slags" in fingerprints("haver")["codes"]
    assert "slags" not in fingerprints("parker")["codes"]


def gaps_of(made: list[AreaPlan]) -> list[tuple[str, list[str]]]:
    return [(reason.kind, reason.periods) for one in made for reason in one.reasons]


def test_gaps_that_come_and_go_are_not_missed(state: State, shelf: Path, areas_in: AreasIn, looks: Looks) -> None:
    for code in ("0101", "0147"):
        gardens(state, code, "202503")
    warehouse.load(state)
    assert apply(state)
    looks.settled(state)
    # February has come from nobody; that a file of it lies in quarantine is another reason why it is missing
    gardens(state, "0101", "202502", header="FORKERT")
    made = looks(state)
    assert gaps_of(made) == [("gaps", ["2025-02"])]
    assert afresh(state) == made
    assert apply(state)
    looks.settled(state)
    # the file goes, and the gap is what it was before
    (refused,) = deliveries(state, DeliveryState.QUARANTINED)
    shutil.rmtree(refused.folder)
    made = looks(state)
    assert gaps_of(made) == [("gaps", ["2025-02"])]
    assert afresh(state) == made
    assert apply(state)
    looks.settled(state)
    # who is expected says a file of the area
    (shelf / "haver" / "senders.csv").write_text(WHO + "0461,haver-csv/1,,\n", "utf-8")
    areas_in(shelf)
    made = looks(state)
    assert gaps_of(made) == [("gaps", ["2025-01", "2025-02", "2025-03"])]
    assert afresh(state) == made


def test_rows_that_are_held_back_no_more_are_not_missed(state: State, looks: Looks) -> None:
    sends(state, "HAVER_0101_202502_1.csv", "SLAGS;TIMER", *(f"A;{n}" for n in range(200)), "A;x")
    warehouse.load(state)
    assert apply(state)
    looks.settled(state)
    (held,) = state.deliveries.glob("loaded/*/held.parquet")
    held.unlink()
    made = looks(state)
    assert gaps_of(made) == [("gaps", ["2025-02"])]
    assert afresh(state) == made


def test_a_file_that_changes_while_a_process_runs_is_no_mark_of_what_it_has_read(
    state: State, shelf: Path, areas_in: AreasIn, looks: Looks
) -> None:
    """The steps are read once by a process: what it finds nothing new by may no longer be what lies there."""
    assert area_folders().mark
    step_changed(state, shelf)
    assert area_folders().mark == ""
    assert not any(one.changes for one in looks(state)), "this process goes by what it has read"
    areas_in(shelf)
    assert kinds(looks(state))["haver"] == [("step", "negative"), ("step", "visits")]


def test_what_changed_a_moment_ago_is_not_kept(state: State, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further change might leave the same time on it."""
    monkeypatch.setattr("flis.disk.stamps.SETTLED", 10**12)
    for _ in range(2):
        looks(state)
        assert looks.opened == ["haver", "parker"]


def test_a_warehouse_of_a_backup_is_opened(state: State, tmp_path: Path, looks: Looks) -> None:
    file = state.warehouse / "haver" / "warehouse.duckdb"
    shutil.copy2(file, tmp_path / "backup")
    load_of_both(state, tmp_path)
    assert apply(state)
    looks.settled(state)
    shutil.copy2(tmp_path / "backup", file)
    made = looks(state)
    assert "haver" in looks.opened
    assert afresh(state) == made
    assert [one.area for one in made if one.fault or one.changes] == ["haver", "parker"]


def test_a_copy_of_the_state_is_looked_at(state: State, tmp_path: Path, looks: Looks) -> None:
    looks.settled(state)
    copy = State(tmp_path / "copy", tmp_path / "copy" / "keys")
    shutil.copytree(state.root, copy.root)
    assert not any(one.changes for one in looks(copy))
    assert looks.opened == ["haver", "parker"]


def test_an_earlier_release_that_serves_is_another_thing(state: State, tmp_path: Path, looks: Looks) -> None:
    load_of_both(state, tmp_path)
    assert apply(state)
    looks.settled(state)
    rollback(state)
    made = looks(state)
    assert looks.opened == ["haver", "parker"]
    assert [one.changes for one in made] == [True, True]
    assert afresh(state) == made


def test_a_load_that_was_killed_after_its_commit_is_seen(state: State, looks: Looks) -> None:
    """What is committed and not worked into the file yet lies in its log."""
    looks.settled(state)
    file = state.warehouse / "haver" / "warehouse.duckdb"
    kill = (
        "import duckdb, os, signal, sys\n"
        "c = duckdb.connect(sys.argv[1])\n"
        "c.execute('INSERT INTO delivery SELECT * REPLACE (load + 10 AS load, id || 1 AS id) FROM delivery')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", kill, str(file)], check=False)
    assert file.with_name("warehouse.duckdb.wal").exists()
    made = looks(state)
    assert "haver" in looks.opened
    assert [one.changes for one in made] == [True, True]
    assert afresh(state) == made


@pytest.mark.parametrize("left", [b"", b"{", b'{"tree":"a"}', HALF, None])
def test_a_note_that_is_no_whole_one_says_nothing(state: State, looks: Looks, left: bytes | None) -> None:
    looks.settled(state)
    for file in [f for f in state.cache.rglob("*") if f.is_file()]:
        data = file.read_bytes()
        cut = data[: len(data) // 2] if left == HALF else left
        file.write_bytes(data.replace(b'"mark":"', b'"mark":"0') if cut is None else cut)
    assert not any(one.changes for one in looks(state))
    assert looks.opened == ["haver", "parker"]
    looks.settled(state)


def test_what_another_version_found_is_looked_at(state: State, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    looks.settled(state)
    monkeypatch.setattr("flis.warehouse.marks.__version__", "9.9.9")
    looks(state)
    assert looks.opened == ["haver", "parker"]


def test_where_nothing_can_be_kept_every_look_is_a_fresh_one(state: State, looks: Looks) -> None:
    state.cache.write_text("in the way", "ascii")
    for _ in range(2):
        assert not any(one.changes for one in looks(state))
        assert looks.opened == ["haver", "parker"]
    assert by_damage(state) == {}


def test_what_was_read_during_a_load_of_the_other_area_is_not_kept(state: State, looks: Looks) -> None:
    """A snapshot from before that load stands meanwhile; the load may end as it began."""
    looks(state)
    shutil.rmtree(state.cache)
    begun, done = threading.Event(), threading.Event()

    def load() -> None:
        with locked(state.warehouse / "haver" / ".lock"):
            begun.set()
            done.wait(60)

    other = threading.Thread(target=load)
    other.start()
    assert begun.wait(60)
    try:
        assert [one.changes for one in plan(state, ["parker"])] == [False]
    finally:
        done.set()
        other.join()
    looks(state)
    assert "parker" in looks.opened


def test_whole_files_are_read_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """The overview looks at a release that serves each time; a file of it that changed is read again."""
    read: list[Path] = []

    def digest(path: Path) -> bytes | None:
        read.append(path)
        return actual(path)

    actual = damage.digest
    monkeypatch.setattr(damage, "digest", digest)
    assert by_damage(state) == {}
    assert len(read) > 100
    read.clear()
    assert by_damage(state) == {}
    assert read == []
    file_damaged(state, state.root)
    for _ in range(2):
        told = by_damage(state)
        assert set(told) == {"haver", "parker"}
        assert "(national)" in told["haver"].text["en"]


def test_a_lost_tree_is_told(state: State) -> None:
    assert by_damage(state) == {}
    found = current(state)
    assert found
    (state.releases / "trees" / f"{found.area('haver').sha256}.json").unlink()
    assert "the tree of haver" in by_damage(state)["parker"].text["en"]
