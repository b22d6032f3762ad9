"""The model of a source contract: what a sender's file of an interface looks like, what is kept, and what must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from flis.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.catalog.area_file import Phrase

__all__ = [
    "PERIODS",
    "PLACE",
    "PLACEHOLDERS",
    "Breach",
    "Chain",
    "Classification",
    "Contract",
    "ControlTotal",
    "Dialect",
    "Every",
    "Expectation",
    "Field",
    "FieldType",
    "FileFormat",
    "HeaderPlaces",
    "Parent",
    "Quality",
    "Recognition",
    "Rename",
    "Table",
    "Unpivot",
    "Where",
]


PLACE = re.compile(r"\{(\w+)\}")
"""How the message of a rule over groups names a column of the group."""


class FileFormat(StrEnum):
    """The physical form of a file; each has a reader."""

    CPR = "cpr"
    CSV = "csv"
    FIXED = "fixed"
    XML = "xml"
    JSON = "json"
    NDJSON = "ndjson"


class FieldType(StrEnum):
    """The logical types of ODCS that contracts here use."""

    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


SQL_TYPES = MappingProxyType(
    {
        FieldType.STRING: "VARCHAR",
        FieldType.DATE: "DATE",
        FieldType.TIMESTAMP: "TIMESTAMP",
        FieldType.INTEGER: "BIGINT",
        FieldType.NUMBER: "DOUBLE",
        FieldType.BOOLEAN: "BOOLEAN",
    }
)


LONGEST_TEXT = 4000
"""The most characters of a text where its field does not say (`maxLength`): databases keep that many in a column."""


class Classification(StrEnum):
    """How near a field comes to a person."""

    PSEUDONYM = "pseudonym"
    """A keyed hash that stands for a person."""
    QUASI_IDENTIFIER = "quasi-identifier"
    """Together with others it can point at a person: birth date, municipality, days of moves."""
    PERSONAL = "personal"
    """About a person, pointing at nobody."""
    PUBLIC = "public"
    """About nobody."""


class Chain(StrEnum):
    """How the deliveries of one sender follow each other."""

    LINKED = "linked"
    """Each names the one before it, and none may be missing (CPR)."""
    NEWEST = "newest"
    """Of a period the highest sequence counts, in whatever order periods arrive."""
    ONCE = "once"
    """A period is delivered once."""


class Every(StrEnum):
    """How often a delivery is expected."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Breach(StrEnum):
    """What a broken quality rule does."""

    REFUSE = "refuse"
    """The delivery goes to quarantine."""
    HOLD = "hold"
    """The rows are held back, the others go on."""
    WARN = "warn"
    """The report says so."""


@dataclass(frozen=True, slots=True)
class Rename:
    """A later name of a field at the source, from the first day of a period on."""

    valid: date
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is kept: its column, its name at the source, its type, and how near it comes to a person."""

    name: str
    source: str
    type: FieldType
    classification: Classification
    description: Phrase
    required: bool = False
    key: bool = False
    """The fields that are a key identify a row of the table."""
    codes: str = ""
    """The code list of the area that the value must be in."""
    ten_digits: str = ""
    """What numbers of ten digits in it are, where they are no person numbers: numbers of production units, accounts."""
    path: str = ""
    """Where the value stands in a row of XML or JSON: `a/b`, `@a` an attribute, `.` the row, `../a` one level up.

    In a record of fixed width, `../a` is the field `a` of the parent record. Empty: the field's name at the source.
    """
    decimal: tuple[int, int] | None = None
    """Digits in all and behind the point of an exact number; None: floating."""
    position: tuple[int, int] | None = None
    """Its first and last character in a record of fixed width, from 1."""
    scale: int = 0
    """How many digits stand behind a decimal sign that is not written (2: amounts in øre)."""
    renamed: tuple[Rename, ...] = ()
    dates: str = ""
    """How its dates are written; empty: as the dialect says."""
    longest: int = LONGEST_TEXT
    """The most characters that a text may have."""
    assumed: str = ""
    """Why it is our choice, where no source is known for it; empty: it is known."""

    @property
    def is_text(self) -> bool:
        """Whether its values are texts as a sender writes them: no hash, and no code that a list has."""
        is_plain = self.classification is not Classification.PSEUDONYM and not self.codes
        return self.type is FieldType.STRING and is_plain

    @property
    def sql_type(self) -> str:
        """The type of its column in SQL."""
        if self.classification is Classification.PSEUDONYM:
            return "BLOB"
        if self.type is FieldType.NUMBER and self.decimal:
            return "DECIMAL({}, {})".format(*self.decimal)
        return SQL_TYPES[self.type]

    @property
    def is_inherited(self) -> bool:
        """Whether the value is that of what the row lies in, or belongs to."""
        return self.path.startswith("../")

    def source_on(self, day: date | None) -> str:
        """Its name at the source for a period that begins on `day`; without a day, the newest."""
        names = [r.name for r in self.renamed if day is None or r.valid <= day]
        return names[-1] if names else self.source


@dataclass(frozen=True, slots=True)
class Quality:
    """A rule of the contract over the rows of a table: an SQL condition that each row, or each group, must fulfil."""

    id: str
    condition: str
    """The condition; with `codes` the SQL expression of a code."""
    breach: Breach
    message: Phrase
    line: int = 0
    """Where the contract's file has it."""
    each: tuple[str, ...] = ()
    """The columns by which rows fall into groups, where the condition is about sums and counts of a group."""
    codes: str = ""
    """The code list that the value of the expression must be in."""
    valid_on: str = ""
    """The field with the day on which the code must be valid (of a year: any day); empty: a day of the period."""

    @property
    def places(self) -> tuple[str, ...]:
        """The columns of a group that the message names: `{column}`."""
        told = {*PLACE.findall(self.message.da), *PLACE.findall(self.message.en)}
        return tuple(name for name in self.each if name in told)


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Columns whose names match `columns` become rows: the match's first group in `name`, the cell in `value`."""

    columns: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Parent:
    """Fixed width: the record that a record belongs to."""

    table: str
    key: str = ""
    """The field that names the key of the parent, which comes before it; empty: the parent is the record above."""


