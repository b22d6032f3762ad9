"""DISCOVER_XML_METADATA: server, databases, cubes and dimensions as the document that object model clients read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.cube import say
from flis.serve.xmla.names import ENGINE
from flis.serve.xmla.properties import PRODUCT, VERSION
from flis.serve.xmla.rowsets.asking import CUBE, stamp
from flis.serve.xmla.rowsets.cubes import groups_in
from flis.serve.xmla.text import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.catalog.cube import Level, Text
    from flis.query.cubes.parts import BoundDimension, BoundGroup
    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, View

__all__ = ["xml_metadata"]

LEVEL = 1100  # CompatibilityLevel: a multidimensional database
CONTAINED = {"ExpandFull", "ExpandObject", "ReferenceOnly"}  # ObjectExpansion with which a server names its databases


def xml_metadata(asking: Asking, asked: Asked) -> Iterator[Row]:
    """One row: the object that the restrictions name, the server where they name none."""
    deep = asked.get("ObjectExpansion", ("",))[0] in CONTAINED
    if not asked.get("DatabaseID"):
        yield {"METADATA": _object("Server", _server(asking, deep=deep))}
        return
    wanted = {d.casefold() for d in asked["DatabaseID"]}
    for catalog in asking.catalogs:
        if catalog.casefold() in wanted:
            yield from ({"METADATA": _object(tag, inside)} for tag, inside in _of(asking, catalog, asked))


def _of(asking: Asking, catalog: str, asked: Asked) -> Iterator[tuple[str, str]]:
    """The objects of a database that are asked for: of its cubes, its dimensions, or the database itself."""
    cubes, dimensions, groups = (
        {name.casefold() for name in asked.get(restriction, ())}
        for restriction in ("CubeID", "DimensionID", "MeasureGroupID")
    )
    deep = asked.get("ObjectExpansion", ("",))[0] != "ObjectProperties"
    if not (cubes or dimensions or groups):
        yield "Database", _database(asking, catalog, deep=deep)
    for view in asking.views(catalog):
        if view.source != CUBE:
            if not cubes and view.name.removeprefix("$").casefold() in dimensions:
                yield "Dimension", _dimension(asking, view)
        elif view.name.casefold() in cubes and not dimensions:
            if not groups:
                yield "Cube", _cube(asking, view, deep=deep)
            for group in groups_in(view):
                if group.name.casefold() in groups:
                    yield "MeasureGroup", _group(asking, view, group)


def _object(tag: str, inside: str) -> str:
    return f'<{tag} xmlns="{ENGINE}">{inside}</{tag}>'


def _named(name: str, when: str) -> str:
    said = text(name)
    return (
        f"<Name>{said}</Name><ID>{said}</ID><CreatedTimestamp>{when}</CreatedTimestamp>"
        f"<LastSchemaUpdate>{when}</LastSchemaUpdate>"
    )


def _described(texts: Text, language: str) -> str:
    said = say(texts, language)
    return f"<Description>{text(said)}</Description>" if said else ""


def _list(tag: str, items: Iterable[str]) -> str:
    return "".join(f"<{tag}>{item}</{tag}>" for item in items)


def _server(asking: Asking, *, deep: bool) -> str:
    times = {c: stamp(asking.updated(c)) for c in asking.catalogs}
    # of what it contains, a server names no more than this: clients load each object when they want it
    databases = _list("Database", (_named(c, when) for c, when in times.items())) if deep else ""
    return (
        f"{_named(PRODUCT, max(times.values(), default='1970-01-01T00:00:00'))}"
        f"<Version>{VERSION}</Version><Edition>Standard64</Edition><EditionID>2176971986</EditionID>"
        f"<ProductName>{PRODUCT}</ProductName><ServerMode "
        'xmlns="http://schemas.microsoft.com/analysisservices/2011/engine/300">Multidimensional</ServerMode>'
        f"<Databases>{databases}</Databases>"
    )


def _database(asking: Asking, catalog: str, *, deep: bool) -> str:
    when = stamp(asking.updated(catalog))
    views = asking.views(catalog) if deep else ()
    named = (f"{_named(v.name.removeprefix('$'), when)}<State>Processed</State>" for v in views if v.source != CUBE)
    cubes = (_cube(asking, v, deep=True) for v in views if v.source == CUBE)
    level = f'<CompatibilityLevel xmlns="http://schemas.microsoft.com/analysisservices/2010/engine/200">{LEVEL}'
    return (
        f"{_named(catalog, when)}<Description>{text(asking.catalogs[catalog])}</Description>"
        f"<State>Processed</State><LastProcessed>{when}</LastProcessed><LastUpdate>{when}</LastUpdate>"
        f"{level}</CompatibilityLevel><Dimensions>{_list('Dimension', named)}</Dimensions>"
        f"<Cubes>{_list('Cube', cubes)}</Cubes>"
    )


def _cube(asking: Asking, view: View, *, deep: bool) -> str:
    when = stamp(view.updated)
    groups = groups_in(view) if deep else ()
    named = (f"{_named(g.name, when)}<State>Processed</State>" for g in groups)
    return (
        f"{_named(view.name, when)}{_described(view.cube.definition.description, asking.language)}"
        f"<State>Processed</State><LastProcessed>{when}</LastProcessed>"
        f"<Dimensions>{_list('Dimension', _used(view.dimensions))}</Dimensions>"
        f"<MeasureGroups>{_list('MeasureGroup', named)}</MeasureGroups>"
    )


def _used(dimensions: Iterable[BoundDimension]) -> Iterator[str]:
    """Dimensions of a cube, each under its own name, with the database's dimension that it is."""
    for dimension in dimensions:
        if dimension.definition is not None:
            name = text(dimension.name)
            yield f"<ID>{name}</ID><Name>{name}</Name><DimensionID>{text(dimension.definition.name)}</DimensionID>"


