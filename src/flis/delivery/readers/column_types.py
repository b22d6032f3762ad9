"""Columns of text become typed columns by a contract: numbers, dates, flags, and person numbers as keyed hashes.

Work is done for whole columns; where texts repeat themselves each is read once. What cannot be read is left empty and
noticed by the row's number.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import Classification, Dialect, Field, FieldType, Table
from flis.delivery.readers.cpr.hashes import HASH, NO_PERSON, PersonHashes
from flis.delivery.readers.notice_kinds import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flis.delivery.readers.notices import Notices
    from flis.delivery.readers.reader import Rows

__all__ = ["ORDINAL", "arrow_type", "number", "schema", "typed"]

ORDINAL = "ordinal"
"""The column with a row's number in its file, from 1."""
SENDER = "kommune"
"""The column of the municipality that sends; the other columns that a file's name gives are days."""
DAY_AND_MONTH = r"(?:(?:0[1-9]|[12]\d)(?:0[1-9]|1[0-2])|30(?:0[13-9]|1[0-2])|31(?:0[13578]|1[02]))"
PERSON_IN_TEXT = rf"(?:^|\D){DAY_AND_MONTH}\d\d[- ]?\d{{4}}(?:\D|$)"
NOTHING = r"^\b$"
"""A pattern that no text has."""
DIGITS = b"0123456789"
SAMPLE, REPEATED = 1_000, 4
"""The texts of a column are each read once where the first so many rows have so many times fewer of them."""
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
    columns += [pa.field(name, pa.string() if name == SENDER else pa.date32()) for name in given]
    return pa.schema([*columns, pa.field(ORDINAL, pa.int64(), nullable=False)])


def typed(rows: Rows, given: Mapping[str, Any], *, dialect: Dialect, notices: Notices, person_key: bytes) -> Any:
    """The rows of a table as a typed batch; `given` are values of every row."""
    hashes, later, columns = PersonHashes(person_key), {}, {}
    table, numbers = rows.table, np.asarray(rows.ordinals)
    lines = None if rows.lines is None else np.asarray(rows.lines)

    def note(kind: NoticeKind, wrong: Any) -> None:
        if wrong.any():
            mine = wrong if places is None else wrong[places]
            notices.of_rows(table.name, kind, field.source, numbers[mine], None if lines is None else lines[mine])

    for field in table.fields:
        is_person = field.classification is Classification.PSEUDONYM
        text, places = (rows.texts[field.name].cast(pa.string()), None) if is_person else _once(rows.texts[field.name])
        text = pc.utf8_trim_whitespace(text)
        text = pc.if_else(pc.equal(text, ""), None, text)
        if is_person:
            persons, valid, checked = _numbers(text)
            later[field.name] = hashes.add(persons)
            if not field.is_inherited:  # the row that it stands in has told it
                note(NoticeKind.CHECK_DIGIT, ~checked)
            note(NoticeKind.PERSON_NUMBER, ~valid)
        else:
            column, valid = _READ[field.type](field, text, dialect)
            columns[field.name] = column if places is None else column.take(pa.array(places))
            note(NoticeKind.TYPE, ~valid)
            if _is_free(field):
                note(NoticeKind.PERSON_IN_TEXT, _holds_person(text))
        if field.required:
            note(NoticeKind.REQUIRED, pc.is_null(text).to_numpy(zero_copy_only=False))
    hashes.resolve()
    columns |= {name: column() for name, column in later.items()}
    expected = schema(table, given)
    count = len(numbers)
    arrays = [columns[f.name] for f in table.fields]
    arrays += [pa.repeat(pa.scalar(value, expected.field(name).type), count) for name, value in given.items()]
    return pa.RecordBatch.from_arrays([*arrays, pa.array(numbers, pa.int64())], schema=expected)


def _once(texts: Any) -> tuple[Any, Any]:
    """The texts of a column, each once, and which of them each row has; where they hardly repeat themselves, the texts
    as they are, and None.
    """
    some = texts.slice(0, SAMPLE)
    if REPEATED * len(some.unique()) > len(some):
        return texts.cast(pa.string()), None
    encoded = pc.dictionary_encode(texts, null_encoding="encode")
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    return encoded.dictionary.cast(pa.string()), encoded.indices.to_numpy()


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


