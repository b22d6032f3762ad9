"""Which levels facts carry: of those a fact has its member's number itself, and a query needs no join for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flis.query.cubes.dimension import NumberedHierarchy

__all__ = ["SMALL", "Place", "first_level", "levels_held"]

Place = tuple[int, int, int]  # of a level: dimension of the facts, hierarchy of the dimension, number in the hierarchy

SMALL = 32_767  # the largest number that fits in 16 bits
ROOM = 32 << 20  # bytes that the carried levels of a measure group may take, and
LEAST = 4  # levels that are carried however many facts there are


def levels_held(dimensions: Sequence[Sequence[NumberedHierarchy]], facts: int) -> list[Place]:
    """The levels that facts carry: the first of every dimension, the second of every one, as long as there is room."""
    found = [(nth, place) for at, d in enumerate(dimensions) for nth, place in enumerate(_small(at, d))]
    found.sort(key=lambda pair: pair[0])
    return [place for _, place in found[: max(LEAST, ROOM // (2 * max(facts, 1)))]]


def _small(at: int, hierarchies: Sequence[NumberedHierarchy]) -> Iterator[Place]:
    for place, hierarchy in enumerate(hierarchies):
        if hierarchy.closure is None and hierarchy.members.size <= SMALL:
            start = first_level(hierarchy)
            yield from ((at, place, number) for number in range(start, start + len(hierarchy.levels)))


def first_level(hierarchy: NumberedHierarchy) -> int:
    """The number of the first level below All (1), or 0 where there is no All."""
    return len(hierarchy.members.unique_levels) - len(hierarchy.levels)