@dataclass(frozen=True, slots=True)
class Where:
    """XML and JSON: the rows of a table are those with the value `value` at `path`."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """Fields that come together: a record type of a file, a sheet, a resource."""

    name: str
    source: str
    title: Phrase
    description: Phrase
    fields: tuple[Field, ...]
    quality: tuple[Quality, ...] = ()
    unpivot: Unpivot | None = None
    path: str | None = None
    """XML and JSON: where its rows lie; None: in XML elements of its name at the source, in JSON see the reader."""
    where: Where | None = None
    parent: Parent | None = None
    length: int = 0
    """Fixed width: the characters of a record; 0: as far as its last field goes."""
    assumed: str = ""
    """Why it is our choice, where no source is known for it; empty: it is known."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the fields that identify a row; none where rows may repeat."""
        return tuple(f.name for f in self.fields if f.key)

    def field(self, name: str) -> Field | None:
        """The field `name`."""
        return next((f for f in self.fields if f.name == name), None)


PERIODS = frozenset({"maaned", "dato", "aar"})
"""The columns of a part that are periods."""
PLACEHOLDERS = MappingProxyType(
    {
        "kommune": r"\d{4}",
        "maaned": r"\d{4}-?\d{2}",
        "dato": r"\d{4}-?\d{2}-?\d{2}",
        "aar": r"\d{4}",
        "sekvens": r"\d{1,4}",
        "udtraek": r"\d{4}-?\d{2}-?\d{2}",
    }
)
"""What may stand between braces in the pattern of a file name: digits only, so that a name tells of no person."""


@dataclass(frozen=True)
class Recognition:
    """How a file of the interface is known: by the pattern of its name, by its first characters, or by both."""

    name: str = ""
    head: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern of the name, with a group per placeholder."""
        if not self.name:
            return None
        parts = re.split(r"\{(\w+)\}", self.name)
        found = "".join(
            f"(?P<{part}>{PLACEHOLDERS[part]})" if odd else re.escape(part)
            for part, odd in zip(parts, [False, True] * len(parts), strict=False)
        )
        return re.compile(found, re.IGNORECASE)

    def match(self, name: str) -> Mapping[str, str] | None:
        """What a file name tells by placeholder; None where it is no name of the interface."""
        if self.pattern is None:
            return {}
        found = self.pattern.fullmatch(name)
        return found.groupdict() if found else None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the values of a text file are written; the defaults are those of no profile."""

    encoding: str = "utf-8"
    bom: bool = False
    """Must a byte order mark stand at the beginning?"""
    delimiter: str = ";"
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    dates: str = "%Y-%m-%d"
    times: str = "%Y-%m-%dT%H:%M:%S%z"
    true: tuple[str, ...] = ("true", "1", "J", "Ja")
    false: tuple[str, ...] = ("false", "0", "N", "Nej")
    header: bool = True
    """Does the first line name the columns? Without it, columns go by their order in the contract."""
    end: str = ""
    """The first value of the end line, which tells the number of rows and then the `sums`."""
    companion: str = ""
    """The ending of the name of the file that comes along and tells name, rows and `sums`."""
    sums: tuple[str, ...] = ()
    """The fields whose sums are told by end line, end record or companion file."""
    gzip: bool = False
    start: str = ""
    """Fixed width: the record type of the first record (sender, period, production date)."""
    depth: int = 32
    """XML and JSON: how deep elements may lie in each other."""
    root: str = ""
    """XML: the name of the outermost element; empty: any."""
    namespace: str = ""
    """XML: the namespace of the elements; empty: that of the outermost element."""
    version: str = ""
    """XML: what the attribute `version` of the outermost element must be; empty: anything."""
    limit: int = 4 << 30
    """The most bytes that a file may unpack to."""


