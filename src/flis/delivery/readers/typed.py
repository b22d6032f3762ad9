"""Columns of text become typed columns by a contract: numbers, dates, flags, and person numbers as keyed hashes.

Work is done for whole columns; dates and flags are read once for each text that a column has. What cannot be read is
left empty and noticed by the row's number.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import Classification, Field, FieldType, Table
from flis.delivery.readers.cpr.hashes import HASH, NO_PERSON, PersonHashes
from flis.delivery.readers.notices import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flis.catalog.contract import Dialect
    from flis.delivery.readers.notices import Notices

__all__ = ["ORDINAL", "arrow_type", "schema", "typed"]

ORDINAL = "ordinal"
"""The column with a row's number in its file, from 1."""
WEIGHTS = np.array([4, 3, 2, 7, 6, 5, 4, 3, 2, 1])


def arrow_type(field: Field) -> Any:
    """The Arrow type of a field's column."""
    if field.classification is Classification.PSEUDONYM:
        return HASH
    if field.type is FieldType.NUMBER:
        return pa.decimal128(*field.decimal) if field.decimal else pa.float64()
    return {
        FieldType.STRING: pa.string(),
        FieldType.DATE: pa.date32(),
        FieldType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
        FieldType.INTEGER: pa.int64(),
        FieldType.BOOLEAN: pa.bool_(),
    }[field.type]


def schema(table: Table, given: Mapping[str, Any]) -> Any:
    """The Arrow schema of a table's batches: the fields, what the file's name gives, and the row's number."""
    columns = [pa.field(f.name, arrow_type(f)) for f in table.fields]
    columns += [
        pa.field(name, pa.date32() if isinstance(value, date) else pa.string()) for name, value in given.items()
    ]
    return pa.schema([*columns, pa.field(ORDINAL, pa.int64(), nullable=False)])


def typed(
    table: Table,
    texts: Mapping[str, Any],
    ordinals: Any,
    given: Mapping[str, Any],
    *,
    dialect: Dialect,
    notices: Notices,
    person_key: bytes,
) -> Any:
    """The rows of a table as a typed batch; `texts` are columns of text by field, `given` values of every row."""
    hashes, later, columns, numbers = PersonHashes(person_key), {}, {}, np.asarray(ordinals)

    def note(kind: NoticeKind, wrong: Any) -> None:
        notices.of_rows(table.name, kind, field.source, numbers[wrong])

    for field in table.fields:
        text = pc.utf8_trim_whitespace(texts[field.name].cast(pa.string()))
        text = pc.if_else(pc.equal(text, ""), None, text)
        if field.classification is Classification.PSEUDONYM:
            persons, valid, checked = _numbers(text)
            later[field.name] = hashes.add(persons)
            note(NoticeKind.CHECK_DIGIT, ~checked)
            note(NoticeKind.PERSON_NUMBER, ~valid)
        else:
            columns[field.name], valid = _READ[field.type](field, text, dialect)
            note(NoticeKind.TYPE, ~valid)
        if field.required:
            note(NoticeKind.REQUIRED, pc.is_null(text).to_numpy(zero_copy_only=False))
    hashes.resolve()
    columns |= {name: column() for name, column in later.items()}
    expected = schema(table, given)
    count = len(ordinals)
    arrays = [columns[f.name] for f in table.fields]
    arrays += [pa.array([value] * count, expected.field(name).type) for name, value in given.items()]
    return pa.RecordBatch.from_arrays([*arrays, pa.array(ordinals, pa.int64())], schema=expected)


def _numbers(text: Any) -> tuple[Any, Any, Any]:
    """Person numbers as integers; which of them are ten digits or empty; which have the right check digit or none."""
    bare = pc.replace_substring_regex(text, r"^(\d{6})-(\d{4})$", r"\1\2")
    empty = pc.is_null(text).to_numpy(zero_copy_only=False)
    is_number = pc.fill_null(pc.match_substring_regex(bare, r"^\d{10}$"), False)
    valid = is_number.to_numpy(zero_copy_only=False)
    found = pc.if_else(is_number, bare, None)
    numbers = pc.fill_null(found.cast(pa.int64()), NO_PERSON).to_numpy(zero_copy_only=False)
    digits = numbers[:, None] // 10 ** np.arange(9, -1, -1) % 10
    zeros = numbers == 0
    checked = (digits @ WEIGHTS % 11 == 0) | ~valid
    return np.where(zeros, NO_PERSON, numbers), (valid & ~zeros) | empty, checked


