"""Typed columns become columns of text in a contract's dialect: dates, numbers with their signs, flags."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flis.catalog.contract import Contract, ControlTotal, Dialect, Field

__all__ = ["header_of", "number", "sums_of", "texts", "total"]


def texts(field: Field, column: Any, dialect: Dialect) -> Any:
    """A field's column as text; what is NULL becomes the empty text."""
    arrow = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pc.fill_null(_WRITTEN[field.type](field, arrow, dialect), "")


def number(field: Field, value: Decimal, dialect: Dialect) -> str:
    """One number as the dialect writes it, such as the sum of a field."""
    kind = pa.decimal128(38, field.decimal[1]) if field.decimal else pa.decimal128(38, _places(value))
    return str(_number(field, pa.array([value], kind), dialect)[0])


def total(column: Any) -> Decimal:
    """The exact sum of a column; of floating numbers, that of their shortest texts."""
    if pa.types.is_floating(column.type):
        return sum((Decimal(repr(value)) for value in column.to_pylist() if value is not None), Decimal(0))
    return Decimal(str(pc.sum(column).as_py() or 0))


def header_of(contract: Contract, told: Mapping[str, str]) -> tuple[str, str, str]:
    """What a file says of itself, by what its name tells: its municipality, its period, its production date."""
    period = next((told[part].replace("-", "") for part in ("maaned", "dato", "aar") if part in told), "")
    produced = told.get("udtraek", "")
    return told.get("kommune", ""), period, produced and f"{date.fromisoformat(produced):{contract.dialect.dates}}"


def sums_of(contract: Contract, totals: Iterable[ControlTotal], tables: Mapping[str, Any], records: int) -> list[str]:
    """What the end of a file tells: of each total the rows of a table, the sum of a field, or else all records."""
    found = []
    for wanted in totals:
        if not wanted.sum:
            found.append(str(tables[wanted.count].num_rows if wanted.count else records))
            continue
        home, _, name = wanted.sum.rpartition(".")
        fields = {t.name: f for t in contract.tables if home in ("", t.name) and (f := t.field(name))}
        whole = sum((total(tables[table][name]) for table in fields), Decimal(0))
        found.append(number(next(iter(fields.values())), whole, contract.dialect))
    return found


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _text(_: Field, column: Any, __: Dialect) -> Any:
    return column.cast(pa.string())


def _number(field: Field, column: Any, dialect: Dialect) -> Any:
    plain = column.cast(pa.string())
    if field.scale:
        return _without_sign(plain, field.scale)
    if dialect.thousands and field.type is FieldType.NUMBER:
        return _grouped(plain, dialect.thousands, dialect.decimal)
    return pc.replace_substring(plain, ".", dialect.decimal)


def _without_sign(plain: Any, places: int) -> Any:
    """Digits alone, the last `places` of which stand behind a sign that is not written."""
    with_sign = pc.if_else(pc.match_substring(plain, "."), plain, pc.binary_join_element_wise(plain, "0", "."))
    filled = pc.binary_join_element_wise(with_sign, "0" * places, "")
    digits = pc.replace_substring_regex(filled, rf"\.(\d{{{places}}})0*$", r"\1")
    return pc.replace_substring_regex(digits, r"^(-?)0+(\d)", r"\1\2")


def _grouped(plain: Any, thousands: str, decimal: str) -> Any:
    """Numbers with a sign between thousands; each different one is written once."""
    encoded = plain.dictionary_encode()
    swap = str.maketrans({",": thousands, ".": decimal})
    written = [f"{Decimal(one):,f}".translate(swap) for one in encoded.dictionary.to_pylist()]
    return pa.array(written, pa.string()).take(encoded.indices)


def _date(field: Field, column: Any, dialect: Dialect) -> Any:
    return pc.strftime(column, field.dates or dialect.dates)


def _moment(_: Field, column: Any, __: Dialect) -> Any:
    return pc.binary_join_element_wise(pc.strftime(column.cast(pa.timestamp("us")), "%Y-%m-%dT%H:%M:%S"), "Z", "")


def _flag(_: Field, column: Any, dialect: Dialect) -> Any:
    return pc.if_else(column, dialect.true[0], dialect.false[0])


_WRITTEN: dict[FieldType, Callable[[Field, Any, Dialect], Any]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: _number,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.TIMESTAMP: _moment,
    FieldType.BOOLEAN: _flag,
}
