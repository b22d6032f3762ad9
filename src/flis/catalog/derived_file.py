"""Derived measures and published totals in the file of a cube: their fields, and which of them go together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flis.catalog import cube as m
from flis.catalog.dimension_file import CAPTION, DESCRIPTION, FOLDER, NAME, VISIBLE
from flis.catalog.forms import Record, choice, place_of, placed
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.catalog.yaml import Entry

__all__ = ["DERIVED", "PUBLISHED_TOTAL", "derived_from"]

COMMON = frozenset({"name", "type", "measure", "format", "ordinal", "caption", "description", "folder", "visible"})
NEEDED = {
    m.DerivedType.CHANGE: ("periods", "unit"),
    m.DerivedType.SHARE_OF_PARENT: ("dimension",),
}
OPTIONAL = {
    m.DerivedType.CHANGE: ("percent",),
    m.DerivedType.SHARE_OF_PARENT: ("hierarchy", "of", "level", "member"),
}


def _derived(entry: Entry, **found: Any) -> m.DerivedMeasure:
    derived = found.pop("type")
    lines = entry.fields()
    known = (*NEEDED.get(derived, ()), *OPTIONAL.get(derived, ()))
    for field in found:
        if field not in COMMON and field not in known:
            raise lines[field].error(f"a measure of type {derived} has no {field}.", suggest(field, known))
    for field in NEEDED.get(derived, ()):
        if field not in found:
            meaning = DERIVED.fields[field].meaning
            raise entry.error(f"{found['name']} is of type {derived} and has no {field}.", f"{field}: {meaning}")
    if "periods" in found and found["periods"] < 1:
        raise lines["periods"].error("the periods of a change are counted back: a whole number from 1 on.")
    said = [field for field in ("of", "level", "member") if field in found]
    if len(said) > 1:
        raise lines[said[1]].error(f"a share is of one thing: {said[0]} or {said[1]}, not both.")
    return m.DerivedMeasure(aggregate=m.Aggregate.SUM, derived=derived, place=place_of(entry), **found)


DERIVED = Record(
    "derived measure",
    m.DerivedMeasure,
    {
        "name": NAME,
        "type": (choice(m.DerivedType), "What it says of the other measure."),
        "measure": "The measure that it is derived from: a stored one, or a derived one that is written before.",
        "periods": "Of a change: how many units back it looks.",
        "unit": "Of a change: what is counted back.",
        "percent": "Of a change: whether it is in relation to the figure before; default false, the difference.",
        "dimension": "Of a share: the dimension whose filter does not count for the whole.",
        "hierarchy": "Of a share: the hierarchy that parents, levels and members are of; default the first one.",
        "of": "Of a share: `parent`, the member above (where nothing is said), or `all`.",
        "level": "Of a share: the ancestor on this level is the whole.",
        "member": "Of a share: this member is the whole, named by its path in MDX.",
        "format": "A format string; default that of the other measure, or Percent.",
        "ordinal": "Its place among all measures; 0 as written, after the stored ones.",
        "caption": CAPTION,
        "description": DESCRIPTION,
        "folder": FOLDER,
        "visible": VISIBLE,
    },
    _derived,
    required=("type", "measure"),
)
PUBLISHED_TOTAL = Record(
    "published total",
    m.PublishedTotal,
    {
        "measure": "The stored measure that these are totals of.",
        "table": "The table of the public store.",
        "column": "The column that holds the totals.",
        "links": "The column by which each dimension is reached; of all other dimensions they are of everything.",
        "where": "A scalar SQL condition on the table's columns: only these rows count.",
    },
    placed(m.PublishedTotal),
)


def derived_from(
    written: Iterable[tuple[Entry, m.DerivedMeasure]], groups: Iterable[m.MeasureGroup]
) -> tuple[m.DerivedMeasure, ...]:
    """The derived measures, each with the aggregate, type and format of the one that it is derived from.

    Raises:
        CatalogError: that one is not there.
    """
    known: dict[str, m.Measure] = {one.name: one for group in groups for one in group.measures}
    out: list[m.DerivedMeasure] = []
    for entry, measure in written:
        base = known.get(measure.measure)
        if base is None:
            hint = suggest(measure.measure, known) or "It is a stored measure, or a derived one that is written before."
            raise entry.fields()["measure"].error(f"there is no stored or derived measure {measure.measure}.", hint)
        kind = m.DataType.NUMBER if measure.is_ratio or base.is_ratio else base.type
        own = "format" in entry.fields()
        pattern = measure.format if own else "Percent" if measure.is_ratio else base.format
        made = replace(measure, aggregate=base.aggregate, type=kind, format=pattern)
        known[measure.name] = made
        out.append(made)
    return tuple(out)