def _is_free(field: Field) -> bool:
    """Whether a text may hold anything, a person number too: no code of a list, and no other numbers of ten digits."""
    return field.type is FieldType.STRING and not field.codes and not field.ten_digits


def _holds_person(text: Any) -> Any:
    """Which texts hold ten digits that begin with a day and a month, as a person number does."""
    if not _written(text).translate(None, DIGITS) and not pc.any(pc.equal(pc.binary_length(text), 10)).as_py():
        return np.zeros(len(text), np.bool_)  # nothing but digits, and never ten of them
    return pc.fill_null(pc.match_substring_regex(text, PERSON_IN_TEXT), False).to_numpy(zero_copy_only=False)


def _text(_: Field, text: Any, __: Dialect) -> tuple[Any, Any]:
    return text, np.ones(len(text), np.bool_)


def number(field: Field, text: Any, dialect: Dialect) -> tuple[Any, Any]:
    """A column of numbers with the dialect's signs, and which could be read.

    A sign may trail, and thousands signs must stand where they belong. Only values that are not written plainly are
    looked at more than once.
    """
    plain = _all_plain(field, text, dialect)
    if plain is not None:
        return plain, np.ones(len(text), np.bool_)
    empty, usual = pc.is_null(text), _plainly(field, dialect)
    odd = pc.and_not(pc.invert(pc.fill_null(pc.match_substring_regex(text, usual), False)), empty)
    if pc.any(odd).as_py():
        text = pc.replace_with_mask(text, odd, _rewritten(field, text.filter(odd), dialect))
    point = pc.replace_substring(text, dialect.decimal, ".") if dialect.decimal != "." else text
    return point.cast(arrow_type(field)), pc.or_(pc.is_valid(text), empty).to_numpy(zero_copy_only=False)


def _all_plain(field: Field, text: Any, dialect: Dialect) -> Any:
    """The numbers of a column where all are written as `_plainly` has them, told by their bytes; else None.

    None, too, where a number is so long that it may have more digits than its field.
    """
    (before, behind), sign = _places(field), dialect.decimal.encode()
    if field.scale or before == 0 or len(sign) > 1:
        return None
    written = _written(text)
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    if longest > before + (behind if field.decimal else 0) or written.translate(None, DIGITS + b"-" + sign):
        return None
    if (
        b"-" + sign in written
        or (not behind and sign in written)  # Arrow reads 0.0 as a whole number, and the contract has none so
        or pc.any(pc.or_(*(at(text, dialect.decimal) for at in (pc.starts_with, pc.ends_with)))).as_py()
    ):
        return None
    valid, offsets, _ = text.buffers()
    point = pa.py_buffer(written.translate(bytes.maketrans(sign, b".")))
    try:
        return pa.StringArray.from_buffers(len(text), offsets, point, valid, -1, text.offset).cast(arrow_type(field))
    except pa.ArrowInvalid:
        return None


def _written(text: Any) -> bytes:
    """The bytes of all texts, one after the other."""
    data = text.buffers()[2]
    return data.to_pybytes() if data else b""


def _plainly(field: Field, dialect: Dialect) -> str:
    """How numbers of a field are written that can be read as they are: digits, a decimal sign, a minus in front."""
    before, behind = _places(field)
    if field.scale or before == 0:
        return NOTHING
    point = re.escape(dialect.decimal)
    return rf"^-?\d{{1,{before}}}({point}\d{{1,{behind}}})?$" if behind else rf"^-?\d{{1,{before}}}$"


def _places(field: Field) -> tuple[int, int]:
    """How many digits a number of a field may have before the decimal sign, and behind it."""
    if field.type is FieldType.INTEGER:
        return 18, 0
    if not field.decimal:
        return 300, 300
    return field.decimal[0] - field.decimal[1], field.decimal[1]


