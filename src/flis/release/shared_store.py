"""The tables that all stores of an area share: the conformed dimensions, and the area's code lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.area_paths import folder_of, remembered, shared_dimensions
from flis.catalog.cubes import Cubes, read_dimensions
from flis.catalog.yaml import read
from flis.errors import CatalogError
from flis.release.shapes import facts_of
from flis.release.tree import DIMENSION
from flis.warehouse.definitions import definition
from flis.warehouse.dimensions import days, described, municipality_rows
from flis.warehouse.given import code_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa

    from flis.catalog.cube import Cube

__all__ = ["cube_of", "shared_tables"]


def shared_tables(area: str, first: date, last: date) -> dict[str, pa.Table]:
    """The dimensions for the days from `first` through `last`, by `dim.NAME`, and each code list of `area` by its name.

    A step that puts out a table of that name takes the list's place.

    Raises:
        CatalogError: the definition or a code list is not as it should be; names file and line.
    """
    named = {"dato": days(first, last), **described(_groups(area))}
    if _has_other_roles(area):
        named["kommune_alle"] = municipality_rows()
    return {**_code_lists(area), **{f"{DIMENSION}{name}": rows for name, rows in named.items()}}


def _has_other_roles(area: str) -> bool:
    """Whether the area's cube has the municipality in a role that does not own the rows, so of all municipalities."""
    cube = cube_of(area)
    return cube is not None and any(used.dimension.table == "kommune_alle" for used in cube.dimensions)


@remembered
def cube_of(area: str) -> Cube | None:
    """The cube of an area; None where it has none, or one that is wrong."""
    file = folder_of(area) / "cube.yaml"
    if not file.is_file():
        return None
    try:
        return Cubes(read_dimensions(shared_dimensions()), [read(file)]).all()[0]
    except CatalogError:  # `flis catalog check` tells it, and the cube is not served
        return None


def _groups(area: str) -> Mapping[str, int] | None:
    """The groups of ages of an area's own definition."""
    own = (folder_of(area) / "definition.yaml").is_file()
    return definition(area).ages if own else None


def _code_lists(area: str) -> dict[str, pa.Table]:
    folder = folder_of(area) / "codes"
    files = folder.iterdir() if folder.is_dir() else ()
    names = sorted(f.name.removesuffix(".csv") for f in files if f.name.endswith(".csv"))
    return {name: code_table(area, area, name) for name in names if name not in facts_of(area)}
