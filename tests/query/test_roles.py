"""One municipality dimension in two roles: a municipality has its own rows as owner, and all of them in the other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.cubes.own import own_catalogue_for
from flis.query.cubes.source import FolderSource
from flis.query.database import Database, execute
from flis.query.result import CellSet, Rowset

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 10, 10, tzinfo=UTC)
PLACES = {"101": "København", "147": "Frederiksberg", "751": "Aarhus"}
PUPILS = [
    ("101", "101", 5),
    ("101", "147", 2),
    ("147", "101", 3),
    ("751", "101", 4),
    ("101", "751", 1),
    ("147", "147", 7),
]
DIMENSION = """\
dimension: Kommune
table: kommune
whole_table: kommune_alle
key: kommune
attributes: [{name: Kommune, key: kommune, name_column: navn}]
roles:
  ejer: {name: Ejerkommune}
  betaling: {name: Betalingskommune}
"""
CUBE = """\
cube: Skole
dimensions: [{dimension: Kommune, role: ejer, own: true}, {dimension: Kommune, role: betaling}]
measure_groups:
  - name: Elever
    table: elev
    links: {Ejerkommune: ejer, Betalingskommune: betaler}
    measures: [{name: Elever, aggregate: sum, column: antal, type: integer}]
drillthroughs:
  - {measure_group: Elever, columns: {Ejer: Ejerkommune.navn, Betaler: Betalingskommune.navn, Antal: antal}}
"""


class Municipal(FolderSource):
    """A folder with the rows that one municipality owns."""

    @property
    def partial(self) -> frozenset[str]:
        return frozenset({"kommune"})


def school(folder: Path, own: str = "") -> Database:
    for part, name, text in (("dimensions", "kommune", DIMENSION), ("cubes", "skole", CUBE)):
        (folder / part).mkdir()
        (folder / part / f"{name}.yaml").write_text(text, "utf-8")
    (folder / "catalogue.yaml").write_text("catalogue: Skoler", "utf-8")
    places = [{"kommune": code, "navn": name} for code, name in PLACES.items()]
    rows = [{"ejer": e, "betaler": b, "antal": n} for e, b, n in PUPILS if own in ("", e)]
    tables = {"kommune": [p for p in places if own in ("", p["kommune"])], "kommune_alle": places, "elev": rows}
    for name, table in tables.items():
        pq.write_table(pa.Table.from_pylist(table), folder / f"{name}.parquet")
    if own:
        return Database.over(own_catalogue_for(load(folder)), Municipal(folder), open_scope(), NOW)
    return Database.over(load(folder), FolderSource(folder), open_scope(), NOW)


def cells(base: Database, text: str) -> dict[tuple[str, ...], Any]:
    found = execute(open_scope(), base, text)
    assert isinstance(found, CellSet)
    names = zip(*(found.axes[1].captions(h, "da") for h in range(len(found.axes[1].hierarchies))), strict=True)
    return {name: found.cells.value(n) for n, name in enumerate(names)}


PIVOT = (
    "SELECT {[Measures].[Elever]} ON 0,"
    " [Ejerkommune].[Kommune].Members * [Betalingskommune].[Kommune].Members ON 1 FROM [Skole]"
)


@pytest.mark.parametrize("own", ["", "101"])
def test_cells_by_owner_and_payer(tmp_path: Path, own: str) -> None:
    found = cells(school(tmp_path, own), PIVOT)
    rows = [(PLACES[e], PLACES[b], n) for e, b, n in PUPILS if own in ("", e)]
    owners = [PLACES[own]] if own else list(PLACES.values())
    whole = "Egne kommuner" if own else "All"
    expected = {
        (owner, payer): sum(n for e, b, n in rows if owner in (whole, e) and payer in ("All", b)) or None
        for owner in (whole, *owners)
        for payer in ("All", *PLACES.values())
    }
    assert found == expected


def test_filters_on_one_role_leave_the_other(tmp_path: Path) -> None:
    base = school(tmp_path, "101")
    text = "SELECT {[Measures].[Elever]} ON 0, [Ejerkommune].[Kommune].Members ON 1"
    payers = "{[Betalingskommune].[Kommune].&[147], [Betalingskommune].[Kommune].&[751]}"
    for where in (f"FROM [Skole] WHERE {payers}", f"FROM (SELECT {payers} ON 0 FROM [Skole])"):
        assert cells(base, f"{text} {where}") == {("Egne kommuner",): 3, ("København",): 3}


def test_the_rows_behind_a_cell_name_both(tmp_path: Path) -> None:
    text = "DRILLTHROUGH SELECT {[Measures].[Elever]} ON 0 FROM [Skole] WHERE [Betalingskommune].[Kommune].&[101]"
    found = execute(open_scope(), school(tmp_path), text)
    assert isinstance(found, Rowset)
    assert sorted(found.rows()) == sorted((PLACES[e], PLACES[b], n) for e, b, n in PUPILS if b == "101")
