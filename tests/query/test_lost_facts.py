"""Facts whose key is not in a dimension's table: counted, and told when the cube is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Databases
from tests.oracle import tiny

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_facts_without_a_member_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = tiny.rows(1)
    rows["sales"][0]["place"] = 99
    rows["sales"][1]["place"] = None
    for name, content in rows.items():
        pq.write_table(pa.Table.from_pylist(content), tmp_path / f"{name}.parquet")
    base = Databases().of_folder(open_scope(), tmp_path, load(tiny.CATALOG))
    base.warm()
    told = [r.getMessage() for r in caplog.records]
    assert told == ["Sales: 2 of 30 facts have no member of Place; totals count them, members do not."]
    assert base.cube("Tiny").groups["Sales"].facts.lost == {"Place": 2}
    assert base.cube("Tiny").groups["Plan"].facts.lost == {}
