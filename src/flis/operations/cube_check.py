"""Whether the cubes of areas ask for what there is: tables and columns that a step puts out, or that cubes share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flis.catalog.area_paths import area_folders, folder_of, shared_dimensions
from flis.catalog.cube import MeasureGroup
from flis.catalog.cube_file import CUBE
from flis.catalog.cubes import Cubes, read_dimensions
from flis.catalog.dimension_file import DIMENSION, columns_of
from flis.catalog.yaml import read
from flis.errors import CatalogError, suggest
from flis.operations.area_check import join_problems
from flis.release.tables import public_tables
from flis.warehouse import dimensions
from flis.warehouse.reach import texts_in
from flis.warehouse.step import area_steps
from flis.warehouse.step_check import scalar_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.catalog.cube import Cube, Dimension, Measure
    from flis.catalog.cube_file import CubeFile
    from flis.catalog.yaml import YamlEntry

__all__ = ["check_cubes"]

Tables = dict[str, Sequence[str]]


def shared_tables() -> Tables:
    """The dimension tables of every release, with their columns."""
    municipality = dimensions.MUNICIPALITY.names
    days: Tables = {"dato": dimensions.DAY.names, "kommune": municipality, "kommune_alle": municipality}
    return days | dimensions.columns()


def check_cubes(areas: Sequence[str]) -> list[CatalogError]:
    """What is wrong with the cubes of `areas`, and with the dimensions that cubes share."""
    try:
        shared_tables()
    except CatalogError as problem:
        return [problem]
    shared = read_dimensions(shared_dimensions())
    found = [problem for name in shared_dimensions() for problem in _shared_problems(name)]
    entries: dict[str, YamlEntry] = {}
    for area, folder in area_folders().items():  # those of the package first: nobody takes a name of theirs
        if (folder / "cube.yaml").is_file():
            try:
                entry = read(folder / "cube.yaml", f"areas/{area}/cube.yaml")
                CUBE.read(entry)
                entries[area] = entry
            except CatalogError as problem:
                found += [problem] if area in areas else []
    cubes = Cubes(shared)
    for area, entry in list(entries.items()):
        try:
            cubes.add(entry)
        except CatalogError as problem:
            found.append(problem)
            del entries[area]
    for area in (one for one in areas if one in entries):
        file = CUBE.read(entries[area])
        try:
            found += _owner_problems(area, file, cubes.cube(file.cube))
        except CatalogError as problem:
            found.append(problem)
        tables = _tables(area)
        if tables is not None:
            found += [
                *_group_problems(area, file, tables),
                *_dimension_problems(area, file, tables),
                *_total_problems(file, tables, _public_tables(area)),
            ]
    return found


def _tables(area: str) -> Tables | None:
    """The tables that the cube of an area may name; None where its steps cannot be read, which is told of them."""
    try:
        return {**shared_tables(), **_code_lists(area), **{step.name: list(step.output) for step in area_steps(area)}}
    except CatalogError:
        return None


def _owner_problems(area: str, file: CubeFile, cube: Cube) -> Iterator[CatalogError]:
    """Facts whose municipal store goes by another column than the dimension that owns their rows in the cube."""
    try:
        owners = {step.name: step.owner for step in area_steps(area) if step.owner}
    except CatalogError:
        return
    own = {dimension.name for dimension in cube.dimensions if dimension.own}
    for (entry, written), group in zip(file.measure_groups, cube.measure_groups, strict=True):
        if not isinstance(written, MeasureGroup) or group.table not in owners:
            continue
        owner = owners[group.table]
        for name in own & group.links.keys():
            if group.links[name] != owner:
                yield (
                    entry.fields()["links"]
                    .fields()[name]
                    .error(
                        f"{name} owns the rows, but whose a row of {group.table} is, its step says by {owner}.",
                        f"Link it to {owner}, or say `store municipal by {group.links[name]}` in the head of the step.",
                    )
                )


def _code_lists(area: str) -> Tables:
    """The code lists of an area: each is a table of its name, with the columns of its first line."""
    folder = folder_of(area) / "codes"
    files = [f for f in folder.iterdir() if f.name.endswith(".csv")] if folder.is_dir() else []
    return {f.name.removesuffix(".csv"): f.read_text("utf-8").split("\n", 1)[0].strip().split(",") for f in files}


def _shared_problems(name: str) -> Iterator[CatalogError]:
    entry = read(shared_dimensions()[name], name)
    dimension = DIMENSION.read(entry)
    yield from _table_problems(entry, dimension, shared_tables())


def _group_problems(area: str, file: CubeFile, tables: Tables) -> Iterator[CatalogError]:
    for entry, group in file.measure_groups:
        if not isinstance(group, MeasureGroup):
            continue
        fields = entry.fields()
        for field, links in (("table", group.links), ("own_table", {**group.links, **group.own_links})):
            if getattr(group, field):
                yield from _rows_problems(fields, group, field, links, tables)
        if group.set_column and group.table in tables:
            yield from _unknown_column(fields["set_column"], group.set_column, group.table, tables[group.table])
            yield from _set_problems(area, fields, group)


def _rows_problems(
    fields: Mapping[str, YamlEntry], group: MeasureGroup, field: str, links: Mapping[str, str], tables: Tables
) -> Iterator[CatalogError]:
    """What a measure group asks of the table that it names in a field, and that the table does not have."""
    table: str = getattr(group, field)
    if table not in tables:
        yield _unknown_table(fields[field], table, tables)
        return
    columns = tables[table]
    places = {
        name: place for at in ("own_links", "links") if at in fields for name, place in fields[at].fields().items()
    }
    for dimension, column in links.items():
        if column:
            yield from _unknown_column(places[dimension], column, table, columns)
    for place, measure in zip(fields["measures"].items(), group.measures, strict=True):
        yield from _measure_problems(place, measure, table, columns)
    if group.where:
        yield from _scalar_problems(fields["where"], group.where, columns)


def _set_problems(area: str, fields: Mapping[str, YamlEntry], group: MeasureGroup) -> Iterator[CatalogError]:
    """Grouping sets that no row is of: the step that counts them writes another word, which is near."""
    step = next((step for step in area_steps(area) if step.name == group.table), None)
    words = texts_in(step.select) if step else frozenset()
    places = fields["grouping_sets"].items() if group.grouping_sets else []
    for place, one in zip(places, group.grouping_sets, strict=True):
        if one.name not in words and (near := suggest(one.name, words)):
            yield place.fields()["name"].error(f"no row of {group.table} is of a set {one.name}.", near)


def _measure_problems(place: YamlEntry, measure: Measure, table: str, columns: Sequence[str]) -> Iterator[CatalogError]:
    if measure.column:
        yield from _unknown_column(place.fields()["column"], measure.column, table, columns)
    if measure.expression:
        yield from _scalar_problems(place.fields()["expression"], measure.expression, columns)


def _dimension_problems(area: str, file: CubeFile, tables: Tables) -> Iterator[CatalogError]:
    for entry, use in file.dimensions:
        if use.described is not None and use.described.table:
            yield from _table_problems(entry, use.described, tables)
            yield from join_problems(area, use.described)


def _table_problems(entry: YamlEntry, dimension: Dimension, tables: Tables) -> Iterator[CatalogError]:
    named = (*dimension.tables, dimension.whole_table) if dimension.whole_table else dimension.tables
    missing = [table for table in named if table not in tables]
    for table in missing:
        field = "whole_table" if table == dimension.whole_table else "table"
        yield _unknown_table(entry.fields().get(field, entry), table, tables)
    for column in dict.fromkeys((dimension.key, *columns_of(dimension))):
        table, _, name = column.rpartition(".")
        table = table or dimension.table
        if column and table not in missing:
            yield from _unknown_column(_where(entry, column), name, table, tables[table])
    for join in dimension.joins:
        left, _, name = join.left.rpartition(".")
        for table, column, written in (
            (left or dimension.table, name, join.left),
            (join.table, join.right, join.right),
        ):
            if table not in missing:
                yield from _unknown_column(_where(entry, written), column, table, tables[table])


def _public_tables(area: str) -> Tables:
    """The tables of the area's public store; none where its policy cannot be read, which is told of it."""
    try:
        return {name: schema.names for name, schema in public_tables(area).items()}
    except CatalogError:
        return {}


