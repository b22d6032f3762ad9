"""The files of a catalogue and of a cube: which fields they may have, what they mean, and what they become.

Every part keeps its place, for what can only be checked when the whole catalogue is known. Measure groups and
calculated members may be taken over from another cube.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flis.catalog import cube as m
from flis.catalog.derived_file import DERIVED, PUBLISHED_TOTAL
from flis.catalog.dimension_file import (
    CAPTION,
    DESCRIPTION,
    DIMENSION_USE,
    FOLDER,
    NAME,
    VISIBLE,
    DimensionUse,
)
from flis.catalog.forms import (
    FLAG,
    MAPPING,
    WORD,
    Form,
    Record,
    choice,
    either,
    lines,
    listing,
    place_of,
    placed,
    plain,
)
from flis.catalog.yaml import YamlEntry  # noqa: TC001 -- records read the types of their fields
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["CATALOGUE", "CUBE", "Borrowed", "CatalogueFile", "CubeFile"]

NOT_WEIGHTS = (m.Aggregate.MIN, m.Aggregate.MAX, m.Aggregate.AVERAGE, m.Aggregate.DISTINCT_COUNT)
WEIGHTS = frozenset(m.Aggregate) - {*NOT_WEIGHTS, m.Aggregate.DISTINCT_STORED}
"""Aggregates of what averages are weighed by: all that add up over everything but time."""


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """`catalogue.yaml`."""

    catalogue: str
    path_names: bool = False
    null_name: str = ""
    caption: m.Text = field(default_factory=dict)
    description: m.Text = field(default_factory=dict)
    cubes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A measure group (or some of its measures) or a calculated member of another cube."""

    cube: str
    name: str = ""
    measures: tuple[str, ...] = ()
    visible: bool | None = None


@dataclass(frozen=True, slots=True)
class CubeFile:
    """`cubes/*.yaml`, every part with its place."""

    cube: str
    dimensions: tuple[tuple[YamlEntry, DimensionUse], ...]
    measure_groups: tuple[tuple[YamlEntry, m.MeasureGroup | Borrowed], ...]
    derived_measures: tuple[tuple[YamlEntry, m.DerivedMeasure], ...] = ()
    published_totals: tuple[tuple[YamlEntry, m.PublishedTotal], ...] = ()
    calculated_members: tuple[tuple[YamlEntry, m.CalculatedMember | Borrowed], ...] = ()
    named_sets: tuple[tuple[YamlEntry, m.NamedSet], ...] = ()
    kpis: tuple[tuple[YamlEntry, m.Kpi], ...] = ()
    drillthroughs: tuple[tuple[YamlEntry, m.Drillthrough], ...] = ()
    perspectives: tuple[tuple[YamlEntry, m.Perspective], ...] = ()
    default_measure: str = ""
    caption: m.Text = field(default_factory=dict)
    description: m.Text = field(default_factory=dict)
    visible: bool = True


def _measure(entry: YamlEntry, **found: Any) -> m.Measure:
    if ("aggregate" in found) == ("weight" in found):
        both = "both an aggregate and a weight" if "weight" in found else "neither an aggregate nor a weight"
        raise entry.error(f"{found['name']} has {both}: a weighted average has the aggregate of its weight.")
    measure = m.Measure(**{"aggregate": m.Aggregate.SUM, **found})
    if measure.column and measure.expression:
        raise entry.error(f"{measure.name} has both a column and an expression.")
    if not (measure.column or measure.expression or measure.aggregate is m.Aggregate.COUNT):
        raise entry.error(f"{measure.name} has no column: only a count of rows needs none.")
    return measure


MEASURE = Record(
    "measure",
    m.Measure,
    {
        "name": NAME,
        "aggregate": (choice(m.Aggregate), "How it rolls up."),
        "column": "The column of the fact; a count without one counts rows.",
        "expression": "A scalar SQL expression of the fact's columns, instead of a column.",
        "weight": "In place of an aggregate: the measure of this group by which the column is weighed, on whose days.",
        "type": "The type of its values.",
        "format": "A format string.",
        "ordinal": "Its place among all measures; 0 as written, stored ones before calculated ones.",
        "caption": CAPTION,
        "description": DESCRIPTION,
        "folder": FOLDER,
        "visible": VISIBLE,
    },
    _measure,
)


