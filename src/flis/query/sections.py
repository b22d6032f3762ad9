"""Sections: the cubes of one area over one source, with all that was loaded for them.

The unit in which data are opened and closed. A section of a release belongs to one tree and the stores of one scope, so
it outlives releases that leave its area as it was.
"""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from flis.errors import CatalogError, FlisError, suggest
from flis.query.cubes.cube import BoundCube
from flis.query.cubes.dimension import columns_of
from flis.query.cubes.store import CubeStore
from flis.query.evaluation.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from flis.catalog.cube import Catalogue, Cube
    from flis.query.cubes.source import TableSource

__all__ = ["CubeSection"]


class CubeSection:
    """The cubes of one source. Its data are freed when it is closed, or when nobody refers to it any more."""

    def __init__(self, catalogue: Catalogue, cubes: Sequence[Cube], source: TableSource, cache: int) -> None:
        self.catalogue = catalogue  # kept: sections are known by it
        self.store = CubeStore(source, catalogue.null_name)
        self.segments = Segments(cache)
        self.broken: dict[str, FlisError] = {}
        """The cubes that cannot be opened, by name, and why."""
        whole = [cube for cube in cubes if self._is_whole(cube, source)]
        self.cubes = tuple(
            BoundCube(c, self.store, catalog=catalogue.name, path_names=catalogue.path_names) for c in whole
        )
        self.close = weakref.finalize(self, _free, self.store, self.segments)

    @property
    def size(self) -> int:
        """Bytes held."""
        return self.store.size + self.segments.size

    def _is_whole(self, cube: Cube, source: TableSource) -> bool:
        try:
            _check(cube, source)
        except FlisError as error:
            self.broken[cube.name] = error
            return False
        return True


def _free(store: CubeStore, segments: Segments) -> None:
    store.close()
    segments.clear()


def _check(cube: Cube, source: TableSource) -> None:
    """Raise CatalogError where a cube names a table or a column that the source does not have."""
    for table, column in _needed(cube):
        files = source.files(table)
        known = _columns(files[0], files[0].stat().st_mtime_ns) if files else _folded(source.columns(table))
        if column and column.casefold() not in known:
            hint = suggest(column, known)
            raise CatalogError(f"Cube {cube.name}: the table {table} has no column {column}.", hint=hint)


def _needed(cube: Cube) -> Iterator[tuple[str, str]]:
    """The tables that a cube names, with every column that it names by name alone."""
    for used in cube.dimensions:
        if base := used.dimension.table:
            yield base, ""
            columns = [*columns_of(used.dimension), *(join.left for join in used.dimension.joins)]
            yield from ((base, column) for column in columns if "." not in column)
            yield from ((join.table, join.right) for join in used.dimension.joins)
    for group in cube.measure_groups:
        columns = [*group.links.values(), group.set_column, *(m.column for m in group.measures if not m.expression)]
        yield from ((group.table, column) for column in ("", *columns) if "." not in column)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


@lru_cache(maxsize=4096)
def _columns(file: Path, modified: int) -> frozenset[str]:  # noqa: ARG001
    """The columns of a Parquet file in lower case."""
    return _folded(pq.read_schema(file).names)
