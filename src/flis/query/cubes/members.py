"""The members of a cube's hierarchy under their names, calculated ones behind the stored ones."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import pyarrow as pa

from flis.catalog.cube import say
from flis.query.cubes.member_table import quote
from flis.query.cubes.properties import DescribedHierarchy, property_values
from flis.query.result import AxisHierarchy

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.calculations import Calculation
    from flis.query.cubes.member_table import MemberTable
    from flis.query.result import Ordinals

__all__ = ["Members", "NamingHierarchy"]

OWN = frozenset({"NAME", "MEMBER_NAME", "CAPTION", "MEMBER_CAPTION"})  # what a visual total has for itself


class NamingHierarchy(DescribedHierarchy, Protocol):
    """The hierarchy that members are of, as they take their names from it."""

    @property
    def unique_name(self) -> str:
        """The unique name."""
        ...

    @property
    def spoken_name(self) -> str:
        """What `.UniqueName` says of it."""
        ...

    @property
    def spoken_by_path(self) -> bool:
        """Whether expressions say members by the path of their names."""
        ...

    @property
    def null_name(self) -> str:
        """What no member is called."""
        ...

    @property
    def listed_order(self) -> Sequence[int] | None:
        """The members in the order that the catalogue gives them; None where that is the order of their numbers."""
        ...

    @property
    def kept(self) -> dict[tuple[str, str], dict[Hashable, str]]:
        """Texts of stored members that a writer keeps."""
        ...

    def stored_names(self, ordinals: Ordinals) -> list[str]:
        """The unique names of stored members."""
        ...

    def unknown_name(self, ordinal: int, top: str) -> str:
        """The name of an unknown member below that of All, or of the hierarchy where there is no All."""
        ...


class Members:
    """A cube hierarchy's members under their names, calculated ones behind the stored."""

    def __init__(
        self, hierarchy: NamingHierarchy, table: MemberTable, calculated: tuple[Calculation, ...] = ()
    ) -> None:
        self.hierarchy = hierarchy
        self.table = table
        self.calculated = calculated
        self.size = table.size  # ordinals from here on are calculated members
        self.count = table.size + len(calculated)
        self.unique_name = hierarchy.unique_name
        self._kept: dict[tuple[str, str], dict[Hashable, str]] = {}

    def kept(self, what: str, language: str) -> tuple[dict[Hashable, str], dict[Hashable, str]]:
        """Where a writer keeps texts, bounded by itself: those of stored members with the hierarchy, of others here."""
        key = what, language
        return self.hierarchy.kept.setdefault(key, {}), self._kept.setdefault(key, {})

    @cached_property
    def bare(self) -> AxisHierarchy:
        """The hierarchy as it stands on an axis that asks for no member properties."""
        return AxisHierarchy(self)

    def calculation(self, ordinal: int) -> Calculation:
        """The calculated member behind an ordinal."""
        return self.calculated[ordinal - self.size]

    def shown(self, ordinals: Ordinals) -> Ordinals:
        """Stored members in place of their visual totals, all others as they are."""
        if not any(c.shows >= 0 for c in self.calculated):
            return ordinals
        out = ordinals.copy()
        for i in np.flatnonzero(ordinals >= self.size).tolist():
            shows = self.calculation(int(ordinals[i])).shows
            out[i] = shows if shows >= 0 else ordinals[i]
        return out

    def _texts(self, ordinals: Ordinals, stored: pa.Array | None, calculated: Sequence[str]) -> list[str]:
        """Texts by ordinal from the stored column and the list of the calculated."""
        if stored is not None and len(ordinals) and ordinals.min() >= 0 and ordinals.max() < self.size:
            return cast("list[str]", stored.take(pa.array(ordinals)).to_pylist())
        out = []
        for o in ordinals.tolist():
            if o < 0:
                out.append(self.hierarchy.null_name)
            elif o >= self.size:
                out.append(calculated[o - self.size])
            else:
                out.append(stored[o].as_py() if stored is not None else "")
        return out

    def names(self, ordinals: Ordinals) -> list[str]:
        """Names."""
        return self._texts(ordinals, self.table.names, [c.name for c in self.calculated])

    def captions(self, ordinals: Ordinals, language: str = "da") -> list[str]:
        """Captions in a language; the names where there are none."""
        said = [say(c.caption, language, c.name) for c in self.calculated]
        captions = self._texts(ordinals, self.table.captions.get(language, self.table.names), said)
        for i in np.flatnonzero(self.table.are_unknown(ordinals)).tolist():
            captions[i] = say(self.table.unknown_caption, language, captions[i])
        return captions

    def keys(self, ordinals: Ordinals) -> list[str | None]:
        """Keys as text; a calculated member has its name, an unknown one none."""
        found = self._texts(self.shown(ordinals), self.table.keys, [c.name for c in self.calculated])
        return cast("list[str | None]", found)

    def unique_names(self, ordinals: Ordinals) -> list[str]:
        """Unique names by key (`[D].[H].&[key]`, `[D].[H].[L].&[key]`)."""
        ordinals = self.shown(ordinals)
        stored = (ordinals >= 0) & (ordinals < self.size)
        if stored.all():
            return self.hierarchy.stored_names(ordinals)
        names = iter(self.hierarchy.stored_names(ordinals[stored]))
        return [
            next(names) if s else self._made_name(o) for o, s in zip(ordinals.tolist(), stored.tolist(), strict=True)
        ]

    def _made_name(self, ordinal: int) -> str:
        """The unique name of a calculated member, or of none."""
        if ordinal < 0:
            return f"{self.unique_name}.[{none}]" if (none := self.hierarchy.null_name) else ""
        calculation = self.calculation(ordinal)
        above = np.array([calculation.parent], dtype=np.int32)
        return (
            f"{self.unique_names(above)[0] if calculation.parent >= 0 else self.unique_name}.{quote(calculation.name)}"
        )

    def spoken_names(self, ordinals: Ordinals) -> list[str]:
        """What `.UniqueName` and `SetToStr` say: the unique name, or the path of names in a catalogue that asks so."""
        if not self.hierarchy.spoken_by_path:
            return self.unique_names(ordinals)
        return [self._path(o) for o in self.shown(ordinals).tolist()]

    def _path(self, ordinal: int) -> str:
        base = self.hierarchy.spoken_name
        if ordinal < 0:
            return f"{base}.[{none}]" if (none := self.hierarchy.null_name) else ""
        parts: list[str] = []
        at = ordinal
        if at in self.table.unknown:
            return self.hierarchy.unknown_name(at, base)
        if at >= self.size:
            parts.append(self.calculation(at).name)
            at = self.calculation(at).parent
        while at >= 0 and not (self.hierarchy.has_all and at == 0 and parts):
            parts.append(self.table.names[at].as_py())
            at = int(self.table.parent[at])
        return ".".join([base, *map(quote, reversed(parts))])

    def level_numbers(self, ordinals: Ordinals) -> NDArray[np.int32]:
        """Level numbers; -1 for no member."""
        out = np.full(len(ordinals), -1, dtype=np.int32)
        stored = (ordinals >= 0) & (ordinals < self.size)
        out[stored] = self.table.level[ordinals[stored]]
        for i in np.flatnonzero(ordinals >= self.size).tolist():
            out[i] = self.calculation(int(ordinals[i])).level
        return out

    def depths(self, ordinals: Ordinals) -> NDArray[np.int32]:
        """Steps from the root; -1 for no member."""
        out = np.full(len(ordinals), -1, dtype=np.int32)
        stored = (ordinals >= 0) & (ordinals < self.size)
        out[stored] = self.table.depth[ordinals[stored]]
        for i in np.flatnonzero(ordinals >= self.size).tolist():
            parent = self.calculation(int(ordinals[i])).parent
            out[i] = self.table.depth[parent] + 1 if parent >= 0 else 0
        return out

    def generations(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Parents above each member; 0 for no member."""
        made = ordinals >= self.size
        at = np.where(made, self.parents(ordinals), ordinals)
        steps = np.where(at >= 0, self.table.generation[np.maximum(at, 0)] + made, 0)
        return np.asarray(steps, dtype=np.int64)

    def level_names(self, ordinals: Ordinals) -> list[str]:
        """Unique names of the levels; the top level's for no member."""
        names = [level.unique_name for level in self.hierarchy.levels]
        return [names[n] for n in np.maximum(self.level_numbers(ordinals), 0).tolist()]

    def parents(self, ordinals: Ordinals) -> Ordinals:
        """Parents; -1 for roots and for no member."""
        out = np.full(len(ordinals), -1, dtype=np.int32)
        stored = (ordinals >= 0) & (ordinals < self.size)
        out[stored] = self.table.parent[ordinals[stored]]
        for i in np.flatnonzero(ordinals >= self.size).tolist():
            out[i] = self.calculation(int(ordinals[i])).parent
        return out

    def children_counts(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Numbers of stored children."""
        return self.table.child_counts(self.shown(ordinals))

    def positions(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Sort keys of `Hierarchize`: calculated members behind the last descendant of their parent."""
        if (order := self.hierarchy.listed_order) is not None:
            place = np.arange(self.count + 1, dtype=np.int64)
            place[list(order)] = np.arange(len(order))
            return place[ordinals] << 12
        ordinals = self.shown(ordinals)
        out = ordinals.astype(np.int64) << 12
        for i in np.flatnonzero(ordinals >= self.size).tolist():
            at = int(ordinals[i])
            parent = self.calculation(at).parent
            last = int(self.table.last[parent]) if parent >= 0 else self.size - 1
            out[i] = (last << 12) + (at - self.size) + 1
        return out

    def values(self, name: str, ordinals: Ordinals, language: str = "da") -> list[Any]:
        """A member property by name, intrinsic ones in upper case; None where a member has none."""
        if name.upper() not in OWN:
            ordinals = self.shown(ordinals)
        return property_values(self, name, ordinals, language)
