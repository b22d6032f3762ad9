"""DISCOVER_XML_METADATA: server, databases, cubes and dimensions as the document that object model clients read."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from flis.errors import UsageError, suggest
from flis.serve.xmla.escaping import text
from flis.serve.xmla.names import ENGINE, XSI
from flis.serve.xmla.properties import PRODUCT, VERSION
from flis.serve.xmla.rowsets.asking import CUBE, stamp
from flis.serve.xmla.rowsets.model import Major, cube, dimension, dimensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row

__all__ = ["xml_metadata"]

LEVEL = 1100  # CompatibilityLevel: a multidimensional database
INSIDE = ("CubeID", "MeasureGroupID", "PartitionID")  # each inside the one before
OBJECTS = ("DimensionID", *INSIDE)


class Expansion(StrEnum):
    """How much of an object, and of the objects that it contains, is asked for."""

    REFERENCE = "ReferenceOnly"  # names of it and of all that it contains
    PROPERTIES = "ObjectProperties"  # what it is, without what it contains
    OBJECT = "ExpandObject"  # what it is, and the names of what it contains
    FULL = "ExpandFull"  # what it and all that it contains is


def xml_metadata(asking: Asking, asked: Asked) -> Iterator[Row]:
    """One row: the object that the restrictions name, the server where they name none.

    Raises:
        UsageError: there is no such expansion.
    """
    expansion = _expansion(asked)
    for major in _named(asking, asked):
        inside = _written(major, expansion)
        yield {"METADATA": f'<{major.tag} xmlns="{ENGINE}" xmlns:xsi="{XSI}">{inside}</{major.tag}>'}


def _expansion(asked: Asked) -> Expansion:
    given = asked.get("ObjectExpansion", (Expansion.OBJECT,))[0]
    known = {e.casefold(): e for e in Expansion}
    if given.casefold() not in known:
        hint = suggest(given, list(Expansion)) or f"It takes {', '.join(Expansion)}."
        raise UsageError(f"There is no ObjectExpansion {given[:60]}.", hint=hint)
    return known[given.casefold()]


def _named(asking: Asking, asked: Asked) -> Iterator[Major]:
    """The objects that the restrictions name."""
    if not asked.get("DatabaseID"):
        yield _server(asking)
        return
    wanted = {d.casefold() for d in asked["DatabaseID"]}
    for catalog in asking.catalogs:
        if catalog.casefold() in wanted:
            yield from _of(asking, catalog, asked)


def _of(asking: Asking, catalog: str, asked: Asked) -> Iterator[Major]:
    """The objects of a database that are asked for: of its cubes, its dimensions, or the database itself."""
    named = {r: {name.casefold() for name in asked.get(r, ())} for r in OBJECTS}
    given = [r for r in OBJECTS if named[r]]
    if not given:
        yield _database(asking, catalog)
    elif given == ["DimensionID"]:
        yield from (d for d in _dimensions(asking, catalog) if d.name.casefold() in named["DimensionID"])
    elif given == list(INSIDE[: len(given)]):
        found = [c for c in _cubes(asking, catalog) if c.name.casefold() in named["CubeID"]]
        for restriction in given[1:]:
            inside = (m for major in found for contained in major.parts().values() for m in contained)
            found = [m for m in inside if m.name.casefold() in named[restriction]]
        yield from found


def _written(major: Major, expansion: Expansion) -> str:
    """An object's content: what it is called, what it is, and what it contains."""
    inside = _head(major) + ("" if expansion is Expansion.REFERENCE else major.own())
    if expansion is Expansion.PROPERTIES:
        return inside
    for tag, contained in major.parts().items():
        items = (_head(m) if expansion is Expansion.OBJECT else _written(m, expansion) for m in contained)
        inside += f"<{tag}>{''.join(f'<{tag[:-1]}>{item}</{tag[:-1]}>' for item in items)}</{tag}>"
    return inside


def _head(major: Major) -> str:
    said = text(major.name)
    return (
        f"<Name>{said}</Name><ID>{said}</ID><CreatedTimestamp>{major.when}</CreatedTimestamp>"
        f"<LastSchemaUpdate>{major.when}</LastSchemaUpdate>{major.state}"
    )


def _server(asking: Asking) -> Major:
    when = max((stamp(asking.updated(c)) for c in asking.catalogs), default="1970-01-01T00:00:00")

    def own() -> str:
        return (
            f"<Version>{VERSION}</Version><Edition>Standard64</Edition><EditionID>2176971986</EditionID>"
            f"<ProductName>{PRODUCT}</ProductName><ServerMode "
            'xmlns="http://schemas.microsoft.com/analysisservices/2011/engine/300">Multidimensional</ServerMode>'
        )

    return Major("Server", PRODUCT, when, own, lambda: {"Databases": [_database(asking, c) for c in asking.catalogs]})


def _database(asking: Asking, catalog: str) -> Major:
    when = stamp(asking.updated(catalog))

    def own() -> str:
        return (
            f"<Description>{text(asking.catalogs[catalog])}</Description>"
            f"<LastUpdate>{when}</LastUpdate>"
            f'<CompatibilityLevel xmlns="http://schemas.microsoft.com/analysisservices/2010/engine/200">{LEVEL}'
            "</CompatibilityLevel>"
        )

    return Major(
        "Database",
        catalog,
        when,
        own,
        lambda: {"Dimensions": _dimensions(asking, catalog), "Cubes": _cubes(asking, catalog)},
    )


def _dimensions(asking: Asking, catalog: str) -> list[Major]:
    when = stamp(asking.updated(catalog))
    found = dimensions(asking.views(catalog))
    return [dimension(name, bound, when, asking.language) for name, bound in found.items()]


def _cubes(asking: Asking, catalog: str) -> list[Major]:
    views = asking.views(catalog)
    return [cube(view, views, asking.language) for view in views if view.source == CUBE]
