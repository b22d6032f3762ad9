"""Catalogues from YAML: `catalogue.yaml`, `dimensions/*.yaml` (shared) and `cubes/*.yaml` in one folder.

Every complaint names the file, the line and what was probably meant.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from flis.catalog.area_paths import OWN, area_folders, remembered, shared_dimensions
from flis.catalog.cube import Catalogue, Cube, CubeDimension, Dimension, DimensionRole, MeasureGroup, UnreadCube
from flis.catalog.cube_checks import check
from flis.catalog.cube_file import CATALOGUE, CUBE, Borrowed, CubeFile
from flis.catalog.derived_file import derived_from
from flis.catalog.dimension_file import DIMENSION
from flis.catalog.yaml import read
from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

    from flis.catalog.cube import CalculatedMember
    from flis.catalog.dimension_file import DimensionUse
    from flis.catalog.yaml import YamlEntry

__all__ = ["Cubes", "load", "load_cube", "own_catalogue", "read_dimensions"]


def load(folder: Traversable) -> Catalogue:
    """The catalogue in a folder.

    Raises:
        CatalogError: a file is missing or wrong; names file, line and what was meant.
    """
    entry = read(folder / "catalogue.yaml")
    about = CATALOGUE.read(entry)
    shared = _yaml_files(folder, "dimensions")
    dimensions = read_dimensions({f"dimensions/{name}": file for name, file in shared.items()})
    found = _yaml_files(folder, "cubes")
    for name in about.cubes:
        if f"{name}.yaml" not in found:
            known = [file.removesuffix(".yaml") for file in found]
            raise entry.error(f"there is no file cubes/{name}.yaml.", suggest(name, known))
    order = [f"{name}.yaml" for name in about.cubes] or list(found)
    entries = [read(found[name], f"cubes/{name}") for name in order]
    cubes = Cubes(dimensions, entries).all()
    if not cubes:
        raise entry.error("the catalogue has no cubes: there is no file in cubes/.")
    return Catalogue(about.catalogue, cubes, about.path_names, about.null_name, about.caption, about.description)


def load_cube(file: Traversable, name: str = "") -> Cube:
    """The cube of a single file that needs no other; raises CatalogError as `load` does."""
    return Cubes({}, [read(file, name)]).all()[0]


@remembered
def own_catalogue() -> Catalogue:
    """The catalogue `FLIS`: the cubes that the data areas describe, in `areas/<id>/cube.yaml`.

    They share the dimensions in `areas/dimensions`. A cube whose own file, or one that it needs, is wrong stands among
    the `unread`, and the others are as they are without it.
    """
    about = CATALOGUE.read(read(OWN / "catalogue.yaml", "areas/catalogue.yaml"))
    cubes, unread = _own_cubes()
    return Catalogue(
        about.catalogue, cubes, about.path_names, about.null_name, about.caption, about.description, unread
    )


def _own_cubes() -> tuple[tuple[Cube, ...], tuple[UnreadCube, ...]]:
    """The cubes of all areas, and those that are wrong; of two with one name that of the package stands."""
    files = {area: folder / "cube.yaml" for area, folder in area_folders().items() if (folder / "cube.yaml").is_file()}
    dimensions, wrong = _readable_dimensions()
    made = Cubes(dimensions, wrong_dimensions=wrong)
    names = {area: _written_name("cube", file) or area for area, file in files.items()}
    cubes: dict[str, Cube] = {}
    faults: dict[str, CatalogError] = {}
    for area, file in files.items():
        try:
            names[area] = made.add(read(file, f"areas/{area}/cube.yaml"))
        except CatalogError as fault:
            faults[area] = fault
            made.wrong_cubes.setdefault(names[area], fault)
    for area in files.keys() - faults:
        try:
            cubes[area] = replace(made.cube(names[area]), area=area)
        except CatalogError as fault:
            faults[area] = fault
    unread = tuple(UnreadCube(names[area], area, faults[area]) for area in sorted(faults))
    return tuple(cubes[area] for area in sorted(cubes)), unread


def _readable_dimensions() -> tuple[dict[str, Dimension], dict[str, CatalogError]]:
    """The shared dimensions, and what is wrong with the others, by name; of two with one name the first stands."""
    found: dict[str, Dimension] = {}
    wrong: dict[str, CatalogError] = {}
    for name, file in shared_dimensions().items():
        try:
            found = read_dimensions({name: file}) | found
        except CatalogError as fault:
            wrong[_written_name("dimension", file)] = fault
    return found, wrong


def _written_name(field: str, file: Traversable) -> str:
    """What a file that need not be YAML gives as the name of a cube or dimension; empty where it gives none."""
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
    found = re.search(rf"^{field}:[ \t]*(['\"]?)(.*?)\1[ \t\r]*(?:#.*)?$", text, re.MULTILINE)
    return found.group(2) if found else ""


def read_dimensions(files: Mapping[str, Traversable]) -> dict[str, Dimension]:
    """The shared dimensions in files, which errors call by their keys; raises CatalogError as `load` does."""
    found: dict[str, Dimension] = {}
    for name, file in files.items():
        place = read(file, name)
        dimension = DIMENSION.read(place)
        if dimension.name in found:
            raise place.error(f"there is another shared dimension {dimension.name}.")
        found[dimension.name] = dimension
    return found


def _yaml_files(folder: Traversable, part: str) -> dict[str, Traversable]:
    inside = folder / part
    if not inside.is_dir():
        return {}
    return {file.name: file for file in sorted(inside.iterdir(), key=lambda f: f.name) if file.name.endswith(".yaml")}


class Cubes:
    """The cube files of a catalogue, put together on demand: one may take parts over from another."""

    def __init__(
        self,
        dimensions: Mapping[str, Dimension],
        entries: Iterable[YamlEntry] = (),
        wrong_dimensions: Mapping[str, CatalogError] | None = None,
    ) -> None:
        self.dimensions = dimensions
        self.wrong_dimensions = wrong_dimensions or {}
        self.wrong_cubes: dict[str, CatalogError] = {}  # those that could not be added
        self.files: dict[str, tuple[YamlEntry, CubeFile]] = {}
        self.done: dict[str, Cube | None] = {}
        self._wholes: dict[str, Dimension] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: YamlEntry) -> str:
        """Take a file in; the name of its cube. Raises: CatalogError: it is wrong, or has the name of another."""
        file = CUBE.read(entry)
        if file.cube in self.files:
            raise entry.error(f"there is another cube {file.cube}, in {self.files[file.cube][0].file}.")
        self.files[file.cube] = (entry, file)
        return file.cube

    def all(self) -> tuple[Cube, ...]:
        """All cubes, in the order of the files."""
        return tuple(self.cube(name) for name in self.files)

    def cube(self, name: str) -> Cube:
        """The cube of that name, which must be there. Raises: CatalogError: it, or what it needs, is wrong."""
        done = self.done.get(name)
        if done is not None:
            return done
        entry, file = self.files[name]
        if name in self.done:
            raise entry.error(f"the cube {name} takes parts over from itself, through other cubes.")
        self.done[name] = None
        try:
            found = self._put_together(file)
            check(entry, file, found)
        except CatalogError:
            del self.done[name]
            raise
        self.done[name] = found
        return found

    def _put_together(self, file: CubeFile) -> Cube:
        dimensions = tuple(self._dimensions_of(file))
        names = {dimension.name for dimension in dimensions}
        groups = tuple(self._group(entry, group, names) for entry, group in file.measure_groups)
        return Cube(
            name=file.cube,
            dimensions=dimensions,
            measure_groups=groups,
            derived_measures=derived_from(file.derived_measures, groups, dimensions),
            published_totals=tuple(one for _, one in file.published_totals),
            calculated_members=tuple(self._calculated(entry, one) for entry, one in file.calculated_members),
            named_sets=tuple(one for _, one in file.named_sets),
            kpis=tuple(one for _, one in file.kpis),
            drillthroughs=tuple(one for _, one in file.drillthroughs),
            perspectives=tuple(one for _, one in file.perspectives),
            default_measure=file.default_measure,
            caption=file.caption,
            description=file.description,
            visible=file.visible,
        )

    def _dimensions_of(self, file: CubeFile) -> Iterator[CubeDimension]:
        """The dimensions of a cube: one in several roles is whole in all that do not own the rows."""
        named = Counter(use.dimension for _, use in file.dimensions)
        for entry, use in file.dimensions:
            found = self._dimension(entry, use)
            if not found.dimension.whole_table:
                if use.own is not None:
                    raise entry.fields()["own"].error(f"a municipal store has all rows of {found.dimension.name}.")
                yield found
                continue
            others = [other.own for _, other in file.dimensions if other.dimension == use.dimension]
            if named[use.dimension] > 1 and not any(others):
                raise entry.error(
                    f"{found.name} is one of several roles of {use.dimension}, and none owns the rows.",
                    "Write `own: true` in the role that says whose a row is.",
                )
            own = use.own if use.own is not None else named[use.dimension] == 1
            yield replace(found, own=own, dimension=found.dimension if own else self._whole(found.dimension))

    def _whole(self, dimension: Dimension) -> Dimension:
        """A dimension over the table of all its rows: the same for all cubes, which share what is loaded of it."""
        if dimension.name not in self._wholes:
            self._wholes[dimension.name] = replace(dimension, table=dimension.whole_table, whole_table="")
        return self._wholes[dimension.name]

    def _dimension(self, entry: YamlEntry, use: DimensionUse) -> CubeDimension:
        dimension = use.described or self.dimensions.get(use.dimension)
        if dimension is None:
            if use.dimension in self.wrong_dimensions:
                raise self.wrong_dimensions[use.dimension]
            hint = suggest(use.dimension, self.dimensions)
            raise entry.error(f"there is no shared dimension {use.dimension}.", hint)
        role = dimension.roles.get(use.role) if use.role else DimensionRole(use.name)
        if role is None:
            hint = suggest(use.role, dimension.roles) or f"It has: {', '.join(dimension.roles) or 'none'}."
            raise entry.fields()["role"].error(f"{dimension.name} has no role {use.role}.", hint)
        return CubeDimension(
            name=use.name or role.name,
            dimension=dimension,
            caption=use.caption or role.caption,
            description=use.description or role.description,
            visible=use.visible,
        )

    def _other(self, entry: YamlEntry, name: str) -> Cube:
        if name not in self.files:
            if name in self.wrong_cubes:
                raise self.wrong_cubes[name]
            raise entry.error(f"there is no cube {name}.", suggest(name, self.files))
        return self.cube(name)

    def _group(self, entry: YamlEntry, group: MeasureGroup | Borrowed, dimensions: set[str]) -> MeasureGroup:
        if isinstance(group, MeasureGroup):
            return group
        groups = {one.name: one for one in self._other(entry, group.cube).measure_groups}
        name = group.name or next(iter(groups))
        if name not in groups:
            raise entry.error(f"{group.cube} has no measure group {name}.", suggest(name, groups))
        found = groups[name]
        measures = {one.name: one for one in found.measures}
        for measure in group.measures:
            if measure not in measures:
                raise entry.error(f"{name} of {group.cube} has no measure {measure}.", suggest(measure, measures))
        links = {dimension: column for dimension, column in found.links.items() if dimension in dimensions}
        own = {dimension: column for dimension, column in found.own_links.items() if dimension in dimensions}
        return replace(
            found,
            measures=tuple(measures[n] for n in group.measures) or found.measures,
            links=links,
            own_links=own,
            grouping_sets=tuple(one for one in found.grouping_sets if one.by.keys() <= links.keys()),
        )

    def _calculated(self, entry: YamlEntry, member: CalculatedMember | Borrowed) -> CalculatedMember:
        if not isinstance(member, Borrowed):
            return member
        members = {one.name: one for one in self._other(entry, member.cube).calculated_members}
        if member.name not in members:
            hint = suggest(member.name, members)
            raise entry.error(f"{member.cube} has no calculated member {member.name}.", hint)
        found = members[member.name]
        return found if member.visible is None else replace(found, visible=member.visible)
