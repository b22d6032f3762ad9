"""The tables that an area's SQL makes of the simulated society: in memory, out of reach of files, clock and chance.

A statement reads the tables made before it, the CSV files of the area, and `residents` (see `society.residing`), as
many as the scale asks for. It may use `getvariable('month')`, the first day of the month that is made, and
`getvariable('scale')`, how much of a full delivery is wanted (0 to 1). What looks like chance depends on a text and the
seed alone: `chance(text)` lies between 0 and 1, `normal(text)` has the mean 0 and the deviation 1.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from flis.catalog.area_paths import folder_of
from flis.catalog.contract import FieldType
from flis.engine import open_database
from flis.errors import CatalogError
from flis.simulate.drawing.plan_file import FOLDER
from flis.simulate.society.residing import residents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from importlib.resources.abc import Traversable

    from flis.catalog.contract import Field, Table
    from flis.simulate.drawing.plan_file import Drawing, DrawnFault

__all__ = ["DrawnTables"]

LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
TOGETHER = 16
"""So many senders' rows are in memory as Arrow at a time."""
MACROS = (
    """CREATE MACRO chance(text) AS
    md5_number_lower(concat(getvariable('seed'), '|', text)) / 18446744073709551616.0::DOUBLE""",
    """CREATE MACRO normal(text) AS
    sqrt(-2 * ln(1 - chance(concat(text, '|r')))) * cos(2 * pi() * chance(concat(text, '|a')))""",
)
TYPES = {
    FieldType.STRING: "VARCHAR",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMPTZ",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
}


class DrawnTables:
    """The tables of one area: those made once, and those of one month at a time; of other `people`, where given.

    Raises:
        CatalogError: a statement is missing or wrong; names its file, and its line where DuckDB knows it.
    """

    def __init__(self, drawing: Drawing, scale: float, seed: int, people: Any = None) -> None:
        self._drawing = drawing
        self._folder = folder_of(drawing.area)
        # with one thread sums of floating numbers are added up in one order: the same bytes every time
        self._db = open_database(enable_external_access="false", threads=1)
        self._db.execute("SET TimeZone = 'UTC'")
        self._set("seed", str(seed))
        self._set("scale", scale)
        for macro in MACROS:
            self._db.execute(macro)
        self._put("residents", residents(scale) if people is None else people)
        for name, file in self._lists():
            self._put(name, _csv(file))
        for name in drawing.once:
            self._make(name)

    def month(self, month: date, faults: Sequence[DrawnFault] = ()) -> None:
        """Make the tables of a month, which depend on nothing that was made of other months.

        A fault that changes a table strikes as soon as it is made, so that later tables see it.
        """
        self._set("month", month)
        for name in self._drawing.monthly:
            self._make(name)
            for fault in faults:
                if fault.table == name:
                    self._change(fault)

    def columns(self, statement: str) -> list[str]:
        """The columns that a statement gives."""
        names: list[str] = self._run(statement, f"SELECT * FROM ({self._sql(statement)}) LIMIT 0").column_names
        return names

    def rows(self, table: Table, statement: str, senders: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """The rows of a contract's table by sender, in order; the statement tells the `sender` of each."""
        columns = ", ".join(f'CAST("{f.name}" AS {_type(f)}) AS "{f.name}"' for f in table.fields)
        # all columns decide on the order, so that it depends on nothing else
        select = f"SELECT sender, {columns} FROM ({self._sql(statement)}) WHERE sender IN (SELECT unnest($senders)) ORDER BY ALL"  # noqa: E501
        for at in range(0, len(senders), TOGETHER):
            together = list(senders[at : at + TOGETHER])
            found = self._run(statement, select, senders=together)
            codes = found["sender"].combine_chunks().dictionary_encode()
            names = codes.dictionary.to_pylist()
            ends = {name: end for end, name in enumerate(found["sender"].to_pylist(), start=1)} if names else {}
            begin = 0
            for sender in together:
                end = ends.get(sender, begin)
                yield sender, found.slice(begin, end - begin).drop_columns(["sender"])
                begin = end

    def _change(self, fault: DrawnFault) -> None:
        self._set("sender", fault.sender)
        self._set("first", fault.first)
        self._run(fault.sql, f"CREATE OR REPLACE TEMP TABLE struck AS {self._sql(fault.sql)}")
        self._db.execute(f'DELETE FROM "{fault.table}" WHERE sender = $sender', {"sender": fault.sender})
        self._run(fault.sql, f'INSERT INTO "{fault.table}" BY NAME FROM struck')

    def _make(self, name: str) -> None:
        self._run(name, f'CREATE OR REPLACE TEMP TABLE "{name}" AS {self._sql(name)}')

    def _run(self, name: str, sql: str, **values: object) -> Any:
        """The rows of a statement as Arrow; nothing of one that makes a table."""
        try:
            found = self._db.sql(sql, params=values or None)
            return None if found is None else found.to_arrow_table()
        except duckdb.Error as problem:
            told = str(problem).splitlines()[0].rstrip(".!")
            found_at = LINE.search(str(problem))
            line = int(found_at[1]) if found_at else 0
            raise CatalogError(f"DuckDB refuses it: {told}.", file=self._place(name), line=line) from None

    def _sql(self, name: str) -> str:
        try:
            return (self._folder / FOLDER / f"{name}.sql").read_text("utf-8").rstrip().rstrip(";") + "\n"
        except OSError:
            raise CatalogError("the file cannot be read.", file=self._place(name)) from None

    def _place(self, name: str) -> str:
        return f"areas/{self._drawing.area}/{FOLDER}/{name}.sql"

    def _set(self, name: str, value: object) -> None:
        self._db.execute(f"SET VARIABLE {name} = $value", {"value": value})

    def _put(self, name: str, table: Any) -> None:
        self._db.register("given", table)
        self._db.execute(f'CREATE TABLE "{name}" AS FROM given')
        self._db.unregister("given")

    def _lists(self) -> Iterator[tuple[str, Traversable]]:
        for folder, begin in (("codes", "codes_"), (FOLDER, "")):
            here = self._folder / folder
            files = here.iterdir() if here.is_dir() else ()
            for file in sorted(files, key=lambda f: f.name):
                if file.name.endswith(".csv"):
                    yield begin + file.name.removesuffix(".csv"), file


def _csv(file: Traversable) -> Any:
    """The rows of a CSV file, all of them texts."""
    names, *rows = csv.reader(io.StringIO(file.read_text("utf-8")))
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def _type(field: Field) -> str:
    return f"DECIMAL({field.decimal[0]}, {field.decimal[1]})" if field.decimal else TYPES[field.type]