def _text(_: Field, text: Any, __: Dialect) -> tuple[Any, Any]:
    return text, np.ones(len(text), np.bool_)


def _number(field: Field, text: Any, dialect: Dialect) -> tuple[Any, Any]:
    """A number with the dialect's signs; a minus may trail, and thousands signs must stand where they belong."""
    sign, behind = re.escape(dialect.decimal), field.decimal[1] if field.decimal else None
    before = field.decimal[0] - (behind or 0) if field.decimal else None
    plain = pc.replace_substring_regex(text, r"^(.*)-$", r"-\1")
    if dialect.thousands:
        point = re.escape(dialect.thousands)
        grouped = pc.match_substring_regex(plain, rf"^[+-]?\d{{1,3}}({point}\d{{3}})+({sign}\d+)?$")
        plain = pc.if_else(grouped, pc.replace_substring(plain, dialect.thousands, ""), plain)
    if field.scale:
        padded = pc.replace_substring_regex(plain, r"^([+-]?)(\d+)$", r"\1" + "0" * field.scale + r"\2")
        plain = pc.replace_substring_regex(padded, rf"^([+-]?\d+)(\d{{{field.scale}}})$", rf"\1{dialect.decimal}\2")
    if field.type is FieldType.INTEGER:
        pattern = r"^[+-]?\d{1,18}$"
    else:
        pattern = rf"^[+-]?0*\d{{{0 if before == 0 else 1},{before or 300}}}({sign}\d{{1,{behind or 300}}}0*)?$"
        if behind == 0:
            pattern = rf"^[+-]?0*\d{{1,{before}}}$"
    fits = pc.fill_null(pc.match_substring_regex(plain, pattern), False)
    point = pc.replace_substring(pc.if_else(fits, plain, None), dialect.decimal, ".")
    point = pc.replace_substring_regex(point, r"^\+", "")
    if behind:
        point = pc.replace_substring_regex(point, rf"(\.\d{{{behind}}})0+$", r"\1")
    return point.cast(arrow_type(field)), pc.or_(fits, pc.is_null(text)).to_numpy(zero_copy_only=False)


def _each(read: Callable[[str, Dialect], Any]) -> Callable[[Field, Any, Dialect], tuple[Any, Any]]:
    """Read each text that a column has once; ValueError is one that cannot be read."""

    def column(field: Field, text: Any, dialect: Dialect) -> tuple[Any, Any]:
        encoded = text.dictionary_encode()
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        values = []
        for one in encoded.dictionary.to_pylist():
            try:
                values.append(read(one, dialect))
            except ValueError:
                values.append(None)
        found = pa.array(values, arrow_type(field)).take(encoded.indices)
        return found, pc.or_(pc.is_valid(found), pc.is_null(text)).to_numpy(zero_copy_only=False)

    return column


def _date(text: str, dialect: Dialect) -> date:
    found = datetime.strptime(text, dialect.dates).date()  # noqa: DTZ007 -- a day of the calendar
    if found.strftime(dialect.dates) != text:
        raise ValueError(text)  # `1-2-25` is no `01-02-2025`
    return found


def _moment(text: str, _: Dialect) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _flag(text: str, dialect: Dialect) -> bool:
    if text in dialect.true:
        return True
    if text in dialect.false:
        return False
    raise ValueError(text)


_READ: dict[FieldType, Callable[[Field, Any, Dialect], tuple[Any, Any]]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: _number,
    FieldType.NUMBER: _number,
    FieldType.DATE: _each(_date),
    FieldType.TIMESTAMP: _each(_moment),
    FieldType.BOOLEAN: _each(_flag),
}
