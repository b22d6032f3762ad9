"""A dimension's rows numbered into the members of its hierarchies.

The rows (one per key) are sorted once per hierarchy; where a path of keys changes from one row to the next, a new
member begins. That gives preorder ordinals for any number of rows without a Python object per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.cube import DataType, Dimension, HideMember, Hierarchy, Level, UnknownMember
from flis.query.cubes.member_table import MemberTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from flis.query.result import Ordinals

__all__ = ["DimensionRows", "NumberedHierarchy", "columns_of", "number"]

DANISH = str.maketrans({"Å": "\u00d9", "å": "\u00f9"})  # Å comes after Ø, as in the Danish alphabet


@dataclass(frozen=True, slots=True)
class NumberedHierarchy:
    """The members of a hierarchy, and the member of every dimension row at every level (-1 where hidden).

    Behind the rows of the table comes the one of the unknown members.
    """

    members: MemberTable
    own: Ordinals  # the deepest member of each row
    levels: tuple[Ordinals, ...]  # by level of the hierarchy, the All level left out
    closure: tuple[Ordinals, Ordinals] | None = None  # parent-child: (ancestor, own) pairs


@dataclass(frozen=True, slots=True)
class DimensionRows:
    """A dimension's rows as read: one Arrow column per column that the catalogue names."""

    columns: Mapping[str, pa.Array]
    size: int

    def text(self, column: str) -> NDArray[np.object_]:
        """A column as text; None where there is no value."""
        array = self.columns[column]
        if pa.types.is_floating(array.type):
            values = array.to_pylist()
            return np.array([None if v is None else f"{v:.15g}" for v in values] or [], dtype=object)
        if pa.types.is_timestamp(array.type):
            array = pc.strftime(array, "%Y-%m-%d")
        elif pa.types.is_decimal(array.type):
            array = array.cast(pa.float64())
        text: NDArray[np.object_] = array.cast(pa.string()).to_numpy(zero_copy_only=False)
        return text

    def dates(self, column: str) -> NDArray[np.datetime64]:
        """A column as dates, no date where there is no value. Raises: pa.ArrowInvalid: it holds something else."""
        array = self.columns[column]
        if not pa.types.is_temporal(array.type):
            array = array.cast(pa.string())
        return np.asarray(array.cast(pa.date32()).to_numpy(zero_copy_only=False), dtype="datetime64[D]")

    def codes(self, column: str) -> NDArray[np.int64]:
        """Whole numbers that sort as the column does, no value first; text in the order of the Danish alphabet."""
        array = self.columns[column]
        if pa.types.is_integer(array.type) and not array.null_count:
            return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.int64)
        encoded = array.dictionary_encode()
        values = encoded.dictionary.to_pylist()
        keyed = [v.translate(DANISH) for v in values] if pa.types.is_string(array.type) else values
        place = np.empty(len(values), dtype=np.int64)
        place[sorted(range(len(values)), key=keyed.__getitem__)] = np.arange(len(values))
        index = encoded.indices
        codes = place[pc.fill_null(index, 0).to_numpy(zero_copy_only=False)] if len(values) else np.zeros(self.size)
        return np.where(index.is_null().to_numpy(zero_copy_only=False), -1, codes).astype(np.int64)


def columns_of(dimension: Dimension) -> list[str]:
    """Every column that the dimension names, its key first."""
    found: dict[str, None] = {dimension.key: None} if dimension.key else {}
    if dimension.time and dimension.date_column:
        found[dimension.date_column] = None
    for hierarchy in dimension.hierarchies:
        if hierarchy.parent_child:
            found[hierarchy.parent_child.parent] = None
        for level in hierarchy.levels:
            names = [level.key, level.name_column, level.order, *level.caption_columns.values()]
            names += [p.column for p in level.properties]
            found.update((name, None) for name in names if name)
    return list(found)


