"""Which row lies in which: rows of a table that belong to those of another one, by what they take over from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flis.errors import UsageError
from flis.simulate.writers.column_texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.catalog.contract import Contract

__all__ = ["Row", "nested"]


@dataclass(slots=True)
class Row:
    """A row: its table's name, the texts of its fields ('' where there is none), and the rows that lie in it."""

    table: str
    cells: dict[str, str]
    inside: list[Row] = field(default_factory=list)


def nested(
    contract: Contract, tables: Mapping[str, Any], homes: Mapping[str, tuple[str, Mapping[str, str]]]
) -> list[Row]:
    """The rows that lie in no other one, by table; all others lie in them.

    `homes` says of a table in whose rows its rows lie, and which of its fields are taken over from which field there.
    Of several rows that say the same, the first one takes them.

    Raises:
        KeyError: a table or a column is missing.
        UsageError: a row says something that no row says in which it could lie.
    """
    rows: dict[str, list[Row]] = {}
    for table in contract.tables:
        columns = {f.name: texts(f, tables[table.name][f.name], contract.dialect).to_pylist() for f in table.fields}
        count = tables[table.name].num_rows
        rows[table.name] = [Row(table.name, {name: c[n] for name, c in columns.items()}) for n in range(count)]
    for name, (home, taken) in homes.items():
        known: dict[tuple[str, ...], Row] = {}
        for row in rows[home]:
            known.setdefault(tuple(row.cells[there] for there in taken.values()), row)
        for row in rows[name]:
            above = known.get(tuple(row.cells[here] for here in taken))
            if above is None:
                raise UsageError(f"A row of {name} lies in no row of {home}: none says what it takes over.")
            above.inside.append(row)
    for of in rows.values():
        for row in of:
            row.inside.sort(key=lambda one: [t.name for t in contract.tables].index(one.table))
    return [row for name, of in rows.items() if name not in homes for row in of]
