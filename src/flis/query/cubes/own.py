"""What a municipal principal's cubes are called: the whole is their own municipalities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flis.catalog.cube import Catalogue, Cube, CubeDimension, Hierarchy

__all__ = ["MUNICIPALITIES", "OWN", "own_catalogue_for"]

OWN = {"da": "Egne kommuner", "en": "Own municipalities"}
MUNICIPALITIES = "kommune"  # the dimension table whose rows a municipal store holds only its own of


def own_catalogue_for(catalogue: Catalogue) -> Catalogue:
    """The catalogue with `All` of municipalities captioned as what it holds in a municipal store."""
    return replace(catalogue, cubes=tuple(_cube(c) for c in catalogue.cubes))


def _cube(cube: Cube) -> Cube:
    return replace(cube, dimensions=tuple(_dimension(d) for d in cube.dimensions))


def _dimension(used: CubeDimension) -> CubeDimension:
    if used.dimension.table != MUNICIPALITIES:
        return used
    hierarchies = tuple(_hierarchy(h) for h in used.dimension.hierarchies)
    return replace(used, dimension=replace(used.dimension, hierarchies=hierarchies))


def _hierarchy(hierarchy: Hierarchy) -> Hierarchy:
    return replace(hierarchy, all_caption=OWN) if hierarchy.all_name is not None else hierarchy
