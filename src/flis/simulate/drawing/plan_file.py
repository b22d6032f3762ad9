"""`areas/<id>/simulate.yaml`: which tables are made of the society, whose rows go into which files, what can go wrong.

The SQL lies beside it: `simulate/<name>.sql` makes the table `name`. `simulate/*.csv` and `codes/*.csv` of the area are
tables, too (`codes_<name>`). See `tables` for what statements may use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from flis.catalog.area_file import PHRASE, Phrase
from flis.catalog.area_paths import area_folders, folder_of, remembered
from flis.catalog.contracts import of_area
from flis.catalog.forms import COUNT, WORD, Record, listing, named, place_of
from flis.catalog.yaml import read
from flis.errors import NotFoundError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.catalog.contract import Contract
    from flis.catalog.cube import WrittenPlace
    from flis.catalog.yaml import YamlEntry

__all__ = ["DRAWING", "Drawing", "DrawnFault", "DrawnFile", "drawing", "drawn_areas", "months_on"]

FILE = "simulate.yaml"
FOLDER = "simulate"


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """The files of one interface: the statement that gives the rows of each of its tables."""

    interface: str
    rows: Mapping[str, str]
    place: WrittenPlace


@dataclass(frozen=True, slots=True)
class DrawnFault:
    """What goes wrong with one sender, from the month `first` through `last` ('': every month; YYYY-MM).

    A statement `sql` gives what the `table` of a month is for the sender instead, or all goes through another
    `interface`.
    """

    text: Phrase
    sender: str
    place: WrittenPlace
    table: str = ""
    sql: str = ""
    interface: str = ""
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How an area's deliveries are drawn: tables made once, tables made of every month, files, faults.

    `produced` is the day of the next month on which a month's files are made.
    """

    files: tuple[DrawnFile, ...]
    once: tuple[str, ...] = ()
    monthly: tuple[str, ...] = ()
    produced: int = 8
    faults: Mapping[str, DrawnFault] = field(default_factory=dict)
    area: str = ""

    def made_on(self, month: date) -> date:
        """The day on which the files of a month are made."""
        return months_on(month, 1).replace(day=self.produced)

    def newest_month(self, day: date) -> date:
        """The first day of the newest month whose files are made by a day."""
        last = months_on(day, -1)
        return last if self.made_on(last) <= day else months_on(last, -1)

    def contract(self, file: DrawnFile) -> Contract:
        """The contract of the interface that files are of.

        Raises:
            CatalogError: the area has no such interface, or not these tables.
        """
        return _contract(self.area, file.interface, file.place)


def months_on(day: date, months: int) -> date:
    """The first day of the month that lies so many months after that of a day."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def drawn_areas() -> tuple[str, ...]:
    """The areas that say how their deliveries are drawn, by id."""
    return tuple(sorted(name for name, folder in area_folders().items() if (folder / FILE).is_file()))


@remembered
def drawing(area: str) -> Drawing:
    """How the deliveries of an area are drawn.

    Raises:
        NotFoundError: there is no such area, or it does not say so.
        CatalogError: the file is not as it should be; names file and line.
    """
    file = folder_of(area) / FILE
    if not file.is_file():
        raise NotFoundError(f"The data area {area} has no {FILE}.", hint="It says how deliveries are simulated.")
    found = DRAWING.read(read(file, f"areas/{area}/{FILE}"))
    made = Drawing(found.files, found.once, found.monthly, found.produced, found.faults, area)
    for one in made.files:
        contract = made.contract(one)
        for table in contract.tables:
            if table.name not in one.rows:
                told = f"the table {table.name} of {contract.interface} has no rows."
                raise one.place.error("rows", told, "Name a statement for it.")
    for fault in made.faults.values():
        if fault.interface:
            _contract(area, fault.interface, fault.place)
    return made


def _contract(area: str, interface: str, place: WrittenPlace) -> Contract:
    known = {name: contract for contract in of_area(area) for name in (contract.id, contract.interface)}
    if interface not in known:
        raise place.error("interface", f"no contract describes the interface {interface}.", suggest(interface, known))
    return known[interface]


def _file(entry: YamlEntry, **found: object) -> DrawnFile:
    return DrawnFile(**found, place=place_of(entry))  # type: ignore[arg-type]


def _fault(entry: YamlEntry, **found: object) -> DrawnFault:
    made = DrawnFault(**found, place=place_of(entry))  # type: ignore[arg-type]
    if bool(made.table and made.sql) == bool(made.interface):
        raise entry.error(
            "a fault changes a table by SQL, or the interface.", "Give `table` and `sql`, or `interface`."
        )
    return made


def _drawing(_: YamlEntry, **found: object) -> Drawing:
    return Drawing(**found)  # type: ignore[arg-type]


DRAWN_FILE: Record[DrawnFile] = Record(
    "drawn file",
    DrawnFile,
    {
        "interface": (WORD, "The id of the contract."),
        "rows": (named(WORD), "For each table of the contract the statement that gives its rows, with `sender`."),
    },
    _file,
    required=("interface", "rows"),
)
DRAWN_FAULT: Record[DrawnFault] = Record(
    "drawn fault",
    DrawnFault,
    {
        "text": (PHRASE.form, "What goes wrong."),
        "sender": (WORD, "Whose deliveries it strikes."),
        "table": (WORD, "The table of a month that it changes."),
        "sql": (WORD, "The statement that gives the sender's rows of that table instead."),
        "interface": (WORD, "The interface that the sender delivers through instead."),
        "first": (WORD, "The first month (YYYY-MM); left out, the first of all."),
        "last": (WORD, "The last month (YYYY-MM); left out, the last of all."),
    },
    _fault,
    required=("text", "sender"),
)
DRAWING: Record[Drawing] = Record(
    "drawing",
    Drawing,
    {
        "once": (listing(WORD), "Statements that are run once, in this order; each makes the table of its name."),
        "monthly": (listing(WORD), "Statements that are run for every month, in this order."),
        "produced": (COUNT, "The day of the next month on which a month's files are made."),
        "files": (listing(DRAWN_FILE.form), "The interfaces, and the rows of their tables."),
        "faults": (named(DRAWN_FAULT.form), "What can go wrong, by name."),
    },
    _drawing,
    required=("files",),
)
