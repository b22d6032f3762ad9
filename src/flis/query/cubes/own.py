"""What cubes are to a municipal principal, whose whole is the own municipalities, and what to one of the country."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from flis.catalog.cube import Catalogue, Cube, CubeDimension, Hierarchy, MeasureGroup, Text

__all__ = ["MUNICIPALITIES", "OWN", "OWN_ALONE", "country_cubes", "own_catalogue_for", "own_cubes", "owners_tables"]

OWN = {"da": "Egne kommuner", "en": "Own municipalities"}
OWN_ALONE = {"da": "Kun for egen kommune", "en": "For the own municipality only"}
"""In place of `All` of a dimension that nobody but the owner of the rows can use: why there is nothing below it."""
MUNICIPALITIES = frozenset({"kommune", "dim.kommune"})
"""The names of the dimension table of which a municipal store holds its own rows only."""


def own_catalogue_for(catalogue: Catalogue) -> Catalogue:
    """The catalogue as `own_cubes` has its cubes."""
    return replace(catalogue, cubes=tuple(own_cubes(catalogue.cubes)))


def own_cubes(cubes: Iterable[Cube]) -> list[Cube]:
    """The cubes over municipal stores: their own tables, and `All` of municipalities captioned as what it holds."""
    return [replace(_captioned(cube, OWN, _municipal(cube)), measure_groups=_own_groups(cube)) for cube in cubes]


def country_cubes(cubes: Iterable[Cube]) -> list[Cube]:
    """The cubes over the national store: `All` of a dimension that owners alone can use says so."""
    return [_captioned(cube, OWN_ALONE, _for_owners(cube)) for cube in cubes]


def owners_tables(cubes: Iterable[Cube]) -> frozenset[str]:
    """The tables of the dimensions that owners alone can use."""
    return frozenset(d.dimension.table for cube in cubes for d in cube.dimensions if d.name in _for_owners(cube))


def _own_groups(cube: Cube) -> tuple[MeasureGroup, ...]:
    return tuple(
        replace(group, table=group.own_table or group.table, links={**group.links, **group.own_links})
        for group in cube.measure_groups
    )


def _municipal(cube: Cube) -> set[str]:
    return {used.name for used in cube.dimensions if used.dimension.table in MUNICIPALITIES}


def _for_owners(cube: Cube) -> set[str]:
    """The dimensions that own tables alone have a link to."""
    own = {name for group in cube.measure_groups for name in group.own_links}
    return own - {name for group in cube.measure_groups for name in group.links}


def _captioned(cube: Cube, caption: Text, names: Container[str]) -> Cube:
    """The cube with another caption of `All` in some dimensions."""
    dimensions = (_dimension(used, caption) if used.name in names else used for used in cube.dimensions)
    return replace(cube, dimensions=tuple(dimensions))


def _dimension(used: CubeDimension, caption: Text) -> CubeDimension:
    hierarchies = tuple(_hierarchy(h, caption) for h in used.dimension.hierarchies)
    return replace(used, dimension=replace(used.dimension, hierarchies=hierarchies))


def _hierarchy(hierarchy: Hierarchy, caption: Text) -> Hierarchy:
    return replace(hierarchy, all_caption=caption) if hierarchy.all_name is not None else hierarchy
