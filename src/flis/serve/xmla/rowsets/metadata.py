"""DISCOVER_XML_METADATA: server, databases, cubes and dimensions as the document that object model clients read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.cube import say
from flis.serve.xmla.names import ENGINE
from flis.serve.xmla.properties import PRODUCT, VERSION
from flis.serve.xmla.rowsets.asking import CUBE, stamp
from flis.serve.xmla.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, View

__all__ = ["xml_metadata"]

LEVEL = 1100  # CompatibilityLevel: a multidimensional database


def xml_metadata(asking: Asking, asked: Asked) -> Iterator[Row]:
    """One row: the object that the restrictions name, the server where they name none."""
    deep = asked.get("ObjectExpansion", ("",))[0] in {"ExpandFull", "ExpandObject", "ReferenceOnly"}
    wanted = {d.casefold() for d in asked.get("DatabaseID", ())}
    cubes = {c.casefold() for c in asked.get("CubeID", ())}
    for catalog in asking.catalogs if wanted else ():
        if catalog.casefold() not in wanted:
            continue
        if not cubes:
            yield {"METADATA": _database(asking, catalog)}
        for view in asking.views(catalog):
            if view.source == CUBE and view.name.casefold() in cubes:
                yield {"METADATA": _cube(asking, view, root=True)}
    if not wanted:
        yield {"METADATA": _server(asking, deep=deep)}


def _named(name: str, when: str) -> str:
    said = text(name)
    return (
        f"<Name>{said}</Name><ID>{said}</ID><CreatedTimestamp>{when}</CreatedTimestamp>"
        f"<LastSchemaUpdate>{when}</LastSchemaUpdate>"
    )


def _server(asking: Asking, *, deep: bool) -> str:
    times = {c: stamp(asking.updated(c)) for c in asking.catalogs}
    # of what it contains, a server names no more than this: clients load each object when they want it
    databases = "".join(f"<Database>{_named(c, when)}</Database>" for c, when in times.items()) if deep else ""
    return (
        f'<Server xmlns="{ENGINE}">{_named(PRODUCT, max(times.values(), default="1970-01-01T00:00:00"))}'
        f"<Version>{VERSION}</Version><Edition>Standard64</Edition><EditionID>2176971986</EditionID>"
        f"<ProductName>{PRODUCT}</ProductName><ServerMode "
        'xmlns="http://schemas.microsoft.com/analysisservices/2011/engine/300">Multidimensional</ServerMode>'
        f"<Databases>{databases}</Databases></Server>"
    )


def _database(asking: Asking, catalog: str) -> str:
    when = stamp(asking.updated(catalog))
    views = asking.views(catalog)
    dimensions = "".join(
        f"<Dimension>{_named(v.name.removeprefix('$'), when)}<State>Processed</State></Dimension>"
        for v in views
        if v.source != CUBE
    )
    cubes = "".join(_cube(asking, v, root=False) for v in views if v.source == CUBE)
    level = f'<CompatibilityLevel xmlns="http://schemas.microsoft.com/analysisservices/2010/engine/200">{LEVEL}'
    return (
        f'<Database xmlns="{ENGINE}">{_named(catalog, when)}<Description>{text(asking.catalogs[catalog])}</Description>'
        f"<State>Processed</State><LastProcessed>{when}</LastProcessed><LastUpdate>{when}</LastUpdate>"
        f"{level}</CompatibilityLevel><Dimensions>{dimensions}</Dimensions><Cubes>{cubes}</Cubes></Database>"
    )


def _cube(asking: Asking, view: View, *, root: bool) -> str:
    when = stamp(view.updated)
    groups = "".join(
        f"<MeasureGroup>{_named(g.name, when)}<State>Processed</State></MeasureGroup>"
        for g in view.cube.groups.values()
    )
    used = "".join(
        f"<Dimension><ID>{text(d.name)}</ID><Name>{text(d.name)}</Name><DimensionID>{text(d.name)}</DimensionID>"
        "</Dimension>"
        for d in view.dimensions
        if not d.is_measures
    )
    space = f' xmlns="{ENGINE}"' if root else ""
    return (
        f"<Cube{space}>{_named(view.name, when)}"
        f"<Description>{text(say(view.cube.definition.description, asking.language))}</Description>"
        f"<State>Processed</State><LastProcessed>{when}</LastProcessed><Dimensions>{used}</Dimensions>"
        f"<MeasureGroups>{groups}</MeasureGroups></Cube>"
    )
