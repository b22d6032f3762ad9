"""Derived measures and published totals in the file of a cube: their fields, and which of them go together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flis.catalog import cube as m
from flis.catalog.dimension_file import CAPTION, DESCRIPTION, FOLDER, NAME, VISIBLE
from flis.catalog.forms import WORD, Record, choice, optional, place_of, placed
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flis.catalog.yaml import YamlEntry

__all__ = ["DERIVED", "PUBLISHED_TOTAL", "derived_from"]

COMMON = frozenset({"name", "type", "format", "ordinal", "caption", "description", "folder", "visible"})
NEEDED = {
    m.DerivedType.CHANGE: ("measure", "periods", "unit"),
    m.DerivedType.SHARE_OF_PARENT: ("measure", "dimension"),
    m.DerivedType.RATIO: ("numerator", "denominator"),
}
OPTIONAL = {
    m.DerivedType.CHANGE: ("percent",),
    m.DerivedType.SHARE_OF_PARENT: ("hierarchy", "of", "level", "member"),
    m.DerivedType.RATIO: ("per", "paired_by", "yearly"),
}
MUNICIPALITIES = "kommune"
"""The table of the dimension that the parts of a ratio are paired by, where nothing is said."""


def _derived(entry: YamlEntry, **found: Any) -> m.DerivedMeasure:
    derived = found.pop("type")
    lines = entry.fields()
    needed = NEEDED.get(derived, ("measure",))
    known = (*needed, *OPTIONAL.get(derived, ()))
    for field in found:
        if field not in COMMON and field not in known:
            raise lines[field].error(f"a measure of type {derived} has no {field}.", suggest(field, known))
    for field in needed:
        if field not in found:
            meaning = DERIVED.fields[field].meaning
            raise entry.error(f"{found['name']} is of type {derived} and has no {field}.", f"{field}: {meaning}")
    if "periods" in found and found["periods"] < 1:
        raise lines["periods"].error("the periods of a change are counted back: a whole number from 1 on.")
    if found.get("per", 1) < 1:
        raise lines["per"].error("a ratio is per so many of its denominator: a whole number from 1 on.")
    if derived is m.DerivedType.RATIO:
        found["measure"] = found.pop("numerator")
        found["paired_by"] = found.get("paired_by") or ""
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
        "measure": (
            WORD,
            "Of all but a ratio: the measure that it is derived from, a stored one or a derived one written before.",
        ),
        "periods": "Of a change: how many units back it looks.",
        "unit": "Of a change: what is counted back.",
        "numerator": (WORD, "Of a ratio: the measure above the line."),
        "denominator": "Of a ratio: the measure below the line, of this or another measure group.",
        "per": "Of a ratio: of how many of the denominator it is, for example 1000; default 1.",
        "paired_by": (
            optional(WORD),
            "Of a ratio: whose members leave both where they lack one; default the municipality, null for none.",
        ),
        "yearly": "Of a ratio: whether the denominator is that of the whole year, and years are paired and added up.",
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
    required=("type",),
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
    written: Iterable[tuple[YamlEntry, m.DerivedMeasure]],
    groups: Sequence[m.MeasureGroup],
    dimensions: Iterable[m.CubeDimension],
) -> tuple[m.DerivedMeasure, ...]:
    """The derived measures, each with the aggregate, type and format of the one that it is derived from.

    A ratio is paired by the municipality where it says nothing, but for one of a stored distinct count: nobody can be
    taken out of a count, so it is of the totals of its cut.

    Raises:
        CatalogError: that one is not there.
    """
    known: dict[str, m.Measure] = {one.name: one for group in groups for one in group.measures}
    municipality = next((d.name for d in dimensions if d.dimension.table == MUNICIPALITIES), "")
    counts = {name for name, one in known.items() if one.aggregate is m.Aggregate.DISTINCT_STORED}
    out: list[m.DerivedMeasure] = []
    for entry, measure in written:
        lines = entry.fields()
        for field, name in zip(("measure", "denominator"), measure.bases, strict=False):
            if name not in known:
                hint = suggest(name, known) or "It is a stored measure, or a derived one that is written before."
                at = lines[field] if field in lines else lines["numerator"]
                raise at.error(f"there is no stored or derived measure {name}.", hint)
        base = known[measure.measure]
        kind = m.DataType.NUMBER if measure.is_ratio or base.is_ratio else base.type
        own = "format" in lines
        usual = base.format if not measure.is_ratio else "Percent" if measure.per == 1 else "#,##0.0"
        made = replace(measure, aggregate=base.aggregate, type=kind, format=measure.format if own else usual)
        if not counts.isdisjoint(measure.bases):
            counts.add(measure.name)
        elif measure.derived is m.DerivedType.RATIO and "paired_by" not in lines:
            made = replace(made, paired_by=municipality)
        known[measure.name] = made
        out.append(made)
    return tuple(out)
