"""Figures of FoodMart by SQL over its tables: what answers are compared with."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb

from tests.shared import shared


@cache
def _tables() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in sorted(shared("foodmart/parquet").glob("*.parquet")):
        connection.read_parquet(str(path)).create_view(path.stem)
    return connection


SALES = (
    "sales_fact_1997 JOIN store USING (store_id) JOIN time_by_day USING (time_id) JOIN product USING (product_id)"
    " JOIN product_class USING (product_class_id) JOIN customer USING (customer_id)"
)


def rows(query: str) -> list[tuple[Any, ...]]:
    """The rows of a query over the Parquet files."""
    return _tables().execute(query).fetchall()


def unit_sales(condition: str = "true") -> float | None:
    """The units sold under a condition on the joined tables."""
    return figure(f"SELECT sum(unit_sales) FROM {SALES} WHERE {condition}")


def figure(query: str) -> float | None:
    """The one value of a query."""
    value = rows(query)[0][0]
    return None if value is None else float(value)
