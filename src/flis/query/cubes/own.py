"""What a municipal principal's cubes are called: the whole is their own municipalities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.catalog.cube import Catalogue, Cube, CubeDimension, Hierarchy

__all__ = ["MUNICIPALITIES", "OWN", "own_catalogue_for", "own_cubes"]

OWN = {"da": "Egne kommuner", "en": "Own municipalities"}
MUNICIPALITIES = frozenset({"kommune", "dim.kommune"})
"""The names of the dimension table of which a municipal store holds its own rows only."""


def own_catalogue_for(catalogue: Catalogue) -> Catalogue:
    """The catalogue with `All` of municipalities captioned as what it holds in a municipal store."""
    return replace(catalogue, cubes=tuple(own_cubes(catalogue.cubes)))


def own_cubes(cubes: Iterable[Cube]) -> list[Cube]:
    """The cubes with `All` of municipalities captioned as what it holds in a municipal store."""
    return [_cube(cube) for cube in cubes]


def _cube(cube: Cube) -> Cube:
    return replace(cube, dimensions=tuple(_dimension(d) for d in cube.dimensions))


def _dimension(used: CubeDimension) -> CubeDimension:
    if used.dimension.table not in MUNICIPALITIES:
        return used
    hierarchies = tuple(_hierarchy(h) for h in used.dimension.hierarchies)
    return replace(used, dimension=replace(used.dimension, hierarchies=hierarchies))


def _hierarchy(hierarchy: Hierarchy) -> Hierarchy:
    return replace(hierarchy, all_caption=OWN) if hierarchy.all_name is not None else hierarchy
