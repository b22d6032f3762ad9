"""The store of a database: what finds no room in memory, and what is left when it is closed."""

from __future__ import annotations

import gc
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from flis.query.cubes import store
from flis.query.cubes.source import FolderSource
from flis.query.cubes.store import CubeStore

if TYPE_CHECKING:
    import pytest

ROWS = 2_000_000


def aside(of: CubeStore) -> Path:
    (path,) = of.query("SELECT current_setting('temp_directory') AS at")["at"]
    return Path(path)


def test_what_is_larger_than_memory_goes_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.random.default_rng(1).permutation(ROWS)
    pq.write_table(pa.table({"n": numbers}), tmp_path / "many.parquet")
    monkeypatch.setattr(store, "MEMORY", "24MB")
    monkeypatch.chdir(tmp_path)
    made = CubeStore(FolderSource(tmp_path))
    made.query("CREATE TABLE held AS SELECT n, random() AS other FROM 'many.parquet'")
    (total,) = made.query("SELECT sum(n) AS total FROM held")["total"]
    assert int(total) == ROWS * (ROWS - 1) // 2
    assert any(aside(made).iterdir())
    assert [x.name for x in tmp_path.iterdir()] == ["many.parquet"]
    made.close()


def test_nobody_else_reads_it_and_nothing_stays(tmp_path: Path) -> None:
    closed, dropped = CubeStore(FolderSource(tmp_path)), CubeStore(FolderSource(tmp_path))
    places = [aside(closed), aside(dropped)]
    assert places[0] != places[1]
    assert all(stat.S_IMODE(place.stat().st_mode) == 0o700 for place in places)
    closed.close()
    del dropped
    gc.collect()
    assert not any(place.exists() for place in places)
