"""Groups of rows that break a rule about their sums and counts, as SQL over the columns of their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.catalog.contract import FieldType
from flis.delivery.model import Fault
from flis.validation.row_conditions import known_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.catalog.contract import Field
    from flis.validation.history import Period
    from flis.validation.row_conditions import Condition

__all__ = ["UNKNOWN", "broken_groups", "faults_of", "rows_of"]

UNKNOWN = "?"
"""What a finding says in place of a code that its list does not have: it may be anything."""
BROKEN = "broken"
"""The temporary table of the groups that break a rule."""


def broken_groups(connection: Any, condition: Condition, source: str) -> int:
    """Make the table of the groups of the rows of `source` that break a rule; how many there are.

    Raises:
        duckdb.Error: the rule is no condition on the groups.
    """
    each = ", ".join(f'"{name}"' for name in condition.each)
    found = f"SELECT min(ordinal) AS first_row, {each} FROM {source} GROUP BY {each} HAVING {condition.wrong}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {BROKEN} AS {found}")
    ((count,),) = connection.execute(f"SELECT count(*) FROM {BROKEN}").fetchall()
    return int(count)


def faults_of(connection: Any, condition: Condition, area: str, at: Period | None, most: int) -> list[Fault]:
    """The first faulty groups as faults, each with its first row and the places that the message names."""
    named = [field.name for field in condition.places]
    columns = ", ".join(["first_row", *(f'CAST("{name}" AS VARCHAR)' for name in named)])
    found = connection.execute(f"SELECT {columns} FROM {BROKEN} ORDER BY first_row LIMIT {most}").fetchall()
    known = [known_codes(area, field.codes, at) or [] if field.codes else None for field in condition.places]
    faults = []
    for row, *values in found:
        shown = (_shown(*one) for one in zip(condition.places, values, known, strict=True))
        faults.append(Fault(condition.kind, row, group=dict(zip(named, shown, strict=True))))
    return faults


def rows_of(connection: Any, condition: Condition, source: str) -> Any:
    """The numbers of the rows of the faulty groups, in order."""
    same = " AND ".join(f'r."{name}" IS NOT DISTINCT FROM b."{name}"' for name in condition.each)
    found = connection.sql(f"SELECT DISTINCT r.ordinal FROM {source} r JOIN {BROKEN} b ON {same} ORDER BY 1")
    return found.to_arrow_table()["ordinal"]


def _shown(field: Field, value: str | None, known: Sequence[str] | None) -> str:
    """A day or a listed code of a group; never anything that a sender wrote."""
    if value is None or (known is not None and value not in known):
        return UNKNOWN
    return value[:4] if field.type is FieldType.DATE and field.dates == "%Y" else value