def _group(entry: YamlEntry, cube: str = "", **found: Any) -> m.MeasureGroup | Borrowed:
    if cube:
        extra = sorted(set(found) - {"name", "measures"})
        if extra:
            raise entry.error(f"a measure group of the cube {cube} cannot have {', '.join(extra)} of its own.")
        named = tuple(one if isinstance(one, str) else one.name for one in found.get("measures", ()))
        return Borrowed(cube, found.get("name", ""), named)
    for name in ("name", "table", "links", "measures"):
        if name not in found:
            raise entry.error(f"this measure group has no {name}.", f"{name}: {MEASURE_GROUP.fields[name].meaning}")
    short = [one for one in found["measures"] if isinstance(one, str)]
    if short:
        raise entry.error(f"the measure {short[0]} needs at least its aggregate.")
    if ("own_table" in found) != ("own_links" in found):
        raise entry.error(f"{found['name']} has one of own_table and own_links: they say together what owners have.")
    found["measures"] = tuple(_weighed(*one) for one in _with_weights(entry, found["measures"]))
    return m.MeasureGroup(**found)


def _with_weights(
    entry: YamlEntry, measures: Sequence[m.Measure]
) -> Iterator[tuple[YamlEntry, m.Measure, Mapping[str, m.Measure]]]:
    """Each measure with its place and those that can weigh it."""
    weights = {one.name: one for one in measures if one.aggregate in WEIGHTS and not one.weight}
    for place, measure in zip(entry.fields()["measures"].items(), measures, strict=True):
        yield place, measure, weights


def _weighed(place: YamlEntry, measure: m.Measure, weights: Mapping[str, m.Measure]) -> m.Measure:
    """A weighted average with the aggregate of its weight; other measures as they are."""
    if not measure.weight:
        return measure
    if measure.weight not in weights:
        hint = suggest(measure.weight, weights) or "A measure of this group that is a sum, a count or semi-additive."
        raise place.fields()["weight"].error(f"nothing can be weighed by {measure.weight}.", hint)
    return replace(measure, aggregate=weights[measure.weight].aggregate)


GROUPING_SET = Record(
    "grouping set",
    m.GroupingSet,
    {
        "name": "What the set column says of its rows.",
        "by": "The `level` or `hierarchy.level` by which it cuts each dimension that it names; others it does not cut.",
    },
    plain(m.GroupingSet),
)
NAMED = Form(lambda entry: DimensionUse(entry.text(), entry.text()), WORD.schema)
MEASURE_GROUP: Record[m.MeasureGroup | Borrowed] = Record(
    "measure group",
    m.MeasureGroup,
    {
        "cube": (WORD, "Take this group over from another cube; then only its name and the names of measures follow."),
        "name": (WORD, NAME),
        "table": (WORD, "The fact table."),
        "links": (MAPPING, "The column of the fact by which each dimension is reached; empty for a degenerate one."),
        "measures": (listing(either(WORD, MEASURE.form)), "The measures; of another cube, only their names."),
        "where": "A scalar SQL condition on the fact's columns: only these rows count.",
        "grouping_sets": (
            listing(GROUPING_SET.form),
            "Of `distinct_stored` measures: the cuts by which they are counted. Other cells say that they are not.",
        ),
        "own_table": "The fact table of municipal stores in place of `table`: the same rows, cut by more dimensions.",
        "own_links": (MAPPING, "The column of `own_table` for each of these: dimensions that owners alone can use."),
        "set_column": "The column of the fact that names the grouping set of a row; needed where there are several.",
        "ignore_unrelated": "What a dimension without link does below its All: nothing (true), or it empties cells.",
        "caption": CAPTION,
        "description": DESCRIPTION,
    },
    _group,
)


def _calculated(entry: YamlEntry, name: str, cube: str = "", **found: Any) -> m.CalculatedMember | Borrowed:
    if cube:
        extra = sorted(set(found) - {"visible"})
        if extra:
            raise entry.error(f"a calculated member of the cube {cube} cannot have {', '.join(extra)} of its own.")
        return Borrowed(cube, name, visible=found.get("visible"))
    if "expression" not in found:
        raise entry.error(f"the calculated member {name} has no expression.")
    return m.CalculatedMember(name, **found, place=place_of(entry))