def number(
    hierarchy: Hierarchy, rows: DimensionRows, unknown: UnknownMember | None = None, null_name: str = ""
) -> NumberedHierarchy:
    """Number the members of a hierarchy, the unknown ones last; a degenerate dimension has none."""
    if hierarchy.parent_child:
        return _number_parent_child(hierarchy, rows, unknown, null_name)
    changed, hidden, order = _paths(hierarchy, rows)
    above = 1 if hierarchy.all_name is not None else 0
    fresh = changed & ~hidden
    per_row = fresh.sum(axis=0)
    before = above + np.concatenate(([0], np.cumsum(per_row)[:-1])) if rows.size else np.zeros(0, dtype=np.int64)
    known = above + int(per_row.sum())
    chain = _unknown_levels(hierarchy) if unknown else []
    size = known + len(chain)
    parent = np.full(size, -1, dtype=np.int32)
    level_of = np.zeros(size, dtype=np.int32)
    texts = _Texts(size, null_name)
    if above:
        texts.root(hierarchy)
    up = np.full(rows.size, above - 1, dtype=np.int64)
    at: list[Ordinals] = []
    for n, level in enumerate(hierarchy.levels):
        begins = np.flatnonzero(fresh[n])
        ordinals = before[begins] + fresh[:n, begins].sum(axis=0)
        filled = np.zeros(rows.size, dtype=np.int64)
        filled[begins] = ordinals
        filled = np.maximum.accumulate(filled) if rows.size else filled
        filled[hidden[n]] = -1
        parent[ordinals] = up[begins]
        level_of[ordinals] = n + above
        texts.fill(level, n + above, ordinals, rows, order[begins])
        up = np.where(filled >= 0, filled, up)
        back = np.empty(rows.size, dtype=np.int32)
        back[order] = filled
        at.append(back)
    own = np.empty(rows.size, dtype=np.int32)
    own[order] = up
    if unknown:
        parent[known:] = [above - 1, *range(known, size - 1)]
        level_of[known:] = [n + above for n in chain]
        texts.unknown(unknown, range(known, size))
        own = np.append(own, np.int32(size - 1))
        at = [np.append(a, np.int32(known + chain.index(n) if n in chain else -1)) for n, a in enumerate(at)]
    unique = ((True,) if above else ()) + tuple(level.unique for level in hierarchy.levels)
    visible = size if unknown and unknown.visible else known
    last = _last(parent, level_of)
    table = MemberTable(parent, level_of, last, unique_levels=unique, visible=visible, **texts.columns())
    return NumberedHierarchy(table, own, tuple(at))


def _unknown_levels(hierarchy: Hierarchy) -> list[int]:
    """The levels that have an unknown member: all but those that hide what is called like its parent."""
    hiding = HideMember.PARENTS_NAME
    return [n for n, level in enumerate(hierarchy.levels) if n == 0 or level.hide is not hiding]


