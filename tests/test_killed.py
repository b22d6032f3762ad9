"""From inbox to release: killed anywhere, the old release serves, and the next run ends as an undisturbed one."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest

from flis import warehouse
from flis.config import Settings, State
from flis.delivery import contents, deliveries
from flis.release import apply, current, release, verify
from flis.validation import report
from tests import killing
from tests.delivery import extracts
from tests.release.test_apply import lives
from tests.soak import TIMES
from tests.warehouse.arrange import accept, write_chain

if TYPE_CHECKING:
    from pathlib import Path

    from flis.release import Release

DAYS = [date(2022, 1, 31), date(2022, 2, 7), date(2022, 2, 8), date(2022, 2, 9), date(2022, 2, 10)]
ENDS = {"loaded": 3, "quarantined": 2, "superseded": 1, "waiting": 1}
FILES_TRIED = 8
"""Of the files of a release, all of which are written alike, so many are killed at."""


@dataclass(frozen=True)
class Start:
    """A folder with one release and a full inbox, what an undisturbed day makes of it, and how long that takes."""

    folder: Path
    steps: dict[str, int]
    ending: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    root = tmp_path_factory.mktemp("killed")
    files = write_chain(root / "files", DAYS, lives())
    (other,) = write_chain(root / "other", DAYS[:1], lives()[:5])
    state = folders(root / "start")
    accept(state, files[:1])
    warehouse.load(state)
    apply(state)
    first, second, last = (file.read_bytes() for file in (files[1], files[2], files[4]))
    inbox = [
        extracts.truncated(first),
        second,
        b"a file of unknown form",
        extracts.error_records(first),
        other.read_bytes(),
        second,
        last,
    ]
    state.inbox.mkdir()
    for number, content in enumerate(inbox):
        (state.inbox / str(number)).write_bytes(content)
    undisturbed = root / "undisturbed"
    shutil.copytree(state.root, undisturbed)
    began = time.monotonic()
    steps = killing.run(undisturbed)
    seconds = time.monotonic() - began
    assert steps
    found = ending(undisturbed)
    states = [told[0].value for told in found["deliveries"].values()]
    assert {name: states.count(name) for name in ENDS} == ENDS
    return Start(state.root, steps, found, seconds)


def copied(start: Path, folder: Path) -> None:
    """A copy to be killed in; what is written once and never again is not written again here either."""

    def copy(source: str, target: str) -> None:
        (os.link if source.endswith((".parquet", ".enc")) else shutil.copy2)(source, target)

    shutil.copytree(start, folder, copy_function=copy)


def folders(folder: Path) -> State:
    return Settings(state=folder).folders


def serves(folder: Path) -> int:
    """The number of the release that serves; every file of it is there and whole."""
    serving = current(folders(folder))
    assert serving
    for path in files(serving):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    return serving.number


def files(of: Release) -> set[Path]:
    """The data files of a release, each named by its hash."""
    return {path for name in of.stores for paths in of.area("ukraine").store(name).tables.values() for path in paths}


def ending(folder: Path) -> dict[str, Any]:
    """All that a day leaves, but for times of receipt and of publishing, and ciphertext."""
    state = folders(folder)
    assert not any(state.inbox.iterdir())
    assert not [p for p in state.root.rglob(".*") if p.name not in {".lock", ".index"}]
    assert serves(folder) == 2
    assert verify(state).problems == []
    assert {p.name for p in state.releases.iterdir()} == {".lock", "1", "2", "current", "shown", "stores", "trees"}
    stores = release(state, 2).area("ukraine").tree.stores
    named = {path for r in (1, 2) for path in files(release(state, r))}
    assert {p for p in (state.releases / "stores").rglob("*") if p.is_file()} == named
    told = {d.id: _told(state, d) for d in deliveries(state)}
    shown = [p.read_bytes() for p in sorted((state.releases / "shown").iterdir())]
    return {"deliveries": told, "stores": stores, "shown": shown, "history": history(state)}


def _told(state: State, d: Any) -> tuple[Any, ...]:
    tables = {name: pq.read_table(file) for name, file in d.records.items()}
    manifest = msgspec.structs.replace(d.manifest, received=None)
    return d.state, manifest, d.faults, report(d), tables, b"".join(contents(state, d))


def history(state: State) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table of the warehouse, sorted."""
    with duckdb.connect(str(state.warehouse / "borger" / "warehouse.duckdb"), read_only=True) as connection:
        tables = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for (name,) in tables}


def points(steps: dict[str, int]) -> list[str]:
    """Every change of state; of the files of a release some."""
    files = steps["release.file"]
    tried = {1 + n * (files - 1) // (FILES_TRIED - 1) for n in range(FILES_TRIED)}
    counts = {name: range(1, count + 1) for name, count in steps.items() if name not in {"*", "release.file"}}
    return [f"{name}:{n}" for name, numbers in counts.items() for n in numbers] + [f"release.file:{n}" for n in tried]


def test_the_walk_has_its_points(start: Start) -> None:
    assert len(points(start.steps)) + TIMES.kills >= 60
    stages = {name.partition(".")[0] for name in start.steps if name != "*"}
    assert stages == {"receive", "judge", "load", "release"}


@pytest.mark.slow
@pytest.mark.parametrize("stages", [("receive", "judge"), ("load", "release")], ids="-".join)
def test_killed_at_every_step(start: Start, tmp_path: Path, stages: tuple[str, ...]) -> None:
    for point in (p for p in points(start.steps) if p.startswith(stages)):
        folder = tmp_path / point
        copied(start.folder, folder)
        assert killing.run(folder, crash_at=point) is None, f"{point} is no step of this day"
        assert serves(folder) == 1 + (point == "release.published:1"), point
        assert killing.run(folder) is not None
        assert ending(folder) == start.ending, point
        shutil.rmtree(folder)


@pytest.mark.slow
def test_killed_at_any_moment(start: Start, tmp_path: Path) -> None:
    chance = random.Random(2022)
    for number in range(TIMES.kills):
        folder = tmp_path / str(number)
        copied(start.folder, folder)
        killing.run(folder, after=chance.uniform(0, start.seconds))
        serves(folder)
        assert killing.run(folder) is not None
        assert ending(folder) == start.ending
        shutil.rmtree(folder)


@pytest.mark.parametrize("crash_at", ["receive.read", "judge.validated", "load.written", "release.root"])
def test_killed_once(start: Start, tmp_path: Path, crash_at: str) -> None:
    folder = tmp_path / "state"
    copied(start.folder, folder)
    assert killing.run(folder, crash_at=crash_at) is None
    assert serves(folder) == 1
    assert killing.run(folder) is not None
    assert ending(folder) == start.ending


@pytest.mark.slow
def test_killed_again_and_again(start: Start, tmp_path: Path) -> None:
    """Every run dies a little further on than the last one began."""
    folder = tmp_path / "state"
    copied(start.folder, folder)
    deaths = 0
    early, late = ("*:4",) * 12 + ("*:9",) * 4, ("release.file:3", "release.cleared", "release.root")
    for point in early + late:
        deaths += killing.run(folder, crash_at=point) is None
        assert serves(folder) == 1
        assert verify(folders(folder)).problems == []  # also what people do meanwhile disturbs nothing
    assert deaths > 15
    assert killing.run(folder) is not None
    assert ending(folder) == start.ending
