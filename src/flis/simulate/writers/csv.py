"""Separated values: a line of names, rows with quotes where they are needed, an end line or a companion file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from flis.delivery.readers.control import totals_of
from flis.simulate.writers.column_texts import sums_of, texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flis.catalog.contract import Contract, Dialect

__all__ = ["companion", "lines"]


def lines(contract: Contract, tables: Mapping[str, Any], _: Mapping[str, str], day: date | None) -> bytes:
    """The bytes of a file with the rows of the contract's one table; names of columns are those of the period `day`."""
    dialect, table = contract.dialect, contract.tables[0]
    rows = tables[table.name]
    columns = [_quoted(texts(f, rows[f.name], dialect), dialect) for f in table.fields]
    if len(columns) == 1:  # a line without anything is no row
        columns = [pc.if_else(pc.equal(columns[0], ""), dialect.quote * 2, columns[0])]
    found = pc.binary_join_element_wise(*columns, dialect.delimiter).to_pylist()
    if dialect.header:
        found.insert(0, dialect.delimiter.join(f.source_on(day) for f in table.fields))
    if dialect.end:
        counted = sums_of(contract, totals_of(contract), tables, rows.num_rows)
        found.append(dialect.delimiter.join([dialect.end, *counted]))
    ending = "\n" if dialect.encoding == "utf-8" else "\r\n"
    encoded = "".join(line + ending for line in found).encode(dialect.encoding)
    return b"\xef\xbb\xbf" + encoded if dialect.bom else encoded


def companion(contract: Contract, tables: Mapping[str, Any], name: str) -> bytes:
    """The bytes of the file that comes along: the file's name, its rows and its sums."""
    dialect, rows = contract.dialect, tables[contract.tables[0].name]
    told = [name, *sums_of(contract, totals_of(contract), tables, rows.num_rows)]
    return (dialect.delimiter.join(told) + "\n").encode(dialect.encoding)


def _quoted(column: Any, dialect: Dialect) -> Any:
    """A column with quotes around the values that would end a cell or a line, or that begin with one."""
    quote = dialect.quote
    doubled = pc.replace_substring(column, quote, quote * 2)
    needed = pc.match_substring_regex(column, rf"[\x{ord(dialect.delimiter):02x}\x{ord(quote):02x}\r\n]")
    return pc.if_else(needed, pc.binary_join_element_wise(quote, doubled, quote, ""), column)
