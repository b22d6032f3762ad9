"""What an answer is: axes and cells in columns, or a rowset.

Nothing here holds a Python object per tuple or per cell: members are `int32` ordinals into the `Members` of their
hierarchy, values are NumPy arrays. Texts are made from arrays when a writer asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flis.catalog.cube import DataType

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

__all__ = [
    "CELL_PROPERTIES",
    "Axis",
    "AxisHierarchy",
    "AxisMembers",
    "CellError",
    "CellSet",
    "Cells",
    "Column",
    "MemberProperty",
    "Ordinals",
    "Rowset",
]

Ordinals: TypeAlias = NDArray[np.int32]

CELL_PROPERTIES = ("VALUE", "FORMATTED_VALUE", "CELL_ORDINAL")
"""The cell properties of a statement that names none."""

DRILLED_DOWN = 0x10000
SAME_PARENT = 0x20000


@dataclass(frozen=True, slots=True)
class MemberProperty:
    """A member property that a statement asked for.

    `name` is the property's own name in upper case where it is an intrinsic one (`MEMBER_UNIQUE_NAME`), else as the
    catalogue writes it; `level` is the unique name of the level that defines it, empty for intrinsic ones.
    """

    name: str
    level: str = ""
    type: DataType = DataType.TEXT

    @property
    def unique_name(self) -> str:
        """The name as clients see it, without the hierarchy for intrinsic properties."""
        return f"{self.level}.[{self.name}]" if self.level else self.name


class AxisLevel(Protocol):
    """A level of a hierarchy on an axis."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def number(self) -> int:
        """Its place, from 0 on."""
        ...

    @property
    def unique_name(self) -> str:
        """The unique name."""
        ...

    @property
    def is_all(self) -> bool:
        """Whether it is that of the All member."""
        ...

    def caption(self, language: str) -> str:
        """Its caption in a language."""
        ...


class NamedHierarchy(Protocol):
    """The hierarchy of the members on an axis."""

    @property
    def index(self) -> int:
        """Its place among the hierarchies of the cube."""
        ...

    @property
    def levels(self) -> Sequence[AxisLevel]:
        """Its levels, top first."""
        ...

    @property
    def members(self) -> AxisMembers:
        """The members that the cube itself has."""
        ...