CALCULATED: Record[m.CalculatedMember | Borrowed] = Record(
    "calculated member",
    m.CalculatedMember,
    {
        "cube": (WORD, "Take the member of this name over from another cube."),
        "name": NAME,
        "expression": (WORD, "The formula, in MDX."),
        "parent": "The hierarchy or member that it lies under; default `[Measures]`.",
        "format": "A format string.",
        "solve_order": "The higher one is worked out last.",
        "ordinal": "The place of a calculated measure among all measures; 0 as written, after the stored ones.",
        "properties": "Further cell or member properties: MDX expressions.",
        "caption": CAPTION,
        "description": DESCRIPTION,
        "folder": FOLDER,
        "visible": VISIBLE,
    },
    _calculated,
)
NAMED_SET = Record(
    "named set",
    m.NamedSet,
    {
        "name": NAME,
        "expression": "The set, in MDX.",
        "static": "Whether it is the same in every statement: the slicer and subselects do not count in it.",
        "caption": CAPTION,
        "description": DESCRIPTION,
        "folder": FOLDER,
    },
    placed(m.NamedSet),
)
KPI = Record(
    "KPI",
    m.Kpi,
    {
        "name": NAME,
        "value": "The value, in MDX.",
        "goal": "The goal, in MDX.",
        "status": "From -1 (bad) to 1 (good), in MDX.",
        "trend": "From -1 (falling) to 1 (rising), in MDX.",
        "weight": "The weight among others, in MDX.",
        "current_time_member": "The time that it is of, in MDX.",
        "status_graphic": "The picture that clients show for the status, for example `Traffic Light`.",
        "trend_graphic": "The picture that clients show for the trend, for example `Standard Arrow`.",
        "measure_group": "The measure group that clients list it under.",
        "caption": CAPTION,
        "description": DESCRIPTION,
        "folder": FOLDER,
    },
    placed(m.Kpi),
)
DRILLTHROUGH = Record(
    "drillthrough",
    m.Drillthrough,
    {
        "measure_group": "The measure group whose rows are returned.",
        "columns": "Name shown: column of the fact, or `table.column` of a dimension's table.",
    },
    plain(m.Drillthrough),
)
PERSPECTIVE = Record(
    "perspective",
    m.Perspective,
    {
        "name": "The name under which clients see it, as if it were a cube.",
        "dimensions": "The names of the dimensions shown.",
        "measures": "The names of the measures shown, calculated ones too.",
        "caption": CAPTION,
        "description": DESCRIPTION,
    },
    plain(m.Perspective),
)
CUBE = Record(
    "cube file",
    CubeFile,
    {
        "cube": (WORD, "The cube's name."),
        "dimensions": (
            lines(either(NAMED, DIMENSION_USE.form)),
            "Shared dimensions by name, under a name of their own (a role), or described on the spot.",
        ),
        "measure_groups": (lines(MEASURE_GROUP.form), "Measures over one fact table each."),
        "derived_measures": (
            lines(DERIVED.form),
            "Measures worked out from others: the same period last year, change, year to date, share of the parent.",
        ),
        "published_totals": (
            lines(PUBLISHED_TOTAL.form),
            "Totals in the public store, for shares of what a caller's own stores hold in part; the first that fits.",
        ),
        "calculated_members": (lines(CALCULATED.form), "Members with a formula."),
        "named_sets": (lines(NAMED_SET.form), "Sets with a name."),
        "kpis": (lines(KPI.form), "Key performance indicators."),
        "drillthroughs": (lines(DRILLTHROUGH.form), "What DRILLTHROUGH returns for a measure group."),
        "perspectives": (lines(PERSPECTIVE.form), "Narrower views of the cube."),
        "default_measure": (WORD, "The measure meant where none is named; default the first one."),
        "caption": CAPTION,
        "description": DESCRIPTION,
        "visible": (FLAG, VISIBLE),
    },
    plain(CubeFile),
    required=("cube", "dimensions", "measure_groups"),
)
CATALOGUE = Record(
    "catalogue file",
    CatalogueFile,
    {
        "catalogue": "The catalogue's name: what clients call a database.",
        "path_names": "Whether UniqueName and SetToStr say paths of names, `[Time].[1997].[Q1]`, in place of keys.",
        "null_name": "The name of a member whose key is null, and of no member; default an empty text.",
        "caption": CAPTION,
        "description": DESCRIPTION,
        "cubes": "The files in `cubes/` in the order in which they are listed; default all, by name.",
    },
    plain(CatalogueFile),
)
