"""The rows behind a cell of any kind of measure, on a small cube whose facts lack values."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from flis.access import open_scope
from flis.catalog.cubes import load, own_catalogue
from flis.errors import NameStatementError
from flis.query.database import Databases, execute
from flis.query.result import CellSet, Rowset
from tests.leakage.worlds import write_alone
from tests.oracle.tiny import CATALOG, rows, write

if TYPE_CHECKING:
    from pathlib import Path

MEASURES = {
    "Amount": "Sales",
    "Last": "Sales",
    "First": "Sales",
    "Final": "Sales",
    "Initial": "Sales",
    "Goal": "Plan",
    "Target": "Target",
}
MEMBERS = {
    "Calendar": ("2021", "2022", "2021-01", "2021-02", "2021-11", "2022-01", "2021-01-20"),
    "Time].[Month": ("2021-01", "2021-02", "2022-01", "2022-03"),
    "Geography": ("Ade", "Ben", "Cat", "Shop3"),
    "Kind": ("big", "small", "mini"),
    "Staff": ("Ann", "Bo", "Gus"),
    "Colour": ("blue", "red"),
}


def cell(chance: random.Random) -> str:
    """A statement of one cell: members of some hierarchies as slicer or in a subselect, perhaps several of one."""
    measure = chance.choice(list(MEASURES))
    slicer, source = [f"[Measures].[{measure}]"], "[Tiny]"
    for hierarchy, names in MEMBERS.items():
        how = chance.random()
        if how < 0.2:
            slicer.append(f"[{hierarchy}].[{chance.choice(names)}]")
        elif how < 0.4:
            several = ", ".join(f"[{hierarchy}].[{n}]" for n in chance.sample(names, 2))
            source = f"(SELECT {{{several}}} ON 0 FROM {source})"
        elif how < 0.45:
            slicer.append("{" + ", ".join(f"[{hierarchy}].[{n}]" for n in chance.sample(names, 2)) + "}")
    return f"SELECT FROM {source} WHERE ({', '.join(slicer)})"


@pytest.mark.parametrize("seed", range(10))
def test_the_rows_behind_a_cell_add_up_to_it(seed: int, tmp_path: Path) -> None:
    base = Databases().of_folder(open_scope(), write(tmp_path, rows(seed)), load(CATALOG))
    chance = random.Random(seed)
    filled = 0
    for _ in range(60):
        select = cell(chance)
        measure = next(m for m in MEASURES if f"[Measures].[{m}]" in select)
        found = execute(open_scope(), base, select)
        behind = execute(open_scope(), base, f"DRILLTHROUGH {select} RETURN [{MEASURES[measure]}].[{measure}]")
        assert isinstance(found, CellSet)
        assert isinstance(behind, Rowset)
        values = [v for v in behind.data[0] if v is not None]
        filled += bool(values)
        assert found.cells.value(0) == (sum(values) if values else None), select
    assert filled > 10


@pytest.mark.parametrize(
    "name", ["[Indrejste]", "[Bevægelser].[Indrejste]", "[Ind- og udrejser].[Registrerede indrejser]"]
)
def test_columns_of_other_facts_are_not_returned(name: str, tmp_path: Path) -> None:
    """Those that another measure group declares are no columns of the facts behind this cell."""
    base = Databases().of_folder(open_scope(), write_alone(tmp_path / "own"), own_catalogue())
    select = "DRILLTHROUGH MAXROWS 3 SELECT [Measures].[Antal personer] ON 0 FROM [Ukraine Statistik]"
    found = execute(open_scope(), base, f"{select} RETURN [Antal personer], [Kommune]")
    assert isinstance(found, Rowset)
    with pytest.raises(NameStatementError, match="cannot return"):
        execute(open_scope(), base, f"{select} RETURN {name}")
