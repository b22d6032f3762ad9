"""What a cube is: the frozen form of the cube YAML, before any data is opened.

Unique names follow Analysis Services: dimension `[D]`, hierarchy `[D].[H]` always, level `[D].[H].[L]`, members
`[D].[H].&[key]` in an attribute hierarchy (one level below All) and `[D].[H].[L].&[key]` in a user hierarchy.

Two things that FoodMart needs: `MeasureGroup.ignore_unrelated` says what a dimension that the group does not have does
to its cells, and `ordinal` places a measure among stored and calculated ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flis.errors import CatalogError

__all__ = [
    "Aggregate",
    "CalculatedMember",
    "Catalogue",
    "Closure",
    "Cube",
    "CubeDimension",
    "DataType",
    "DerivedMeasure",
    "DerivedType",
    "Dimension",
    "DimensionRole",
    "Drillthrough",
    "GroupingSet",
    "HideMember",
    "Hierarchy",
    "Join",
    "Kpi",
    "Level",
    "LevelType",
    "Measure",
    "MeasureGroup",
    "NamedSet",
    "ParentChild",
    "Perspective",
    "Property",
    "PublishedTotal",
    "Text",
    "Unit",
    "UnknownMember",
    "UnreadCube",
    "Whole",
    "WrittenPlace",
    "level_named",
    "say",
]

Text = Mapping[str, str]
"""A text by language code (`da`, `en`); the empty key is the text for every other language."""


def say(text: Text, language: str, default: str = "") -> str:
    """The text in `language`, else the one for every language, else the Danish or English one, else `default`.

    >>> say({"da": "Køn", "en": "Sex"}, "en")
    'Sex'
    >>> say({"de": "Verkaufen"}, "en", "Sales")
    'Sales'
    """
    return next((said for key in (language, "", "da", "en") if (said := text.get(key))), default)


class Aggregate(StrEnum):
    """How a measure rolls up; those from `last_non_empty` through `average_of_children` are semi-additive over time."""

    SUM = "sum"
    COUNT = "count"
    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    DISTINCT_COUNT = "distinct_count"
    LAST_NON_EMPTY = "last_non_empty"  # per cell: the last day on which this cell has a value
    FIRST_NON_EMPTY = "first_non_empty"
    LAST_LOADED = "last_loaded"  # one day for all cells: the last day of the time table in the asked period
    FIRST_LOADED = "first_loaded"
    AVERAGE_OF_CHILDREN = "average_of_children"  # per cell: over the days on which this cell has a value
    DISTINCT_STORED = "distinct_stored"  # counted before, once per grouping set: never added up


ROLLED_UP = frozenset({Aggregate.SUM, Aggregate.COUNT, Aggregate.MIN, Aggregate.MAX})


class DataType(StrEnum):
    """The type of a measure's or property's value."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"


class LevelType(StrEnum):
    """What a level means to time functions and clients."""

    REGULAR = "regular"
    YEARS = "years"
    HALF_YEARS = "half_years"
    QUARTERS = "quarters"
    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"


class DerivedType(StrEnum):
    """What a derived measure says of the measure that it is derived from."""

    SAME_PERIOD_LAST_YEAR = "same_period_last_year"
    CHANGE = "change"
    YEAR_TO_DATE = "year_to_date"
    SHARE_OF_PARENT = "share_of_parent"
    RATIO = "ratio"


class Unit(StrEnum):
    """What the periods of a change are."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Whole(StrEnum):
    """What a share is of, where neither a level nor a member says it."""

    PARENT = "parent"
    ALL = "all"


class HideMember(StrEnum):
    """When a member of a ragged hierarchy is hidden."""

    NEVER = "never"
    BLANK_NAME = "blank_name"
    PARENTS_NAME = "parents_name"


@dataclass(frozen=True, slots=True)
class Property:
    """A member property: a column of the dimension that depends on the level's key."""

    name: str
    column: str
    type: DataType = DataType.TEXT
    caption: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    """A level; columns are written `column` (of the dimension's own table) or `table.column`."""

    name: str
    key: str
    unique: bool = True  # the key alone names the member; False: only together with its ancestors' keys
    key_type: DataType = DataType.TEXT
    name_column: str = ""  # default: the key
    caption_columns: Mapping[str, str] = field(default_factory=dict)  # by language; default: the name
    order: str = ""  # column to sort by; default: the name (text) or the key (numbers, dates)
    type: LevelType = LevelType.REGULAR
    hide: HideMember = HideMember.NEVER
    properties: tuple[Property, ...] = ()
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Closure:
    """Every (ancestor, descendant) pair of a parent-child hierarchy, ready made."""

    table: str
    parent: str
    child: str


