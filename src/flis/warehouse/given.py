"""Tables that the platform gives every step: settings of the area, lists of codes, and the periods asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from flis.catalog import codes
from flis.catalog.area_paths import folder_of
from flis.catalog.reference import municipalities
from flis.warehouse.definitions import definition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Columns, Step

__all__ = [
    "CODES",
    "GIVEN",
    "PART_COLUMNS",
    "choose_days",
    "code_list",
    "code_table",
    "give",
    "set_days",
    "set_months",
    "set_policy",
    "set_weeks",
]

GIVEN: dict[str, Columns] = {
    "municipality": {"kommune": "VARCHAR"},
    "definition": {"citizenship": "VARCHAR", "entered_from": "DATE"},
    "production": {"produced": "DATE"},
    "present": {"kommune": "VARCHAR"},
    "day": {"dato": "DATE"},
    "week": {"monday": "DATE", "after": "DATE"},
    "month": {"maaned": "DATE", "after": "DATE"},
    "grouping": {"dimension": "VARCHAR", "gruppe": "VARCHAR", "value": "VARCHAR"},
    "small": {"most": "INTEGER"},
}
"""What each table given has: `municipality` all of them; `definition` the numbers of the area's own; `production` the
day on which the delivery was made; `present` where everybody is who is in a municipality now; `day`, `week`, `month`
the periods asked for; `grouping` and `small` what the policy says of groups and small counts."""

PART_COLUMNS: Columns = {"kommune": "VARCHAR", "maaned": "DATE", "dato": "DATE", "aar": "DATE"}
"""The columns that rows get from the name of their file, where the contract calls them columns of a part."""
CODES = "codes_"
"""How the table of a code list begins: `codes_countries` is `codes/countries.csv` of the area or its source."""


def code_list(table: str) -> str:
    """The code list that a table is made of; none where it is no such table."""
    return table.removeprefix(CODES) if table.startswith(CODES) else ""


def give(connection: Connection, area: str, source: str, steps: Iterable[Step]) -> None:
    """Make the temporary tables that do not change while the warehouse is open, as far as `steps` read them."""
    read = {name.rpartition(".")[2] for step in steps for name in step.inputs}
    if "municipality" in read:
        _table(connection, "municipality", pa.table({"kommune": [m.code for m in municipalities()]}))
    if "definition" in read:
        rules = definition(area)
        _table(
            connection,
            "definition",
            pa.table({"citizenship": [rules.citizenship], "entered_from": pa.array([rules.entered_from], pa.date32())}),
        )
    for table in sorted(t for t in read if code_list(t)):
        _table(connection, table, code_table(area, source, code_list(table)))


def set_days(connection: Connection, first: date, last: date) -> None:
    """Make the temporary table `day` that steps read: `first` through `last`."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE day AS SELECT CAST(range AS DATE) AS dato FROM "
        "range(CAST($first AS TIMESTAMP), CAST($after AS TIMESTAMP), INTERVAL 1 DAY)",
        {"first": first, "after": last + timedelta(1)},
    )


def choose_days(connection: Connection, days: Sequence[date]) -> None:
    """Make the temporary table `day` that steps read, of some days."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE day AS SELECT unnest(CAST($days AS DATE[])) AS dato", {"days": list(days)}
    )


def set_weeks(connection: Connection, first: date, last: date) -> None:
    """Make the temporary table `week`: the whole weeks that hold any of the days."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE week AS SELECT CAST(range AS DATE) AS monday, "
        "CAST(range + INTERVAL 7 DAY AS DATE) AS after FROM range(date_trunc('week', CAST($first AS TIMESTAMP)), "
        "CAST($last AS TIMESTAMP) - INTERVAL 6 DAY + INTERVAL 1 DAY, INTERVAL 7 DAY)",
        {"first": first, "last": last},
    )


def set_months(connection: Connection, first: date, last: date) -> None:
    """Make the temporary table `month`: the months of the days from `first` through `last`."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE month AS SELECT CAST(range AS DATE) AS maaned, "
        "CAST(range + INTERVAL 1 MONTH AS DATE) AS after FROM range(date_trunc('month', CAST($first AS TIMESTAMP)), "
        "CAST($last AS TIMESTAMP) + INTERVAL 1 DAY, INTERVAL 1 MONTH)",
        {"first": first, "last": last},
    )


def set_policy(connection: Connection, groups: Mapping[str, Mapping[str, Sequence[str]]], small: int) -> None:
    """Make the tables `grouping` and `small` of the policy, which steps read."""
    listed = [(d, g, v) for d, of in groups.items() for g, values in of.items() for v in values]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE grouping AS SELECT unnest(CAST($dimension AS VARCHAR[])) AS dimension, "
        "unnest(CAST($group AS VARCHAR[])) AS gruppe, unnest(CAST($value AS VARCHAR[])) AS value",
        {name: [row[n] for row in listed] for n, name in enumerate(("dimension", "group", "value"))},
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE small AS SELECT CAST($most AS INTEGER) AS most", {"most": small})


def code_table(area: str, source: str, name: str) -> pa.Table:
    """A code list of the area, or of its source where it has none of that name: a row for each code."""
    own = (folder_of(area) / "codes" / f"{name}.csv").is_file()
    found = codes.load(area if own else source, name)
    more = list(dict.fromkeys(column for code in found.values() for column in code.more))
    return pa.table(
        {
            "code": pa.array(list(found), pa.string()),
            "da": pa.array([code.text["da"] for code in found.values()], pa.string()),
            "en": pa.array([code.text["en"] for code in found.values()], pa.string()),
            "valid_from": pa.array([code.valid_from for code in found.values()], pa.date32()),
            "valid_to": pa.array([code.valid_to for code in found.values()], pa.date32()),
            **{c: pa.array([code.more.get(c) or None for code in found.values()], pa.string()) for c in more},
        }
    )


def _table(connection: Connection, name: str, rows: pa.Table) -> None:
    connection.register("given_rows", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM given_rows")
    connection.unregister("given_rows")
