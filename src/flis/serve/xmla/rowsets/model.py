"""Cubes, dimensions and measure groups as the object model of Analysis Services describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.catalog.cube import Aggregate, DataType, DerivedMeasure, HideMember, Measure, say
from flis.serve.xmla.escaping import text
from flis.serve.xmla.rowsets.asking import CUBE, stamp
from flis.serve.xmla.rowsets.cubes import groups_in, unique_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from flis.catalog.cube import Hierarchy, Kpi, Level, Text
    from flis.query.cubes.structure import BoundDimension, BoundGroup
    from flis.serve.xmla.rowsets.asking import View

__all__ = ["Major", "cube", "dimension", "dimensions", "measure_group"]

AGGREGATES = {
    Aggregate.SUM: "Sum",
    Aggregate.COUNT: "Count",
    Aggregate.MIN: "Min",
    Aggregate.MAX: "Max",
    Aggregate.AVERAGE: "None",  # the object model knows no plain average
    Aggregate.DISTINCT_COUNT: "DistinctCount",
    Aggregate.LAST_NON_EMPTY: "LastNonEmpty",
    Aggregate.FIRST_NON_EMPTY: "FirstNonEmpty",
    Aggregate.LAST_LOADED: "LastChild",
    Aggregate.FIRST_LOADED: "FirstChild",
    Aggregate.AVERAGE_OF_CHILDREN: "AverageOfChildren",
    Aggregate.DISTINCT_STORED: "None",  # nor counts that were made before
}
TYPES = {
    DataType.INTEGER: "BigInt",
    DataType.NUMBER: "Double",
    DataType.TEXT: "WChar",
    DataType.BOOLEAN: "Boolean",
    DataType.DATE: "Date",
}
HIDES = {HideMember.NEVER: "", HideMember.BLANK_NAME: "NoName", HideMember.PARENTS_NAME: "ParentName"}


@dataclass(frozen=True, slots=True)
class Major:
    """An object that clients ask for by itself: its name, what it is, and those that it contains by element."""

    tag: str
    name: str
    when: str
    own: Callable[[], str]
    parts: Callable[[], Mapping[str, Sequence[Major]]] = dict

    @property
    def state(self) -> str:
        """That it can be asked, since when; a server has no such state."""
        if self.tag == "Server":
            return ""
        return f"<State>Processed</State><LastProcessed>{self.when}</LastProcessed>"


def dimensions(views: Sequence[View]) -> dict[str, BoundDimension]:
    """The dimensions of a database by name: its shared ones, then those that a cube has for itself."""
    found: dict[str, BoundDimension] = {}
    for view in sorted(views, key=lambda v: v.source == CUBE):
        for one in view.dimensions:
            if one.definition is None or any(d.definition is one.definition for d in found.values()):
                continue
            name = one.definition.name
            found[name if name not in found else f"{view.name} {name}"] = one
    return found


def cube(view: View, views: Sequence[View], language: str) -> Major:
    """A cube, or a perspective as one."""
    when = stamp(view.updated)
    definition = view.cube.definition
    known = {id(d.definition): name for name, d in dimensions(views).items()}

    def own() -> str:
        measures = view.cube.hierarchies[0]
        default = unique_name(measures, view.default(measures))
        return (
            f"{_element('Description', view.description(language))}<Visible>{_said(definition.visible)}</Visible>"
            f"{_element('DefaultMeasure', default)}"
            f"<Dimensions>{_list('Dimension', _used(view.dimensions, known, language))}</Dimensions>"
            f"<Kpis>{_list('Kpi', (_kpi(k, language) for k in view.cube.kpis))}</Kpis>"
        )

    return Major(
        "Cube",
        view.name,
        when,
        own,
        lambda: {"MeasureGroups": [measure_group(view, g, language) for g in groups_in(view)]},
    )


def measure_group(view: View, group: BoundGroup, language: str) -> Major:
    """A measure group as a view shows it."""

    def own() -> str:
        definition = group.definition
        listed = (m for (g, m), seen in zip(view.cube.measures, view.measures, strict=False) if seen and g is group)
        measures = (
            f"{_named(m.name)}{_described(m.description, language)}"
            f"<AggregateFunction>{_aggregate(m)}</AggregateFunction>"
            f"<DataType>{TYPES[DataType.INTEGER if m.counts else m.type]}</DataType>"
            f"<Visible>{_said(m.visible)}</Visible>{_element('DisplayFolder', say(m.folder, language))}"
            f"{_element('FormatString', m.format)}"
            for m in listed
        )
        linked = (
            f'<Dimension xsi:type="RegularMeasureGroupDimension"><CubeDimensionID>{text(d.name)}</CubeDimensionID>'
            "</Dimension>"
            for d in view.dimensions
            if d.name in definition.links
        )
        return (
            f"{_described(definition.description, language)}<Type>Regular</Type>"
            f"<Measures>{_list('Measure', measures)}</Measures><Dimensions>{''.join(linked)}</Dimensions>"
        )

    return Major("MeasureGroup", group.name, stamp(view.updated), own, lambda: {"Partitions": [partition(view, group)]})


def _aggregate(measure: Measure) -> str:
    """The aggregate function; a derived measure and a weighted average have none."""
    return "None" if isinstance(measure, DerivedMeasure) or measure.weight else AGGREGATES[measure.aggregate]


def partition(view: View, group: BoundGroup) -> Major:
    """The one partition of a measure group, by which clients see that it is processed."""
    return Major(
        "Partition", group.name, stamp(view.updated), lambda: "<Type>Data</Type><StorageMode>Molap</StorageMode>"
    )


def dimension(name: str, bound: BoundDimension, when: str, language: str) -> Major:
    """A dimension of the database."""
    definition = bound.definition
    assert definition is not None  # noqa: S101 - a dimension of the database
    unknown = definition.unknown_member

    def own() -> str:
        attributes = (
            f"{_named(attribute)}{_described(level.description, language)}<Usage>{_usage(bound, level)}</Usage>"
            f"<KeyColumns><KeyColumn><DataType>{TYPES[level.key_type]}</DataType></KeyColumn></KeyColumns>"
            f"{_alone(definition.hierarchies, level)}"
            for attribute, level in _attributes(bound).items()
        )
        hierarchies = (_hierarchy(h, bound, language) for h in _ways(definition.hierarchies))
        shown = "Visible" if unknown.visible else "Hidden"
        return (
            f"{_described(definition.description, language)}<Type>{'Time' if bound.is_time else 'Regular'}</Type>"
            f"<UnknownMember>{shown if definition.table else 'None'}</UnknownMember>"
            f"{_element('UnknownMemberName', unknown.name if definition.table else '')}"
            f"<Attributes>{_list('Attribute', attributes)}</Attributes>"
            f"<Hierarchies>{_list('Hierarchy', hierarchies)}</Hierarchies>"
        )

    return Major("Dimension", name, when, own)


def _ways(hierarchies: Iterable[Hierarchy]) -> list[Hierarchy]:
    """The hierarchies that are more than an attribute: not those of one level, called like it."""
    return [h for h in hierarchies if not (h.attribute or h.parent_child) and [x.name for x in h.levels] != [h.name]]


def _alone(hierarchies: Iterable[Hierarchy], level: Level) -> str:
    """Whether a level is a hierarchy by itself, and a visible one."""
    found = [h.visible for h in hierarchies if len(h.levels) == 1 and h.levels[0].key == level.key]
    return (
        f"<AttributeHierarchyEnabled>{_said(bool(found))}</AttributeHierarchyEnabled>"
        f"<AttributeHierarchyVisible>{_said(any(found))}</AttributeHierarchyVisible>"
    )


def _attributes(bound: BoundDimension) -> dict[str, Level]:
    """The levels of a dimension as its attributes, each once, by names that no hierarchy has."""
    assert bound.definition is not None  # noqa: S101
    taken = {h.name for h in _ways(bound.definition.hierarchies)}
    levels = [level for h in bound.definition.hierarchies for level in h.levels]
    return {_attribute(level.name, taken): level for level in levels}


def _attribute(level: str, taken: set[str]) -> str:
    return f"{level} level" if level in taken else level


def _usage(bound: BoundDimension, level: Level) -> str:
    assert bound.definition is not None  # noqa: S101
    if any(h.parent_child and level in h.levels for h in bound.definition.hierarchies):
        return "Parent"
    return "Key" if level.key == bound.definition.key else "Regular"


def _hierarchy(h: Hierarchy, bound: BoundDimension, language: str) -> str:
    assert bound.definition is not None  # noqa: S101
    taken = {x.name for x in _ways(bound.definition.hierarchies)}
    levels = (
        f"{_named(level.name)}{_described(level.description, language)}"
        f"<SourceAttributeID>{text(_attribute(level.name, taken))}</SourceAttributeID>"
        f"{_element('HideMemberIf', HIDES[level.hide])}"
        for level in h.levels
    )
    return (
        f"{_named(h.name)}{_described(h.description, language)}{_element('DisplayFolder', say(h.folder, language))}"
        f"{_element('AllMemberName', h.all_name or '')}<Levels>{_list('Level', levels)}</Levels>"
    )


def _used(dimensions: Iterable[BoundDimension], known: Mapping[int, str], language: str) -> Iterator[str]:
    """Dimensions of a cube, each under its own name, with the database's dimension that it is."""
    for one in dimensions:
        if one.definition is None or one.used is None:
            continue
        hierarchies = (
            f"<HierarchyID>{text(h.name)}</HierarchyID><Visible>{_said(h.visible)}</Visible>"
            for h in _ways(one.definition.hierarchies)
        )
        attributes = (f"<AttributeID>{text(name)}</AttributeID>" for name in _attributes(one))
        yield (
            f"{_named(one.name)}{_described(one.used.description, language)}"
            f"<DimensionID>{text(known[id(one.definition)])}</DimensionID><Visible>{_said(one.used.visible)}</Visible>"
            f"<Attributes>{_list('Attribute', attributes)}</Attributes>"
            f"<Hierarchies>{_list('Hierarchy', hierarchies)}</Hierarchies>"
        )


def _kpi(kpi: Kpi, language: str) -> str:
    parts = {
        "DisplayFolder": say(kpi.folder, language),
        "AssociatedMeasureGroupID": kpi.measure_group,
        "Value": kpi.value,
        "Goal": kpi.goal,
        "Status": kpi.status,
        "Trend": kpi.trend,
        "Weight": kpi.weight,
        "TrendGraphic": kpi.trend_graphic,
        "StatusGraphic": kpi.status_graphic,
        "CurrentTimeMember": kpi.current_time_member,
    }
    return _named(kpi.name) + _described(kpi.description, language) + "".join(_element(*p) for p in parts.items())


def _named(name: str) -> str:
    return f"<Name>{text(name)}</Name><ID>{text(name)}</ID>"


def _described(texts: Text, language: str) -> str:
    return _element("Description", say(texts, language))


def _element(tag: str, said: str) -> str:
    return f"<{tag}>{text(said)}</{tag}>" if said else ""


def _said(truth: bool) -> str:
    return "true" if truth else "false"


def _list(tag: str, items: Iterable[str]) -> str:
    return "".join(f"<{tag}>{item}</{tag}>" for item in items)