def _rewritten(field: Field, text: Any, dialect: Dialect) -> Any:
    """Numbers written in any other way, as they would be written plainly; null where one cannot be read."""
    sign, (before, behind) = re.escape(dialect.decimal), _places(field)
    plain = text
    if pc.any(pc.or_(pc.ends_with(text, "-"), pc.ends_with(text, "+"))).as_py():
        plain = pc.replace_substring_regex(text, r"^([^+-].*)([+-])$", r"\2\1")
    if dialect.thousands:
        point = re.escape(dialect.thousands)
        grouped = pc.match_substring_regex(plain, rf"^[+-]?\d{{1,3}}({point}\d{{3}})+({sign}\d+)?$")
        plain = pc.if_else(grouped, pc.replace_substring(plain, dialect.thousands, ""), plain)
    if field.scale:
        padded = pc.replace_substring_regex(plain, r"^([+-]?)(\d+)$", r"\1" + "0" * field.scale + r"\2")
        plain = pc.replace_substring_regex(padded, rf"^([+-]?\d+)(\d{{{field.scale}}})$", rf"\1{dialect.decimal}\2")
    whole, rest = rf"0*\d{{1,{before}}}" if before else "0+", rf"{sign}\d{{1,{behind}}}0*"
    pattern = rf"^[+-]?(?:{whole})$"
    if behind:
        pattern = rf"^[+-]?(?:{whole}(?:{rest})?{'' if before else f'|{rest}'})$"
    fits = pc.fill_null(pc.match_substring_regex(plain, pattern), False)
    plain = pc.replace_substring_regex(pc.if_else(fits, plain, None), r"^\+", "")
    return pc.replace_substring_regex(plain, rf"({sign}\d{{{behind}}})0+$", r"\1") if behind else plain


def _each(read: Callable[[str, Field, Dialect], Any]) -> Callable[[Field, Any, Dialect], tuple[Any, Any]]:
    """Read each text that a column has once; ValueError is one that cannot be read."""

    def column(field: Field, text: Any, dialect: Dialect) -> tuple[Any, Any]:
        encoded = text.dictionary_encode()
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        values = []
        for one in encoded.dictionary.to_pylist():
            try:
                values.append(read(one, field, dialect))
            except ValueError:
                values.append(None)
        found = pa.array(values, arrow_type(field)).take(encoded.indices)
        return found, pc.or_(pc.is_valid(found), pc.is_null(text)).to_numpy(zero_copy_only=False)

    return column


def _date(text: str, field: Field, dialect: Dialect) -> date:
    written = field.dates or dialect.dates
    found = datetime.strptime(text, written).date()  # noqa: DTZ007 -- a day of the calendar
    if found.strftime(written) != text:
        raise ValueError(text)  # `1-2-25` is no `01-02-2025`
    return found


RFC3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$"
USUAL_TIMES = Dialect().times


def _times(field: Field, text: Any, dialect: Dialect) -> tuple[Any, Any]:
    """Moments with their offset: RFC 3339, unless the dialect writes them otherwise."""
    if dialect.times != USUAL_TIMES:
        return _each(_moment)(field, text, dialect)
    fits = pc.fill_null(pc.match_substring_regex(text, RFC3339), False)
    plain = pc.if_else(fits, pc.utf8_upper(text), None)
    try:
        found = plain.cast(arrow_type(field))
    except pa.ArrowInvalid:  # a day that no calendar has, or parts of a microsecond
        found, _ = _each(_moment)(field, plain, dialect)
        return found, pc.or_(pc.is_valid(found), pc.is_null(text)).to_numpy(zero_copy_only=False)
    return found, pc.or_(fits, pc.is_null(text)).to_numpy(zero_copy_only=False)


def _moment(text: str, _: Field, dialect: Dialect) -> datetime:
    usual = dialect.times == USUAL_TIMES
    found = datetime.fromisoformat(text) if usual else datetime.strptime(text, dialect.times)  # noqa: DTZ007 -- it may have none
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _flag(text: str, _: Field, dialect: Dialect) -> bool:
    if text in dialect.true:
        return True
    if text in dialect.false:
        return False
    raise ValueError(text)


_READ: dict[FieldType, Callable[[Field, Any, Dialect], tuple[Any, Any]]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: number,
    FieldType.NUMBER: number,
    FieldType.DATE: _each(_date),
    FieldType.TIMESTAMP: _times,
    FieldType.BOOLEAN: _each(_flag),
}
