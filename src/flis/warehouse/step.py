"""Steps: one `.sql` file each in an area's folder `steps`, a SELECT with typed inputs and one typed output.

The head of a file is a comment. It says in a sentence or two what the step is, then what goes in and what comes out,
and what kind of step it is::

    -- Home help: hours and citizens by service and age.
    -- in visitation: kommune VARCHAR, maaned DATE, person BLOB,
    --    ydelse VARCHAR, timer DOUBLE
    -- in other.person: person BLOB, birth DATE
    -- out hours: maaned DATE, kommune VARCHAR, ydelse VARCHAR, timer DOUBLE
    -- kind fact
    -- place kommune, maaned by year
    -- store municipal, national
    SELECT …

========================= ==========================================================================================
`in TABLE`                what the delivery tells (a contract's table), another step's output, or a table of `given`
`in AREA.TABLE`           the kept table of another area; the SELECT calls it `AREA.TABLE` or, where the area is made
                          from that area's deliveries, `TABLE`. A figure with known time is read so, too, with
                          `known_from` and `known_to`
`out NAME`                the output, called as the file
`kind told`               made of each delivery, and forgotten
`kind kept`               made of each delivery, and kept with two clocks; `kept newest` keeps what is known now alone
`kind touched`            which places a delivery changes, where the parts that it replaces do not say it
`kind revised KEYS`       a figure with known time: one row for each value of the keys holds at a time
`kind fact`               made for a release, for the places that changed
`kind rule`               after loading: each row is a finding, with its message `da` and `en`, its `kommune` if any.
                          What earlier deliveries told of the same places it reads as `<table>_known`, and what those
                          of the earliest period told as `<table>_first`; with a status (`kind rule faulty-delivery`)
                          its findings show in the operations overview, too
`kind check`              for a release: each row is a problem that stops it; the sentence of the head says what has to
                          hold
`kind volume`             after loading: what, municipality, count before and after
`place COLUMNS by PERIOD` in which partition a row of a fact lies; the last column is a day, cut by month or by year
`store NAMES`             where a fact goes: municipal, national, public; without the line to no store, and it is made
                          where it is asked for. `municipal by COLUMN` says which municipality a row belongs to, where
                          that is not `kommune`; `public as NAME` how the public store calls the table
========================= ==========================================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from flis.catalog.area_paths import folder_of, is_own, remembered, step_place, steps_of
from flis.errors import CatalogError, suggest
from flis.validation.model import Status
from flis.warehouse.reach import reads_of_select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "STORES",
    "Columns",
    "Place",
    "Step",
    "StepKind",
    "all_of_kind",
    "area_steps",
    "columns_read",
    "parse",
    "step_named",
]

Columns = dict[str, str]
"""The columns of a table: name -> SQL type, in order."""
STORES = ("municipal", "national", "public")
CUTS = ("month", "year")
OWNER = "kommune"

_TABLE = re.compile(r"^-- (in|out) (\w+(?:\.\w+)?): (.+)$")
_CONTINUED = re.compile(r"^--    (.+)$")
_SAID = re.compile(r"^-- (kind|place|store) (.+)$")
_STORE = re.compile(r"^(\w+)(?: by (\w+))?(?: as (\w+))?$")
_COLUMN = re.compile(r"^(\w+) (\w+(?:\(\d+, ?\d+\))?)$")
_PLACE = re.compile(r"^(\w+(?:, \w+)*)(?: by (\w+))?$")
_BETWEEN_COLUMNS = re.compile(r", (?=\w+ [A-Z])")


class StepKind(StrEnum):
    """When a step runs, and what becomes of its output."""

    TOLD = "told"
    KEPT = "kept"
    TOUCHED = "touched"
    REVISED = "revised"
    FACT = "fact"
    RULE = "rule"
    CHECK = "check"
    VOLUME = "volume"

    @property
    def of_a_delivery(self) -> bool:
        """Whether the step runs over what a delivery tells, and not over what is kept."""
        return self in {StepKind.TOLD, StepKind.KEPT, StepKind.TOUCHED, StepKind.RULE}

    @property
    def loads(self) -> bool:
        """Whether what the warehouse keeps depends on the step."""
        return self not in {StepKind.FACT, StepKind.CHECK}


@dataclass(frozen=True, slots=True)
class Place:
    """In which partition a row lies: by the values of `columns`, the last of which is a day and is cut by `cut`."""

    columns: tuple[str, ...]
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One `.sql` file: its inputs and its output with their types, its kind, and the SELECT."""

    area: str
    name: str
    inputs: Mapping[str, Columns]
    output: Columns
    select: str
    kind: StepKind
    keys: tuple[str, ...] = ()
    newest: bool = False
    place: Place | None = None
    stores: tuple[str, ...] = ()
    owner: str = ""
    """The column of a fact that says which municipality a row belongs to; empty: none does."""
    public: str = ""
    """How the public store calls a fact; empty: by its own name."""
    status: str = ""
    """What the findings of a rule say in the operations overview; empty: they stand in the report alone."""
    text: str = ""
    """What the head says before its inputs and output."""
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each input, of `out`, `kind`, `place`, `store`, and of the SELECT, for errors."""

    def error(self, message: str, at: str = "", hint: str = "") -> CatalogError:
        """An error about the line that says `at` (an input's name, kind, place, store)."""
        return CatalogError(message, file=self.file, line=self.lines.get(at, 1), hint=hint)

    def check_reach(self) -> None:
        """Check that the SELECT reads nothing but the tables that the head declares.

        Raises:
            CatalogError: it reads something else, or is no single SELECT; names file and line.
        """
        columns = frozenset(name for columns in self.inputs.values() for name in columns)
        if found := reads_of_select(self.select, frozenset(self.inputs), columns):
            told, line, hint = found
            raise CatalogError(told, file=self.file, line=self.lines.get("select", 1) + line - 1, hint=hint)


@remembered
def step_named(area: str, name: str) -> Step:
    """The step `<name>.sql` of an area.

    Raises:
        CatalogError: no such file, its head is not as it should be, or it reads what the head does not declare; names
            file and line.
    """
    found = steps_of(folder_of(area))
    if name not in found:
        raise CatalogError(f"There is no step {name} in the area {area}.", hint=suggest(name, found))
    step = parse(area, name, found[name].read_text("utf-8"), step_place(area, found[name]))
    if not is_own(area):  # tests look at those of the package
        step.check_reach()
    return step


def area_steps(area: str) -> list[Step]:
    """All steps of an area, by name."""
    return [step_named(area, name) for name in steps_of(folder_of(area))]


def all_of_kind(steps: Iterable[Step], *kinds: StepKind) -> list[Step]:
    """The steps of these kinds, in the order given."""
    return [step for step in steps if step.kind in kinds]


def columns_read(steps: Sequence[Step], table: str) -> Columns:
    """The columns of `table` that any of the `steps` reads, whichever area's it is called."""
    wanted: Columns = {}
    for step in steps:
        for name, columns in step.inputs.items():
            if name.rpartition(".")[2] == table:
                wanted |= columns
    return wanted


def parse(area: str, name: str, text: str, place: str = "") -> Step:
    """The step in a file's text; errors call the file `place`.

    Raises:
        CatalogError: its head is not as it should be; names file and line.
    """
    head, body = _split(text.splitlines())
    reading = _Head(place or f"areas/{area}/steps/{name}.sql")
    for number, line in head:
        reading.take(number, line)
    reading.lines["select"] = len(head) + 1
    return reading.step(area, name, "\n".join(body))


class _Head:
    """What the lines of a head have said so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.tables: list[tuple[str, str, Columns]] = []
        self.said: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self.text: list[str] = []
        self.open = False

    def take(self, number: int, line: str) -> None:
        if found := _TABLE.match(line):
            self._note(number, found[2] if found[1] == "in" else "out")
            self.tables.append((found[1], found[2], self._columns(number, found[3])))
            self.open = True
        elif self.open and (more := _CONTINUED.match(line)):
            self.tables[-1][2].update(self._columns(number, more[1]))
        elif self.tables and (found := _SAID.match(line)):
            self._note(number, found[1])
            self.said[found[1]] = found[2].strip()
            self.open = False
        elif self.tables:
            raise self._error(
                "This line of the head is not understood.", number, "The text stands before `in` and `out`."
            )
        else:
            self.text.append(line.removeprefix("--").strip())

    def step(self, area: str, name: str, select: str) -> Step:
        outputs = [(table, columns) for way, table, columns in self.tables if way == "out"]
        if len(outputs) != 1 or outputs[0][0] != name:
            raise self._error("The head has to name one output, called as the file.", self.lines.get("out", 1))
        if not select.strip():
            raise self._error("There is no SELECT.", 1)
        output = outputs[0][1]
        kind, argument = self._kind()
        keys = self._named(argument, output, "kind") if kind is StepKind.REVISED else ()
        self._message(kind, output)
        return Step(
            area,
            name,
            {table: columns for way, table, columns in self.tables if way == "in"},
            output,
            select,
            kind,
            keys,
            kind is StepKind.KEPT and argument == "newest",
            self._place(kind, output),
            self._stores(kind),
            self._owner(output),
            self._public(),
            argument if kind is StepKind.RULE else "",
            " ".join(self.text),
            self.file,
            self.lines,
        )

    def _kind(self) -> tuple[StepKind, str]:
        if "kind" not in self.said:
            raise self._error("The head does not say the kind.", 1, f"`-- kind` and one of: {', '.join(StepKind)}.")
        word, _, argument = self.said["kind"].partition(" ")
        if word not in list(StepKind):
            hint = suggest(word, list(StepKind)) or f"One of: {', '.join(StepKind)}."
            raise self._error(f"There is no kind {word}.", self.lines["kind"], hint)
        kind = StepKind(word)
        if kind is StepKind.RULE and argument and argument not in list(Status):
            hint = suggest(argument, list(Status)) or f"One of: {', '.join(Status)}."
            raise self._error(f"There is no status {argument}.", self.lines["kind"], hint)
        allowed = argument == "" or kind in (StepKind.REVISED, StepKind.RULE)
        allowed = allowed or (kind is StepKind.KEPT and argument == "newest")
        if not allowed or (kind is StepKind.REVISED and not argument):
            raise self._error(
                "A kind is one word; `revised` names its keys, `kept` may say `newest`, `rule` a status.",
                self.lines["kind"],
            )
        return kind, argument

    def _message(self, kind: StepKind, output: Columns) -> None:
        """A rule says in each row what is wrong."""
        if kind is StepKind.RULE and not {"da", "en"} <= output.keys():
            raise self._error("The rows of a rule have their message in the columns da and en.", self.lines["kind"])

    def _place(self, kind: StepKind, output: Columns) -> Place | None:
        if "place" not in self.said:
            return None
        if kind is not StepKind.FACT:
            hint = "By what deliveries are replaced says `part` of the contract."
            raise self._error("Facts alone lie in places.", self.lines["place"], hint)
        found = _PLACE.match(self.said["place"])
        if not found or (found[2] or "month") not in CUTS:
            raise self._error("A place is `COLUMN, … by month` or `by year`.", self.lines["place"])
        columns = self._named(found[1], output, "place")
        if found[2] and output[columns[-1]] != "DATE":
            raise self._error(f"{columns[-1]} is cut by {found[2]} and is no DATE.", self.lines["place"])
        return Place(columns, found[2] or "")

    def _stores(self, kind: StepKind) -> tuple[str, ...]:
        names = tuple(name for name, _, _ in self._said_stores())
        for name in names:
            if name not in STORES:
                raise self._error(f"There is no store {name}.", self.lines["store"], suggest(name, STORES))
        if names and kind is not StepKind.FACT:
            raise self._error("Facts alone go to stores.", self.lines["store"])
        return names

    def _owner(self, output: Columns) -> str:
        """The column that says whose a row is: the one that the municipal store goes by, or `kommune`."""
        for store, column, _ in self._said_stores():
            if column and store != STORES[0]:
                raise self._error("Only the municipal store goes by a column.", self.lines["store"])
            if column:
                return self._named(column, output, "store")[0]
        return OWNER if OWNER in output else ""

    def _public(self) -> str:
        """How the public store calls the output."""
        for store, _, name in self._said_stores():
            if name and store != STORES[-1]:
                raise self._error("Only the public store calls a table by another name.", self.lines["store"])
            if name:
                return name
        return ""

    def _said_stores(self) -> list[tuple[str, str, str]]:
        """The stores named, with the column that one goes by and the name that one has for the table."""
        listed = self.said["store"].split(", ") if "store" in self.said else []
        return [(m[1], m[2] or "", m[3] or "") if (m := _STORE.match(name)) else (name, "", "") for name in listed]

    def _named(self, text: str, output: Columns, at: str) -> tuple[str, ...]:
        names = tuple(text.split(", "))
        for name in names:
            if name not in output:
                raise self._error(f"The output has no column {name}.", self.lines[at], suggest(name, output))
        return names

    def _columns(self, line: int, text: str) -> Columns:
        found: Columns = {}
        for part in _BETWEEN_COLUMNS.split(text.strip().rstrip(",")):
            column = _COLUMN.match(part)
            if column is None:
                raise self._error("A column is declared as `name TYPE`.", line)
            found[column[1]] = column[2]
        return found

    def _note(self, line: int, what: str) -> None:
        if what in self.lines:
            raise self._error(f"The head says `{what}` twice.", line)
        self.lines[what] = line

    def _error(self, message: str, line: int, hint: str = "") -> CatalogError:
        return CatalogError(message, file=self.file, line=line, hint=hint)


def _split(lines: list[str]) -> tuple[list[tuple[int, str]], list[str]]:
    first = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return list(enumerate(lines[:first], 1)), lines[first:]
