"""A made-up catalogue of sales, as large as a benchmark wants it, and a server over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from bench._server import flis_command

if TYPE_CHECKING:
    from pathlib import Path

STORES, PRODUCTS, DAYS = 500, 1000, 730
CATALOGUE = {
    "catalogue.yaml": "catalogue: Bench\ncubes: [sales]\n",
    "dimensions/store.yaml": """dimension: Store
table: store
key: store_id
hierarchies:
  - name: Store
    levels:
      - {name: Region, key: region, key_type: integer}
      - {name: Store, key: store_id, key_type: integer}
""",
    "dimensions/product.yaml": """dimension: Product
table: product
key: product_id
hierarchies:
  - name: Product
    levels:
      - {name: Group, key: group_id, key_type: integer}
      - {name: Product, key: product_id, key_type: integer}
""",
    "dimensions/day.yaml": """dimension: Day
table: day
key: day_id
time: true
hierarchies:
  - name: Day
    levels:
      - {name: Month, key: month, key_type: integer, type: months}
      - {name: Day, key: day_id, key_type: integer, type: days}
""",
    "dimensions/customer.yaml": """dimension: Customer
table: customer
key: customer_id
hierarchies:
  - name: Customer
    levels:
      - {name: Customer, key: customer_id, key_type: integer, name_column: customer}
""",
    "cubes/sales.yaml": """cube: Sales
dimensions: [Store, Product, Day, Customer]
measure_groups:
  - name: Sales
    table: sales
    links: {Store: store_id, Product: product_id, Day: day_id, Customer: customer_id}
    measures:
      - {name: Units, aggregate: sum, column: units, type: integer, format: "#,##0"}
      - {name: Amount, aggregate: sum, column: amount, format: "#,##0.00"}
      - {name: Rows, aggregate: count, column: units, type: integer, format: "#,##0"}
""",
}


def make(folder: Path, rows: int, customers: int = 1000) -> None:
    """Write the catalogue and its Parquet files."""
    for name, text in CATALOGUE.items():
        file = folder / "catalog" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    data = folder / "data"
    data.mkdir()
    tables = {
        "store": f"SELECT i AS store_id, i // 20 AS region FROM range({STORES}) t(i)",
        "product": f"SELECT i AS product_id, i % 40 AS group_id FROM range({PRODUCTS}) t(i)",
        "day": f"SELECT i AS day_id, i // 30 AS month FROM range({DAYS}) t(i)",
        "customer": f"SELECT i AS customer_id, 'Kunde ' || (i * 7919 % {customers}) || ' & Søn' AS customer "
        f"FROM range({customers}) t(i)",
        "sales": f"SELECT CAST(hash(i) % {STORES} AS INTEGER) AS store_id, "
        f"CAST(hash(i + 1) % {PRODUCTS} AS INTEGER) AS product_id, "
        f"CAST(i * {DAYS} // {rows} AS INTEGER) AS day_id, CAST(hash(i + 4) % {customers} AS INTEGER) AS customer_id, "
        f"CAST(hash(i + 2) % 9 AS INTEGER) AS units, "
        f"CAST(hash(i + 3) % 10000 AS DOUBLE) / 100 AS amount FROM range({rows}) t(i)",
    }
    with duckdb.connect() as connection:
        for name, query in tables.items():
            connection.execute(f"COPY ({query}) TO '{data / name}.parquet'")


def serve(folder: Path, port: int, *more: str) -> list[str]:
    """The command that serves it."""
    return flis_command("--catalog", str(folder / "catalog"), "--data", str(folder / "data"), *more, port=port)
