"""MDX, the `CubeQuery` it becomes, and its SQL, as readable pairs; `FLIS_WRITE_FIXTURES=1` writes them anew.

Each file of `fixtures/plans` holds a statement, then what a cold cache asks of the store: the query as JSON, the SQL,
and the parameters. Names in the SQL are positions in the catalogue; no text of the statement is in it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Database, Databases, Options, execute
from tests.foodmart.harness import CATALOG
from tests.shared import shared

if TYPE_CHECKING:
    from flis.query.evaluation.cubequery import CubeQuery
    from flis.query.evaluation.planner import Sql

FOLDER = Path(__file__).parent / "fixtures" / "plans"
STATEMENTS = {
    "one-cell": "SELECT FROM [Sales]",
    "levels": (
        "SELECT {[Measures].[Unit Sales], [Measures].[Store Sales]} ON 0,"
        " [Store].[Store State].Members ON 1 FROM [Sales]"
    ),
    "parents-roll-up": "SELECT {[Store].[USA], [Store].[USA].Children} ON 0 FROM [Sales]",
    "slicer": "SELECT [Gender].[Gender].Members ON 0 FROM [Sales] WHERE [Time].[1997].[Q2]",
    "slicer-set": "SELECT [Gender].[Gender].Members ON 0 FROM [Sales] WHERE {[Store].[USA].[CA], [Store].[USA].[OR]}",
    "subselect": "SELECT [Gender].[Gender].Members ON 0 FROM (SELECT {[Store].[USA].[CA]} ON 0 FROM [Sales])",
    "subselect-of-tuples": (
        "SELECT FROM (SELECT {([Store].[USA].[CA], [Gender].[F]), ([Store].[USA].[WA], [Gender].[M])} ON 0"
        " FROM [Sales])"
    ),
    "distinct-count": "SELECT {[Measures].[Customer Count]} ON 0, [Store].[USA].Children ON 1 FROM [Sales]",
    "distinct-count-of-a-set": (
        "WITH MEMBER [Store].[Coast] AS Aggregate({[Store].[USA].[CA], [Store].[USA].[OR]})"
        " SELECT [Store].[Coast] ON 0 FROM [Sales] WHERE [Measures].[Customer Count]"
    ),
    "calculated-measure": "SELECT [Measures].[Profit] ON 0, [Product].Children ON 1 FROM [Sales]",
    "large-cross-join": (
        "SELECT [Measures].[Unit Sales] ON 0,"
        " NON EMPTY [Customers].[Name].Members * [Product].[Product Name].Members ON 1 FROM [Sales]"
    ),
    "parent-child": "SELECT [Employees].[Sheri Nowmer].Children ON 0 FROM [HR] WHERE [Measures].[Org Salary]",
    "ragged": "SELECT [Geography].[City].Members ON 0 FROM [Sales Ragged]",
    "two-groups": (
        "SELECT {[Measures].[Unit Sales], [Measures].[Units Shipped]} ON 0, [Time].[1997].Children ON 1"
        " FROM [Warehouse and Sales]"
    ),
}


def asked(text: str) -> str:
    """What a cold database sends to the store for a statement."""
    base: Database = Databases().of_folder(open_scope(), shared("foodmart/parquet"), load(CATALOG))
    sent: list[tuple[CubeQuery, Sql]] = []
    base.sections[0].segments.observe = lambda query, sql: sent.append((query, sql))
    execute(base.scope, base, text, Options(lcid=1033))
    base.close()
    parts = [text]
    for query, sql in sent:
        parts += [json.dumps(asdict(query), indent=1, ensure_ascii=False), sql.text, json.dumps(list(sql.parameters))]
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_plan_is_the_one_written_down(name: str) -> None:
    file = FOLDER / f"{name}.txt"
    found = asked(STATEMENTS[name])
    if os.environ.get("FLIS_WRITE_FIXTURES"):
        file.write_text(found, "utf-8")
    assert file.read_text("utf-8") == found


def test_there_is_no_other_plan() -> None:
    assert {f.stem for f in FOLDER.glob("*.txt")} == set(STATEMENTS)