def _total_problems(file: CubeFile, tables: Tables, public: Tables) -> Iterator[CatalogError]:
    known: Mapping[str, Sequence[str]] = {**tables, **public}
    for entry, total in file.published_totals:
        fields = entry.fields()
        if total.table not in known:
            yield _unknown_table(fields["table"], total.table, known)
        else:
            yield from _unknown_column(fields["column"], total.column, total.table, known[total.table])


def _where(entry: YamlEntry, column: str) -> YamlEntry:
    """The place below `entry` at which a column is written; the entry's own where it is not written there."""
    if entry.is_text:
        return entry
    for found in entry.leaves():
        if not found.is_null and found.text() == column:
            return found
    return entry


def _unknown_table(place: YamlEntry, table: str, known: Iterable[str]) -> CatalogError:
    return place.error(f"no step puts out a table {table}.", suggest(table, known) or f"There are: {_list(known)}.")


def _unknown_column(place: YamlEntry, column: str, table: str, known: Sequence[str]) -> Iterator[CatalogError]:
    if column not in known:
        hint = suggest(column, known) or f"It has: {_list(known)}."
        yield place.error(f"the table {table} has no column {column}.", hint)


def _scalar_problems(place: YamlEntry, expression: str, columns: Sequence[str]) -> Iterator[CatalogError]:
    told = scalar_problem(expression, columns)
    if told:
        yield place.error(told)


def _list(known: Iterable[str]) -> str:
    return ", ".join(known)
