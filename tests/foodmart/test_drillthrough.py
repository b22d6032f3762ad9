"""The rows behind a cell add up to it, whatever made the cell, and are named as Analysis Services names them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flis.access import open_scope
from flis.catalog.cube import Drillthrough
from flis.catalog.cubes import load
from flis.errors import StatementError
from flis.query.database import Databases, Options, execute
from flis.query.result import Rowset
from tests.foodmart.facts import SALES
from tests.foodmart.facts import rows as facts
from tests.foodmart.harness import CATALOG
from tests.shared import shared
from tests.soundness.foodmart import ask, base

MANY = 300_000


def rows(text: str, most: int = MANY) -> Rowset:
    found = execute(open_scope(), base(), f"DRILLTHROUGH MAXROWS {most} {text}", Options(lcid=1033))
    assert isinstance(found, Rowset)
    return found


CELLS = (
    (
        "[Sales]",
        "[Measures].[Unit Sales], [Gender].[F], [Store].[USA].[CA], [Time].[1997].[Q1]",
        "[Sales].[Unit Sales]",
    ),
    ("[Sales]", "[Measures].[Store Sales], [Time].[Weekly].[1997].[2].[1]", "[Sales].[Store Sales]"),
    ("[Sales]", "[Measures].[Unit Sales], {[Gender].[F], [Gender].[M]}, [Marital Status].[S]", "[Sales].[Unit Sales]"),
    ("[Sales]", "[Measures].[Unit Sales], {[Product].[Drink], [Product].[Food].[Dairy]}", "[Sales].[Unit Sales]"),
    ("[Sales 2]", "[Measures].[Store Cost], [Product].[Drink]", "[Sales].[Store Cost]"),
    ("[Sales Ragged]", "[Measures].[Unit Sales], [Store].[Vatican]", "[Sales].[Unit Sales]"),
    ("[Sales Ragged]", "[Measures].[Unit Sales], [Store].[USA].[Washington]", "[Sales].[Unit Sales]"),
    ("[Store]", "[Measures].[Store Sqft], [Store Type].[Supermarket]", "[Store].[Store Sqft]"),
    ("[Warehouse]", "[Measures].[Warehouse Profit], [Warehouse].[USA].[WA]", "[Warehouse].[Warehouse Profit]"),
    ("[Warehouse and Sales]", "[Measures].[Warehouse Sales], [Product].[Drink]", "[Warehouse].[Warehouse Sales]"),
    ("[Warehouse and Sales]", "[Measures].[Unit Sales], [Product].[Drink]", "[Sales].[Unit Sales]"),
    ("[HR]", "[Measures].[Org Salary], [Employees].[Sheri Nowmer].[Derrick Whelply]", "[HR].[Org Salary]"),
    ("[HR]", "[Measures].[Org Salary], [Employees].[Sheri Nowmer].DataMember", "[HR].[Org Salary]"),
)


@pytest.mark.parametrize(("cube", "cell", "measure"), CELLS)
def test_the_rows_behind_a_cell_add_up_to_it(cube: str, cell: str, measure: str) -> None:
    total = ask(f"SELECT FROM {cube} WHERE ({cell})").cells.value(0)
    behind = rows(f"SELECT FROM {cube} WHERE ({cell}) RETURN {measure}")
    assert 0 < len(behind) < MANY
    assert sum(v or 0 for v in behind.data[0]) == pytest.approx(total)


def test_columns_of_tables_that_are_joined_to_a_dimension() -> None:
    catalogue = load(CATALOG)
    cube = next(c for c in catalogue.cubes if c.name == "Sales")
    declared = Drillthrough("Sales", {"Family": "product_class.product_family", "Gender": "customer.gender"})
    catalogue = replace(catalogue, cubes=(replace(cube, drillthroughs=(declared,)),))
    base = Databases().of_folder(open_scope(), shared("foodmart/parquet"), catalogue)
    text = f"DRILLTHROUGH MAXROWS {MANY} SELECT FROM [Sales] WHERE ([Measures].[Unit Sales], [Store].[USA].[WA])"
    found = execute(open_scope(), base, text)
    assert isinstance(found, Rowset)
    assert list(found.rows()) == facts(
        f"SELECT product_family, gender FROM {SALES} WHERE store_state = 'WA' ORDER BY ALL"
    )


SUBSELECTS = (
    ("[Sales]", "{[Gender].[F]}, {[Store].[USA].[CA], [Store].[USA].[OR].[Salem]}", "[Unit Sales]", "[Sales]"),
    ("[Sales]", "-{[Store].[USA].[CA], [Store].[USA].[OR].[Salem]}", "[Unit Sales]", "[Sales]"),
    (
        "[Sales]",
        "{([Gender].[F], [Marital Status].[S]), ([Gender].[M], [Marital Status].[M])}",
        "[Unit Sales]",
        "[Sales]",
    ),
    ("[Warehouse and Sales]", "{[Product].[Drink]}", "[Warehouse Sales]", "[Warehouse]"),
)


@pytest.mark.parametrize(("cube", "left", "measure", "group"), SUBSELECTS)
def test_the_rows_behind_a_cell_of_a_subselect_add_up_to_it(cube: str, left: str, measure: str, group: str) -> None:
    select = f"SELECT FROM (SELECT ({left}) ON 0 FROM {cube}) WHERE ([Measures].{measure})"
    total = ask(select).cells.value(0)
    behind = rows(f"{select} RETURN {group}.{measure}")
    assert sum(v or 0 for v in behind.data[0]) == pytest.approx(total)


@pytest.mark.parametrize(
    "select",
    [
        "SELECT FROM [Warehouse and Sales] WHERE ([Measures].[Unit Sales], [Warehouse].[USA])",
        "SELECT FROM (SELECT {[Warehouse].[USA]} ON 0 FROM [Warehouse and Sales]) WHERE [Measures].[Unit Sales]",
        "SELECT FROM (SELECT {[Gender].[F]} ON 0 FROM [Warehouse and Sales]) WHERE [Measures].[Warehouse Sales]",
    ],
)
def test_an_empty_cell_has_no_rows_behind_it(select: str) -> None:
    assert ask(select).cells.value(0) is None
    assert len(rows(select)) == 0


def test_columns_are_named_by_dimension_and_measure_group() -> None:
    names = [c.name for c in rows("SELECT FROM [Warehouse] WHERE [Measures].[Store Invoice]", 1).columns]
    assert "[$Warehouse].[City]" in names
    assert "[Warehouse].[Store Invoice]" in names
    returned = rows("SELECT FROM [Warehouse] RETURN [$Warehouse].[City], [Warehouse].[Store Invoice] AS [Invoice]", 1)
    assert [c.name for c in returned.columns] == ["[$Warehouse].[City]", "Invoice"]


def test_key_and_name_of_a_level() -> None:
    select = "SELECT FROM [Sales] WHERE ([Measures].[Unit Sales], [Customers].&[3])"
    found = rows(f"{select} RETURN KEY([$Customers].[Name]), NAME([$Customers].[Name]), [$Customers].[Name]", 1)
    assert [c.name for c in found.columns] == [
        "KEY([$Customers].[Name])",
        "NAME([$Customers].[Name])",
        "[$Customers].[Name]",
    ]
    assert [column[0] for column in found.data] == [3, "Jeanne Derry", "Jeanne Derry"]
    with pytest.raises(StatementError, match="returns no CUSTOMROLLUP"):
        rows(f"{select} RETURN CustomRollup([$Customers].[Name])", 1)
