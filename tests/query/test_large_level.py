"""A level of many members: found by text, name and key, in pages, as children and by value, as Python finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Databases, Options, execute
from flis.query.result import CellSet

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.database import Database

SIZE = 60_000
KEYS = range(SIZE)
NAMES = [f"Kunde {key * 7919 % SIZE} & Søn" for key in KEYS]
LEVEL, NOW = "[Customer].[Customer].[Customer]", "[Customer].[Customer].CurrentMember"
FILES = {
    "catalogue.yaml": "catalogue: Large\ncubes: [sales]\n",
    "dimensions/customer.yaml": """dimension: Customer
table: customer
key: customer_id
hierarchies:
  - name: Customer
    levels:
      - {name: Customer, key: customer_id, key_type: integer, name_column: name}
""",
    "cubes/sales.yaml": """cube: Sales
dimensions: [Customer]
measure_groups:
  - name: Sales
    table: sales
    links: {Customer: customer_id}
    measures:
      - {name: Units, aggregate: sum, column: units, type: integer}
""",
}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The catalogue over its tables."""
    folder: Path = tmp_path_factory.mktemp("large")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    pq.write_table(pa.table({"customer_id": list(KEYS), "name": NAMES}), folder / "customer.parquet")
    units = [key * 31 % 1009 for key in KEYS]
    pq.write_table(pa.table({"customer_id": list(KEYS), "units": units}), folder / "sales.parquet")
    return Databases().of_folder(open_scope(), folder, load(folder))


def shown(large: Database, expression: str) -> list[str]:
    """The names on an axis."""
    found = execute(open_scope(), large, f"SELECT {expression} ON 0 FROM [Sales]", Options(lcid=1033))
    assert isinstance(found, CellSet)
    members = found.axes[0].hierarchies[0].members
    return members.names(found.axes[0].columns[0])


def test_search(large: Database) -> None:
    wanted = [n for n in NAMES if "591" in n]
    assert sorted(shown(large, f"Filter({LEVEL}.Members, InStr({NOW}.Caption, '591') > 0)")) == sorted(wanted)


def test_look_up(large: Database) -> None:
    assert shown(large, f"{LEVEL}.&[4711]") == [NAMES[4711]]
    assert shown(large, f"[Customer].[Customer].[{NAMES[99].upper()}]") == [NAMES[99]]


def test_pages_and_children(large: Database) -> None:
    everybody = shown(large, f"{LEVEL}.Members")
    assert sorted(everybody) == sorted(NAMES)
    assert shown(large, f"Head({LEVEL}.Members, 100)") == everybody[:100]
    assert shown(large, f"Subset({LEVEL}.Members, 41234, 77)") == everybody[41234 : 41234 + 77]
    assert shown(large, "Tail([Customer].[Customer].[All].Children, 5)") == everybody[-5:]


def test_the_largest(large: Database) -> None:
    best = sorted(KEYS, key=lambda key: -(key * 31 % 1009))[:10]
    found = shown(large, f"TopCount({LEVEL}.Members, 10, [Measures].[Units])")
    assert {NAMES.index(n) * 31 % 1009 for n in found} == {key * 31 % 1009 for key in best}