def _paths(hierarchy: Hierarchy, rows: DimensionRows) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Per level and sorted row: does a new path begin, is it hidden; and the sorting of the rows."""
    keys: list[NDArray[np.int64]] = []
    sorting: list[NDArray[np.int64]] = []
    path = np.zeros(rows.size, dtype=np.int64)
    hidden = np.zeros((len(hierarchy.levels), rows.size), dtype=bool)
    name_above = np.full(rows.size, None, dtype=object)
    for n, level in enumerate(hierarchy.levels):
        code = rows.codes(level.key)
        keys.append(code)
        if rows.size:
            path = np.unique(path * (int(code.max()) - int(code.min()) + 1) + code - code.min(), return_inverse=True)[1]
            place = rows.codes(_order_column(level))
            first = np.full(int(path.max()) + 1, np.iinfo(np.int64).max)
            np.minimum.at(first, path, place)
            sorting += [first[path], code]
        if level.hide is not HideMember.NEVER or n:
            name = rows.text(level.name_column or level.key)
            if level.hide is not HideMember.NEVER:
                hidden[n] = [not (v or "").strip() for v in name]
            if level.hide is HideMember.PARENTS_NAME:
                hidden[n] |= name == name_above
            name_above = np.where(hidden[n], name_above, name)
        else:
            name_above = rows.text(level.name_column or level.key)
    order = np.lexsort(sorting[::-1]) if rows.size else np.zeros(0, dtype=np.int64)
    changed = np.ones_like(hidden)
    differs = np.zeros(max(rows.size - 1, 0), dtype=bool)
    for n, code in enumerate(keys):
        run = code[order]
        differs = differs | (run[1:] != run[:-1])
        changed[n, 1:] = differs
    return changed, hidden[:, order], order


def _order_column(level: Level) -> str:
    if level.order:
        return level.order
    by_key = level.key_type in (DataType.INTEGER, DataType.NUMBER, DataType.DATE)
    return level.key if by_key else level.name_column or level.key


def _last(parent: Ordinals, level: NDArray[np.int32]) -> Ordinals:
    """The last descendant of every member, deepest level first."""
    last = np.arange(len(parent), dtype=np.int32)
    for n in range(int(level.max(initial=0)), 0, -1):
        mine = np.flatnonzero((level == n) & (parent >= 0))
        np.maximum.at(last, parent[mine], last[mine])
    return last


def _missing(texts: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.fromiter((t is None for t in texts.tolist()), np.bool_, len(texts))


def _objects(values: list[Any]) -> NDArray[np.object_]:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


class _Texts:
    """Keys, names, captions and properties, gathered level by level."""

    def __init__(self, size: int, null_name: str) -> None:
        self.size = size
        self.null_name = null_name
        self.keys = np.full(size, null_name, dtype=object)
        self.names = np.full(size, null_name, dtype=object)
        self.captions: dict[str, NDArray[np.object_]] = {}
        self.properties: dict[tuple[int, str], NDArray[np.object_]] = {}
        self.of_unknown: dict[str, Any] = {}

    def unknown(self, member: UnknownMember, ordinals: range) -> None:
        """The unknown members: a name, and no key."""
        self.keys[ordinals.start : ordinals.stop] = None
        self.names[ordinals.start : ordinals.stop] = member.name
        self.of_unknown = {"unknown": ordinals, "unknown_caption": member.caption}

    def root(self, hierarchy: Hierarchy) -> None:
        """The All member."""
        self.keys[0] = self.names[0] = hierarchy.all_name
        for language, text in hierarchy.all_caption.items():
            self._captions(language)[0] = text

    def _captions(self, language: str) -> NDArray[np.object_]:
        return self.captions.setdefault(language, np.full(self.size, None, dtype=object))

    def fill(
        self, level: Level, number: int, ordinals: NDArray[Any], rows: DimensionRows, at: NDArray[np.int64]
    ) -> None:
        """The members `ordinals` of a level, each described by the dimension row `at`."""
        keys = rows.text(level.key)[at]
        names = rows.text(level.name_column)[at] if level.name_column else keys
        self.keys[ordinals] = np.where(_missing(keys), self.null_name, keys)
        self.names[ordinals] = np.where(_missing(names), self.null_name, names)
        for language, column in level.caption_columns.items():
            self._captions(language)[ordinals] = rows.text(column)[at]
        for prop in level.properties:
            values: NDArray[np.object_] = np.full(self.size, None, dtype=object)
            values[ordinals] = _objects(rows.columns[prop.column].take(pa.array(at)).to_pylist())
            self.properties[number, prop.name.upper()] = values

    def columns(self) -> dict[str, Any]:
        """As a `MemberTable` takes them."""
        captions = {
            language: pa.array(np.where(_missing(said), self.names, said), pa.string())
            for language, said in self.captions.items()
        }
        return {
            "keys": pa.array(self.keys, pa.string()),
            "names": pa.array(self.names, pa.string()),
            "captions": captions,
            "properties": self.properties,
            **self.of_unknown,
        }


def _number_parent_child(
    hierarchy: Hierarchy, rows: DimensionRows, unknown: UnknownMember | None, null_name: str
) -> NumberedHierarchy:
    """A hierarchy whose level refers to itself: children in the level's order, data members at the end."""
    assert hierarchy.parent_child is not None  # noqa: S101
    level = hierarchy.levels[0]
    above = 1 if hierarchy.all_name is not None else 0
    keys, parents = rows.text(level.key), rows.text(hierarchy.parent_child.parent)
    row_of = {key: row for row, key in enumerate(keys.tolist())}
    below: dict[int, list[int]] = {}
    for row in np.lexsort((rows.codes(level.key), rows.codes(_order_column(level)))).tolist():
        parent = parents[row]
        up = -1 if parent is None or parent == hierarchy.parent_child.root_value else row_of.get(parent, -1)
        below.setdefault(-1 if up == row else up, []).append(row)
    order: list[int] = []
    parent_rows: list[int] = []
    stack = [(row, -1) for row in reversed(below.get(-1, []))]
    while stack:
        row, up = stack.pop()
        order.append(row)
        parent_rows.append(up)
        stack += [(child, row) for child in reversed(below.get(row, []))]
    own = np.full(rows.size, -1, dtype=np.int32)
    own[order] = np.arange(above, above + len(order), dtype=np.int32)
    owners = [int(own[row]) for row in order if below.get(row)]
    known = above + len(order)
    first_data = known + (1 if unknown else 0)
    parent_of = np.full(first_data + len(owners), -1, dtype=np.int32)
    parent_of[above:known] = [int(own[up]) if up >= 0 else above - 1 for up in parent_rows]
    parent_of[known:first_data] = above - 1
    parent_of[first_data:] = owners
    level_of = np.full(len(parent_of), above, dtype=np.int32)
    level_of[:above] = 0
    texts = _Texts(len(parent_of), null_name)
    if above:
        texts.root(hierarchy)
    by_owner = [order[o - above] for o in owners]
    described = np.concatenate((np.arange(above, known), np.arange(first_data, len(parent_of))))
    texts.fill(level, above, described, rows, np.array(order + by_owner, dtype=np.int64))
    if unknown:
        texts.unknown(unknown, range(known, first_data))
        own = np.append(own, np.int32(known))
    table = MemberTable(
        parent_of,
        level_of,
        _last_by_parent(parent_of, first_data),
        unique_levels=(True,) * (above + 1),
        visible=first_data if unknown and unknown.visible else known,
        owner={first_data + i: owner for i, owner in enumerate(owners)},
        parent_child=True,
        **texts.columns(),
    )
    return NumberedHierarchy(table, own, (own,), _closure(table, above, first_data))


def _last_by_parent(parent: Ordinals, first_data: int) -> Ordinals:
    last = np.arange(len(parent), dtype=np.int32)
    for ordinal in range(first_data - 1, -1, -1):
        if parent[ordinal] >= 0:
            last[parent[ordinal]] = max(last[parent[ordinal]], last[ordinal])
    return last


def _closure(table: MemberTable, above: int, first_data: int) -> tuple[Ordinals, Ordinals]:
    """Every (ancestor or self, member) pair below All, and every data member with its owner."""
    ancestors: list[Ordinals] = []
    members: list[Ordinals] = []
    at = mine = np.arange(above, first_data, dtype=np.int32)
    while len(at):
        ancestors.append(at)
        members.append(mine)
        up = table.parent[at]
        keep = up >= above
        at, mine = up[keep], mine[keep]
    ancestors.append(np.fromiter(table.owner.keys(), np.int32, len(table.owner)))
    members.append(np.fromiter(table.owner.values(), np.int32, len(table.owner)))
    return np.concatenate(ancestors), np.concatenate(members)
