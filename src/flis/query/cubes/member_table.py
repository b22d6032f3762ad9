"""The stored members of a hierarchy in columns, numbered in preorder: the same for every cube and role.

Ordinals are `int32`; -1 is "no member". With preorder numbers, the descendants of `m` are the slice `m + 1 … last[m]`,
and `Hierarchize` sorts integers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from flis.query.result import Ordinals

__all__ = ["UNKNOWN_NAME", "MemberTable", "TextIndex", "expanded", "quote"]

UNKNOWN_NAME = "UNKNOWNMEMBER"  # what an unknown member is called in unique names, as in Analysis Services
BATCH = 1 << 16  # texts held as Python objects at a time while an index is made


def quote(name: str) -> str:
    """A name in brackets, closing brackets doubled."""
    return f"[{name.replace(']', ']]')}]"


@dataclass(eq=False)
class MemberTable:
    """The stored members of one hierarchy.

    Members from `visible` on are listed nowhere: data members of a parent-child hierarchy, found by `.DataMember`, and
    hidden unknown members, found by `.UnknownMember`. An unknown member has no key.
    """

    parent: Ordinals
    level: NDArray[np.int32]
    last: Ordinals  # last descendant, hidden ones too; the member itself for a leaf
    keys: pa.Array  # as text; null for unknown members
    names: pa.Array
    captions: Mapping[str, pa.Array] = field(default_factory=dict)  # by language, where they differ from the names
    properties: Mapping[tuple[int, str], NDArray[np.object_]] = field(
        default_factory=dict
    )  # (level, NAME) -> by ordinal
    unique_levels: tuple[bool, ...] = (True,)
    visible: int = -1
    owner: Mapping[int, int] = field(default_factory=dict)  # data member -> the member that owns it
    unknown: range = range(0)  # the unknown members, each the parent of the next
    unknown_caption: Mapping[str, str] = field(default_factory=dict)
    parent_child: bool = False

    def __post_init__(self) -> None:
        self.size = len(self.parent)
        if self.visible < 0:
            self.visible = self.size

    @cached_property
    def depth(self) -> NDArray[np.int32]:
        """Steps from the root; the level's number unless the hierarchy is parent-child."""
        return self._from_root() if self.parent_child else self.level

    @cached_property
    def generation(self) -> NDArray[np.int32]:
        """Parents above each member: fewer than the levels above it where a ragged hierarchy hides some."""
        depth = self.depth
        direct = np.where(self.parent >= 0, depth[self.parent] + 1, 0)
        return depth if np.array_equal(depth, direct) else self._from_root()

    def _from_root(self) -> NDArray[np.int32]:
        steps = np.zeros(self.size, dtype=np.int32)
        for ordinal, parent in enumerate(self.parent.tolist()):
            steps[ordinal] = steps[parent] + 1 if parent >= 0 else 0
        return steps

    @cached_property
    def _children(self) -> tuple[Ordinals, NDArray[np.int64]]:
        """Members sorted by parent, and where each parent's (from -1) children start."""
        parent = self.parent[: self.visible]
        order = np.argsort(parent, kind="stable").astype(np.int32)
        starts = np.searchsorted(parent[order], np.arange(-1, self.size + 1))
        return order, starts

    @cached_property
    def data_member(self) -> Mapping[int, int]:
        """Owner -> its data member."""
        return {owner: data for data, owner in self.owner.items()}

    def span(self, member: int) -> tuple[int, int]:
        """The first and the last member whose facts are those of a member; a data member has its owner's own."""
        own = self.owner.get(member)
        return (member, int(self.last[member])) if own is None else (own, own)

    def children(self, parent: int) -> Ordinals:
        """The children in order; of -1, the roots."""
        order, starts = self._children
        return order[starts[parent + 1] : starts[parent + 2]]

    def children_of(self, parents: Ordinals) -> tuple[NDArray[np.int64], Ordinals]:
        """The children of many parents: (row of the parent, child), in order of rows. Parents below 0 have none."""
        order, starts = self._children
        real = (parents >= 0) & (parents < self.visible)
        at = np.where(real, parents, 0)
        first = starts[at + 1]
        count = np.where(real, starts[at + 2] - first, 0)
        return expanded(first, count, order)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many children each member has; the one behind the last, which -1 leads to, stands for no member."""
        _, starts = self._children
        return np.append(np.diff(starts)[1:], 0)

    def child_counts(self, parents: Ordinals) -> NDArray[np.int64]:
        """How many children each has; none what is no stored member."""
        return self.counts[np.minimum(parents, self.size)]

    @cached_property
    def by_level(self) -> tuple[Ordinals, ...]:
        """The members of each level, in order."""
        level = self.level[: self.visible]
        return tuple(np.flatnonzero(level == n).astype(np.int32) for n in range(int(self.level.max(initial=-1)) + 1))

    @cached_property
    def by_depth(self) -> tuple[Ordinals, ...]:
        """The members at each depth, in order."""
        if not self.parent_child:
            return self.by_level
        depth = self.depth[: self.visible]
        return tuple(np.flatnonzero(depth == n).astype(np.int32) for n in range(int(depth.max(initial=-1)) + 1))

    @cached_property
    def rank(self) -> NDArray[np.int32]:
        """Each member's place within its level."""
        rank = np.zeros(self.size, dtype=np.int32)
        for members in self.by_depth:
            rank[members] = np.arange(len(members), dtype=np.int32)
        return rank

    def ancestors(self, ordinals: Ordinals, depth: int) -> Ordinals:
        """The ancestor (or self) at a depth; -1 for members above it."""
        out = ordinals.copy()
        real = out >= 0
        while True:
            deeper = real & (self.depth[np.where(real, out, 0)] > depth)
            if not deeper.any():
                break
            out[deeper] = self.parent[out[deeper]]
            real = out >= 0
        out[real & (self.depth[np.where(real, out, 0)] < depth)] = -1
        return out

    def descendants(self, ordinal: int) -> Ordinals:
        """The member and all that are listed below it, in order."""
        return np.arange(ordinal, max(min(int(self.last[ordinal]) + 1, self.visible), ordinal + 1), dtype=np.int32)

    def are_unknown(self, ordinals: Ordinals) -> NDArray[np.bool_]:
        """Which are unknown members."""
        return (ordinals >= self.unknown.start) & (ordinals < self.unknown.stop)

    def unknown_below(self, parents: Ordinals) -> Ordinals:
        """The unknown child of each member; -1 where there is none."""
        out = np.full(len(parents), -1, dtype=np.int32)
        for ordinal in self.unknown:
            out[(parents >= 0) & (parents == self.parent[ordinal])] = ordinal
        return out

    @cached_property
    def _by_name(self) -> TextIndex:
        return TextIndex(self.names.slice(0, self.visible))

    @cached_property
    def _by_key(self) -> TextIndex:
        return TextIndex(self.keys.slice(0, self.visible))

    def named(self, name: str) -> Ordinals:
        """All members of a name, whatever the level, letter case ignored."""
        return np.array(self._by_name.find(name), dtype=np.int32)

    def keyed(self, key: str) -> Ordinals:
        """All members with a key, whatever the level."""
        return np.array(self._by_key.find(key), dtype=np.int32)

    def child(self, parent: int, name: str, *, by_key: bool = False) -> int:
        """The child of that name (or key), -1 where there is none; of parent -1, the root."""
        found = (self._by_key if by_key else self._by_name).find(name)
        return next((o for o in found if self.parent[o] == parent), -1)


def expanded(first: NDArray[Any], count: NDArray[Any], of: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Slices `of[first:first + count]` behind each other, with the number of the slice that each came from."""
    rows = np.repeat(np.arange(len(count)), count)
    shift = np.repeat(first - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    return rows, of[np.arange(len(rows)) + shift]


class TextIndex:
    """Finds texts in a column, letter case ignored: hashes in order, of which a million need 12 MB."""

    def __init__(self, column: pa.Array) -> None:
        self._column = column
        texts = (text for start in range(0, len(column), BATCH) for text in column.slice(start, BATCH).to_pylist())
        hashes = np.fromiter((hash(text and text.casefold()) for text in texts), np.int64, len(column))
        order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._order = array("i", order.tobytes())
        self._hashes = array("q", hashes[order].tobytes())

    def find(self, text: str) -> list[int]:
        """The places of a text, ascending."""
        folded = text.casefold()
        wanted = hash(folded)
        at = bisect_left(self._hashes, wanted)
        found = []
        while at < len(self._hashes) and self._hashes[at] == wanted:
            place = self._order[at]
            if (text_here := self._column[place].as_py()) is not None and text_here.casefold() == folded:
                found.append(place)
            at += 1
        return found
