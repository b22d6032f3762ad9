"""Whether the public store of a release is what was noted as shown, and holds nothing besides.

Files, tree and root of a release that somebody exchanged may fit each other. The register of what was shown is a chain
of its own, and every later release keeps to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from flis.disclosure import register
from flis.errors import StateError
from flis.release.counting import counting_steps
from flis.release.policies import is_protected, policy
from flis.release.protecting import breakdowns
from flis.release.protecting import months as rare_flows
from flis.release.reader import PUBLIC
from flis.release.tables import public_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from flis.config import State
    from flis.release.reader import Released

    Parts = Mapping[str, Mapping[str, pa.Table]]  # by table and partition

__all__ = ["shown_otherwise"]


def shown_otherwise(state: State, found: Released, noted: str) -> list[str]:
    """What the public store of an area with a policy holds otherwise than the register, up to the block `noted`.

    A release made under another policy may have other tables, and is compared in those that there are now.
    """
    if not is_protected(found.area) or PUBLIC not in found.stores or not noted:
        return []
    try:
        known = register(state, noted)
    except StateError as fault:
        return [f"The public figures cannot be compared with the register. {fault.message}"]
    expected = _of_register(found, known.figures_through(noted))
    differing = [f"{table} {part}" for table, part in _differing(found, expected)]
    problems = [f"{where}: the public store and the register of what was shown differ." for where in differing]
    return problems + list(_not_public(found))


def _of_register(found: Released, figures: pa.Table) -> Parts:
    """The tables that hold what was noted, as the public store has them."""
    steps, tree = counting_steps(found.area), found.tree
    return {
        steps.breakdown.name: breakdowns(found.area, figures, tree.data_through, {}),
        steps.months.name: rare_flows(found.area, figures, tree.first, tree.data_through, ()),
    }


def _differing(found: Released, expected: Parts) -> Iterator[tuple[str, str]]:
    """Table and partition of what is in the one or the other alone, or in both otherwise."""
    for table, parts in expected.items():
        there = found.partitions(PUBLIC, table)
        for part in sorted({*there, *parts}):
            mine = pq.read_table(there[part]).combine_chunks() if part in there else None
            if mine is None or part not in parts or not mine.equals(parts[part].combine_chunks()):
                yield table, part


def _not_public(found: Released) -> Iterator[str]:
    """The tables and columns that no report shows."""
    if found.tree.policy != policy(found.area).sha256:
        return
    known = public_tables(found.area)
    for table in found.tree.stores[PUBLIC]:
        if table not in known:
            yield f"{table}: the public store has no such table."
            continue
        for part, path in found.partitions(PUBLIC, table).items():
            for column in [name for name in pq.read_schema(path).names if name not in known[table].names]:
                yield f"{table} {part}: the public store has no column {column} there."