@dataclass(frozen=True, slots=True)
class ParentChild:
    """A hierarchy whose one level refers to itself."""

    parent: str
    root_value: str | None = None  # the parent value of a root, where it is not null
    closure: Closure | None = None  # None: derived from the parent column


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One way through a dimension, top level first; without `all_name` it has no All member."""

    name: str
    levels: tuple[Level, ...]
    all_name: str | None = "All"
    all_caption: Text = field(default_factory=dict)
    all_level_name: str = "(All)"
    default_member: str = ""  # an MDX member expression; default: All, else the first member
    parent_child: ParentChild | None = None
    attribute: bool = False  # an attribute hierarchy (one level, members named [D].[H].&[key])
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Join:
    """A further table of a dimension (snowflake): `left` is a column known so far, `right` one of `table`."""

    table: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class UnknownMember:
    """Where a dimension keeps the facts whose key is null or not in its table: a member on each level."""

    visible: bool = False  # hidden: only `.UnknownMember` leads to it, and All counts its facts
    name: str = "Unknown"
    caption: Text = field(default_factory=lambda: {"da": "Ukendt", "en": "Unknown"})


@dataclass(frozen=True, slots=True)
class DimensionRole:
    """What a dimension is called in a role that facts give it: the paying municipality, the one of residence."""

    name: str
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension over a table whose `key` the facts point at; no table: degenerate, columns of the fact."""

    name: str
    hierarchies: tuple[Hierarchy, ...]
    table: str = ""
    key: str = ""
    joins: tuple[Join, ...] = ()
    time: bool = False
    roles: Mapping[str, DimensionRole] = field(default_factory=dict)
    whole_table: str = ""  # with all rows, where a municipal store has a part in `table`: for roles that own no rows
    date: str = ""  # of time: the column of each row's date; default: the key of a level of days whose type is date
    unknown_member: UnknownMember = field(default_factory=UnknownMember)  # of a degenerate dimension: there is none
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, ...]:
        """Its own table and those that are joined to it; none where it is degenerate."""
        return (self.table, *(j.table for j in self.joins)) if self.table else ()

    @property
    def date_column(self) -> str:
        """The column of each row's date; empty where there is none."""
        levels = (level for h in self.hierarchies for level in h.levels)
        days = (level.key for level in levels if level.type is LevelType.DAYS and level.key_type is DataType.DATE)
        return self.date or next(days, "")


def level_named(dimension: Dimension, name: str) -> tuple[int, int] | None:
    """The place of a hierarchy and of its level `level` or `hierarchy.level`, All not counted; the first that fits."""
    for at, hierarchy in enumerate(dimension.hierarchies):
        for number, level in enumerate(hierarchy.levels):
            if name in (level.name, f"{hierarchy.name}.{level.name}") and hierarchy.parent_child is None:
                return at, number
    return None


@dataclass(frozen=True, slots=True)
class CubeDimension:
    """A dimension in a cube; with another name than the dimension's it plays a role.

    `own`: it says whose the facts are, and a municipal store holds its own rows of it only.
    """

    name: str
    dimension: Dimension
    own: bool = False
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Measure:
    """A stored measure: an aggregate over a column, or over a scalar SQL expression of the fact's columns."""

    name: str
    aggregate: Aggregate
    column: str = ""
    expression: str = ""
    weight: str = ""  # the measure of the group that weighs: this is an average, of which it gives aggregate and days
    type: DataType = DataType.NUMBER
    format: str = "#,##0"
    ordinal: int = 0  # the place among all measures, calculated ones too; 0: as written, stored ones first
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    visible: bool = True

    @property
    def is_ratio(self) -> bool:
        """Whether its values are quotients."""
        return bool(self.weight)

    @property
    def rolls_up(self) -> bool:
        """Whether the value of a whole follows from those of its parts."""
        return self.aggregate in ROLLED_UP and not self.weight

    @property
    def adds_up(self) -> bool:
        """Whether the value of a whole is the sum of those of its parts, whatever it is divided into."""
        return self.aggregate in (Aggregate.SUM, Aggregate.COUNT) and not self.weight

    @property
    def counts(self) -> bool:
        """Whether its values are whole numbers."""
        counting = self.aggregate in (Aggregate.COUNT, Aggregate.DISTINCT_COUNT, Aggregate.DISTINCT_STORED)
        return not self.is_ratio and (counting or self.type is DataType.INTEGER)


@dataclass(frozen=True, slots=True)
class DerivedMeasure(Measure):
    """A measure worked out from another one, whose aggregate and type it has; see docs/guides/own-cubes.md."""

    derived: DerivedType = DerivedType.CHANGE
    measure: str = ""  # a stored one, or a derived one that is written before; of a ratio the numerator
    periods: int = 0  # of a change: how many units back
    unit: Unit = Unit.DAY
    percent: bool = False  # of a change: in relation to the figure before
    dimension: str = ""  # of a share: whose filter does not count for the whole
    hierarchy: str = ""
    of: Whole = Whole.PARENT
    level: str = ""
    member: str = ""  # an MDX member expression
    denominator: str = ""  # of a ratio: as `measure`
    per: int = 1  # of a ratio: of how many of the denominator it is
    paired_by: str = ""  # of a ratio: the dimension whose members count only where they have both
    yearly: bool = False  # of a ratio: the denominator is that of whole years, and several years add up
    place: WrittenPlace | None = field(default=None, compare=False, repr=False)

    @property
    def is_ratio(self) -> bool:
        """Whether its values are quotients."""
        return self.percent or self.derived in (DerivedType.SHARE_OF_PARENT, DerivedType.RATIO)

    @property
    def rolls_up(self) -> bool:
        """Whether the value of a whole follows from those of its parts: other periods and wholes are asked anew."""
        return False

    @property
    def adds_up(self) -> bool:
        """Not: what it is worked out from may overlap."""
        return False

    @property
    def bases(self) -> tuple[str, ...]:
        """The measures that it is worked out from."""
        return (self.measure, self.denominator) if self.denominator else (self.measure,)


