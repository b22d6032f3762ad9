"""A degenerate dimension that several measure groups share has the values of all their facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.errors import CatalogError
from flis.query.database import Databases, execute
from flis.query.result import CellSet, Rowset

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.database import Database

CUBE = """
cube: Shop
dimensions:
  - name: Number
    attributes: [{name: Number, key: number, all_name: All}]
measure_groups:
  - {name: Orders, table: orders, links: {Number: ""}, measures: [{name: Ordered, aggregate: sum, column: n}]}
  - {name: Returns, table: returns, links: {Number: ""}, measures: [{name: Returned, aggregate: sum, column: n}]}
"""


def shop(folder: Path, orders: list[object], returns: list[object]) -> Database:
    for name, numbers in (("orders", orders), ("returns", returns)):
        pq.write_table(pa.table({"number": numbers, "n": [1] * len(numbers)}), folder / f"{name}.parquet")
    (folder / "cubes").mkdir()
    (folder / "cubes" / "shop.yaml").write_text(CUBE, "utf-8")
    (folder / "catalogue.yaml").write_text("catalogue: Shop", "utf-8")
    return Databases().of_folder(open_scope(), folder, load(folder))


def test_it_has_the_values_of_all_facts(tmp_path: Path) -> None:
    base = shop(tmp_path, ["a", "b", "b", None], ["b", "c", "c", "c"])
    text = "SELECT {[Measures].[Ordered], [Measures].[Returned]} ON 0, [Number].[Number].Members ON 1 FROM [Shop]"
    found = execute(open_scope(), base, text)
    assert isinstance(found, CellSet)
    assert found.axes[1].captions(0, "en") == ["All", "", "a", "b", "c"]
    assert [found.cells.value(n) for n in range(len(found))] == [4, 4, 1, None, 1, None, 2, 1, None, 3]
    together = "SELECT [Measures].[Returned] ON 0 FROM [Shop] WHERE [Number].[Number].&[c]"
    facts = execute(open_scope(), base, f"DRILLTHROUGH {together} RETURN [$Number].[Number], [Measures].[Returned]")
    assert isinstance(facts, Rowset)
    assert [list(column) for column in facts.data] == [["c"] * 3, [1] * 3]


def test_columns_of_other_types_are_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="column number is VARCHAR in orders, BIGINT in returns") as caught:
        shop(tmp_path, ["a"], [1]).warm()
    assert "a dimension of its own" in caught.value.hint