class AxisMembers(Protocol):
    """What is written of the members of a hierarchy on an axis: texts and places by ordinal."""

    @property
    def hierarchy(self) -> NamedHierarchy:
        """The hierarchy that they are of."""
        ...

    @property
    def unique_name(self) -> str:
        """The unique name."""
        ...

    @property
    def size(self) -> int:
        """From this ordinal on, members are calculated ones."""
        ...

    def kept(self, what: str, language: str) -> tuple[dict[Hashable, str], dict[Hashable, str]]:
        """Texts that a writer keeps: of stored members, and of others."""
        ...

    def unique_names(self, ordinals: Ordinals) -> list[str]:
        """Unique names."""
        ...

    def names(self, ordinals: Ordinals) -> list[str]:
        """Names."""
        ...

    def captions(self, ordinals: Ordinals, language: str = ...) -> list[str]:
        """Captions in a language."""
        ...

    def level_numbers(self, ordinals: Ordinals) -> NDArray[np.int32]:
        """Level numbers; -1 for no member."""
        ...

    def level_names(self, ordinals: Ordinals) -> list[str]:
        """Unique names of the levels."""
        ...

    def values(self, name: str, ordinals: Ordinals, language: str = ...) -> list[Any]:
        """A member property by name; None where a member has none."""
        ...

    def parents(self, ordinals: Ordinals) -> Ordinals:
        """Parents; -1 for roots and for no member."""
        ...

    def children_counts(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Numbers of stored children."""
        ...

    def shown(self, ordinals: Ordinals) -> Ordinals:
        """Stored members in place of their visual totals."""
        ...


@dataclass(frozen=True, slots=True)
class AxisHierarchy:
    """One hierarchy on an axis: its members and the member properties asked for."""

    members: AxisMembers
    properties: tuple[MemberProperty, ...] = ()

    @property
    def unique_name(self) -> str:
        """The hierarchy's unique name."""
        return self.members.unique_name


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: one `int32` column of member ordinals per hierarchy, all of the same length."""

    hierarchies: tuple[AxisHierarchy, ...]
    columns: tuple[Ordinals, ...]
    length: int

    def __len__(self) -> int:
        return self.length

    def unique_names(self, hierarchy: int) -> list[str]:
        """The unique name of every tuple's member in one hierarchy."""
        return self.hierarchies[hierarchy].members.unique_names(self.columns[hierarchy])

    def captions(self, hierarchy: int, language: str = "da") -> list[str]:
        """The caption of every tuple's member in one hierarchy."""
        return self.hierarchies[hierarchy].members.captions(self.columns[hierarchy], language)

    def level_numbers(self, hierarchy: int) -> NDArray[np.int32]:
        """The level number of every tuple's member in one hierarchy."""
        return self.hierarchies[hierarchy].members.level_numbers(self.columns[hierarchy])

    def level_names(self, hierarchy: int) -> list[str]:
        """The unique name of every tuple's member's level in one hierarchy."""
        return self.hierarchies[hierarchy].members.level_names(self.columns[hierarchy])

    def properties(self, hierarchy: int, language: str = "da") -> list[list[Any]]:
        """The asked-for member properties, one list per property; None where a member has none."""
        on = self.hierarchies[hierarchy]
        return [on.members.values(p.name, self.columns[hierarchy], language) for p in on.properties]

    def display_info(self) -> list[NDArray[np.int64]]:
        """DisplayInfo of each tuple, by hierarchy: children in the low 16 bits, drilled down, same parent as before."""
        found = []
        outer = np.ones(max(self.length - 1, 0), dtype=bool)  # the same members further out as in the tuple before
        for on, written in zip(self.hierarchies, self.columns, strict=True):
            column = on.members.shown(written)
            if len(written) > 1 and (written == written[0]).all():  # as a slicer's members are, but for a few
                [children] = np.minimum(on.members.children_counts(column[:1]), 0xFFFF).tolist()
                info = np.full(len(written), children, dtype=np.int64)
                info[1:] |= np.where(outer, SAME_PARENT, 0)
                found.append(info)
                continue
            info = np.minimum(on.members.children_counts(column), 0xFFFF).astype(np.int64)
            if len(column) > 1:
                parents = on.members.parents(column)
                drilled = (parents[1:] == column[:-1]) & (column[:-1] >= 0)
                info[:-1] |= np.where(drilled & outer, DRILLED_DOWN, 0)
                info[1:] |= np.where((parents[1:] == parents[:-1]) & outer, SAME_PARENT, 0)
                outer &= written[1:] == written[:-1]
            found.append(info)
        return found


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a result, first axis fastest; every array has one element per cell.

    `values` holds float64 where all cells are numbers, else objects (float, str, bool); where `empty` is true there is
    no value. `formats[i]` is the format string that made `texts[i]`. `errors` maps the ordinal of a cell that could
    not be calculated to the reason.
    """

    values: NDArray[Any]
    empty: NDArray[np.bool_]
    texts: Sequence[str]
    formats: Sequence[str]
    whole: NDArray[np.bool_]  # numbers to be written without a decimal point: counts and sums of whole numbers
    language: int = 1030
    properties: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # FORE_COLOR … where anything gives them
    errors: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def value(self, ordinal: int) -> float | int | str | bool | None:
        """One cell's value, None where it is empty or in error."""
        if self.empty[ordinal] or ordinal in self.errors:
            return None
        value = self.values[ordinal]
        if isinstance(value, (float, np.floating)):
            return int(value) if self.whole[ordinal] and np.isfinite(value) else float(value)
        plain: float | int | str | bool | None = value.item() if isinstance(value, np.generic) else value
        return plain


@dataclass(frozen=True, slots=True)
class CellError:
    """What a table has in place of a value that could not be calculated: the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class CellSet:
    """A multidimensional result. `slicer` holds the WHERE members and the defaults of hierarchies on no axis."""

    cube: str
    axes: tuple[Axis, ...]
    slicer: Axis
    cells: Cells
    cell_properties: tuple[str, ...] = CELL_PROPERTIES
    language: str = "da"

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def extent(self) -> int:
        """Cells, or tuples of the longest axis: what writing it costs."""
        return max(len(self.cells), *map(len, self.axes), len(self.slicer))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a rowset: `name` as clients see it."""

    name: str
    type: DataType = DataType.TEXT


@dataclass(frozen=True, slots=True)
class Rowset:
    """A table: the flattened form of a cell set, DRILLTHROUGH, or a schema rowset asked for by statement."""

    columns: tuple[Column, ...]
    data: tuple[Sequence[Any], ...]  # one sequence per column, None for no value

    def __len__(self) -> int:
        return len(self.data[0]) if self.data else 0

    @property
    def extent(self) -> int:
        """Rows: what writing it costs."""
        return len(self)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Row by row."""
        return zip(*self.data, strict=True)