@dataclass(frozen=True, slots=True)
class PublishedTotal:
    """Totals of a stored measure that everybody may read, for shares of what a caller's own stores hold in part."""

    measure: str
    table: str  # of the public store
    column: str
    links: Mapping[str, str]  # cube dimension name -> column; of all other dimensions they are of everything
    where: str = ""  # a scalar SQL condition on the table's columns
    place: WrittenPlace | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GroupingSet:
    """A cut by which distinct counts are stored: a level of some dimensions, and everything of all others."""

    name: str  # as in the column that tells the sets apart
    by: Mapping[str, str]  # cube dimension name -> level, or `hierarchy.level`


@dataclass(frozen=True, slots=True)
class MeasureGroup:
    """Measures over one fact table, and the fact column by which each cube dimension is reached."""

    name: str
    table: str
    measures: tuple[Measure, ...]
    links: Mapping[str, str]  # cube dimension name -> column of the fact ("" for a degenerate dimension)
    where: str = ""  # a scalar SQL condition on the fact's columns
    ignore_unrelated: bool = True  # a dimension without link does not matter; False: below its All, cells are empty
    grouping_sets: tuple[GroupingSet, ...] = ()  # of distinct counts: each row of the fact is of one of them
    set_column: str = ""  # the column with the name of a row's set; needed where there are several
    own_table: str = ""  # of municipal stores, in place of `table`: the same rows, cut further
    own_links: Mapping[str, str] = field(default_factory=dict)  # the links that `own_table` has besides `links`
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """Where a part of a cube is written, for complaints about its formulas: the file, and the line of each field."""

    file: str
    lines: Mapping[str, int]

    def error(self, part: str, message: str, hint: str = "") -> CatalogError:
        """A complaint about one of the fields."""
        return CatalogError(message, file=self.file, line=self.lines.get(part, 0), hint=hint)


@dataclass(frozen=True, slots=True)
class CalculatedMember:
    """A member with a formula; `parent` is a hierarchy or member, `[Measures]` for a calculated measure."""

    name: str
    expression: str
    parent: str = "[Measures]"
    format: str = ""
    solve_order: int = 0
    ordinal: int = 0  # of a calculated measure: see Measure
    properties: Mapping[str, str] = field(default_factory=dict)  # further cell or member properties: MDX expressions
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    visible: bool = True
    place: WrittenPlace | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set with a name, known to every statement on the cube."""

    name: str
    expression: str
    static: bool = False
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    place: WrittenPlace | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key performance indicator; every part is an MDX expression, the empty ones are not offered."""

    name: str
    value: str
    goal: str = ""
    status: str = ""
    trend: str = ""
    weight: str = ""
    current_time_member: str = ""
    status_graphic: str = ""
    trend_graphic: str = ""
    measure_group: str = ""
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    place: WrittenPlace | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Drillthrough:
    """The columns that DRILLTHROUGH returns for a measure group: name shown -> column of the fact or `table.column`."""

    measure_group: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Perspective:
    """A narrower view of a cube under a name of its own: what is not named is not shown."""

    name: str
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cube:
    """Dimensions, measure groups and what is calculated over them."""

    name: str
    dimensions: tuple[CubeDimension, ...]
    measure_groups: tuple[MeasureGroup, ...]
    derived_measures: tuple[DerivedMeasure, ...] = ()
    published_totals: tuple[PublishedTotal, ...] = ()
    calculated_members: tuple[CalculatedMember, ...] = ()
    named_sets: tuple[NamedSet, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    drillthroughs: tuple[Drillthrough, ...] = ()
    perspectives: tuple[Perspective, ...] = ()
    default_measure: str = ""
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    visible: bool = True
    area: str = ""  # whose tables it reads: those of the area in whose folder it stands


@dataclass(frozen=True, slots=True)
class UnreadCube:
    """A cube whose files are wrong: its name as far as it can be read, else that of its area, and what is wrong."""

    name: str
    area: str
    fault: CatalogError


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A database as clients see it: named cubes over named tables."""

    name: str
    cubes: tuple[Cube, ...]
    path_names: bool = False  # `.UniqueName` and SetToStr say paths of names, [Time].[1997].[Q1], in place of keys
    null_name: str = ""  # the name of a member without key, and of none
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    unread: tuple[UnreadCube, ...] = ()  # the cubes that it would have too