@dataclass(frozen=True, slots=True)
class HeaderPlaces:
    """Where a file tells what it is: positions in the first record (fixed width), paths from the root (XML, JSON)."""

    sender: str = ""
    period: str = ""
    produced: str = ""


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A number that the file tells about its rows, and what it must be.

    It stands `at` a position of the end record (fixed width) or a path from the root (XML, JSON), and is the sum of a
    field, the number of rows of a table, or without both the number of records.
    """

    at: str
    count: str = ""
    sum: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be there: a delivery of each sender in each period, due some time after the period's end."""

    each: str = ""
    """What the senders are: `kommune`, or empty for one national sender."""
    every: Every = Every.MONTH
    months: int = 1
    """Due on the last working day of the month so many months after the period's last."""
    grace: int = 3
    """Working days that it may be later without being late."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a source delivers through one interface, and what of it is kept."""

    id: str
    area: str
    name: str
    version: str
    purpose: Phrase
    usage: Phrase
    limitations: Phrase
    format: FileFormat
    recognition: Recognition
    tables: tuple[Table, ...]
    dialect: Dialect = field(default_factory=Dialect)
    known: str = ""
    """Where the production date stands: `header`, a placeholder of the name, or a field, whose latest day it is.

    Empty: the header where it tells one, else the day of the read-out in the name, else the receipt.
    """
    part: tuple[str, ...] = ()
    """The columns whose values are replaced as a whole by one file; none: all of the interface."""
    chain: Chain = Chain.NEWEST
    expects: Expectation | None = None
    sender: str = ""
    """The one national sender; empty where files name a municipality."""
    header: HeaderPlaces = field(default_factory=HeaderPlaces)
    control: tuple[ControlTotal, ...] = ()
    window: int | None = None
    """The months that end with a file's period, of which it tells all; 0: those of the period's year so far.

    None: where rows tell the days of a part, a file tells all from its first through its last.
    """
    held: float = 0.02
    """The largest share of rows that may be held back; above it the delivery is refused."""
    assumed: str = ""
    """Why the form of the files is our choice, where no source is known for it; empty: it is known."""

    def window_of(self, last: date) -> tuple[date, date] | None:
        """The days that a file tells of, by the last one of its period; None where no window is given."""
        if self.window is None:
            return None
        months = last.year * 12 + last.month - (self.window or last.month)
        return date(months // 12, months % 12 + 1, 1), last

    @property
    def interface(self) -> str:
        """The interface that the contract describes: its id and the first number of its version."""
        return f"{self.id}/{self.version.partition('.')[0]}"

    def columns_of(self, table: Table) -> Mapping[str, str]:
        """The columns that the rules of a table may name, by SQL type: fields, parts, the period in the file's name."""
        told = (name for name in PLACEHOLDERS if name in PERIODS and f"{{{name}}}" in self.recognition.name)
        given = {name: "DATE" if name in PERIODS else "VARCHAR" for name in (*self.part, *told)}
        return given | {field.name: field.sql_type for field in table.fields}

    @property
    def kept(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the fields kept, by table; both as the source calls them."""
        return MappingProxyType({table.source: tuple(f.source for f in table.fields) for table in self.tables})

    @property
    def by_resource(self) -> bool:
        """Whether a record is a version of a resource, known since its own time: its key is what it replaces."""
        return any(t.keys and set(t.keys) == set(self.part) and t.field(self.known) for t in self.tables)

    @property
    def replaces_periods(self) -> bool:
        """Whether a file replaces what was told of its period; else each file is the register as it is."""
        return bool(PERIODS & set(self.part))

    def table(self, source: str) -> Table:
        """The table that the source calls so; raises NotFoundError where nothing of it is kept."""
        for table in self.tables:
            if table.source == source:
                return table
        raise NotFoundError(f"The contract {self.id} keeps nothing of {source}.")
