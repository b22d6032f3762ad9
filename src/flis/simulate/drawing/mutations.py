"""What can go wrong with any file that a contract describes: by the contract alone, so that every area has it.

A mutation makes other files of the same rows: it writes them in another dialect, with other columns or other rows, or
spoils the bytes. None of them is told to the reader.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import Classification, FieldType, FileFormat
from flis.catalog.contract import Field as ContractField
from flis.simulate.writers import write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flis.catalog.contract import Contract, Field, Table

__all__ = ["MUTATIONS", "DrawnDelivery", "Mutation"]

FEW = 10
HUGE = 1_000_000
INJECTION = '=HYPERLINK("http://flis.example/")'
TREES = (FileFormat.XML, FileFormat.JSON, FileFormat.NDJSON)
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class DrawnDelivery:
    """The rows of a delivery, what its name tells, and the rows that it can be mistaken for."""

    contract: Contract
    tables: Mapping[str, Any]
    told: Mapping[str, str]
    of_another: Callable[[], Mapping[str, Any]]
    """Those of another sender in the same month."""
    of_last_month: Callable[[], Mapping[str, Any]]

    def files(self) -> Files:
        """The right files: their names and bytes."""
        return write(self.contract, self.tables, **self.told)

    def table(self, change: Callable[[Table, Any], Any]) -> Files:
        """The files with other rows in the first table."""
        first = self.contract.tables[0]
        return replace(self, tables={**self.tables, first.name: change(first, self.tables[first.name])}).files()

    def dialect(self, **other: Any) -> Files:
        """The files in a dialect that is another one."""
        return replace(self, contract=replace(self.contract, dialect=replace(self.contract.dialect, **other))).files()

    def fields(self, fields: tuple[Field, ...], rows: Any = None) -> Files:
        """The files with other fields in the first table."""
        first, *others = self.contract.tables
        contract = replace(self.contract, tables=(replace(first, fields=fields), *others))
        tables = self.tables if rows is None else {**self.tables, first.name: rows}
        return replace(self, contract=contract, tables=tables).files()

    def bytes(self, change: Callable[[bytes], bytes]) -> Files:
        """The files, the first one spoiled; what is packed is packed again."""
        (name, content), *others = self.files().items()
        packed = self.contract.dialect.gzip
        changed = change(gzip.decompress(content) if packed else content)
        return {name: gzip.compress(changed, mtime=0) if packed else changed, **dict(others)}


@dataclass(frozen=True, slots=True)
class Mutation:
    """What goes wrong, how, and with which interfaces it can."""

    text: str
    make: Callable[[DrawnDelivery], Files]
    can: Callable[[Contract], bool] = lambda _: True


def _truncated(made: DrawnDelivery) -> Files:
    (name, content), *others = made.files().items()
    return {name: content[: len(content) * 6 // 10], **dict(others)}


def _end_off(made: DrawnDelivery) -> Files:
    """The files of all rows, with the end of those of all rows but the last."""
    last = made.contract.tables[-1]
    fewer = {**made.tables, last.name: made.tables[last.name].slice(0, max(made.tables[last.name].num_rows - 1, 0))}
    right, wrong = made.files(), replace(made, tables=fewer).files()
    if made.contract.dialect.companion:
        (name, content), *_ = right.items()
        return {name: content, **dict(list(wrong.items())[1:])}
    (lying,) = wrong.values()
    newline = "\n".encode(made.contract.dialect.encoding)
    end = lying[lying.rindex(newline, 0, -len(newline)) :]
    return made.bytes(lambda content: content[: content.rindex(newline, 0, -len(newline))] + end)


def _encoding(made: DrawnDelivery) -> Files:
    dialect = made.contract.dialect
    if dialect.encoding == "utf-8":
        return made.bytes(lambda content: content.decode("utf-8-sig").encode("iso-8859-1", "replace"))
    return made.bytes(lambda content: content.decode(dialect.encoding).encode("utf-8-sig"))


def _separator(made: DrawnDelivery) -> Files:
    return made.dialect(delimiter="|" if made.contract.dialect.delimiter != "|" else "\t")


def _decimal(made: DrawnDelivery) -> Files:
    return made.dialect(decimal="," if made.contract.dialect.decimal == "." else ".", thousands="")


def _thousands(made: DrawnDelivery) -> Files:
    dialect = made.contract.dialect
    if dialect.thousands:
        return made.dialect(decimal=dialect.thousands, thousands=dialect.decimal)
    return made.dialect(thousands="." if dialect.decimal == "," else ",")


def _dates(made: DrawnDelivery) -> Files:
    return made.dialect(dates="%m/%d/%Y")


def _renamed(made: DrawnDelivery) -> Files:
    chosen, fields = _chosen(made.contract), made.contract.tables[0].fields
    other = f"{chosen.source}_NY"
    changed = replace(chosen, source=other, renamed=(), path=other if chosen.path else "")
    return made.fields(tuple(changed if f is chosen else f for f in fields))


def _dropped(made: DrawnDelivery) -> Files:
    chosen = _chosen(made.contract)
    return made.fields(tuple(f for f in made.contract.tables[0].fields if f is not chosen))


def _added(made: DrawnDelivery) -> Files:
    first = made.contract.tables[0]
    more = ContractField(
        "ny", "NY_KOLONNE", FieldType.STRING, Classification.PUBLIC, _chosen(made.contract).description
    )
    rows = made.tables[first.name]
    return made.fields((*first.fields, more), rows.append_column("ny", pa.array(["x"] * rows.num_rows, pa.string())))


def _moved(made: DrawnDelivery) -> Files:
    first, *others = made.contract.tables[0].fields
    return made.fields((*others, first))


def _zeros_lost(made: DrawnDelivery) -> Files:
    def change(table: Table, rows: Any) -> Any:
        for f in _texts(table):
            rows = _with(rows, f.name, pc.replace_substring_regex(rows[f.name], r"^0+(\d)", r"\1"))
        return rows

    return made.table(change)


def _of_another(made: DrawnDelivery) -> Files:
    return replace(made, tables=made.of_another()).files()


def _of_last_month(made: DrawnDelivery) -> Files:
    return replace(made, tables=made.of_last_month()).files()


def _doubled(made: DrawnDelivery) -> Files:
    return made.table(lambda _, rows: pa.concat_tables([rows, rows.slice(0, FEW)]))


def _unknown(made: DrawnDelivery) -> Files:
    def change(table: Table, rows: Any) -> Any:
        chosen = _coded(table)
        begin = rows[chosen.name].slice(0, FEW)
        unknown = pc.replace_substring_regex(begin, r"\w", "Z")
        return _with(rows, chosen.name, pa.chunked_array([*unknown.chunks, *rows[chosen.name].slice(FEW).chunks]))

    return made.table(change)


def _first_text(text: str) -> Callable[[DrawnDelivery], Files]:
    def change(table: Table, rows: Any) -> Any:
        chosen = _texts(table)[-1]
        column = rows[chosen.name]
        begin = [text] * min(1, rows.num_rows)
        return _with(rows, chosen.name, pa.chunked_array([pa.array(begin, pa.string()), *column.slice(1).chunks]))

    return lambda made: made.table(change)


def _with(rows: Any, name: str, column: Any) -> Any:
    return rows.set_column(rows.column_names.index(name), name, column)


def _texts(table: Table) -> list[Field]:
    own = [f for f in table.fields if f.type is FieldType.STRING and not f.is_inherited]
    return [f for f in own if f.classification is not Classification.PSEUDONYM]


def _coded(table: Table) -> Field:
    """A field whose values a code list has, else one of the key, else the last text."""
    texts = _texts(table)
    return next((f for f in texts if f.codes), None) or next((f for f in reversed(texts) if f.key), texts[-1])


def _chosen(contract: Contract) -> Field:
    """A field that can be another without changing what the end of the file adds up."""
    summed = {name.rpartition(".")[2] for name in (*contract.dialect.sums, *(c.sum for c in contract.control))}
    return next(f for f in reversed(contract.tables[0].fields) if f.name not in summed and not f.is_inherited)


def _has_dates(contract: Contract) -> bool:
    return any(f.type is FieldType.DATE and not f.dates for t in contract.tables for f in t.fields)


def _is(*formats: FileFormat) -> Callable[[Contract], bool]:
    return lambda contract: contract.format in formats


def _tells_end(contract: Contract) -> bool:
    return bool(contract.dialect.end or contract.dialect.companion) and contract.format not in TREES


def _has_numbers(contract: Contract) -> bool:
    numbers = [f for t in contract.tables for f in t.fields if f.type is FieldType.NUMBER and not f.scale]
    return bool(numbers) and contract.format in (FileFormat.CSV, FileFormat.FIXED)


def _has_texts(contract: Contract) -> bool:
    return bool(_texts(contract.tables[0]))


def _has_room(contract: Contract) -> bool:
    return _has_texts(contract) and contract.format is not FileFormat.FIXED


MUTATIONS: Mapping[str, Mutation] = {
    "truncated": Mutation("the file ends after 60 % of its bytes", _truncated),
    "end-off": Mutation("the end line, end record or companion tells of one row fewer", _end_off, _tells_end),
    "encoding": Mutation("letters are written in another encoding", _encoding),
    "separator": Mutation("another sign stands between values", _separator, _is(FileFormat.CSV)),
    "decimal": Mutation("numbers have another decimal sign, and no sign between thousands", _decimal, _has_numbers),
    "thousands": Mutation(
        "numbers have a sign between thousands, or the two signs are exchanged", _thousands, _has_numbers
    ),
    "dates": Mutation("dates are written as MM/DD/YYYY", _dates, _has_dates),
    "column-renamed": Mutation("a column has another name", _renamed, _is(FileFormat.CSV, *TREES)),
    "column-dropped": Mutation("a column is missing", _dropped, _is(FileFormat.CSV, *TREES)),
    "column-added": Mutation("there is a column more", _added, _is(FileFormat.CSV, *TREES)),
    "column-moved": Mutation("the first column stands last", _moved, _is(FileFormat.CSV)),
    "zeros-lost": Mutation("texts have lost the zeros that they begin with", _zeros_lost, _has_texts),
    "other-sender": Mutation("the rows are those of another sender", _of_another),
    "last-month": Mutation("the rows are those of the month before", _of_last_month),
    "rows-doubled": Mutation("the first ten rows come twice", _doubled),
    "unknown-codes": Mutation("the first ten rows have a code or key of the letter Z", _unknown, _has_texts),
    "huge-field": Mutation("a text has a million letters", _first_text("x" * HUGE), _has_room),
    "injection": Mutation("a text is a formula for spreadsheets", _first_text(INJECTION), _has_room),
}
"""By name."""