def _group(asking: Asking, view: View, group: BoundGroup) -> str:
    definition = group.definition
    listed = (m for (g, m), own in zip(view.cube.measures, view.measures, strict=False) if own and g is group)
    measures = (
        f"<Name>{text(m.name)}</Name><ID>{text(m.name)}</ID>{_described(m.description, asking.language)}"
        f"<Visible>{str(m.visible).lower()}</Visible><FormatString>{text(m.format)}</FormatString>"
        for m in listed
    )
    linked = (
        f"<CubeDimensionID>{text(d.name)}</CubeDimensionID>" for d in view.dimensions if d.name in definition.links
    )
    return (
        f"{_named(group.name, stamp(view.updated))}{_described(definition.description, asking.language)}"
        f"<State>Processed</State><Measures>{_list('Measure', measures)}</Measures>"
        f"<Dimensions>{_list('Dimension', linked)}</Dimensions>"
    )


def _dimension(asking: Asking, view: View) -> str:
    when, language = stamp(view.updated), asking.language
    [dimension] = view.dimensions
    assert dimension.definition is not None  # noqa: S101 - a dimension of the database
    levels = {lv.name: lv.definition for h in dimension.hierarchies for lv in h.levels if lv.definition}
    attributes = (
        f"<ID>{text(name)}</ID><Name>{text(name)}</Name>{_described(level.description, language)}"
        f"<Usage>{'Key' if level.key == dimension.definition.key else 'Regular'}</Usage>"
        for name, level in levels.items()
    )
    hierarchies = (
        f"<ID>{text(h.name)}</ID><Name>{text(h.name)}</Name>{_described(h.definition.description, language)}"
        f"<Levels>{_list('Level', map(_level, h.definition.levels))}</Levels>"
        for h in dimension.hierarchies
        if h.definition and not (h.definition.attribute or h.definition.parent_child)
    )
    return (
        f"{_named(dimension.definition.name, when)}{_described(dimension.definition.description, language)}"
        f"<Type>{'Time' if dimension.is_time else 'Regular'}</Type>"
        f"<Attributes>{_list('Attribute', attributes)}</Attributes>"
        f"<Hierarchies>{_list('Hierarchy', hierarchies)}</Hierarchies>"
        f"<State>Processed</State><LastProcessed>{when}</LastProcessed>"
    )


def _level(level: Level) -> str:
    name = text(level.name)
    return f"<ID>{name}</ID><Name>{name}</Name><SourceAttributeID>{name}</SourceAttributeID>"
